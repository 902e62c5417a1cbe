"""Search statements: what a full-text or vector index finds, filtered and ordered like a select.

Inert values, as all statements. The pattern of a search has one element, the node or edge that is
found, called `n`; each row holds it and its score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Never, Self, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import NodeInfo, PropertyInfo
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.query.assigned import Assigned, validated
from runic.ogm.query.bindable import dialect_of
from runic.ogm.query.change import counted
from runic.ogm.query.columns import node_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.definitions import Host
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import own_labels
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.match import where_text
from runic.ogm.query.pattern import ROOT, Pattern, field_named
from runic.ogm.query.planned import Wording, planned
from runic.ogm.query.select import Select
from runic.ogm.query.shapes import Column, Compiled, EdgeColumn, ValueColumn
from runic.ogm.query.statement import Order
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer

E = TypeVar("E", bound=Entity)
Mode = Literal["plain", "raw"]

_WORD = re.compile(r"\w+")
_INDEXED_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

# An index is asked for more than is wanted: what criteria leave out, and what it has lost.
_SPARE = 10
_SPARE_FILTERED = 4


@dataclass(frozen=True, eq=False, repr=False)
class SearchStatement(Generic[E]):
    """Base of the searches: criteria, an order and a page for what an index finds."""

    statement: Select[Any]

    @property
    def entity(self) -> type[E]:
        """The class that is searched."""
        found: type[E] = self.statement.entity
        return found

    @property
    def on(self) -> Host:
        """What is searched: nodes or edges."""
        return "node" if isinstance(entity_info(self.entity), NodeInfo) else "edge"

    def where(self, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        """Keep only what satisfies every criterion; see `Filterable.where`."""
        return self._with(self.statement.where(*criteria, on=on, **equal))

    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        """Sort by a field in place of the score."""
        return self._with(self.statement.order_by(by, desc=desc))

    def skip(self, rows: int) -> Self:
        """Leave out the first rows."""
        return self._with(self.statement.skip(rows))

    def limit(self, rows: int) -> Self:
        """Return at most so many rows."""
        return self._with(self.statement.limit(rows))

    def bind(self, /, *given: Never, **values: Any) -> Self:
        """Return the search with values for parameters that `param(name)` left open.

        Raises:
            StatementError: The search has no parameter of that name; lists those it has.
        """
        return self._with(self.statement.bind(*given, **values))

    def fetch(self, *paths: Any) -> Self:
        """Load relations with the entities that are found."""
        if self.on == "edge":
            raise StatementError(f"{self.entity.__name__} is an edge and has no relations to fetch")
        return self._with(self.statement.fetch(*paths))

    @property
    def asked_for(self) -> tuple[SearchStatement[E], ...]:
        """The searches that the database is asked: this one, or those that it is made of."""
        return (self,)

    def build(self, dialect: Dialect | None = None) -> Query:
        """Return the text and parameters, for the dialect or in plain openCypher."""
        shown = self._with(self.statement._readable())
        return shown.compile(dialect_of(dialect)).query

    def compile(self, dialect: Dialect) -> Compiled:
        """Return the query and how to read its rows: the entity's columns, then the score.

        Raises:
            UnsupportedFeatureError: The database has no such index.
        """
        raise NotImplementedError

    def compiled(
        self,
        write: Callable[[Writer], Wording],
        page: Select[Any],
        asked: Sequence[Value],
        dialect: Dialect,
    ) -> Compiled:
        """Return the query that `write` writes, whose first parameters are what is asked for."""
        first: list[Any] = [type(self), write.__name__, dialect.variant, page.generation]
        values: list[Value] = []
        for value in asked:
            value.outline(first, values)
        shape, others = page.outline()
        written, params = planned(
            page.pattern.memory,
            (*first, shape),
            [*values, *others],
            page.bindings,
            dialect,
            lambda hidden: write(Writer(page.pattern, dialect, hidden)),
        )
        return Compiled(Query(written.text, params, read_only=True), written.columns)

    def _with(self, statement: Select[Any]) -> Self:
        return replace(self, statement=statement)


@dataclass(frozen=True, eq=False, repr=False)
class TextSearch(SearchStatement[E]):
    """What a full-text index finds; the best first, a higher score being better."""

    # Words, or a question in the index's own language.
    asked: str
    mode: Mode = "plain"
    # The stored names of the fields to search; none to search all.
    fields: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for, so that nothing is found."""
        return not self.asked

    @property
    @override
    def asked_for(self) -> tuple[SearchStatement[E], ...]:
        return () if self.is_empty else (self,)

    @override
    def compile(self, dialect: Dialect) -> Compiled:
        dialect.require("fulltext")
        asked = [Value(stored_name(self.entity)), Value(self._question(dialect))]
        return self.compiled(self._written, self.statement, asked, dialect)

    def _written(self, writer: Writer) -> Wording:
        dialect = writer.dialect
        hits = dialect.fulltext_hits(self.on, writer.next_name(), writer.next_name())
        found = hits + where_text(writer, self.statement.filters, _labels(self.entity, dialect))
        return _finished(writer, self.statement, found, "score DESC")

    def _question(self, dialect: Dialect) -> str:
        if self.mode == "raw":
            return dialect.fulltext_raw(self.asked, self.fields)
        return dialect.fulltext_words(self.asked.split(), self.fields)


