"""FalkorDB: async and sync drivers, its dialect, and a server to embed."""

from __future__ import annotations

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.driver.falkordb.driver import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.driver.falkordb.embedded import EmbeddedServer

__all__ = ["AsyncFalkorDBDriver", "EmbeddedServer", "FalkorDBDialect", "FalkorDBDriver"]
