"""Indexes and constraints as Memgraph words and reports them; no I/O.

Called by `MemgraphDialect` and, for constraints, by `MemgraphDriver`. Only text and vector indexes
have names here. Constraints are of nodes, and a unique one brings no index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runic.ogm.errors import SchemaError
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

INVENTORY = (
    Query("SHOW INDEX INFO", read_only=True),
    Query("SHOW VECTOR INDEX INFO", read_only=True),
    Query("SHOW CONSTRAINT INFO", read_only=True),
)

# How many vectors there is room for at first; the server makes more as it needs it.
_CAPACITY = 1000
_METRICS = {"cosine": "cos", "euclidean": "l2sq"}
_SIMILARITIES = {metric: similarity for similarity, metric in _METRICS.items()}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT_INDEX = re.compile(r"(label|edge-type)_text \(name: (.+)\)")
_EDGE = {"node": "", "edge": "EDGE "}
_KINDS: dict[str, type[Constraint]] = {"unique": UniqueConstraint, "exists": RequiredConstraint}
_HOSTS: tuple[Host, ...] = ("node", "edge")


def text_name(on: Host, label: str) -> str:
    """Return an expression of the name of a full-text index; `label` is an expression."""
    return f"'runic_{on}_text_' + {label}"


def vector_name(on: Host, label: str, stored: str) -> str:
    """Return an expression of the name of a vector index, of two expressions."""
    return f"'runic_{on}_vectors_' + {label} + '_' + {stored}"


def _name_of(index: Index) -> str:
    if isinstance(index, FullTextIndex):
        return f"runic_{index.on}_text_{index.label}"
    return f"runic_{index.on}_vectors_{index.label}_{index.properties[0]}"


def check_names(definition: Definition) -> None:
    """Raise unless the server takes the names of a search index, which becomes part of a path."""
    if isinstance(definition, FullTextIndex | VectorSearchIndex):
        for name in (definition.label, *definition.properties):
            if not _NAME.fullmatch(name):
                raise SchemaError(
                    f"{definition}: Memgraph's search indexes are made here on names of ASCII"
                    f" letters, digits and _, which {name!r} is not; rename it with labels=, type="
                    " or Field(property=…)"
                )


def creation(index: Index, stored: Definition | None, dialect: Dialect) -> list[Query]:
    """Return the statements that make an index, in place of one that covers too little."""
    replaced = removal(index, stored, dialect) if stored else []
    if isinstance(index, FullTextIndex):
        known = stored.properties if stored else ()
        names = (*known, *(name for name in index.properties if name not in known))
        return [*replaced, _search_index("TEXT", index, names, dialect)]
    if isinstance(index, VectorSearchIndex):
        return [*replaced, _vector_index(index, dialect)]
    return [*replaced, Query(f"CREATE {_range_index(index, dialect)}")]


def _search_index(word: str, index: Index, names: Sequence[str], dialect: Dialect) -> Query:
    properties = ", ".join(map(dialect.quote, names))
    place = f"ON :{dialect.quote(index.label)}({properties})"
    return Query(f"CREATE {word} {_EDGE[index.on]}INDEX {_name_of(index)} {place}")


def _vector_index(index: VectorSearchIndex, dialect: Dialect) -> Query:
    made = _search_index("VECTOR", index, index.properties, dialect)
    metric = _METRICS[index.similarity]
    config = {"dimension": index.dimension, "capacity": _CAPACITY, "metric": metric}
    return Query(f"{made.text} WITH CONFIG {json.dumps(config)}")


def _range_index(index: RangeIndex, dialect: Dialect) -> str:
    properties = ", ".join(map(dialect.quote, index.properties))
    return f"{_EDGE[index.on]}INDEX ON :{dialect.quote(index.label)}({properties})"


def removal(index: Index, stored: Definition, dialect: Dialect) -> list[Query]:
    """Return the statement that drops an index the database has."""
    if isinstance(index, RangeIndex):
        return [Query(f"DROP {_range_index(index, dialect)}")]
    word = "TEXT" if isinstance(index, FullTextIndex) else "VECTOR"
    return [Query(f"DROP {word} INDEX {_name_of(index)}")]


def constraint(made: Constraint, dialect: Dialect, *, drop: bool) -> Query:
    """Return the statement that makes a constraint, or drops it."""
    value = f"n.{dialect.quote(made.properties[0])}"
    demand = f"{value} IS UNIQUE" if isinstance(made, UniqueConstraint) else f"EXISTS ({value})"
    word = "DROP" if drop else "CREATE"
    return Query(f"{word} CONSTRAINT ON (n:{dialect.quote(made.label)}) ASSERT {demand}")


def read_inventory(
    indexes: Sequence[Row], vectors: Sequence[Row], constraints: Sequence[Row]
) -> list[Stored]:
    """Return the definitions in the replies to `INVENTORY`."""
    found = [definition for row in indexes for definition in _read_index(row)]
    found += [definition for row in vectors for definition in _read_vectors(row)]
    return [Stored(each) for each in (*found, *map(_read_constraint, _known(constraints)))]


def _read_index(row: Row) -> Iterator[Index]:
    kind, label, properties = row["index type"], row["label"], _names(row["property"])
    if kind in ("label+property", "edge-type+property"):
        yield RangeIndex("node" if kind.startswith("label") else "edge", label, properties)
    text = _TEXT_INDEX.fullmatch(kind)
    if text is not None:
        found = FullTextIndex("node" if text[1] == "label" else "edge", label, properties)
        # A search names the index it asks: one that somebody else named cannot be asked.
        if text[2] == _name_of(found):
            yield found


def _names(properties: Any) -> tuple[str, ...]:
    return (properties,) if isinstance(properties, str) else tuple(properties or ())


def _read_vectors(row: Row) -> Iterator[VectorSearchIndex]:
    metric: str = row["metric"]
    similarity = _SIMILARITIES.get(metric, metric)
    for on in _HOSTS:
        label, properties = row["label"].lstrip(":"), _names(row["property"])
        found = VectorSearchIndex(on, label, properties, row["dimension"], similarity)
        if row["index_name"] == _name_of(found):
            yield found


def _known(constraints: Sequence[Row]) -> list[Row]:
    return [row for row in constraints if row["constraint type"] in _KINDS]


def _read_constraint(row: Row) -> Constraint:
    return _KINDS[row["constraint type"]]("node", row["label"], _names(row["properties"]))
