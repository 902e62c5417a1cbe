"""What Memgraph says differently: openCypher as Memgraph 3.10 and later understand it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.driver.memgraph import definitions
from runic.ogm.model.converters import Codec
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities
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
    VectorSearchIndex,
)
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text
from runic.ogm.query.pattern import Hop

# The server stops at 1,000 hits unless it is told otherwise.
_MOST_HITS = 100_000

_MISSING_FUNCTIONS = frozenset({"cot", "degrees", "haversin", "radians"})
_MISSING_AGGREGATES = frozenset({"stDev", "stDevP", "percentileCont", "percentileDisc"})


class MemgraphDialect(Dialect):
    """openCypher with Memgraph's own shortest paths, indexes and searches.

    There is no "regex": `=~` compares bytes, so that a dot is half of an é, and knows no (?i).
    """

    name: ClassVar[str] = "memgraph"
    # Looked at when the transaction ends.
    checks_unique_at_once: ClassVar[bool] = False
    parts_optional: ClassVar[bool] = True
    capabilities: ClassVar[Capabilities] = CAPABILITIES["memgraph"]

    def codec(self, info: PropertyInfo) -> Codec:
        codec = super().codec(info)
        # A vector is a list of floats here; there is no function that makes one.
        return replace(codec, function=None) if info.kind is Kind.VECTOR else codec

    def made_stored(self, function: str, operand: str) -> str:
        """`point(null)` fails here, and is null elsewhere."""
        made = super().made_stored(function, operand)
        return f"CASE WHEN {operand} IS NULL THEN null ELSE {made} END"

    def called(self, function: str, operands: Sequence[str], kinds: Sequence[Kind | None]) -> str:
        if function in _MISSING_FUNCTIONS:
            self.refuse(f"{function}()", ["falkordb", "neo4j", "arcadedb"])
        if function == "reverse" and kinds[0] is not Kind.STR:
            self.refuse("reverse() of lists", ["falkordb", "neo4j", "arcadedb", "age"])
        made = super().called(function, operands, kinds)
        # In microseconds here.
        return f"({made} / 1000)" if function == "timestamp" else made

    def aggregated(self, function: str, call: str) -> str:
        if function in _MISSING_AGGREGATES:
            self.refuse(f"{function}()", ["falkordb", "neo4j", "arcadedb", "age"])
        return super().aggregated(function, call)

    def shortest_path(self, path: str, source: str, target: str, hop: Hop) -> str:
        """Paths are found by a breadth-first search, or weighed, every edge with 1."""
        assert hop.span is not None
        most = "" if hop.span.most is None else str(hop.span.most)
        if hop.span.shortest == "one":
            walked = f"*BFS ..{most}" if most else "*BFS"
        else:
            walked = f"*ALLSHORTEST {most + ' ' if most else ''}(e, v | 1)"
        edge = arrow_text("", hop.relation, self, hop.types).replace("]-", f" {walked}]-", 1)
        return f" MATCH {path} = ({source}){edge}({target})"

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        quoted = (f'"{word}"' for word in words)
        return " AND ".join(_in_fields(fields, word) for word in quoted)

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        return _in_fields(fields, f"({question})") if fields else question

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        call, found = ("search", "node") if on == "node" else ("search_edges", "edge")
        index = definitions.text_name(on, label)
        return (
            f"CALL text_search.{call}({index}, {question}, {{limit: {_MOST_HITS}}})"
            f" YIELD {found} AS n, score WITH n, score"
        )

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        assert info.vector is not None
        call, found = ("search", "node") if on == "node" else ("search_edges", "edge")
        index = definitions.vector_name(on, label, stored)
        distance = self.vector_distance(info.vector, self.stored("n", info), vector)
        return (
            f"CALL vector_search.{call}({index}, {rows}, {vector}) YIELD {found} AS n"
            f" WITH n, {distance} AS score"
        )

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        if index.similarity == "euclidean":
            return f"sqrt({_sum(vector, f'({operand}[i] - {vector}[i]) ^ 2')})"
        product = _sum(vector, f"{operand}[i] * {vector}[i]")
        lengths = " * ".join(f"sqrt({_sum(vector, f'{v}[i] ^ 2')})" for v in (operand, vector))
        # A vector without length has no direction.
        length = f"any(x IN {operand} WHERE x <> 0)"
        return f"CASE WHEN {length} THEN 1 - {product} / ({lengths}) ELSE 1.0 END"

    def index_missing(self, message: str) -> bool:
        return "ector index" in message and "exist" in message

    def check_definition(self, definition: Definition) -> None:
        super().check_definition(definition)
        definitions.check_names(definition)
        if isinstance(definition, Constraint) and definition.on == "edge":
            self.refuse(f"constraints of edges (for {definition})", ["falkordb", "neo4j"])
        if isinstance(definition, FullTextIndex) and (
            definition.language or definition.stopwords or any(definition.weights)
        ):
            self.refuse(
                f"language, stop words and weights of a full-text index (for {definition})",
                ["falkordb"],
            )
        if isinstance(definition, VectorSearchIndex) and (
            definition.m or definition.ef_construction or definition.ef_runtime
        ):
            self.refuse(
                f"m, ef_construction and ef_runtime of a vector index (for {definition})",
                ["falkordb"],
            )

    def supporting_index(self, constraint: Constraint) -> RangeIndex | None:
        """A unique constraint has no index of its own; keys would be looked for one by one."""
        if isinstance(constraint, RequiredConstraint):
            return None
        return RangeIndex(constraint.on, constraint.label, constraint.properties)

    def inventory(self) -> tuple[Query, ...]:
        return definitions.INVENTORY

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        return definitions.read_inventory(*replies)

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        return definitions.creation(index, stored, self)

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        return definitions.removal(index, stored, self)


def _sum(vector: str, term: str) -> str:
    return f"reduce(sum = 0.0, i IN range(0, size({vector}) - 1) | sum + {term})"


def _in_fields(fields: Sequence[str], question: str) -> str:
    """Return a Tantivy question kept to fields; `all` is the field of every text."""
    if not fields:
        return f"all:{question}"
    return f"({' OR '.join(f'data.{field}:{question}' for field in fields)})"
