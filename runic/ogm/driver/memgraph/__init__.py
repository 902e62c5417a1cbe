"""Memgraph 3.10 and later, over Bolt: its dialect, and the driver that reaches it."""

from __future__ import annotations

from runic.ogm.driver.memgraph.dialect import MemgraphDialect
from runic.ogm.driver.memgraph.driver import MemgraphDriver

__all__ = ["MemgraphDialect", "MemgraphDriver"]