@dataclass(frozen=True, eq=False, repr=False)
class VectorSearch(SearchStatement[E]):
    """The entities whose vectors are nearest; the nearest first, the score being the distance."""

    attribute: Attribute[Any]
    vector: Sequence[float]
    nearest: int

    @property
    def wanted(self) -> int:
        """How many rows are wanted."""
        _, maximum = self.statement.page()
        # A parameter stands for itself where the text is only shown.
        return min(self.nearest, maximum) if isinstance(maximum, int) else self.nearest

    @property
    def _page(self) -> Select[Any]:
        return self.statement.limit(self.wanted)

    @override
    def compile(self, dialect: Dialect) -> Compiled:
        """Return the query that asks the index; criteria may leave fewer rows than wanted."""
        dialect.require("vector")
        offset, _ = self.statement.page()
        reach = self.wanted + (offset if isinstance(offset, int) else 0)
        spare = reach * _SPARE_FILTERED if self.statement.filters else reach
        asked = [
            Value(stored_name(self.entity)),
            Value(self.attribute.info.stored),
            Value(spare + _SPARE),
            self._asked,
        ]
        return self.compiled(self._written, self._page, asked, dialect)

    def _written(self, writer: Writer) -> Wording:
        dialect = writer.dialect
        label, stored, rows, vector = (writer.next_name() for _ in range(4))
        hits = dialect.nearest_hits(self.on, self.attribute.info, label, stored, rows, vector)
        found = hits + where_text(writer, self._page.filters, _labels(self.entity, dialect))
        return self._finished(writer, found)

    def compile_exact(self, dialect: Dialect) -> Compiled:
        """Return the query that measures the distance of all that the criteria keep."""
        return self.compiled(self._written_exact, self._page, [self._asked], dialect)

    def _written_exact(self, writer: Writer) -> Wording:
        assert self.attribute.info.vector is not None
        dialect, vector = writer.dialect, writer.next_name()
        stored = dialect.stored("n", self.attribute.info)
        distance = dialect.vector_distance(self.attribute.info.vector, stored, vector)
        where = where_text(writer, self._page.filters, [f"{stored} IS NOT NULL"])
        found = f"MATCH {_element(self.entity, dialect)}{where} WITH n, {distance} AS score"
        return self._finished(writer, found)

    def _finished(self, writer: Writer, found: str) -> Wording:
        # The nearest first: an order of the statement's own sorts those, and no others.
        order = f"score, {writer.dialect.node_id('n')}"
        nearest = f"{found} WITH n, score ORDER BY {order}{_paging(writer, self._page)}"
        whole = self.statement._with(skipped=None, maximum=None)
        return _finished(writer, whole, nearest, "score")

    @property
    def _asked(self) -> Value:
        return Assigned(list(self.vector), self.attribute)


