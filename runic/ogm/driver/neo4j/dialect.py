"""What Neo4j says differently: Cypher 5 as Neo4j 5.26 understands it, which 2025 and later do too.

Texts keep to what Cypher 5 and Cypher 25 both read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.driver.neo4j import definitions
from runic.ogm.errors import MetadataError
from runic.ogm.model.converters import Codec, Convert
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Definition,
    FullTextIndex,
    Host,
    Index,
    Stored,
    VectorSearchIndex,
)
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.set_items import SetItem

# What the index procedures are called, and what they yield.
_YIELDED = {"node": ("Nodes", "node"), "edge": ("Relationships", "relationship")}

_INDEXED_BYTES = 8164
_OF_SEVERAL_TYPES = (Kind.SCALAR, Kind.ENUM)


class Neo4jDialect(Dialect):
    """Cypher of Neo4j's Community Edition."""

    name: ClassVar[str] = "neo4j"
    capabilities: ClassVar[Capabilities] = CAPABILITIES["neo4j"]

    # A stored text and a parameter; two stored texts are compared as they are sorted.
    compares_code_units: ClassVar[bool] = True

    sets_by_row: ClassVar[bool] = True

    box_function: ClassVar[str | None] = "point.withinBBox"

    def quote(self, name: str) -> str:
        # Read as an escape even between backticks, one of which it could stand for.
        if "\\u" in name:
            raise MetadataError(
                f"{name!r} has a backslash before a u, which Neo4j reads as the code of a"
                " character; rename it"
            )
        return super().quote(name)

    def column(self, name: str) -> str:
        # Refused in names that are stored, as not every version of the language reads them alike;
        # what a column is called in the text does not matter.
        return super().quote(definitions.plain(name))

    def codec(self, info: PropertyInfo) -> Codec:
        codec = super().codec(info)
        if info.kind is Kind.VECTOR:
            # A vector is a list of floats here; there is no function that makes one.
            return replace(codec, function=None)
        mixed = info.kind is Kind.LIST and info.type.item in _OF_SEVERAL_TYPES
        if mixed or info.kind is Kind.CUSTOM:
            return replace(codec, encode=_of_one_type(codec))
        return codec

    def check_stored(self, info: PropertyInfo, value: Any) -> None:
        """Refuse what is too long for the server's indexes, which it would say in its own terms."""
        if info.indexed and isinstance(value, str) and len(value) > _INDEXED_BYTES // 4:
            size = len(value.encode())
            if size > _INDEXED_BYTES:
                raise ValueError(
                    f"cannot be indexed: it is {size} bytes, and Neo4j's indexes hold at most"
                    f" {_INDEXED_BYTES}; drop index/unique/primary_key from the field"
                )

    def node_id(self, alias: str) -> str:
        return f"elementId({alias})"

    def assigned(self, alias: str, items: Sequence[SetItem], verb: str = "SET") -> str:
        """A zero that is stored stays where one of the other sign is set, unless it goes first."""
        stuck = [item._replace(value="null") for item in items if item.sticks]
        if not stuck:
            return super().assigned(alias, items, verb)
        cleared = super().assigned(alias, stuck, verb)
        if not _reads(alias, stuck, items):
            return f"{cleared} {super().assigned(alias, items, verb)}"
        if verb != "SET":
            return super().assigned(alias, items, verb)
        # What is computed of a property is computed before that goes.
        found = [item._replace(value=f"found[{i}]") for i, item in enumerate(items)]
        values = ", ".join([item.value for item in items])
        return f"FOREACH (found IN [[{values}]] | {cleared} {super().assigned(alias, found, verb)})"

    def count_pattern(self, pattern: str) -> str:
        return f"COUNT {{ {pattern} }}"

    def called(self, function: str, operands: Sequence[str], kinds: Sequence[Kind | None]) -> str:
        if function == "reverse" and kinds[0] is Kind.LIST:
            # A stored list is no list to this function; a part of one is, and so is all of it.
            operands = [f"{operands[0]}[0..]"]
        if function == "split":
            return _split(*operands)
        if function == "range":
            # Of steps beyond one, the first number is there even where it is behind the last.
            first, last, step = operands
            away = f"({last} - {first}) * {step} < 0"
            return f"CASE WHEN {away} THEN [] ELSE range({first}, {last}, {step}) END"
        return super().called(function, operands, kinds)

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        # Quoted: AND, OR and NOT are words here.
        quoted = (f'"{word}"' for word in words)
        return " ".join(f"+{_in_fields(fields, word)}" for word in quoted)

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        return _in_fields(fields, f"({question})") if fields else question

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        name, found = _YIELDED[on]
        index = definitions.fulltext_name(on, label)
        return (
            f"CALL db.index.fulltext.query{name}({index}, {question}) YIELD {found} AS n, score"
            " WITH n, score"
        )

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        assert info.vector is not None
        name, found = _YIELDED[on]
        index = definitions.vector_name(on, label, stored)
        # The index's own score is rounded, and no distance.
        distance = self.vector_distance(info.vector, self.stored("n", info), vector)
        return (
            f"CALL db.index.vector.query{name}({index}, {rows}, {vector}) YIELD {found} AS n"
            f" WITH n, {distance} AS score"
        )

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        if index.similarity == "cosine":
            measured = f"2 - 2 * vector.similarity.cosine({operand}, {vector})"
            # A vector without length has no direction: the function refuses it.
            return f"CASE WHEN {_has_length(operand)} THEN {measured} ELSE 1.0 END"
        # Not from vector.similarity.euclidean, whose root has few digits for what is near.
        squares = f"({operand}[i] - {vector}[i]) ^ 2"
        return f"sqrt(reduce(sum = 0.0, i IN range(0, size({vector}) - 1) | sum + {squares}))"

    def index_missing(self, message: str) -> bool:
        return "There is no such vector schema index" in message

    def check_definition(self, definition: Definition) -> None:
        super().check_definition(definition)
        if isinstance(definition, FullTextIndex) and definition.stopwords:
            self.refuse(
                f"stop words of one's own (for {definition}); a language has its own", ["falkordb"]
            )
        if isinstance(definition, FullTextIndex) and any(definition.weights):
            self.refuse(f"weights in a full-text index (for {definition})", ["falkordb"])
        if isinstance(definition, VectorSearchIndex) and definition.ef_runtime is not None:
            self.refuse(f"ef_runtime of a vector index (for {definition})", ["falkordb"])

    def inventory(self) -> tuple[Query, ...]:
        return definitions.INVENTORY

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        return definitions.read_inventory(*replies)

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        return definitions.creation(index, stored, self)

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        return [definitions.drop("INDEX", stored)]


