"""Indexes and constraints as Neo4j words and reports them; no I/O.

Called by `Neo4jDialect` and, for constraints, by `Neo4jDriver`. Each definition has a name of
runic's making: searches name the index they ask, and what is dropped is dropped by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runic.ogm.model.kinds import Kind
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Constraint,
    Definition,
    FullTextIndex,
    Host,
    Index,
    RangeIndex,
    Readiness,
    RequiredConstraint,
    Stored,
    UniqueConstraint,
    VectorSearchIndex,
)
from runic.ogm.query.dialect import Dialect

Row = Mapping[str, Any]

INVENTORY = (
    Query(
        "SHOW INDEXES YIELD name, state, type, entityType, labelsOrTypes, properties, options"
        " WHERE type IN ['RANGE', 'POINT', 'FULLTEXT', 'VECTOR'] AND size(labelsOrTypes) = 1"
        " RETURN name, state, type, entityType, labelsOrTypes[0] AS label, properties,"
        " options.indexConfig AS config",
        read_only=True,
    ),
    Query(
        "SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties"
        " RETURN name, type, entityType, labelsOrTypes[0] AS label, properties",
        read_only=True,
    ),
)

_HOSTS: dict[str, Host] = {"NODE": "node", "RELATIONSHIP": "edge"}
_STATES: dict[str, Readiness] = {"ONLINE": "ready", "FAILED": "failed"}
# The names that Cypher 25 gives them follow those of Cypher 5.
_CONSTRAINTS: dict[str, type[Constraint]] = {
    "UNIQUENESS": UniqueConstraint,
    "RELATIONSHIP_UNIQUENESS": UniqueConstraint,
    "NODE_PROPERTY_UNIQUENESS": UniqueConstraint,
    "RELATIONSHIP_PROPERTY_UNIQUENESS": UniqueConstraint,
    "NODE_PROPERTY_EXISTENCE": RequiredConstraint,
    "RELATIONSHIP_PROPERTY_EXISTENCE": RequiredConstraint,
}

# Property of VectorSearchIndex: name of the server's option.
_VECTOR_OPTIONS = {
    "dimension": "vector.dimensions",
    "similarity": "vector.similarity_function",
    "m": "vector.hnsw.m",
    "ef_construction": "vector.hnsw.ef_construction",
}
_ANALYZER = "fulltext.analyzer"


def fulltext_name(on: Host, label: str) -> str:
    """Return an expression of the name of a full-text index; `label` is an expression."""
    return f"'runic {on} full text ' + {label}"


def vector_name(on: Host, label: str, stored: str) -> str:
    """Return an expression of the name of a vector index, of two expressions."""
    return f"'runic {on} vectors ' + {label} + '.' + {stored}"


def name_of(definition: Definition) -> str:
    """Return the name under which runic makes a definition."""
    on, label = definition.on, definition.label
    if isinstance(definition, FullTextIndex):
        return f"runic {on} full text {label}"
    kinds = {VectorSearchIndex: "vectors", RangeIndex: "range", UniqueConstraint: "unique"}
    kind = kinds.get(type(definition), "required")
    return f"runic {on} {kind} {label}.{'.'.join(definition.properties)}"


def creation(index: Index, stored: Definition | None, dialect: Dialect) -> list[Query]:
    """Return the statements that make an index, in place of one that covers too little."""
    replaced = [drop("INDEX", stored)] if stored else []
    if isinstance(index, FullTextIndex):
        known = stored.properties if stored else ()
        names = (*known, *(name for name in index.properties if name not in known))
        return [*replaced, _create("FULLTEXT ", index, names, _text_options(index), dialect)]
    if isinstance(index, VectorSearchIndex):
        return [*replaced, _create("VECTOR ", index, index.properties, _options(index), dialect)]
    # A range index of places would be used for nothing but equality.
    word = "POINT " if index.values is Kind.GEO else ""
    return [*replaced, _create(word, index, index.properties, {}, dialect)]


def _text_options(index: FullTextIndex) -> dict[str, Any]:
    return {} if index.language is None else {_ANALYZER: index.language}


def _options(index: VectorSearchIndex) -> dict[str, Any]:
    values = {option: getattr(index, name) for name, option in _VECTOR_OPTIONS.items()}
    return {option: value for option, value in values.items() if value is not None}


def _create(
    word: str, index: Index, names: Sequence[str], options: Mapping[str, Any], dialect: Dialect
) -> Query:
    properties = ", ".join(f"n.{dialect.quote(name)}" for name in names)
    listed = f"EACH [{properties}]" if isinstance(index, FullTextIndex) else f"({properties})"
    text = f"CREATE {word}INDEX {_quoted(name_of(index))} FOR {_place(index, dialect)} ON {listed}"
    if not options:
        return Query(text)
    return Query(f"{text} OPTIONS {{indexConfig: $config}}", {"config": dict(options)})


def _place(definition: Definition, dialect: Dialect) -> str:
    label = dialect.quote(definition.label)
    return f"(n:{label})" if definition.on == "node" else f"()-[n:{label}]-()"


def constraint(made: Constraint, dialect: Dialect) -> Query:
    """Return the statement that makes a constraint."""
    demand = "UNIQUE" if isinstance(made, UniqueConstraint) else "NOT NULL"
    properties = ", ".join(f"n.{dialect.quote(name)}" for name in made.properties)
    return Query(
        f"CREATE CONSTRAINT {_quoted(name_of(made))} FOR {_place(made, dialect)}"
        f" REQUIRE ({properties}) IS {demand}"
    )


def drop(what: str, stored: Definition) -> Query:
    """Return the statement that drops an INDEX or a CONSTRAINT the database has."""
    assert stored.name is not None
    return Query(f"DROP {what} {_quoted(stored.name)}")


def _quoted(name: str) -> str:
    # Not as a dialect quotes: names of several parts are longer, and others choose theirs freely.
    return "`" + plain(name).replace("`", "``") + "`"


def plain(name: str) -> str:
    """Return a name that is read as it is: a backslash before a u begins the code of a character.

    Such a code is read even between backticks, one of which it could stand for.
    """
    return name.replace("\\u", "\\u005Cu")


def read_inventory(indexes: Sequence[Row], constraints: Sequence[Row]) -> list[Stored]:
    """Return the definitions in the replies to `INVENTORY`."""
    found = [stored for row in indexes for stored in _read_index(row)]
    return found + [stored for row in constraints for stored in _read_constraint(row)]


def _read_index(row: Row) -> Iterator[Stored]:
    place = (_HOSTS[row["entityType"]], row["label"], tuple(row["properties"]))
    config, name = row["config"] or {}, row["name"]
    found: Index
    if row["type"] in ("RANGE", "POINT"):
        found = RangeIndex(*place, name=name)
    elif row["type"] == "FULLTEXT":
        found = FullTextIndex(*place, config.get(_ANALYZER), name=name)
    else:
        options = {ours: _read(config.get(theirs)) for ours, theirs in _VECTOR_OPTIONS.items()}
        found = VectorSearchIndex(*place, **options, name=name)
    # A search names the index it asks: one that somebody else named cannot be asked.
    if isinstance(found, RangeIndex) or name == name_of(found):
        yield Stored(found, _STATES.get(row["state"], "building"))


def _read(option: Any) -> Any:
    return option.lower() if isinstance(option, str) else option


def _read_constraint(row: Row) -> Iterator[Stored]:
    kind = _CONSTRAINTS.get(row["type"])
    if kind is not None:
        place = (_HOSTS[row["entityType"]], row["label"], tuple(row["properties"]))
        yield Stored(kind(*place, name=row["name"]))
