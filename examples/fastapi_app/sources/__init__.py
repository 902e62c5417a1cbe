"""Read packages and their dependencies from what is on this machine, into plain rows.

Knows files and metadata, nothing of graphs or databases. Every reader returns an `Inventory`:
rows that can be loaded as they are, and a `Report` that accounts for everything left out.
"""

from __future__ import annotations

from examples.fastapi_app.sources.debian import read_debian
from examples.fastapi_app.sources.errors import SourceError
from examples.fastapi_app.sources.inventory import Inventory
from examples.fastapi_app.sources.python_environment import read_python_environment
from examples.fastapi_app.sources.report import Reason, Report, Unit
from examples.fastapi_app.sources.rows import (
    UNKNOWN_LICENCE,
    DependencyRow,
    MaintainerRow,
    PackageRow,
    TagRow,
)

__all__ = [
    "UNKNOWN_LICENCE",
    "DependencyRow",
    "Inventory",
    "MaintainerRow",
    "PackageRow",
    "Reason",
    "Report",
    "SourceError",
    "TagRow",
    "Unit",
    "read_debian",
    "read_python_environment",
]