class Neo4jEnterpriseDialect(Neo4jDialect):
    """Cypher of the Enterprise Edition, which has required constraints."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES["neo4j Enterprise"]


def _reads(alias: str, properties: Sequence[SetItem], items: Sequence[SetItem]) -> bool:
    """Tell whether a value that is set is computed of one of these properties."""
    return any(f"{alias}.{each.name}" in item.value for each in properties for item in items)


def _split(text: str, separator: str) -> str:
    """Return what splits a text; by nothing into characters, of which the server would cut some."""
    letters = f"[each_letter IN range(0, size({text}) - 1) | substring({text}, each_letter, 1)]"
    return (
        f"CASE WHEN {text} IS NULL THEN null WHEN {text} <> '' AND {separator} = '' THEN {letters}"
        f" ELSE split({text}, {separator}) END"
    )


def _has_length(vector: str) -> str:
    return f"any(x IN {vector} WHERE x <> 0)"


def _of_one_type(codec: Codec) -> Convert:
    encode = codec.encode or list

    def encode_alike(values: Any) -> Any:
        items = encode(values)
        if not isinstance(items, list):  # of a converter
            return items
        if list in map(type, items):
            raise ValueError("is a list of lists, which Neo4j does not store; store it as JSON")
        # Numbers of two types would all become floats, and other types are refused at the end.
        if len(set(map(type, items))) > 1:
            raise ValueError(
                "is a list of several types, of which Neo4j stores only one in a list; keep it in"
                " a dict field, which is stored as JSON"
            )
        return items

    return encode_alike


def _in_fields(fields: Sequence[str], question: str) -> str:
    """Return a Lucene question kept to fields; without any it is about all of the index."""
    if not fields:
        return question
    return f"({' '.join(f'{field}:{question}' for field in fields)})"
