"""Prepared reads of entities by key or by the database's id, as `get` and `refresh` need them.

Their text depends on the class alone, so it is made once; a read costs the encoding of its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runic.ogm.model.meta import node_info
from runic.ogm.query import values
from runic.ogm.query.columns import generation, node_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import node_text, own_labels
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.memory import memory_of
from runic.ogm.query.shapes import EntityColumns, NodeColumn


@dataclass(frozen=True, slots=True, eq=False)
class KeyLookup:
    """Reads the entity of a primary key, or those of several; `columns` says how to read a row.

    `scan` and `scan_many` are used for keys that an index would hide.
    """

    key: Attribute[Any]
    dialect: Dialect
    column: EntityColumns | NodeColumn
    text: str
    scan: str
    many: str
    scan_many: str

    def query(self, pk: Any) -> Query:
        """Return the query for one key: a row or none.

        Raises:
            StatementError: The value cannot be a key of the class.
        """
        encoded, hidden = values.one(self.key, pk).encode(self.dialect)
        return Query(self.scan if hidden else self.text, {"pk": encoded}, read_only=True)

    def query_many(self, pks: Iterable[Any]) -> Query:
        """Return the query for several keys: a row for each that exists."""
        encoded, hidden = values.many(self.key, pks).encode(self.dialect)
        return Query(self.scan_many if hidden else self.many, {"pks": encoded}, read_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class IdLookup:
    """Reads the entities that have the database's ids; `column` says how to read a row."""

    column: EntityColumns | NodeColumn
    text: str

    def query(self, ids: Iterable[int | str]) -> Query:
        """Return the query: a row for each node of the class that exists."""
        return Query(self.text, {"ids": list(ids)}, read_only=True)


def key_lookup(entity: type[Any], dialect: Dialect) -> KeyLookup:
    """Return the prepared read of a class by primary key."""
    found: KeyLookup = _prepared("key", entity, dialect, _key_lookup)
    return found


def id_lookup(entity: type[Any], dialect: Dialect) -> IdLookup:
    """Return the prepared read of a class by the database's id."""
    found: IdLookup = _prepared("id", entity, dialect, _id_lookup)
    return found


def _prepared(what: str, entity: type[Any], dialect: Dialect, make: Any) -> Any:
    plans = memory_of(entity).plans
    key = (what, dialect.variant, generation((entity,)))
    found = plans.get(key)
    if found is None:
        found = make(entity, dialect)
        plans.put(key, found)
    return found


def _key_lookup(entity: type[Any], dialect: Dialect) -> KeyLookup:
    info = node_info(entity)
    key, root = info.key, node_info(info.root).label
    node = dialect.keyed_node("n", root, own_labels(info), info.labels)
    texts, column = node_columns("n", entity, 0, dialect)
    stored, returned = dialect.stored("n", key), ", ".join(texts)
    unindexed = dialect.unindexed(stored, key)
    return KeyLookup(
        Attribute(entity, key.name),
        dialect,
        column,
        text=f"{node} {stored} = $pk RETURN {returned}",
        scan=f"{node} {unindexed} = $pk RETURN {returned}",
        many=f"UNWIND $pks AS pk {node} {stored} = pk RETURN {returned}",
        scan_many=f"UNWIND $pks AS pk {node} {unindexed} = pk RETURN {returned}",
    )


def _id_lookup(entity: type[Any], dialect: Dialect) -> IdLookup:
    texts, column = node_columns("n", entity, 0, dialect)
    node, found = node_text("n", entity, dialect), dialect.node_id("n")
    text = f"UNWIND $ids AS i MATCH {node} WHERE {found} = i RETURN {', '.join(texts)}"
    return IdLookup(column, text)
