"""Indexes and constraints as FalkorDB words and reports them; no I/O.

Called by `FalkorDBDialect`. Constraints are not made by queries here: see `constraints.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runic.ogm.errors import SchemaError, UnsupportedFeatureError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Definition,
    FullTextIndex,
    Hazard,
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
from runic.ogm.query.violations import SHOWN, match_all, value_of

Row = Mapping[str, Any]

INVENTORY = (
    # Not all columns: `info` outweighs the rest by far.
    Query(
        "CALL db.indexes() YIELD label, types, options, language, stopwords, entitytype, status"
        " RETURN label, types, options, language, stopwords, entitytype, status",
        read_only=True,
    ),
    Query(
        "CALL db.constraints() YIELD type, label, properties, entitytype, status"
        " RETURN type, label, properties, entitytype, status",
        read_only=True,
    ),
)

_LANGUAGES = (
    "arabic", "armenian", "basque", "catalan", "chinese", "danish", "dutch", "english", "finnish",
    "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian",
    "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "serbian", "spanish",
    "swedish", "tamil", "turkish", "yiddish",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOSTS: dict[str, Host] = {"NODE": "node", "RELATIONSHIP": "edge"}
_WORDS = {RangeIndex: "", FullTextIndex: "FULLTEXT ", VectorSearchIndex: "VECTOR "}

# Property of VectorSearchIndex: name of the server's option.
_VECTOR_OPTIONS = {
    "dimension": "dimension",
    "similarity": "similarityFunction",
    "m": "M",
    "ef_construction": "efConstruction",
    "ef_runtime": "efRuntime",
}


def check_names(definition: Definition) -> None:
    """Raise unless the server takes the names of a constraint."""
    if not isinstance(definition, UniqueConstraint | RequiredConstraint):
        return
    for name in (definition.label, *definition.properties):
        if not _NAME.fullmatch(name):
            raise SchemaError(
                f"{definition}: FalkorDB makes constraints only on names of ASCII letters, digits"
                f" and _, which {name!r} is not; rename it with labels=, type= or Field(property=…)"
            )


def check_language(definition: Definition) -> None:
    """Raise unless the server has the language of a full-text index; English would be used."""
    language = definition.language if isinstance(definition, FullTextIndex) else None
    if language is not None and language.lower() not in _LANGUAGES:
        raise UnsupportedFeatureError(
            f"{definition}: falkordb has no language {language!r}; it has {', '.join(_LANGUAGES)}"
        )


def creation(index: Index, stored: Definition | None, dialect: Dialect) -> list[Query]:
    """Return the statements for what an index has and the stored one of its identity lacks."""
    if isinstance(index, FullTextIndex):
        return list(_text_creation(index, stored, dialect))
    options = _vector_options(index) if isinstance(index, VectorSearchIndex) else {}
    return [_create(index, index.properties[0], options, dialect)]


def _text_creation(
    index: FullTextIndex, stored: Definition | None, dialect: Dialect
) -> Iterator[Query]:
    """Yield a statement for each property, as weights are given one by one."""
    label_wide = {"language": index.language, "stopwords": index.stopwords}
    present = stored.properties if stored else ()
    for name, weight in zip(index.properties, index.weights, strict=True):
        if name not in present:
            # Language and stop words belong to the label: said twice, the server refuses them.
            options = {"weight": weight, **({} if present else label_wide)}
            present = (*present, name)
            yield _create(index, name, options, dialect)


def _vector_options(index: VectorSearchIndex) -> dict[str, Any]:
    return {option: getattr(index, name) for name, option in _VECTOR_OPTIONS.items()}


def _create(index: Index, name: str, options: Mapping[str, Any], dialect: Dialect) -> Query:
    given = {key: value for key, value in options.items() if value is not None}
    shown = ", ".join(f"{key}: ${key}" for key in given)
    text = f"CREATE {_statement(index, name, dialect)}" + (f" OPTIONS {{{shown}}}" if given else "")
    return Query(text, {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()})


def removal(index: Index, stored: Definition, dialect: Dialect) -> list[Query]:
    """Return the statements that take an index off those of its properties that have it."""
    present = [name for name in index.properties if name in stored.properties]
    return [Query(f"DROP {_statement(index, name, dialect)}") for name in present]


def _statement(index: Index, name: str, dialect: Dialect) -> str:
    label = dialect.quote(index.label)
    place = f"(n:{label})" if index.on == "node" else f"()-[n:{label}]-()"
    return f"{_WORDS[type(index)]}INDEX FOR {place} ON (n.{dialect.quote(name)})"


def read_inventory(indexes: Sequence[Row], constraints: Sequence[Row]) -> list[Stored]:
    """Return the definitions in the replies to `INVENTORY`.

    A label has one index for all of its properties. While it grows or shrinks by one, the server
    lists it twice: as it was, and as it will be, under construction. The latter counts.
    """
    ordered = sorted(indexes, key=lambda row: row["status"] != "OPERATIONAL")
    latest = {(row["entitytype"], row["label"]): row for row in ordered}
    found = [stored for row in latest.values() for stored in _read_index(row)]
    return found + [_read_constraint(row) for row in constraints]


def _read_index(row: Row) -> Iterator[Stored]:
    readiness: Readiness = "ready" if row["status"] == "OPERATIONAL" else "building"
    on, label = _HOSTS[row["entitytype"]], row["label"]
    texts = []
    for name, kinds in row["types"].items():
        if "RANGE" in kinds:
            yield Stored(RangeIndex(on, label, (name,)), readiness)
        if "VECTOR" in kinds:
            settings = row["options"][name]
            options = {ours: settings.get(theirs) for ours, theirs in _VECTOR_OPTIONS.items()}
            yield Stored(VectorSearchIndex(on, label, (name,), **options), readiness)
        if "FULLTEXT" in kinds:
            texts.append(name)
    if texts:
        words = tuple(row["stopwords"])
        yield Stored(FullTextIndex(on, label, tuple(texts), row["language"], words), readiness)


def _read_constraint(row: Row) -> Stored:
    kind = UniqueConstraint if row["type"] == "UNIQUE" else RequiredConstraint
    definition = kind(_HOSTS[row["entitytype"]], row["label"], tuple(row["properties"]))
    states: dict[str, Readiness] = {"OPERATIONAL": "ready", "FAILED": "failed"}
    return Stored(definition, states.get(row["status"], "building"))


# The server kills itself when it checks one of these for uniqueness. Bytes are counted as
# characters plus those that take a second, a third and a fourth byte.
_CRASHES = (
    "size(text) = 0 OR left(text, 1) IN $white OR right(text, 1) IN $white OR text CONTAINS $one"
    " OR size(text) + size(string.matchRegEx(text, $two)) + size(string.matchRegEx(text, $three))"
    " + size(string.matchRegEx(text, $four)) > 4096"
)
_CRASH_PARAMS = {
    "white": list(" \t\n\v\f\r"),
    "one": "\x01",
    "two": r"[^\x00-\x7F]",
    "three": "[\u0800-\U0010ffff]",
    "four": "[\U00010000-\U0010ffff]",
}


def crash_hazard(constraint: Definition, dialect: Dialect) -> Hazard:
    """Return the search for values at which making a unique constraint crashes the server."""
    # NaN is the one value that differs from itself, and crashes like the empty text.
    text = "CASE WHEN typeof(value) = 'String' THEN value WHEN value <> value THEN '' ELSE 'x' END"
    query = (
        f"MATCH {match_all(constraint, dialect)} WITH {value_of(constraint, dialect)} AS value"
        f" WHERE value IS NOT NULL WITH value, {text} AS text WHERE {_CRASHES}"
        f" RETURN count(text), collect(left(toString(value), 40))[..{SHOWN}]"
    )
    return Hazard(
        Query(query, _CRASH_PARAMS, read_only=True),
        "FalkorDB crashes, and loses what it did not save, when it checks the uniqueness of text"
        " that is empty, longer than 4096 bytes, holds \\x01, begins or ends with white space, or"
        " of NaN; strip or remove these values first, or drop unique=True",
    )