@dataclass(frozen=True, eq=False, repr=False)
class HybridSearch(SearchStatement[E]):
    """Both searches, fused: an entity counts for more the further up either has it."""

    text: TextSearch[E]
    vectors: VectorSearch[E]
    rank_constant: int

    @property
    @override
    def asked_for(self) -> tuple[SearchStatement[E], ...]:
        return (*self.text.asked_for, self.vectors)

    @override
    def where(self, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        return replace(
            self,
            statement=self.statement.where(*criteria, on=on, **equal),
            text=self.text.where(*criteria, on=on),
            vectors=self.vectors.where(*criteria, on=on),
        )

    @override
    def bind(self, /, *given: Never, **values: Any) -> Self:
        # Its own statement has all that the other two have.
        whole = self.statement.bind(*given, **values)
        bindings = whole.bindings
        text = self.text._with(self.text.statement.restated(bindings=bindings))
        vectors = self.vectors._with(self.vectors.statement.restated(bindings=bindings))
        return replace(self, statement=whole, text=text, vectors=vectors)

    @override
    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        raise StatementError("a hybrid search is sorted by its fused score; sort the list you get")


def text_search(
    entity: type[E], query: str, fields: Iterable[Any] | None = None, mode: Mode = "plain"
) -> TextSearch[E]:
    """Return a search of a class's full-text index.

    Raises:
        StatementError: The class has no full-text field, or not these.
    """
    names = _text_fields(entity, fields)
    if not isinstance(query, str):
        raise StatementError(f"query is the text to search for, not {query!r}")
    if mode not in ("plain", "raw"):
        raise StatementError(f'mode is "plain" or "raw", not {mode!r}')
    asked = plain_question(query) if mode == "plain" else query.strip()
    return TextSearch(Select(Pattern.of(entity)), asked, mode, tuple(names))


def plain_question(text: str) -> str:
    """Return words as the index takes them; all must be there.

    Everything else means something to the index, and escaping does not keep it from that.
    """
    return " ".join(_WORD.findall(text))


def _text_fields(entity: type[Any], fields: Iterable[Any] | None) -> list[str]:
    """Return the stored names of the fields to search; none to search all."""
    properties = _properties(entity)
    indexed = [info for info in properties if info.fulltext is not None]
    if not indexed:
        raise StatementError(
            f"{entity.__name__} has no full-text field; give one Field(fulltext=True) and make its"
            " index with the schema manager"
        )
    if fields is None:
        return []
    if isinstance(fields, str | bytes) or not isinstance(fields, Iterable):
        raise StatementError(f"fields is a list, as [{fields!r}]")
    chosen = [_text_field(entity, _name_of(each)) for each in fields]
    if not chosen:
        raise StatementError("fields names no field; leave it out to search all")
    return [info.stored for info in chosen]


def _text_field(entity: type[Any], name: str) -> PropertyInfo:
    info = entity_info(entity).properties[field_named(entity, name)]
    if info.fulltext is None:
        raise StatementError(f"{entity.__name__}.{name} has no full-text index; fulltext=True")
    if not _INDEXED_NAME.match(info.stored):
        raise StatementError(
            f"{entity.__name__}.{name} is stored as {info.stored!r}, which a full-text query cannot"
            " name; search without fields="
        )
    return info


def _name_of(field: Any) -> str:
    return field.name if isinstance(field, Attribute) else str(field)


def vector_search(entity: type[E], field: Any, vector: Sequence[float], k: int) -> VectorSearch[E]:
    """Return a search for the `k` entities whose vectors are nearest.

    Raises:
        StatementError: The field has no vector index, or the vector another dimension.
        FieldValidationError: It is no vector of finite numbers.
    """
    _properties(entity)
    attribute: Attribute[Any] = Attribute(entity, field_named(entity, _name_of(field)))
    index = attribute.info.vector
    if index is None:
        raise StatementError(f"{attribute} has no vector index; vector=VectorIndex(dimension=…)")
    if type(k) is not int or k < 1:
        raise StatementError(f"k is a whole number ≥ 1, not {k!r}")
    listed = validated(attribute, _numbers(vector))
    if len(listed) != index.dimension:
        raise StatementError(
            f"{attribute} holds vectors of dimension {index.dimension}, and this one has"
            f" {len(listed)}; use the model that made the stored ones"
        )
    return VectorSearch(Select(Pattern.of(entity)), attribute, tuple(listed), k)


def _numbers(vector: Any) -> list[float]:
    # Not only lists: arrays of other libraries, too.
    try:
        return [float(number) for number in vector]
    except (TypeError, ValueError) as error:
        raise StatementError(f"vector takes numbers, not {str(vector)[:40]!r}: {error}") from error


def hybrid_search(
    text: TextSearch[E], vectors: VectorSearch[E], k: int, rank_constant: int
) -> HybridSearch[E]:
    """Return the fusion of two searches of one class."""
    return HybridSearch(text.statement.limit(k), text, vectors, rank_constant)


def fused(rankings: Iterable[Sequence[Any]], rank_constant: int) -> list[tuple[Any, float]]:
    """Return what several rankings hold with the sum of 1 / (constant + rank), the best first.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
    """
    scores: dict[int, float] = {}
    entities: dict[int, Any] = {}
    for ranking in rankings:
        for rank, entity in enumerate(ranking, 1):
            entities[id(entity)] = entity
            scores[id(entity)] = scores.get(id(entity), 0.0) + 1 / (rank_constant + rank)
    best = sorted(scores, key=lambda each: -scores[each])
    return [(entities[each], scores[each]) for each in best]


def stored_name(entity: type[Any]) -> str:
    """Return the label or type under which a class's index is kept."""
    info = entity_info(entity)
    return info.label if isinstance(info, NodeInfo) else info.type


def _properties(entity: Any) -> Iterable[PropertyInfo]:
    kind = getattr(entity, "__runic_entity__", None)
    if kind not in ("node", "edge") or not isinstance(entity, type):
        raise StatementError(f"a search is for a Node or Edge class, not {entity!r}")
    return entity_info(entity).properties.values()


def _labels(entity: type[Any], dialect: Dialect) -> list[str]:
    """Return what tells nodes of a class from others that carry the label of its index."""
    info = entity_info(entity)
    if not isinstance(info, NodeInfo):
        return []
    return [dialect.has_label("n", label) for label in own_labels(info) if label != info.label]


def _element(entity: type[Any], dialect: Dialect) -> str:
    info = entity_info(entity)
    if not isinstance(info, NodeInfo):
        return f"()-[n:{dialect.quote(info.type)}]->()"
    return dialect.node("n", own_labels(info), info.labels)


def _finished(writer: Writer, statement: Select[Any], found: str, by_score: str) -> Wording:
    texts, columns = _columns(statement.entity, writer.dialect)
    # The page first, as in the outline of a statement.
    page = _paging(writer, statement)
    writer.focus(ROOT, 1)
    orders = [_order(writer, order) for order in statement.orders] or [by_score]
    orders.append(writer.dialect.node_id("n"))
    text = f"{found}{counted(writer)} RETURN {', '.join(texts)} ORDER BY {', '.join(orders)}"
    return Wording(text + page, columns)


def _paging(writer: Writer, statement: Select[Any]) -> str:
    pages = (("SKIP", statement.skipped), ("LIMIT", statement.maximum))
    return "".join(f" {word} {writer.next_name()}" for word, rows in pages if rows is not None)


def _columns(entity: type[Any], dialect: Dialect) -> tuple[Sequence[str], tuple[Column, ...]]:
    """Return the columns of what is found: a node, or an edge and its two ends; then the score."""
    if isinstance(entity_info(entity), NodeInfo):
        texts, column = node_columns("n", entity, 0, dialect)
        return [*texts, "score"], (column, ValueColumn("score", len(texts)))
    ends = ["n", "startNode(n) AS source", "endNode(n) AS target", "score"]
    return ends, (EdgeColumn(entity, 0), ValueColumn("score", 3))


def _order(writer: Writer, order: Order) -> str:
    if isinstance(order.by, str):
        raise StatementError(f"{order.by!r} is no field of {writer.pattern}")
    if isinstance(order.by, Attribute):
        writer.require_order(order.by)
    return order.by.write(writer) + (" DESC" if order.descending else "")
