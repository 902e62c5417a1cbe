"""The pattern of a statement: nodes, the hops between them, and which of them a field is read of.

An element is named by its place (the third node, the second edge), not by its alias, so that
`where` before `.alias(...)` means the same as after it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import entity_info, fits, node_info
from runic.ogm.model.registry import Registry
from runic.ogm.query.expressions import Attribute, RelationAttribute
from runic.ogm.query.hops import Span, joined
from runic.ogm.query.memory import Memory, memory_of
from runic.ogm.query.quick import quick

if TYPE_CHECKING:
    from runic.ogm.query.criteria import Criterion
    from runic.ogm.query.values import Value

_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Place(NamedTuple):
    """An element of a pattern: its nodes and its edges are counted apart."""

    is_edge: bool
    number: int


ROOT = Place(False, 0)


@dataclass(frozen=True, slots=True, eq=False)
class NodePattern:
    """A node to find: of a class, under an alias."""

    entity: type[Any]
    alias: str


@dataclass(frozen=True, slots=True, eq=False)
class Hop:
    """A step along a relation, from the node `source`; it leads to the node of the next index.

    `types` are the types of the edges it goes over. With a `span` it goes over several of them,
    and its alias names the path.
    """

    source: int
    relation: RelationInfo
    alias: str
    optional: bool = False
    types: tuple[str, ...] = ()
    span: Span | None = None
    edges: tuple[type[Any], ...] = ()

    @property
    def function(self) -> str:
        """The function that finds its shortest paths."""
        return "allShortestPaths" if self.span and self.span.shortest == "all" else "shortestPath"


class Reach(NamedTuple):
    """What the fields of a criterion may belong to: one element, or the nodes there were.

    It is asked after `stage` hops and `step` steps at least.
    """

    place: Place | None
    known: int
    stage: int = 0
    step: int = 0


# Of the criteria of a statement about nodes of one class.
ONE_NODE = Reach(None, 1)


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A criterion with its reach."""

    criterion: Criterion
    reach: Reach

    def at(self, place: Place, known: int) -> Filter:
        """Return the criterion on the element of another pattern."""
        return Filter(self.criterion, self.reach._replace(place=place, known=known))

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text, and its values."""
        shape.append(self.reach)
        self.criterion.outline(shape, values)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Nodes and hops; hop i leads to node i + 1."""

    nodes: tuple[NodePattern, ...]
    hops: tuple[Hop, ...] = ()
    # What decides the text of the pattern.
    shape: tuple[Any, ...] = field(init=False)
    # Of the class that it starts from.
    memory: Memory = field(init=False)
    # That of all its nodes, or None if they are of several.
    registry: Registry | None = field(init=False)

    def __post_init__(self) -> None:
        nodes: list[tuple[Any, str]] = [(node.entity, node.alias) for node in self.nodes]
        hops = [
            (
                hop.source,
                hop.relation.owner,
                hop.relation.name,
                hop.relation.target,
                hop.alias,
                hop.optional,
                hop.types,
                hop.span,
            )
            for hop in self.hops
        ]
        object.__setattr__(self, "shape", (*nodes, *hops))
        object.__setattr__(self, "memory", memory_of(self.nodes[0].entity))
        first, *others = {entity.__runic_registry__ for entity, _ in nodes}
        object.__setattr__(self, "registry", None if others else first)

    @classmethod
    def of(cls, entity: type[Any]) -> Pattern:
        """Return the pattern of one node, or edge that is searched for, made once for a class."""
        patterns = memory_of(entity).patterns
        found: Pattern | None = patterns.get("alone")
        if found is None:
            found = patterns["alone"] = cls((NodePattern(entity, "n"),))
        return found

    @property
    def generation(self) -> tuple[int, ...]:
        """What changes when classes are defined or dropped, of the registries of its nodes."""
        found: list[Any] = [node.entity for node in self.nodes]
        return tuple([entity.__runic_registry__.generation for entity in found])

    def __str__(self) -> str:
        named = [f"{node.alias}: {node.entity.__name__}" for node in self.nodes]
        return ", ".join(named + [f"{hop.alias}: [{hop.relation.type}]" for hop in self.hops])

    def rename_last(self, alias: str) -> Pattern:
        """Return the pattern with another alias for its last node."""
        *others, last = self.nodes
        self._require_new(alias)
        return replace(self, nodes=(*others, replace(last, alias=alias)))

    def extended(
        self,
        relations: Any,
        edge_alias: str | None,
        optional: bool,
        span: Span | None = None,
        alive: Container[Place] | None = None,
    ) -> Pattern:
        """Return the pattern with one more hop, along a relation or one of several.

        It leaves one of the `alive` elements, if there is one that fits.
        """
        listed = relations if isinstance(relations, list | tuple) else [relations]
        if not listed:
            raise StatementError("there is no relation to follow; name one, as User.articles")
        sources, infos = zip(*[self._leaving(each, alive) for each in listed], strict=True)
        if len(set(sources)) > 1:
            raise StatementError(f"{listed} leave different nodes; follow each with its own hop")
        info, types = joined(infos)
        if span is not None and not span.shortest:
            _require_repeatable(info, span)
        if edge_alias is not None:
            self._require_new(edge_alias)
        alias = edge_alias or self._free("r" if span is None else "p")
        target = NodePattern(info.target, self._free("n"))
        edges = tuple(dict.fromkeys(each.edge for each in infos if each.edge))
        hop = Hop(sources[0], info, alias, optional, types, span, edges)
        return Pattern((*self.nodes, target), (*self.hops, hop))

    def with_last(self, entity: type[Any]) -> Pattern:
        """Return the pattern with its last node of another class than its relation says."""
        *others, last = self.nodes
        return replace(self, nodes=(*others, replace(last, entity=entity)))

    @property
    def aliases(self) -> set[str]:
        """The aliases that are taken."""
        return {self.alias(place) for place in self._places()}

    def entity(self, place: Place) -> type[Any] | None:
        """Return the class of an element; None for an edge without one."""
        if place.is_edge:
            hop = self.hops[place.number]
            return hop.relation.edge if hop.span is None else None
        return self.nodes[place.number].entity

    def alias(self, place: Place) -> str:
        """Return the alias of an element."""
        found = self.hops if place.is_edge else self.nodes
        return found[place.number].alias

    def place(self, alias: object) -> Place:
        """Return the element that has this alias.

        Raises:
            StatementError: None has.
        """
        for place in self._places():
            if self.alias(place) == alias:
                return place
        raise StatementError(f"no element is called {alias!r}; the pattern has {self}")

    def place_of(self, attribute: Attribute[Any], place: Place | None, known: int) -> Place:
        """Return the element that a field is read of.

        Raises:
            StatementError: None is of the field's class, or several are.
        """
        # By far the most frequent; the rest would give the same.
        alone = known == 1 and place is None and attribute.alias is None
        if alone and self.nodes[0].entity is attribute.entity:
            return ROOT
        if attribute.alias is not None:
            return self._fitting(attribute, self.place(attribute.alias))
        if place is not None:
            return self._fitting(attribute, place)
        found = [p for p in self._places(known) if fits(self.entity(p), attribute.entity)]
        if len(found) == 1:
            return found[0]
        raise self._absent(attribute) if not found else self._ambiguous(attribute, found)

    def place_of_class(self, entity: type[Any]) -> Place:
        """Return the one node or edge that is of a class.

        Raises:
            StatementError: None is, or several are.
        """
        found = [place for place in self._places() if fits(self.entity(place), entity)]
        if len(found) == 1:
            return found[0]
        name = entity.__name__
        if not found:
            raise StatementError(f"{name} is not in the pattern ({self}); traverse to it first")
        names = " or ".join(repr(self.alias(place)) for place in found)
        raise StatementError(f"{name} could be {names}; name the one that is meant by its alias")

    def places_of(self, classes: Sequence[type[Any]]) -> list[Place]:
        """Return an element for each class: the first that is of it and that none before took."""
        taken: list[Place] = []
        for entity in classes:
            fitting = (p for p in self._places() if p not in taken and fits(self.entity(p), entity))
            found = next(fitting, None)
            if found is not None:
                taken.append(found)
        return taken

    def stage(self, place: Place) -> int:
        """Return the number of hops that must be made before the element is there."""
        return place.number + 1 if place.is_edge else place.number

    def _places(self, known: int | None = None) -> Iterator[Place]:
        for index in range(len(self.nodes) if known is None else known):
            yield Place(False, index)
        for index in range(len(self.hops) if known is None else known - 1):
            yield Place(True, index)

    def _leaving(
        self, relation: RelationAttribute[Any] | str, alive: Container[Place] | None
    ) -> tuple[int, RelationInfo]:
        if isinstance(relation, str):
            entity = self.nodes[-1].entity
            return len(self.nodes) - 1, relation_named(entity, relation)
        if not isinstance(relation, RelationAttribute):
            raise StatementError(f"traverse follows a relation, as User.articles, not {relation!r}")
        if relation.alias is not None:
            return self._fitting(relation.anchor, self.place(relation.alias)).number, relation.info
        fitting = [i for i, n in enumerate(self.nodes) if fits(n.entity, relation.entity)]
        if not fitting:
            raise StatementError(f"{relation} leaves a node that is not in the pattern ({self})")
        if alive is not None:
            fitting = [i for i in fitting if Place(False, i) in alive] or fitting
        if fitting[-1] != len(self.nodes) - 1 and len(fitting) > 1:
            raise StatementError(
                f"{relation} could leave several nodes of the pattern ({self}); say which:"
                f" {relation}.on({self.nodes[fitting[0]].alias!r})"
            )
        return fitting[-1], relation.info

    def _fitting(self, attribute: Attribute[Any], place: Place) -> Place:
        entity = self.entity(place)
        if fits(entity, attribute.entity):
            return place
        name = self.alias(place)
        if place.is_edge and self.hops[place.number].span is not None:
            raise StatementError(f"{name!r} is a path; filter its edges with .repeat(…, where=…)")
        if entity is None:
            raise StatementError(f"the edge {name!r} has no class; give its relation edge_model=")
        raise StatementError(f"{attribute} is not a field of {name!r}, a {entity.__name__}")

    def _absent(self, attribute: Attribute[Any]) -> StatementError:
        return StatementError(
            f"{attribute} belongs to {attribute.entity.__name__}, which is not in the pattern"
            f" ({self}); traverse to it first"
        )

    def _ambiguous(self, attribute: Attribute[Any], found: list[Place]) -> StatementError:
        names = " or ".join(repr(self.alias(place)) for place in found)
        return StatementError(
            f"{attribute} could be of {names}; say which: where(…, on={self.alias(found[0])!r}), or"
            f" {attribute}.on({self.alias(found[0])!r})"
        )

    def _require_new(self, alias: object) -> None:
        if not isinstance(alias, str) or not _ALIAS.match(alias):
            raise StatementError(f"{alias!r} is no alias; use letters, digits and _")
        if any(self.alias(place) == alias for place in self._places()):
            raise StatementError(f"the alias {alias!r} is taken; the pattern has {self}")

    def _free(self, letter: str) -> str:
        taken = self.aliases
        candidates = [letter] + [f"{letter}{i}" for i in range(2, len(taken) + 3)]
        return next(name for name in candidates if name not in taken)


