"""What FalkorDB says differently."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any, ClassVar

from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.driver.falkordb import definitions, nesting, text_parts
from runic.ogm.model.comparison import Reads
from runic.ogm.model.converters import Codec
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Constraint,
    Definition,
    Hazard,
    Host,
    Index,
    RangeIndex,
    Stored,
    UniqueConstraint,
)
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text
from runic.ogm.query.enclosed import Enclosed
from runic.ogm.query.hops import Span
from runic.ogm.query.number_fields import NumberField, number_field
from runic.ogm.query.pattern import Hop
from runic.ogm.query.set_items import SetItem

# Faults S1 and S2 of 4.16 and 4.22: on ASCII white space at either end, the empty string, \x01 and
# more than 4096 bytes the uniqueness check crashes the server, and a range index finds nothing. Of
# texts that share their first 4096 bytes it finds all.
_WHITE_SPACE = " \t\n\v\f\r"
_INDEXED_BYTES = 4096

_EQUALITY = frozenset({"=", "<>", "IN"})
_CONFUSED = frozenset({Kind.STR, Kind.SCALAR, Kind.ENUM, Kind.TEXT, Kind.CUSTOM, Kind.DECIMAL})

# Fault S3: its range index compares integers as doubles.
_EXACT_IN_DOUBLE = 2**53
_NUMBERS = (Kind.INT, Kind.FLOAT, Kind.TIMEDELTA)

# More rows than there are. From 2**62 on it would be taken for no limit.
_NO_LIMIT = f"LIMIT {2**31 - 1}"

_LOOSE = frozenset({"=", "<>", "<", "<=", ">", ">="})

# Kinds that are stored as digits and signs.
_ASCII = frozenset({Kind.DATE, Kind.TIME, Kind.DATETIME})

# What the index procedures are called, and what they yield.
_YIELDED = {"node": ("Nodes", "node"), "edge": ("Relationships", "relationship")}


# The largest float that replies, printed with 15 digits, give back as a finite one.
_LARGEST_READ = 1.797693134862315e308


def _reads_infinite(value: Any) -> bool:
    return type(value) is float and _LARGEST_READ < abs(value) < math.inf


def _printed(number: float) -> float:
    """Return what comes back of a float: replies are printed with 15 digits."""
    return float(f"{number:.15g}")


def _single_precision(coordinates: Sequence[float]) -> list[float]:
    return array("f", coordinates).tolist()


class FalkorDBDialect(Dialect):
    """openCypher as FalkorDB 4.16 and later understand it."""

    name: ClassVar[str] = "falkordb"
    # 4.16 takes most vectors of small numbers for equal and then skips the write.
    sticky: ClassVar[frozenset[str]] = frozenset({"vecf32"})
    # A comprehension of a pattern is refused in WHERE and ORDER BY, and inside of another one.
    hoists_counts: ClassVar[bool] = True
    parts_optional: ClassVar[bool] = True
    capabilities: ClassVar[Capabilities] = CAPABILITIES["falkordb"]
    reads: ClassVar[Reads] = {Kind.FLOAT: _printed, Kind.GEO: _single_precision}

    def stored_through(self, info: PropertyInfo, codec: Codec) -> str | None:
        return codec.function or ("intern" if info.interned else None)

    def assigned(self, alias: str, items: Sequence[SetItem], verb: str = "SET") -> str:
        """A statement that one by one would write wrongly gives an entity all properties at once.

        Fault S14 of 4.16: removed one by one, with the property that was stored last among them
        and another one left, the wrong one survives. Both 4.16 and 4.22 keep a number that is equal
        to the new one, 1 for 1.0 and 0.0 for -0.0, in lists as well. All at once is right in both;
        it costs up to a half more than one by one, so it is for what may need it.
        """
        if sum([item.removes for item in items]) < 2 and not any(item.sticks for item in items):
            return super().assigned(alias, items, verb)
        cells = ", ".join([f"{item.name}: {item.value}" for item in items])
        return f"{verb} {alias} = {alias}{{.*, {cells}}}"

    def merged(self, stored: str, value: str, numbers: NumberField) -> str:
        """A number that is read like the given one stays: it may have more digits than are read.

        Replies have 15 digits, and `toJSON` writes as many.
        """
        if not numbers.many:
            alike = f"typeOf({stored}) = typeOf({value}) AND toJSON({stored}) = toJSON({value})"
        else:
            one, other = (f"[x IN {each} | typeOf(x) + toJSON(x)]" for each in (stored, value))
            alike = f"{one} = {other}"
        return f"CASE WHEN {alike} THEN {stored} ELSE {value} END"

    def matches(self, operand: str, pattern: str) -> str:
        """There is no `=~`; a search whose pattern is anchored at both ends is the same.

        The search finds nothing in a missing value, where `=~` is neither true nor false.
        """
        found = f"size(string.matchRegEx({operand}, '\\\\A(?:' + {pattern} + ')\\\\z')) > 0"
        return f"CASE WHEN {operand} IS NULL THEN null ELSE {found} END"

    # The planner asks the items of a list as soon as the list is there. What else is read of the
    # row may still be missing then, and of an element that an optional match did not find it is
    # that of the row before (S17). As items of one more list, these values are there first.
    closes_lists: ClassVar[bool] = True

    def alone(self, text: str) -> str:
        """Parentheses in parentheses take the parser twice as long each (S20)."""
        return text.inner if isinstance(text, Enclosed) else text

    # Fault S26 of 4.16 and 4.22: of several places DISTINCT and grouping keep the first.
    confused: ClassVar[frozenset[Kind]] = frozenset({Kind.GEO})

    def compared(self, left: str, operator: str, right: str) -> str:
        """Arithmetic comes before comparing; searching in text and lists comes before both."""
        if operator in _LOOSE:
            left, right = self.alone(left), self.alone(right)
        return super().compared(left, operator, right)

    def exclusive(self, text: str) -> str:
        """Two sides of XOR that both have an index are looked up there as those of AND (S24).

        As the operand of a function they are not.
        """
        return f"coalesce({text})"

    def check_text(self, text: str) -> None:
        nesting.check(text)

    def cut(self, order: str, page: Sequence[str]) -> str:
        """A LIMIT that comes later is taken for that of a stage that sorts, or skips, without one.

        The stage then hands on that many rows at most, whatever is still to be asked of them (S23).
        """
        limited = any(text.startswith("LIMIT") for text in page)
        return super().cut(order, page if limited else [*page, _NO_LIMIT])

    # What is asked in the clauses right after a cut is asked before it, of rows outside of it, too
    # (S15). Criteria and patterns do not pass this stage.
    after_cut: ClassVar[str] = " WITH *"

    # Where nothing can satisfy the WHERE of a stage, an aggregate right after it has no row, in
    # place of one for no rows (S18; 4.16).
    before_aggregates: ClassVar[str] = "WITH * "

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        name, found = _YIELDED[on]
        return (
            f"CALL db.idx.fulltext.query{name}({label}, {question}) YIELD {found} AS n, score"
            " WITH n, score"
        )

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        return self.fulltext_raw(" ".join(words), fields)

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        return f"@{'|'.join(fields)}:({question})" if fields else question

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        name, found = _YIELDED[on]
        return (
            f"CALL db.idx.vector.query{name}({label}, {stored}, {rows}, vecf32({vector}))"
            f" YIELD {found} AS n, score WITH n, score"
        )

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        return f"vec.{index.similarity}Distance({operand}, vecf32({vector}))"

    def index_missing(self, message: str) -> bool:
        return "Invalid arguments for procedure" in message or "undefined attribute" in message

    def called(self, function: str, operands: Sequence[str], kinds: Sequence[Kind | None]) -> str:
        """Parts of text are bytes of the wrong places, except in text that is ASCII alone (S16)."""
        if function in text_parts.FUNCTIONS and kinds[0] not in _ASCII:
            return text_parts.text_part(function, list(map(self.alone, operands)))
        return super().called(function, operands, kinds)

    def geo_distance(self, one: str, other: str) -> str:
        return f"distance({one}, {other})"

    def checks(self, info: PropertyInfo) -> bool:
        return info.constrained or number_field(info) is not None

    def check_stored(self, info: PropertyInfo, value: Any) -> None:
        """Refuse what replies turn into infinity, and what the uniqueness check gets wrong.

        It takes such values for others, or crashes. A plain index holds them: lookups that could
        meet one go around it, see `hides`.
        """
        if any(map(_reads_infinite, value if isinstance(value, list) else (value,))):
            raise ValueError(
                "would be read back as infinity: FalkorDB's replies have 15 digits, which is past"
                " the largest float; use Decimal, or a converter that stores text"
            )
        if info.indexed and isinstance(value, float) and math.isinf(value):
            raise ValueError("cannot be indexed: FalkorDB's index leaves infinities out")
        if not info.constrained:
            return
        if isinstance(value, int) and abs(value) > _EXACT_IN_DOUBLE:
            raise ValueError(
                "cannot be unique: FalkorDB takes integers beyond 2**53 for their neighbours there;"
                " make the field a str"
            )
        if isinstance(value, str) and _confuses_index(value):
            raise ValueError(
                "cannot be unique: FalkorDB loses strings there that are empty, longer than 4096"
                " bytes, hold \\x01, or begin or end with white space; strip it, or drop"
                " unique/primary_key from the field (index=True takes every string)"
            )

    def check_all_stored(self, info: PropertyInfo, values: Sequence[Any]) -> None:
        """Refuse the same in a column; nearly all columns are found clean in one look."""
        types = set(map(type, values))
        if types == {float} and max(values) <= _LARGEST_READ and min(values) >= -_LARGEST_READ:
            return
        if types != {str} or (info.constrained and not _all_indexable(values)):
            super().check_all_stored(info, values)

    hides_values: ClassVar[bool] = True

    def hides(self, info: PropertyInfo, value: Any) -> bool:
        """An indexed lookup misses nodes with such a string, or takes such integers for others."""
        if isinstance(value, str):
            return _confuses_index(value) or (not info.constrained and _has_most_bytes(value))
        # Infinities are not in it at all.
        return isinstance(value, int | float) and abs(value) >= _EXACT_IN_DOUBLE

    def hides_any(self, info: PropertyInfo, values: Sequence[Any]) -> bool:
        """Tell the same of a column; nearly all columns are found clean in one look."""
        if set(map(type, values)) != {str} or not _all_indexable(values):
            return super().hides_any(info, values)
        # A text of 1,024 characters can have as many bytes as the index compares.
        short = info.constrained or max(map(len, values)) < _INDEXED_BYTES // 4
        return not short and super().hides_any(info, values)

    def doubts_index(self, info: PropertyInfo, operator: str) -> bool:
        """A plain index strips the texts in it, and takes truth values for numbers.

        Fault S2: `n.k = 'a'` finds what is stored as ' a ' as well. A unique field has no such
        texts. What else is stored as text has a form of its own.
        """
        plain = info.index and not info.constrained and _stored_kind(info) in _CONFUSED
        return plain and operator in _EQUALITY

    def unindexed(self, operand: str, info: PropertyInfo) -> str:
        return f"coalesce({operand})"

    def sortable(self, operand: str, info: PropertyInfo) -> str:
        """The range index finds strings by equality only; their order in it is another one.

        Text between two values comes back with some that is not, and without some that is.
        """
        doubted = info.indexed and info.kind not in _NUMBERS
        return self.unindexed(operand, info) if doubted else operand

    def keeps_parallel(self, alias: str) -> str:
        """An edge that nothing refers to makes its parallel edges collapse into one row."""
        return f"id({alias}) >= 0"

    def keeps_parallel_paths(self, alias: str, span: Span) -> str:
        exact = self.followed(span) is not span
        return f"length({alias}) {f'= {span.most}' if exact else '>= 0'}"

    def followed(self, span: Span) -> Span:
        """4.22 cannot filter on a path of several edges whose bounds are equal."""
        if span.least == span.most and span.least > 1:
            return replace(span, least=span.least - 1)
        return span

    def shortest_path(self, path: str, source: str, target: str, hop: Hop) -> str:
        """One path stands in WITH, all of them in MATCH; a procedure ignores the direction."""
        if hop.relation.direction == "BOTH":
            return _undirected_path(path, source, target, hop)
        arrow = arrow_text("", hop.relation, self, hop.types, hop.span)
        found = f"{hop.function}(({source}){arrow}({target}))"
        if hop.function == "shortestPath":
            return f" WITH *, {found} AS {path} WHERE {path} IS NOT NULL"
        return f" WITH * MATCH {path} = {found}"

    def check_definition(self, definition: Definition) -> None:
        super().check_definition(definition)
        definitions.check_names(definition)
        definitions.check_language(definition)

    def inventory(self) -> tuple[Query, ...]:
        return definitions.INVENTORY

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        return definitions.read_inventory(*replies)

    def supporting_index(self, constraint: Constraint) -> RangeIndex | None:
        if not isinstance(constraint, UniqueConstraint):
            return None
        return RangeIndex(constraint.on, constraint.label, constraint.properties)

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        return definitions.creation(index, stored, self)

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        return definitions.removal(index, stored, self)

    def hazard(self, constraint: Constraint) -> Hazard | None:
        if not isinstance(constraint, UniqueConstraint):
            return None
        return definitions.crash_hazard(constraint, self)


def _stored_kind(info: PropertyInfo) -> Kind:
    return info.type.item if info.kind is Kind.LIST and info.type.item else info.kind


def _all_indexable(texts: Sequence[str]) -> bool:
    return (
        "" not in texts
        and "\x01" not in "".join(texts)
        and max(map(len, texts)) <= _INDEXED_BYTES // 4
        and list(map(str.strip, texts, repeat(_WHITE_SPACE))) == list(texts)
    )


def _undirected_path(path: str, source: str, target: str, hop: Hop) -> str:
    assert hop.span is not None
    # Types are strings here: a quote in one would end it.
    types = ", ".join("'" + t.replace("\\", "\\\\").replace("'", "\\'") + "'" for t in hop.types)
    options = [f"sourceNode: {source}", f"targetNode: {target}", f"relTypes: [{types}]"]
    options.append("relDirection: 'both'")
    if hop.span.most is not None:
        options.append(f"maxLen: {hop.span.most}")
    options.append(f"pathCount: {1 if hop.span.shortest == 'one' else 0}")
    return f" CALL algo.SPpaths({{{', '.join(options)}}}) YIELD path AS {path}"


def _confuses_index(text: str) -> bool:
    return (
        not text
        or text[0] in _WHITE_SPACE
        or text[-1] in _WHITE_SPACE
        or "\x01" in text
        or (len(text) > _INDEXED_BYTES // 4 and len(text.encode()) > _INDEXED_BYTES)
    )


def _has_most_bytes(text: str) -> bool:
    """Tell whether a text is as long as the index compares: longer ones look the same to it."""
    return len(text) >= _INDEXED_BYTES // 4 and len(text.encode()) == _INDEXED_BYTES
