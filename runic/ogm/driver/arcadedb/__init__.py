"""ArcadeDB: Bolt for queries, HTTP for the indexes that Bolt cannot make."""

from __future__ import annotations

from runic.ogm.driver.arcadedb.dialect import ArcadeDBDialect
from runic.ogm.driver.arcadedb.driver import ArcadeDBDriver

__all__ = ["ArcadeDBDialect", "ArcadeDBDriver"]
