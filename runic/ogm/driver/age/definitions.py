"""Indexes and constraints of AGE: SQL on the tables that it keeps labels and types in; no I/O.

Called by `AGEDialect` and the driver. A comment on each says what it is for, which is how they are
listed; what others made is left alone. A class below the head of its family has no table of its
own: its constraints are about the nodes with its label in the family's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from runic.ogm.driver.age import searching
from runic.ogm.driver.age.agtype import LABELS
from runic.ogm.driver.age.sql import SqlQuery, identifier, literal
from runic.ogm.query.definitions import (
    Constraint,
    Definition,
    FullTextIndex,
    Index,
    RangeIndex,
    RequiredConstraint,
    Stored,
    UniqueConstraint,
    VectorSearchIndex,
)

_KINDS: dict[str, type[Definition]] = {
    "range": RangeIndex,
    "unique": UniqueConstraint,
    "required": RequiredConstraint,
    "fulltext": FullTextIndex,
    "vector": VectorSearchIndex,
}
# What the functions that search have to know beside the definition.
_BESIDE = frozenset({"ranks", "kept"})
_MARK = '{"runic": '
_LONGEST_NAME = 63

INVENTORY = (
    SqlQuery(
        "SELECT obj_description(c.oid, 'pg_class') AS about, c.relname AS name"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace"
        f" WHERE s.nspname = %GRAPH% AND c.relkind = 'i'"
        f" AND obj_description(c.oid, 'pg_class') LIKE {literal(_MARK + '%')}"
        " UNION ALL SELECT obj_description(c.oid, 'pg_constraint'), c.conname"
        " FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace s ON s.oid = c.connamespace"
        " WHERE s.nspname = %GRAPH%"
        f" AND obj_description(c.oid, 'pg_constraint') LIKE {literal(_MARK + '%')}",
        read_only=True,
    ),
)


def read_inventory(rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """Return the definitions in the reply to `INVENTORY`."""
    return [Stored(_read(row["about"], row["name"])) for row in rows]


def _read(about: str, name: str) -> Definition:
    told = json.loads(about)["runic"]
    kind = _KINDS[told.pop("kind")]
    given = {key: value for key, value in told.items() if key not in _BESIDE}
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    return kind(**{**given, **lists}, name=name)


def creation(index: Index, stored: Definition | None) -> list[SqlQuery]:
    """Return what makes an index, in place of a stored one that has fewer properties."""
    name, only = identifier(name_of(index)), _only(index)
    functions = SqlQuery(searching.FUNCTIONS)
    if isinstance(index, RangeIndex):
        return [_made(index, f"CREATE INDEX {name} ON {_indexed(index)}")]
    if isinstance(index, VectorSearchIndex):
        return [functions, _checked(index, searching.dimension_text(index))]
    assert isinstance(index, FullTextIndex)
    grown = removal(stored) if stored else []
    words = searching.words_text(index)
    text = f"CREATE INDEX {name} ON {_table(index)} USING gin (({words})){only}"
    return [*grown, functions, _made(index, text, ranks=searching.ranks_of(index))]


def constraint_queries(constraint: Constraint, *, drop: bool) -> list[SqlQuery]:
    """Return what makes a constraint, or drops it."""
    name, table = identifier(name_of(constraint)), _table(constraint)
    if isinstance(constraint, UniqueConstraint):
        if drop:
            return removal(constraint)
        text = f"CREATE UNIQUE INDEX {name} ON {_indexed(constraint)}{_only(constraint)}"
        return [_made(constraint, text)]
    if drop:
        return [SqlQuery(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")]
    return [_checked(constraint, f"{_value(constraint.properties[0])} IS NOT NULL")]


def _only(definition: Definition) -> str:
    return f" WHERE {_labelled(definition)}" if _is_below(definition) else ""


def _checked(definition: Definition, check: str) -> SqlQuery:
    """Return what makes a check, of the nodes with the label."""
    name, table = identifier(name_of(definition)), _table(definition)
    if _is_below(definition):
        check = f"{check} OR NOT {_labelled(definition)}"
    text = f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check})"
    kept = _labelled(definition) if _is_below(definition) else "true"
    return _made(definition, text, f"CONSTRAINT {name} ON {table}", kept=kept)


def removal(stored: Definition) -> list[SqlQuery]:
    """Return what drops an index."""
    name = identifier(stored.name or name_of(stored))
    if isinstance(stored, VectorSearchIndex):
        return [SqlQuery(f"ALTER TABLE {_table(stored)} DROP CONSTRAINT IF EXISTS {name}")]
    return [SqlQuery(f"DROP INDEX IF EXISTS %SCHEMA%.{name}")]


def name_of(definition: Definition) -> str:
    """Return the name of an index or constraint, which says what it is for."""
    kind = next(word for word, cls in _KINDS.items() if type(definition) is cls)
    words = f"runic_{kind}_{definition.label}_{'_'.join(definition.properties)}"
    told = hashlib.sha256(repr(definition.identity).encode()).hexdigest()[:8]
    cut = words.encode()[: _LONGEST_NAME - 9].decode(errors="ignore")
    return f"{cut}_{told}"


def _made(definition: Definition, text: str, what: str | None = None, **beside: str) -> SqlQuery:
    """Return a statement that makes something and says what it is, both or neither."""
    place = what or f"INDEX %SCHEMA%.{identifier(name_of(definition))}"
    body = f"BEGIN {text}; COMMENT ON {place} IS {literal(_about(definition, beside))}; END"
    family, is_node = (_family(definition),), definition.on == "node"
    # Quoted by a tag: the name of the graph in the body is quoted already.
    text = f"DO $runic${body}$runic$"
    return SqlQuery(text, labels=family if is_node else (), types=() if is_node else family)


def _about(definition: Definition, beside: Mapping[str, str]) -> str:
    left_out = {"values", "name", "labels"}
    told = {key: value for key, value in asdict(definition).items() if key not in left_out}
    kind = next(word for word, cls in _KINDS.items() if type(definition) is cls)
    return json.dumps({"runic": {"kind": kind, **told, **beside}})


def _family(definition: Definition) -> str:
    return definition.labels[0] if definition.labels else definition.label


def _is_below(definition: Definition) -> bool:
    return _family(definition) != definition.label


def _table(definition: Definition) -> str:
    return f"%SCHEMA%.{identifier(_family(definition))}"


def _labelled(definition: Definition) -> str:
    wanted = literal(json.dumps({LABELS: [definition.label]}))
    return f"properties @> {wanted}::ag_catalog.agtype"


def _indexed(definition: Definition) -> str:
    values = ", ".join([f"({_value(name)})" for name in definition.properties])
    return f"{_table(definition)} USING btree ({values})"


def _value(name: str) -> str:
    """Return the property, as AGE words it too: an index is used by what is worded alike."""
    key = literal(json.dumps(name, ensure_ascii=False))
    path = f"VARIADIC ARRAY[properties, {key}::ag_catalog.agtype]"
    return f"ag_catalog.agtype_access_operator({path})"
