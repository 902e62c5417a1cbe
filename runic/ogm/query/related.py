"""What a relation leads to, asked about inside a criterion or an expression.

`User.articles.any(Article.published == True)` is a `RelatedExists`, `User.articles.count()` counts
the same edges. Criteria of the inside read the edge and the node at its other end; what is of
neither belongs to the pattern outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.model.meta import fits
from runic.ogm.query.criteria import Criterion, checked
from runic.ogm.query.part import Part

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute, RelationAttribute
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Related(Part):
    """The edges of a relation that satisfy criteria; written, it is their number."""

    relation: RelationAttribute[Any]
    criteria: tuple[Criterion, ...]

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        inside = [a for criterion in self.criteria for a in criterion.attributes]
        outside = [a for a in inside if not self.holds(a)]
        return (self.relation.anchor, *outside)

    def holds(self, attribute: Attribute[Any]) -> bool:
        """Tell whether a field is read of the edge or the node inside."""
        info = self.relation.info
        near = (info.target, info.edge)
        return attribute.alias is None and any(fits(each, attribute.entity) for each in near)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        relation = self.relation
        shape.append((relation.entity, relation.name, relation.alias, len(self.criteria)))
        for criterion in self.criteria:
            criterion.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return writer.related(self)

    def __str__(self) -> str:
        return ", ".join(map(str, self.criteria))


def related(relation: RelationAttribute[Any], criteria: Iterable[Criterion | bool]) -> Related:
    """Return the edges of a relation that satisfy every criterion."""
    return Related(relation, tuple(checked(criterion) for criterion in criteria))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RelatedExists(Criterion):
    """A relation leads to something that satisfies criteria."""

    related: Related

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.related.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("any")
        self.related.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return f"{self.related.write(writer)} > 0"

    def __str__(self) -> str:
        return f"{self.related.relation}.any({self.related})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EveryEdge(Criterion):
    """Every edge of a path satisfies criteria; `number` is that of the hop that makes the path."""

    number: int
    edge: type[Any]
    criteria: tuple[Criterion, ...]

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        inside = [a for criterion in self.criteria for a in criterion.attributes]
        return tuple(a for a in inside if a.alias is not None or not fits(self.edge, a.entity))

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(("every", self.number, len(self.criteria)))
        for criterion in self.criteria:
            criterion.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return writer.every_edge(self)

    def __str__(self) -> str:
        return "repeat(where=" + ", ".join(map(str, self.criteria)) + ")"


@dataclass(slots=True, eq=False)
class Scope:
    """What is inside, while the criteria on it are written: classes with their aliases.

    `outside` lists the aliases of the pattern outside that are read.
    """

    elements: tuple[tuple[type[Any] | None, str], ...]
    outside: list[str]

    def alias_of(self, attribute: Attribute[Any]) -> str | None:
        """Return the alias a field is read of; None if it belongs outside."""
        if attribute.alias is not None:
            return None
        fitting = (alias for cls, alias in self.elements if fits(cls, attribute.entity))
        return next(fitting, None)

    def reads(self, alias: str) -> None:
        """Note that an element outside is read."""
        if alias not in self.outside:
            self.outside.append(alias)


@dataclass(slots=True, eq=False)
class Hoist:
    """A count worked out in a stage of its own, for databases that cannot count inside WHERE.

    `call` is a subquery to be run before, or None where `count` says it all.
    """

    name: str
    count: str
    call: str | None = None


def hoisted(hoists: list[Hoist], criteria: list[str]) -> str:
    """Return the stages that make counts, then keep what satisfies the criteria on them."""
    if not hoists:
        return ""
    calls = "".join(f" {hoist.call}" for hoist in hoists if hoist.call)
    counts = [f"{hoist.count} AS {hoist.name}" for hoist in hoists if not hoist.call]
    kept = f" WHERE {' AND '.join(criteria)}" if criteria else ""
    return f"{calls} WITH {', '.join(['*', *counts])}{kept}" if counts or kept else calls
