"""The way to every database that speaks Bolt, over the official `neo4j` client.

A backend is a subclass of `BoltDriver` that names its dialect and, where the server's error codes
say little, what its messages mean.
"""

from __future__ import annotations

from runic.ogm.driver.bolt.driver import BoltDriver
from runic.ogm.driver.bolt.failures import Failures, Meaning
from runic.ogm.driver.bolt.settings import BoltSettings, read_settings
from runic.ogm.driver.bolt.transaction import BoltTransaction

__all__ = [
    "BoltDriver",
    "BoltSettings",
    "BoltTransaction",
    "Failures",
    "Meaning",
    "read_settings",
]