def _require_repeatable(relation: RelationInfo, span: Span) -> None:
    if span.most != 1 and not fits(relation.target, relation.owner):
        raise StatementError(
            f"{relation} leads to {relation.target.__name__}, where it does not go on; only a"
            " relation between nodes of one class can be repeated"
        )
    if span.least == 0 and not fits(relation.target, relation.owner):
        raise StatementError(f"{relation} with min_hops=0 would lead to where it starts from")


def relation_named(entity: type[Any], name: str) -> RelationInfo:
    """Return a relation by its name.

    Raises:
        StatementError: The class has none of this name; lists those it has.
    """
    relations = node_info(entity).relations
    if name in relations:
        return relations[name]
    have = ", ".join(relations) or "none"
    raise StatementError(f"{entity.__name__} has no relation {name!r}; it has {have}")


def attribute_at(pattern: Pattern, path: str, default: Place) -> Attribute[Any]:
    """Return the attribute that a path names: `"n.city"`, or `"city"` of the default element.

    Raises:
        StatementError: There is no such alias or field; lists those there are.
    """
    alias, dot, name = path.rpartition(".")
    place = pattern.place(alias) if dot else default
    entity = pattern.entity(place)
    if entity is None:
        raise StatementError(f"{path!r}: {pattern.alias(place)!r} has no class, so no fields")
    return Attribute(entity, field_named(entity, name), pattern.alias(place))


def field_named(entity: type[Any], name: str) -> str:
    """Return the name if the class stores a field of that name.

    Raises:
        StatementError: It does not; lists the fields.
    """
    properties = entity_info(entity).properties
    if name in properties:
        return name
    raise StatementError(f"{entity.__name__} has no field {name!r}; it has {', '.join(properties)}")
