"""What Apache AGE says differently.

A node of AGE has one label. Nodes of runic keep the first label of their class there, which is that
of the whole family, and the list of all in the property `_labels`, which records do not show. So
a unique index on the family's label covers every class of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar

from runic.ogm.driver.age import definitions, searching
from runic.ogm.driver.age.agtype import LABELS
from runic.ogm.driver.age.sql import GRAPH_PARAMETER
from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.errors import MetadataError, UnsupportedFeatureError
from runic.ogm.model.converters import Codec
from runic.ogm.model.description import NodeInfo, PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities, backends_with
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

if TYPE_CHECKING:
    from runic.ogm.query.hops import Span
    from runic.ogm.query.plan import Found

_LABEL = re.compile(r"[^\W\d]\w*")
_LONGEST_NAME = 63
_LIST_OF_ITEMS = re.compile(r"\[\w+ IN ")
# What AGE has for these knows the letters of ASCII alone.
_LETTERS = {"toUpper": "pg_catalog.upper", "toLower": "pg_catalog.lower"}
_PREFIX = re.compile(r"(?<=\w)\*")


# The text of a list whose items are gone through.
_LONGEST_LIST = 20_000


class AGEDialect(Dialect):
    """openCypher as Apache AGE 1.7 on PostgreSQL understands it."""

    name: ClassVar[str] = "age"
    capabilities: ClassVar[Capabilities] = CAPABILITIES["age"]

    def check_class(self, info: NodeInfo) -> None:
        """A node is kept under the head of its family, so it can be of one family."""
        if len(heads := info.heads) > 1:
            raise UnsupportedFeatureError(
                f"{info.name} is a {' and a '.join(head.__name__ for head in heads)}, and a node of"
                " age is kept under one of them; make all but one abstract. These have nodes of"
                f" several labels: {', '.join(backends_with('several_labels'))}"
            )

    def quote(self, name: str) -> str:
        """PostgreSQL cuts longer names: two that begin alike would be one."""
        if len(name.encode()) > _LONGEST_NAME:
            raise MetadataError(
                f"{name!r} cannot be a name in a query of age, which would cut it: use at most"
                f" {_LONGEST_NAME} bytes"
            )
        return super().quote(name)

    def column(self, name: str) -> str:
        return super().quote(self.variable(name))

    def variable(self, name: str) -> str:
        """Names that are only in the text need not be those that were given."""
        if len(name.encode()) <= _LONGEST_NAME:
            return name
        return f"v_{blake2b(name.encode(), digest_size=16).hexdigest()}"

    def codec(self, info: PropertyInfo) -> Codec:
        """Vectors and places are a list and a map: AGE has no types for them."""
        codec = info.portable_codec()
        if info.kind in (Kind.VECTOR, Kind.GEO):
            return Codec(codec.encode, codec.decode, ordered=codec.ordered)
        return codec

    def node(self, alias: str, own: Sequence[str], labels: Sequence[str]) -> str:
        family = labels[0]
        others = [label for label in own if label != family]
        # Maps in patterns match what contains them: a list that has these among others.
        kept = f" {{{LABELS}: [{_texts(others)}]}}" if others else ""
        return f"({alias}:{self._label(family)}{kept})"

    def new_node(self, alias: str, labels: Sequence[str], cells: str) -> str:
        listed = f"{LABELS}: [{_texts(labels)}]" if len(labels) > 1 else ""
        items = ", ".join(item for item in (listed, cells) if item)
        return f"({alias}:{self._label(labels[0])} {{{items}}})"

    def _label(self, name: str) -> str:
        if not _LABEL.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
            raise MetadataError(
                f"{name!r} cannot be a label of age; use at most 63 letters, digits and _, and no"
                " digit first: labels=[…], type=…"
            )
        return self.quote(name)

    def has_label(self, alias: str, label: str) -> str:
        return f"{_text(label)} IN {self.labels_of(alias)}"

    def labels_of(self, alias: str) -> str:
        return f"coalesce({alias}.{LABELS}, labels({alias}))"

    def relabelled(self, alias: str, added: Sequence[str], removed: Sequence[str]) -> str:
        if not added and not removed:
            return ""
        gone, new = _texts([*added, *removed]), _texts(added)
        kept = f"[label IN {self.labels_of(alias)} WHERE NOT label IN [{gone}]]"
        return f" SET {alias}.{LABELS} = {kept} + [{new}]"

    def end_ids(self, edge: str) -> tuple[str, str]:
        """`startNode` waits for every transaction that made nodes of the label, unlike these."""
        return f"start_id({edge})", f"end_id({edge})"

    def directed(self, edge: str, one: str, other: str) -> tuple[str, str]:
        pairs = zip(self.end_ids(edge), ((one, other), (other, one)), strict=True)
        source, target = (
            f"CASE WHEN id({first}) = {wanted} THEN {first} ELSE {second} END"
            for wanted, (first, second) in pairs
        )
        return source, target

    def found(self, alias: str, kind: Found, place: str, carried: str = "r") -> str:
        """The key is looked up, which an index can do; the id is what tells it apart."""
        number, key = f"{place}[0]", f"{alias}.{self.quote(kind.key)} = {place}[1]"
        node = self.node(alias, (kind.label,), kind.labels)
        return (
            f"WITH {carried}, {number} AS i MATCH {node} WHERE {key}"
            f" WITH {carried}, i, {alias} WHERE {self.node_id(alias)} = i"
        )

    def matches(self, operand: str, pattern: str) -> str:
        """`=~` searches, so the pattern is anchored; `.` is no line end, as elsewhere."""
        return f"{operand} =~ ('(?p)^(?:' + {pattern} + ')$')"

    def compared(self, left: str, operator: str, right: str) -> str:
        """AGE's B-tree takes `>=` for `>`: with an index, what is equal would not be found.

        A comparison the other way round, or a negated one, is turned by the planner, so it is as
        bad. Inside of an OR the planner takes it that what is equal is greater, and leaves the
        criterion out. And whether what is missing is in an empty list is not known here, where it
        is not.
        """
        if operator == "IN":
            return f"({left} IN {right} AND size({right}) > 0)"
        if operator in ("<=", ">="):
            return f"({left} {operator[0]} {right} OR {left} = {right})"
        if operator in ("<", ">"):
            return f"({left} {operator} {right} AND {left} <> {right})"
        return f"{left} {operator} {right}"

    def quantified(self, quantifier: str, variable: str, items: str, criterion: str) -> str:
        """There is no such function: items are counted, with those not known of.

        What is no list makes an item here, as it makes a row.
        """
        each = f"{variable} IN {self.unwound(items)}"
        met = f"size([{each} WHERE {criterion}])"
        failed = f"size([{each} WHERE NOT ({criterion})])"
        if quantifier == "single":
            return (
                f"(CASE WHEN {met} > 1 THEN false"
                f" WHEN {met} + {failed} = size({items}) THEN {met} = 1 ELSE null END)"
            )
        some, every = (failed, met) if quantifier == "all" else (met, failed)
        found, none = ("true", "false") if quantifier == "any" else ("false", "true")
        return (
            f"(CASE WHEN {some} > 0 THEN {found}"
            f" WHEN {every} = size({items}) THEN {none} ELSE null END)"
        )

    def called(self, function: str, operands: Sequence[str], kinds: Sequence[Kind | None]) -> str:
        """`split` takes a regular expression; `***=` before a text makes it just that."""
        if function in _LETTERS:
            return f"ag_catalog.text_to_agtype({_LETTERS[function]}(({operands[0]})::pg_text))"
        if function == "split":
            operands = [operands[0], f"'***=' + {operands[1]}"]
        if function == "tail":
            return f"{operands[0]}[1..]"  # `tail` of less than two items is null
        if function == "size" and kinds[0] is not Kind.LIST:
            return _size(operands[0], known=kinds[0] not in (None, Kind.SCALAR))
        return super().called(function, operands, kinds)

    def listed(self, items: str, text: str) -> str:
        """What is no list has no items here, or one that is null if a function or case made it.

        The list is written twice, so that lists of lists of lists double with each level.
        """
        if len(items) > _LONGEST_LIST:
            raise UnsupportedFeatureError(
                "AGE takes no longer lists that are made of lists, nested as deep as these: make"
                " the inner ones in a stage of their own, .with_(…)"
            )
        return f"(CASE WHEN {items} IS NULL THEN null ELSE {text} END)"

    def reduced(self, body: str) -> str:
        self.refuse("reduce_()", ["falkordb", "neo4j", "memgraph", "arcadedb"])

    def aggregated(self, function: str, call: str) -> str:
        """The sum of no values is null here, and nothing elsewhere."""
        return f"coalesce({call}, 0)" if function == "sum" else call

    def unwound(self, items: str) -> str:
        """What is no list makes a row of its own, with null."""
        return f"coalesce({items}, [])"

    # AGE has an error for the null start of a path of variable length.
    repeats_from_nothing: ClassVar[bool] = False

    def item(self, variable: str) -> str:
        """A variable of a list has no properties of its own here."""
        return f"properties({variable})"

    joins_types: ClassVar[bool] = False

    def typed(self, alias: str, types: Sequence[str], span: Span | None) -> str:
        """`[:A|B]` is no pattern here."""
        if span is None:
            return f"type({alias}) IN [{_texts(types)}]"
        return f"size([e IN relationships({alias}) WHERE NOT type(e) IN [{_texts(types)}]]) = 0"

    sorts_distinct: ClassVar[bool] = False
    # What MERGE makes has its key alone at first, which a required property would refuse.
    tells_created: ClassVar[bool] = False
    reads_while_writing: ClassVar[bool] = True
    # AGE loses rows of optional matches that count in WHERE, and cannot sort by a count.
    hoists_counts: ClassVar[bool] = True
    nests_counts: ClassVar[bool] = True
    parts_optional: ClassVar[bool] = True

    def stands_apart(self, text: str) -> bool:
        """Nothing sorts or groups by lists made of others, and they lose optional rows."""
        return _LIST_OF_ITEMS.search(text) is not None

    def sets(self, text: str) -> bool:
        """Functions of PostgreSQL that know languages are not told there which it is."""
        return not any(name in text for name in _LETTERS.values())

    def count_pattern(self, pattern: str) -> str:
        return f"COUNT {{ {pattern} }}"

    def check_definition(self, definition: Definition) -> None:
        super().check_definition(definition)
        self._label(definition.label)
        if isinstance(definition, FullTextIndex | VectorSearchIndex):
            searching.check(definition)

    def inventory(self) -> tuple[Query, ...]:
        return definitions.INVENTORY

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        return definitions.read_inventory(*replies)

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        return [*definitions.creation(index, stored)]

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        return [*definitions.removal(replace(stored, labels=index.labels))]

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        return (
            f"UNWIND runic_ogm.search_text(${GRAPH_PARAMETER}, '{on}', {label}, {question}) AS hit"
            " WITH hit[0] AS n, hit[1] AS score"
        )

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        return searching.question_of(" & ".join(words), fields)

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        # A prefix, as other indexes have it too.
        return searching.question_of(_PREFIX.sub(":*", question), fields)

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        asked = f"${GRAPH_PARAMETER}, '{on}', {label}, {stored}, {rows}, {vector}"
        return f"UNWIND runic_ogm.search_near({asked}) AS hit WITH hit[0] AS n, hit[1] AS score"

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        return f"runic_ogm.distance({operand}, {vector}, '{index.similarity}')"

    def index_missing(self, message: str) -> bool:
        return 'schema "runic_ogm" does not exist' in message or "no vector index" in message

    def geo_distance(self, one: str, other: str) -> str:
        """The haversine formula, on a sphere of the earth's mean radius."""
        half = "0.0087266462599716477"  # of a degree, in radians
        up = f"sin(({one}.latitude - {other}.latitude) * {half})"
        over = f"sin(({one}.longitude - {other}.longitude) * {half})"
        shrunk = f"cos(radians({one}.latitude)) * cos(radians({other}.latitude))"
        return f"(12742017.6 * asin(sqrt({up} * {up} + {shrunk} * {over} * {over})))"


def _size(operand: str, *, known: bool) -> str:
    """Return the number of characters of a text, of which `size` returns that of the bytes.

    Where it is not `known` to be a text, a list shows by being longer with an item more.
    """
    chars = f"WHEN {operand} = '' THEN 0 ELSE size(split(%s, '')) END)"
    if known:
        return f"(CASE {chars % operand}"
    listed = f"CASE WHEN size({operand} + '') > size({operand}) THEN"
    # The planner evaluates constants wherever they stand, and `split` fails for a list.
    text = f"{listed} '' ELSE {operand} END"
    return f"({listed} size({operand}) {chars % text}"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _texts(texts: Sequence[str]) -> str:
    return ", ".join(map(_text, texts))
