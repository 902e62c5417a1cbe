"""Carry out `merge`: the upsert of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runic.ogm.driver.base import NodeRecord
from runic.ogm.errors import EntityNotFoundError, SessionError
from runic.ogm.model.entity import Entity
from runic.ogm.model.given import given_fields
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import copied, kept_changes
from runic.ogm.model.state import State, notes_of, set_notes, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import MergeNodes
from runic.ogm.query.writes import compile_taken
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.persistence.merge_plan import plan_merge
from runic.ogm.session.persistence.plan_executor import PlanWriter
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe


class Merger:
    """Writes nodes of one session that may or may not be in the database."""

    def __init__(
        self, unit: UnitOfWork, hydrator: Hydrator, dialect: Dialect, channel: Channel
    ) -> None:
        self._unit = unit
        self._hydrator = hydrator
        self._dialect = dialect
        self._channel = channel
        self._writer = PlanWriter(channel, dialect)

    async def merge(self, nodes: Sequence[Any]) -> list[Any]:
        """Write nodes and return the session's objects for them, in the same order."""
        stored: dict[tuple[type[Any], Any], NodeRecord] = {}
        steps = plan_merge(nodes, self._dialect)
        for node in nodes:
            self._refuse_unwritten(node)
        await self._require_stored(steps)
        for step, answer in zip(steps, await self._writer.merge(steps), strict=True):
            root = node_info(type(step.subjects[0])).root
            stored.update({(root, key): record for key, record in answer})
        known = set(map(id, self._unit.identity.nodes.values()))
        taken = [self._taken(node, stored) for node in nodes]
        self._channel.note_born([entity for entity in taken if id(entity) not in known])
        return taken

    async def _require_stored(self, steps: Sequence[MergeNodes]) -> None:
        """Raise where a merge would create a node with a key that the database is to make."""
        for step in steps:
            info = node_info(type(step.subjects[0]))
            if not info.key.numbered:
                continue
            keys = [[row[0]] for row in step.rows]
            query = compile_taken("node", info.labels[0], [info.key.stored], keys, self._dialect)
            found = {row[0] for row in (await self._channel.run(query)).rows}
            for node, (key,) in zip(step.subjects, keys, strict=True):
                if key not in found:
                    raise EntityNotFoundError(
                        f"{describe(node)} is not in the database, which makes the keys of"
                        f" {info.name}: session.add(…) it without {info.key.name}; nothing was"
                        " written"
                    )

    def _refuse_unwritten(self, node: Node) -> None:
        held = self._unit.identity.nodes.get(self._unit.identity.key_of(node))  # type: ignore[arg-type]
        if held is not None and not isinstance(held, type(node)):
            raise SessionError(
                f"this session already holds {describe(held)}, which cannot become"
                f" {describe(node)}: merge a {type(held).__name__}, or delete that one and flush()"
                " first"
            )
        notes = notes_of(held) if held is not None else None
        if notes is None or (notes.status is State.PERSISTENT and not notes.deleting):
            return
        state = "is to be deleted" if notes.deleting else "is in this session and not written yet"
        raise SessionError(f"{describe(node)} {state}: flush() first, or change that object")

    def _taken(self, node: Node, stored: dict[tuple[type[Any], Any], NodeRecord]) -> Any:
        key = self._unit.identity.key_of(node)
        assert key is not None
        held = self._unit.identity.nodes.get(key)
        if held is not None:
            _give_way(held, node)
        entity = self._hydrator.from_node(type(node), stored[key], [])
        if held is None and notes_of(node) is None and type(entity) is type(node):
            return self._adopt(node, entity)
        return entity

    def _adopt(self, node: Node, read: Node) -> Node:
        """Let the caller's own object stand for what was read."""
        notes = notes_of(read)
        assert notes is not None
        values_of(node).update(values_of(read))
        for name in type(node).__runic_relations__:
            values_of(node).pop(name, None)
        # Relations are loaded for all of a batch, and `read` is out of it from now on.
        batch: list[Entity] = [node]
        notes.batch = batch
        set_notes(node, notes)
        set_notes(read, None)
        self._unit.identity.nodes[notes.key] = node
        return node


def _give_way(held: Node, merged: Node) -> None:
    """Let the held entity be filled anew; its changes stay, but for what the merge has written."""
    notes = notes_of(held)
    assert notes is not None
    info, values = node_info(type(held)), values_of(held)
    changed = kept_changes(info, values, notes.snapshot)
    for name in changed.keys() & given_fields(merged):
        values[name] = copied(info, name, notes.snapshot[name])
    notes.expired = True
