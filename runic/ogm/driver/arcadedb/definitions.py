"""Indexes and constraints as ArcadeDB words and reports them; no I/O.

Range indexes and constraints are openCypher, search indexes are SQL. There is one index for a set
of properties, whatever its kind, and a new unique one silently takes the place of another. So a
full-text index covers a property more, which is never filled and also keeps the language: the
database does not tell that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runic.ogm.driver.arcadedb.languages import ANALYZERS
from runic.ogm.driver.arcadedb.sql import ArcadeSql
from runic.ogm.errors import SchemaError, UnsupportedFeatureError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Constraint,
    Definition,
    FullTextIndex,
    Host,
    Index,
    RangeIndex,
    RequiredConstraint,
    Stored,
    UniqueConstraint,
    VectorSearchIndex,
)
from runic.ogm.query.dialect import Dialect

Row = Mapping[str, Any]

INVENTORY = (ArcadeSql("SELECT name, type, properties, indexes FROM schema:types", read_only=True),)

# A full-text index is called this with the label or type behind it, and so it is asked for.
TEXT_INDEX = "fulltext "
_COMPANION = "_fulltext"

_HOSTS: dict[str, Host] = {"vertex": "node", "edge": "edge"}
_TYPES = {"node": "VERTEX", "edge": "EDGE"}
_NUMERIC = {Kind.INT: "INTEGER", Kind.TIMEDELTA: "INTEGER", Kind.FLOAT: "FLOAT"}
_DECLARED = {**_NUMERIC, Kind.BOOL: "BOOLEAN"}
_TEXTUAL = frozenset({
    Kind.STR, Kind.BYTES, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.UUID, Kind.DECIMAL, Kind.TEXT,
    Kind.JSON,
})  # fmt: skip


def check(definition: Definition) -> None:
    """Raise unless the server has what the definition asks for, under such a name."""
    if "~" in definition.label or "," in definition.label or "*" in definition.label:
        raise SchemaError(
            f"{definition}: ArcadeDB has no labels with ~, comma or *, as {definition.label!r};"
            " rename it with labels= or type="
        )
    if isinstance(definition, FullTextIndex):
        _check_text(definition)
    elif isinstance(definition, VectorSearchIndex):
        _check_vector(definition)
    elif isinstance(definition, RequiredConstraint) and _declared(definition) is None:
        raise SchemaError(
            f"{definition}: ArcadeDB turns values of a required property into text unless all are"
            " of one kind; give the field one type, or drop required=True"
        )


def _check_text(index: FullTextIndex) -> None:
    if index.stopwords or any(weight is not None for weight in index.weights):
        raise UnsupportedFeatureError(
            f"{index}: arcadedb has no stop words and weights of its own for an index; these have:"
            " falkordb"
        )
    if index.language is not None and index.language.lower() not in ANALYZERS:
        raise UnsupportedFeatureError(
            f"{index}: arcadedb has no language {index.language!r}; it has"
            f" {', '.join(sorted(ANALYZERS))}"
        )


def _check_vector(index: VectorSearchIndex) -> None:
    if not index.m == index.ef_construction == index.ef_runtime is None:
        raise UnsupportedFeatureError(
            f"{index}: arcadedb does not tell the m, ef_construction and ef_runtime of its vector"
            " indexes, so they cannot be compared with the model's; leave them out"
        )


def _declared(definition: Definition) -> str | None:
    """Return the type to declare for the property, None where its values are of several."""
    if definition.values in _TEXTUAL:
        return "STRING"
    return _DECLARED.get(definition.values) if definition.values is not None else None


def constraint_creation(constraint: Constraint, dialect: Dialect) -> list[Query]:
    """Return the statements that make a constraint.

    The type is declared first: otherwise 1 and "1" are equal to a unique index, and a required
    property is text.
    """
    kind = "IS UNIQUE" if isinstance(constraint, UniqueConstraint) else "IS NOT NULL"
    declared = _declared(constraint)
    demands = [kind] if declared is None else [f":: {declared}", kind]
    return [Query(_demand(constraint, demand, dialect)) for demand in demands]


def _demand(constraint: Constraint, demand: str, dialect: Dialect) -> str:
    demand = f"IS {demand}" if demand.startswith("::") else demand
    values = ", ".join([f"n.{dialect.quote(name)}" for name in constraint.properties])
    if len(constraint.properties) > 1:
        values = f"({values})"
    return (
        f"CREATE CONSTRAINT IF NOT EXISTS FOR {_place(constraint, dialect)}"
        f" REQUIRE {values} {demand}"
    )


def _place(definition: Definition, dialect: Dialect) -> str:
    label = dialect.quote(definition.label)
    return f"(n:{label})" if definition.on == "node" else f"()-[n:{label}]-()"


def constraint_removal(constraint: Constraint, dialect: Dialect) -> list[Query]:
    """Return the statements that drop a constraint; the declared type stays."""
    if isinstance(constraint, UniqueConstraint):
        return [Query(f"DROP CONSTRAINT {dialect.quote(_name(constraint))} IF EXISTS")]
    label, property_ = dialect.quote(constraint.label), dialect.quote(constraint.properties[0])
    return [ArcadeSql(f"ALTER PROPERTY {label}.{property_} MANDATORY false")]


def _name(definition: Definition) -> str:
    """Return what the database calls the index, which for one it has not is what we call it."""
    return definition.name or f"{definition.label}[{','.join(definition.properties)}]"


def creation(index: Index, stored: Definition | None, dialect: Dialect) -> list[Query]:
    """Return the statements that make an index, of which `stored` is a part."""
    if isinstance(index, RangeIndex):
        name, property_ = dialect.quote(_name(index)), dialect.quote(index.properties[0])
        place = f"FOR {_place(index, dialect)} ON (n.{property_})"
        return [Query(f"CREATE INDEX {name} IF NOT EXISTS {place}")]
    if isinstance(index, FullTextIndex):
        return [*(removal(stored, dialect) if stored else ()), *_text_creation(index, dialect)]
    return list(_vector_creation(index, dialect))


def _text_creation(index: FullTextIndex, dialect: Dialect) -> Iterator[Query]:
    language = index.language.lower() if index.language else None
    covered = [*index.properties, f"{_COMPANION}_{language}" if language else _COMPANION]
    yield from _declarations(index, covered, "STRING", dialect)
    options = f" METADATA {json.dumps({'analyzer': ANALYZERS[language]})}" if language else ""
    yield _create(index, TEXT_INDEX + index.label, covered, f"FULL_TEXT{options}", dialect)


def _vector_creation(index: VectorSearchIndex, dialect: Dialect) -> Iterator[Query]:
    yield from _declarations(index, index.properties, "ARRAY_OF_DOUBLES", dialect)
    options = {"dimensions": index.dimension, "similarity": index.similarity.upper()}
    kind = f"LSM_VECTOR METADATA {json.dumps(options)}"
    yield _create(index, _name(index), index.properties, kind, dialect)


def _declarations(
    index: Index, properties: Sequence[str], type_: str, dialect: Dialect
) -> Iterator[Query]:
    label = dialect.quote(index.label)
    yield ArcadeSql(f"CREATE {_TYPES[index.on]} TYPE {label} IF NOT EXISTS")
    for name in properties:
        property_ = f"{label}.{dialect.quote(name)}"
        yield ArcadeSql(f"CREATE PROPERTY {property_} IF NOT EXISTS {type_}")


def _create(
    index: Index, name: str, properties: Sequence[str], kind: str, dialect: Dialect
) -> Query:
    listed = ", ".join(dialect.quote(each) for each in properties)
    return ArcadeSql(
        f"CREATE INDEX {dialect.quote(name)} IF NOT EXISTS"
        f" ON {dialect.quote(index.label)} ({listed}) {kind}"
    )


def removal(stored: Definition, dialect: Dialect) -> list[Query]:
    """Return the statements that drop an index."""
    name = TEXT_INDEX + stored.label if isinstance(stored, FullTextIndex) else _name(stored)
    return [Query(f"DROP INDEX {dialect.quote(stored.name or name)} IF EXISTS")]


def read_inventory(rows: Sequence[Row]) -> list[Stored]:
    """Return the definitions in the reply to `INVENTORY`."""
    return [Stored(made) for row in rows for made in _read_type(row["row"])]


def _read_type(row: Row) -> Iterator[Definition]:
    on = _HOSTS.get(row["type"])
    # A set of labels is a type of its own, called A~B, that has the indexes of its labels.
    if on is None or "~" in row["name"]:
        return
    for index in row["indexes"]:
        yield from _read_index(on, row["name"], index)
    for made in row["properties"]:
        if made.get("mandatory"):
            yield RequiredConstraint(on, row["name"], (made["name"],))


def _read_index(on: Host, label: str, index: Row) -> Iterator[Definition]:
    properties, name = tuple(index["properties"]), index["name"]
    if index["type"] == "FULL_TEXT" and name == TEXT_INDEX + label:
        language = properties[-1].removeprefix(_COMPANION).removeprefix("_") or None
        yield FullTextIndex(on, label, properties[:-1], language, name=name)
    elif index["type"] == "LSM_VECTOR":
        similarity = index["scoring"].rpartition(":")[2].lower()
        yield VectorSearchIndex(on, label, properties, index["dimensions"], similarity, name=name)
    elif index["type"] == "LSM_TREE":
        yield RangeIndex(on, label, properties, name=name)
        if index["unique"]:
            yield UniqueConstraint(on, label, properties, name=name)
