"""Load relations: one query per relation and level, however many entities ask.

A relation that is loaded or assigned already is left alone, so edits in memory stay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from runic.ogm.driver.base import EdgeRecord, Result
from runic.ogm.errors import HydrationError, LazyLoadError, StatementError
from runic.ogm.model.backref import hold
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import notes_of, values_of
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.relations import RelationLoad, load_relation
from runic.ogm.query.shapes import EntityColumns
from runic.ogm.session.hydrate import Hydrator

Run = Callable[[Query], Awaitable[Result]]

# A tree of relation names: {"articles": {"comments": {}}}.
Paths = dict[str, "Paths"]


def path_tree(paths: Any) -> Paths:
    """Return fetch paths as a tree; each is dotted text or a relation attribute.

    Raises:
        StatementError: A path is neither.
    """
    tree: Paths = {}
    for path in [paths] if isinstance(paths, str) or not isinstance(paths, Iterable) else paths:
        level = tree
        for name in _names(path):
            level = level.setdefault(name, {})
    return tree


def _names(path: Any) -> list[str]:
    text = path if isinstance(path, str) else getattr(path, "name", None)
    if not isinstance(text, str) or not all(text.split(".")):
        raise StatementError(
            f'{path!r} is no relation to fetch; write "articles", "articles.comments" or'
            " User.articles"
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
            StatementError: None of the entities has a relation of that name.
        """
        for name, below in tree.items():
            children: dict[int, Any] = {}
            for relation, owners in self._owners(entities, name):
                missing = [o for o in owners if again or relation.name not in values_of(o)]
                if missing:
                    await self._load_one(relation, missing)
                for owner in owners:
                    children.update((id(c), c) for c in _nodes_in(values_of(owner)[name], owner))
            if below and children:
                await self.load(list(children.values()), below, again=again)

    def _owners(self, entities: Sequence[Any], name: str) -> list[tuple[RelationInfo, list[Node]]]:
        groups: dict[int, tuple[RelationInfo, list[Node]]] = {}
        for entity in entities:
            relation = node_info(type(entity)).relations.get(name)
            if relation is not None:
                groups.setdefault(id(relation.options), (relation, []))[1].append(entity)
        if not groups and entities:
            cls = type(entities[0])
            known = ", ".join(node_info(cls).relations) or "none"
            raise StatementError(f"{cls.__name__} has no relation {name!r}; its relations: {known}")
        return list(groups.values())

    async def _load_one(self, relation: RelationInfo, owners: list[Node]) -> None:
        load = load_relation(relation, self._dialect)
        by_id = {_id_of(owner): owner for owner in owners}
        rows = load.rows((await self._run(load.query(by_id))).rows)
        found: dict[Any, list[Any]] = {node_id: [] for node_id in by_id}
        for row, other in zip(rows, self._targets(load, rows), strict=True):
            held = self._edge(load, row, by_id[row[0]], other) if relation.holds_edges else other
            found[row[0]].append(held)
        for owner in owners:
            _fill(owner, relation, found[_id_of(owner)])

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


def _fill(owner: Node, relation: RelationInfo, found: list[Any]) -> None:
    notes = notes_of(owner)
    assert notes is not None
    if relation.many:
        hold(owner, relation.name, found)
        notes.relations[relation.name] = tuple(found)
        return
    if len(found) > 1:
        raise HydrationError(
            f"{relation} holds one entity, and the database has {len(found)}: annotate it as a"
            " list, or delete the relationships that should not be there"
        )
    values_of(owner)[relation.name] = notes.relations[relation.name] = found[0] if found else None


def _nodes_in(value: Any, owner: Node) -> Iterable[Node]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Edge):
            yield from (end for end in ends_of(item) if end is not None and end is not owner)
        elif item is not None:
            yield item
