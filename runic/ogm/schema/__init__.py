"""Schema: the indexes and constraints that models declare, against those the database has."""

from runic.ogm.schema.async_manager import AsyncSchemaManager
from runic.ogm.schema.manager import SchemaManager

__all__ = ["AsyncSchemaManager", "SchemaManager"]
