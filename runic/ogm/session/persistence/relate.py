"""`relate` and `unrelate`: relationships that are written at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.errors import EntityNotFoundError, SessionError, StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of, set_ends
from runic.ogm.model.edge_ends import require_type_of
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, State, notes_of, set_notes
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import CreateEdges, Found, Unlink, UnlinkOthers
from runic.ogm.session.persistence.edge_steps import EdgeShape, edge_step
from runic.ogm.session.persistence.flush_plan import replacing_steps
from runic.ogm.session.persistence.given_fields import given_fields
from runic.ogm.session.persistence.plan_executor import Done, Incomplete, PlanWriter
from runic.ogm.session.persistence.post_flush import settle_step
from runic.ogm.session.persistence.post_flush_edges import settle_cut, settle_edges
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.persistence.relation_changes import require_bare
from runic.ogm.session.persistence.to_one import replaced_by
from runic.ogm.session.state.relation_sync import note_cut, note_made, note_replaced, show
from runic.ogm.session.state.relationships import Link, joined_link, known_link, link_between
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe


class EdgeWriter:
    """Writes relationships of one session, outside of its flushes."""

    def __init__(self, unit: UnitOfWork, dialect: Dialect, channel: Channel) -> None:
        self._unit = unit
        self._dialect = dialect
        self._writer = PlanWriter(channel, dialect)

    async def relate(self, rows: Iterable[Sequence[Any]]) -> list[Edge | None]:
        """Make relationships, or find them there, all or nothing; see `AsyncSession.relate_many`.

        A row is source, relation, target and, where there is one, the edge entity.
        """
        listed = list(rows)
        joined = self._joined(_link_of(*row) for row in listed)
        steps = [self._step(*group) for group in _grouped(joined)]
        if steps:
            # What a relation to one entity has held until now goes in the same statement.
            others = replacing_steps(replaced_by(joined))
            done = await self._create([*others, *steps])
            self._settle_replaced(others)
            for step, answer in done:
                if isinstance(step, CreateEdges):
                    self._settle(step, answer)
            self._unit.settled()
        given = [len(row) > 3 and row[3] is not None for row in listed]
        return [link.edge if asked else None for asked, link in zip(given, joined, strict=True)]

    def _joined(self, links: Iterable[Link]) -> list[Link]:
        """Return the link of each row; rows of one relationship have the same."""
        found: dict[Any, Link] = {}
        places: dict[int, Any] = {}
        keys = []
        for link in links:
            self._refuse_held(link)
            if link.edge is not None and places.setdefault(id(link.edge), link.key) != link.key:
                raise StatementError(
                    f"one {type(link.edge).__name__} is given for several relationships: make one"
                    " for each"
                )
            found[link.key] = joined_link(found.get(link.key), link)
            keys.append(link.key)
        return [found[key] for key in keys]

    async def _create(self, steps: list[Any]) -> Done:
        try:
            return await self._writer.write(steps)
        except Incomplete as error:
            links = [link for step in steps for link in step.subjects if isinstance(link, Link)]
            ends = [end for link in links for end in (link.source, link.target)]
            some = " or ".join(dict.fromkeys(map(describe, ends[:4])))
            raise EntityNotFoundError(
                f"{some}{' or another one' if len(ends) > len(ends[:4]) else ''} is not in the"
                " database; nothing was related"
            ) from error

    def _settle_replaced(self, steps: list[UnlinkOthers]) -> None:
        nodes = list(self._unit.identity.nodes.values())
        for step in steps:
            note_replaced(step.subjects, nodes)
            settle_step(step, self._unit, None)

    def _refuse_held(self, link: Link) -> None:
        """Raise where the edge entity of a link is held for something else."""
        if link.edge is None:
            return
        name, notes = type(link.edge).__name__, notes_of(link.edge)
        for doomed in self._unit.doomed.values():
            if isinstance(doomed, Edge) and _is_for(doomed, link):
                raise SessionError(f"the {name} there is to be deleted: flush() that first")
        if notes is None or notes.owner is None:
            return
        if notes.owner is not self._unit:
            raise SessionError(f"this {name} belongs to another session; give a new one")
        if ends_of(link.edge) not in _ways(link) or not link.merge:
            raise StatementError(
                f"this {name} is in the session already, and an edge stays where it is: give a new"
                " one"
            )
        if self._unit.is_changed(link.edge):
            raise SessionError(f"this {name} has unwritten changes: flush() them, then relate")

    def _settle(self, step: CreateEdges, answer: Any) -> None:
        if not step.bare:
            for link in step.subjects:
                self._track(link.edge, link)
        settle_edges(self._unit, step, answer)
        show(step.subjects)
        note_made(step.subjects)

    async def unrelate(self, source: Node, relation: Any, target: Node) -> None:
        """Delete the relationships between two nodes; see `AsyncSession.unrelate`."""
        info = relation_of(source, relation, target)
        link = link_between(source, info, target, merge=True)
        ends = [_stored(link.source).id, _stored(link.target).id]
        step = Unlink(type=link.type, directed=link.directed, rows=[ends], subjects=[link])
        try:
            await self._writer.write([step])
        except Incomplete as error:
            raise EntityNotFoundError(
                f"no {info.type} runs between {describe(source)} and {describe(target)}"
            ) from error
        settle_cut(self._unit, [link])
        note_cut([link])

    def _step(self, shape: EdgeShape, links: list[Link]) -> CreateEdges:
        places = [(_place(link.source), _place(link.target)) for link in links]
        return edge_step(shape, links, (shape.source, shape.target), places, self._dialect)

    def _track(self, edge: Edge, link: Link) -> None:
        set_ends(edge, link.source, link.target)
        notes = notes_of(edge)
        if notes is None or notes.owner is None:
            set_notes(edge, EntityState(State.PENDING, self._unit))


def relation_of(source: Node, relation: Any, target: Node) -> RelationInfo:
    """Return the relation that an attribute or a name means on an entity.

    Raises:
        StatementError: The entity's class has no such relation, or it leads elsewhere.
    """
    name = relation if isinstance(relation, str) else getattr(relation, "name", None)
    relations = node_info(type(source)).relations
    if name is None or name not in relations:
        known = ", ".join(relations) or "none"
        raise StatementError(
            f"{type(source).__name__} has no relation {relation!r}; its relations: {known}"
        )
    info = relations[name]
    if not isinstance(target, info.target):
        raise StatementError(f"{info} leads to {info.target.__name__}, not {type(target).__name__}")
    return info


def _link_of(source: Node, relation: Any, target: Node, edge: Edge | None = None) -> Link:
    info = relation_of(source, relation, target)
    link = link_between(source, info, target)
    if edge is None:
        if info.edge is not None:
            require_bare(info)
            link.model = info.edge
            if info.holds_edges:
                link.edge = info.edge()  # which the relation shows
        return link
    if info.edge is None:
        raise StatementError(f"{info} has no edge model; declare it Relation(…, edge_model=…)")
    if not isinstance(edge, info.edge):
        raise StatementError(f"{info} has {info.edge.__name__}, not {type(edge).__name__}")
    require_type_of(info, (type(edge),))
    link.edge = edge
    _take_given_ends(link, edge)
    return link


def _take_given_ends(link: Link, edge: Edge) -> None:
    """Let the link run the way that the edge was told to, where the relation leaves that open.

    Raises:
        StatementError: The edge was made, or is stored, between other entities.
    """
    notes = notes_of(edge)
    if notes is not None and notes.owner is not None:
        return  # `_refuse_held` knows more of those that are in a session
    given = ends_of(edge)
    for way in _ways(link):
        if all(end in (None, here) for end, here in zip(given, way, strict=True)):
            link.source, link.target = way
            return
    raise StatementError(
        f"this {type(edge).__name__} was given other ends than {describe(link.source)} and"
        f" {describe(link.target)}, from the first to the second: leave out source= and target=, or"
        " relate those that it names; nothing was related"
    )


def _grouped(links: Iterable[Link]) -> Iterable[tuple[EdgeShape, list[Link]]]:
    groups: dict[EdgeShape, list[Link]] = {}
    # By the classes of the ends, which take less time to look up than how they are recognised.
    known: dict[Any, list[Link]] = {}
    for link in {id(link): link for link in links}.values():
        given = given_fields(link) if link.merge else ()
        cls, ends = link.edge_class or link.model, (type(link.source), type(link.target))
        said = link.merge, link.directed, link.edge is None, given
        group = known.get((link.type, cls, ends, said))
        if group is None:
            shape = EdgeShape(link.type, cls, _found(ends[0]), _found(ends[1]), *said)
            group = known[link.type, cls, ends, said] = groups.setdefault(shape, [])
        group.append(link)
    return groups.items()


def _ways(link: Link) -> list[tuple[Node, Node]]:
    ends = (link.source, link.target)
    return [ends] if link.directed else [ends, (link.target, link.source)]


def _found(cls: type[Node]) -> Found:
    return Found.of(node_info(cls))


def _place(node: Node) -> list[Any]:
    notes = _stored(node)
    return [notes.id, notes.key[1]]


def _stored(node: Node) -> EntityState:
    notes = notes_of(node)
    assert notes is not None
    return notes


def _is_for(edge: Edge, link: Link) -> bool:
    known = known_link(edge)
    return known is not None and known.key == link.key
