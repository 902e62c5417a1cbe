"""Neo4j 5.26 and later, over Bolt: its dialect, and the driver that reaches it."""

from __future__ import annotations

from runic.ogm.driver.neo4j.dialect import Neo4jDialect, Neo4jEnterpriseDialect
from runic.ogm.driver.neo4j.driver import Neo4jDriver

__all__ = ["Neo4jDialect", "Neo4jDriver", "Neo4jEnterpriseDialect"]
