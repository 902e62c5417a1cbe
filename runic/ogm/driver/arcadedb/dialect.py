"""What ArcadeDB says differently."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from runic.ogm.driver.arcadedb import definitions
from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.model.converters import Codec
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Definition, Host, Index, Stored
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.set_items import SetItem, plainly

# What cannot be sent stays in a name, so that it is refused.
_NO_WORD = re.compile("[^\\w\0\ud800-\udfff]")

# What the full-text procedures are called, and what they yield.
_YIELDED = {"node": ("Nodes", "node"), "edge": ("Relationships", "relationship")}


class ArcadeDBDialect(Dialect):
    """openCypher as ArcadeDB 26.10 understands it over Bolt."""

    name: ClassVar[str] = "arcadedb"
    capabilities: ClassVar[Capabilities] = CAPABILITIES["arcadedb"]

    # Looked at when the transaction ends.
    checks_unique_at_once: ClassVar[bool] = False

    merges_loops_twice: ClassVar[bool] = True
    sets_by_row: ClassVar[bool] = True

    # With an index on one property under two labels of a node, uniqueness is not kept.
    indexes_each_label: ClassVar[bool] = False

    def codec(self, info: PropertyInfo) -> Codec:
        codec = super().codec(info)
        # A vector is a list of floats; there is no function that makes one.
        return replace(codec, function=None) if info.kind is Kind.VECTOR else codec

    def node_id(self, alias: str) -> str:
        return f"elementId({alias})"

    def assigned(self, alias: str, items: Sequence[SetItem], verb: str = "SET") -> str:
        """ON MATCH SET takes 1 for 1.0 that is there and keeps it, unless it is given a map."""
        stuck = [f"{item.name}: {item.value}" for item in items if item.sticks]
        if verb == "SET" or not stuck:
            return super().assigned(alias, items, verb)
        one_by_one = plainly(alias, [item for item in items if not item.sticks])
        return f"{verb} {one_by_one}{', ' if one_by_one else ''}{alias} += {{{', '.join(stuck)}}}"

    def keyed_node(self, alias: str, root: str, own: Sequence[str], labels: Sequence[str]) -> str:
        """Labels beside the one that has the index stand in WHERE, or it is not used."""
        others = [self.has_label(alias, label) for label in own if label != root]
        told = "".join(f" {criterion} AND" for criterion in others)
        return f"MATCH ({alias}:{self.quote(root)}) WHERE{told}"

    def counted_from(self, alias: str, count: str) -> str:
        """A pattern comprehension takes a null start for an unbound one, and finds all edges."""
        return f"(CASE WHEN {alias} IS NULL THEN 0 ELSE {count} END)"

    def column(self, name: str) -> str:
        # ORDER BY reads into quoted names: a dot is that in front of a property, OR an operator.
        return self.quote(_NO_WORD.sub(lambda found: f"·{ord(found[0]):x}·", name))

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        name, found = _YIELDED[on]
        index = f"'{definitions.TEXT_INDEX}' + {label}"
        return (
            f"CALL db.index.fulltext.query{name}({index}, {question}) YIELD {found} AS n, score"
            " WITH n, score"
        )

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        # Lower case: AND, OR and NOT are operators. The index compares without case.
        return self.fulltext_raw(" ".join(f"+{word.lower()}" for word in words), fields)

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        if not fields:
            return question
        return " ".join(f"{name}:({question})" for name in fields)

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        assert info.vector is not None
        # The server leaves out the square root.
        distance = "sqrt(distance)" if info.vector.similarity == "euclidean" else "distance"
        return (
            f"CALL vector.neighbors({label} + '[' + {stored} + ']', {vector}, {rows})"
            f" YIELD record, distance WITH record AS n, {distance} AS score"
        )

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        if index.similarity == "cosine":
            return f"2.0 * (1.0 - vector.similarity.cosine({operand}, {vector}))"
        places = f"i IN range(0, size({vector}) - 1)"
        square = f"({operand}[i] - {vector}[i]) * ({operand}[i] - {vector}[i])"
        return f"sqrt(reduce(total = 0.0, {places} | total + {square}))"

    def index_missing(self, message: str) -> bool:
        return "No vector index found" in message or "Type with name" in message

    def check_definition(self, definition: Definition) -> None:
        super().check_definition(definition)
        definitions.check(definition)

    def inventory(self) -> tuple[Query, ...]:
        return definitions.INVENTORY

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        return definitions.read_inventory(*replies)

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        return definitions.creation(index, stored, self)

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        return definitions.removal(stored, self)
