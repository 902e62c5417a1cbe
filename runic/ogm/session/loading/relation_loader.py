"""Load relations: one query per relation and level, however many entities ask.

A relation that is loaded or assigned already is left alone, so edits in memory stay; one of which
another part was loaded than is asked for is loaded anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from runic.ogm.driver.base import EdgeRecord, Result
from runic.ogm.driver.collector import collector_paused
from runic.ogm.errors import HydrationError, LazyLoadError, StatementError
from runic.ogm.model.backref import hold
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import fits, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import (
    EntityState,
    State,
    note_part,
    note_relation,
    note_whole,
    notes_of,
    values_of,
)
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.fetch import Fetch, paths_of
from runic.ogm.query.relations import RelationLoad, load_relation
from runic.ogm.query.shapes import EntityColumns
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.pending_overlay import catch_up
from runic.ogm.session.state.cascade import as_tuple

Run = Callable[[Query], Awaitable[Result]]


@dataclass(slots=True)
class Branch:
    """What to load of one relation, and what below it; all of it without a part."""

    part: Any = None
    below: Paths = field(default_factory=dict)

    def leaves(self, node: Node, name: str) -> bool:
        """Return whether a node has the relation of this name that is to be loaded."""
        has = name in node_info(type(node)).relations
        return has and (self.part is None or fits(type(node), self.part.relation.entity))


# A tree by relation names: {"articles": Branch(None, {"comments": Branch()})}.
Paths = dict[str, Branch]


def path_tree(paths: Any) -> Paths:
    """Return fetch paths as a tree; each is dotted text, a relation attribute or a `Fetch`.

    Raises:
        StatementError: A path is none of these, two ask for different parts of one relation, or
            a parameter of one has no value.
    """
    tree: Paths = {}
    for path in paths_of(paths):
        _grow(tree, path)
    return tree


def _grow(tree: Paths, path: Any) -> None:
    if not isinstance(path, Fetch):
        for name in _names(path):
            tree = tree.setdefault(name, Branch()).below
        return
    # Whatever is not bound is told before anything is sent.
    path = path.bound()
    branch = tree.setdefault(path.relation.name, Branch())
    if path.selects:
        _require_same(branch, path)
        branch.part = path
    for below in path.below:
        _grow(branch.below, below)


def _require_same(branch: Branch, fetch: Fetch) -> None:
    if branch.part is not None and not branch.part.selects_as(fetch):
        raise StatementError(
            f"{branch.part} and {fetch} ask for different parts of one relation; an entity holds"
            " one of them: join the criteria with |, or load them one after the other"
        )


def _names(path: Any) -> list[str]:
    text = path if isinstance(path, str) else getattr(path, "name", None)
    if not isinstance(text, str) or not all(text.split(".")):
        raise StatementError(
            f'{path!r} is no relation to fetch; write "articles", "articles.comments",'
            " User.articles or User.articles.where(…)"
        )
    return text.split(".")


class RelationLoader:
    """Fills the relations of entities in one session."""

    def __init__(self, hydrator: Hydrator, dialect: Dialect, run: Run) -> None:
        self._hydrator = hydrator
        self._dialect = dialect
        self._run = run

    async def load(self, entities: Sequence[Any], tree: Paths, *, again: bool = False) -> None:
        """Load a tree of relations on these entities; `again` reloads what is loaded.

        Raises:
            StatementError: None of the entities has a relation of that name, or one has unwritten
                changes in a relation of which something else was loaded.
        """
        for name, branch in tree.items():
            children: dict[int, Any] = {}
            for relation, owners in self._owners(entities, name, branch.part):
                missing = [o for o in owners if again or _lacks(o, relation, branch.part)]
                if missing:
                    await self._load_one(relation, missing, branch.part)
                if missing and not again:
                    whole = branch.part is None or not branch.part.leaves_out
                    catch_up(relation, missing, self._hydrator.held(), whole=whole)
                for owner in owners if branch.below else ():
                    children.update((id(c), c) for c in _nodes_in(values_of(owner)[name], owner))
            if children:
                await self.load(list(children.values()), branch.below, again=again)

    def _owners(
        self, entities: Sequence[Any], name: str, part: Fetch | None
    ) -> list[tuple[RelationInfo, list[Node]]]:
        groups: dict[int, tuple[RelationInfo, list[Node]]] = {}
        for entity in entities:
            relation = node_info(type(entity)).relations.get(name)
            here = part is None or fits(type(entity), part.relation.entity)
            if relation is not None and here:
                groups.setdefault(id(relation.options), (relation, []))[1].append(entity)
        if not groups and entities:
            cls = type(entities[0])
            known = ", ".join(node_info(cls).relations) or "none"
            wanted = repr(name) if part is None else part.relation
            raise StatementError(f"{cls.__name__} has no relation {wanted}; its relations: {known}")
        return list(groups.values())

    async def _load_one(
        self, relation: RelationInfo, owners: list[Node], part: Fetch | None
    ) -> None:
        load = load_relation(relation, self._dialect, part)
        rows = (await self._run(load.query(dict.fromkeys(map(_id_of, owners))))).rows
        with collector_paused(len(rows)):
            self._fill_all(relation, load, owners, load.rows(rows))
        for owner in owners:
            _note_part(owner, relation, part)

    def _fill_all(
        self, relation: RelationInfo, load: RelationLoad, owners: list[Node], rows: list[Any]
    ) -> None:
        by_id = {_id_of(owner): owner for owner in owners}
        found: dict[Any, list[Any]] = {node_id: [] for node_id in by_id}
        targets = self._targets(load, rows)
        if relation.holds_edges:
            pairs = zip(rows, targets, strict=True)
            targets = [self._edge(load, row, by_id[row[0]], other) for row, other in pairs]
        for row, other in zip(rows, targets, strict=True):
            found[row[0]].append(other)
        for owner in owners:
            _fill(owner, relation, found[_id_of(owner)])
        if (session := _session_of(owners[0])) is not None:
            session.filled(relation, owners)

    def _targets(self, load: RelationLoad, rows: list[list[Any]]) -> list[Any]:
        target = load.target
        if isinstance(target, EntityColumns):
            return self._hydrator.from_columns(target.entity, target.fields, rows, target.start)
        batch: list[Entity] = []
        return [self._hydrator.from_node(target.entity, row[target.index], batch) for row in rows]

    def _edge(self, load: RelationLoad, row: list[Any], owner: Node, other: Node) -> Edge:
        assert load.edge is not None
        assert load.relation.edge is not None
        record: EdgeRecord = row[load.edge.index]
        ends = (owner, other) if record.source == row[0] else (other, owner)
        edge: Edge = self._hydrator.from_edge(load.relation.edge, record, *ends)
        return edge


def not_loaded(entity: Entity, name: str, wait: str = "") -> LazyLoadError:
    """Return the error that says how to load a relation that was read."""
    cls = type(entity).__name__
    return LazyLoadError(
        f"{cls}.{name} is not loaded. Load it with the entity: {wait}session.get({cls}, pk,"
        f" fetch=[{name!r}]), or now: {wait}session.load({cls.lower()}, {cls}.{name})"
    )


def _id_of(node: Node) -> Any:
    notes = notes_of(node)
    assert notes is not None
    return notes.id


def _lacks(owner: Node, relation: RelationInfo, part: Fetch | None) -> bool:
    """Tell whether a relation has to be loaded: what is held may be another part of it.

    Raises:
        StatementError: It has, and unwritten changes would be lost.
    """
    name, notes = relation.name, notes_of(owner)
    assert notes is not None
    if name not in values_of(owner):
        return True
    held: Any = notes.parts.get(name)
    same = held is part if held is None or part is None else part.selects_as(held)
    if same:
        return False
    if _is_edited(owner, name, notes):
        raise StatementError(
            f"{relation} has unwritten changes, and something else of it was loaded than is asked"
            " for now; flush() first"
        )
    return notes.id is not None


def _is_edited(owner: Node, name: str, notes: EntityState) -> bool:
    stored = as_tuple(notes.relations.get(name))
    assigned = name not in notes.relations and notes.status is not State.PENDING
    now = as_tuple(values_of(owner)[name])
    return assigned or Counter(map(id, now)) != Counter(map(id, stored))


def _note_part(owner: Node, relation: RelationInfo, part: Fetch | None) -> None:
    notes = notes_of(owner)
    assert notes is not None
    if part is None and relation.options.limit is None:
        note_whole(notes, relation.name)
    else:
        note_part(notes, relation.name, part)


def _fill(owner: Node, relation: RelationInfo, found: list[Any]) -> None:
    notes = notes_of(owner)
    assert notes is not None
    if relation.many:
        hold(owner, relation.name, found)
        note_relation(notes, relation.name, tuple(found))
        return
    if len(found) > 1:
        raise HydrationError(
            f"{relation} holds one entity, and the database has {len(found)}: annotate it as a"
            " list, or delete the relationships that should not be there"
        )
    one = values_of(owner)[relation.name] = found[0] if found else None
    note_relation(notes, relation.name, one)


def _nodes_in(value: Any, owner: Node) -> Iterable[Node]:
    """Yield the nodes of a relation that the owner's session holds, too."""
    session = _session_of(owner)
    for item in value if isinstance(value, list) else [value]:
        nodes = (
            (end for end in ends_of(item) if end is not owner)
            if isinstance(item, Edge)
            else (item,)
        )
        yield from (node for node in nodes if node is not None and _session_of(node) is session)


def _session_of(node: Node) -> Any:
    notes = notes_of(node)
    return None if notes is None else notes.owner
