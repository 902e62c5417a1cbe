"""What the random walk through relations stands on: a session, a graph, and two plain `World`s.

`wanted` is the graph as it has to be after the next flush, `stored` as it has to be now, and
`committed` as it has to be after a rollback, where there are transactions.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from runic.ogm.model import State, state_of
from runic.ogm.model.state import notes_of
from tests.behaviour.relation_world import SIDES, Firm, Person, World

CLASSES = {"p": Person, "f": Firm}
ONE = [name for name, side in SIDES.items() if not side.many]


class RelationWalk(RuleBasedStateMachine):
    """One session after another on one graph; what is under test fills in these five."""

    open_session: Callable[[Any], Any]
    wait: Callable[[Any], Any]
    new_graph: Callable[[], Any]
    # Returns the rows of a query, as the database holds them for the session.
    read: Callable[[Any, Any, str], list[Any]]
    end: Callable[[Any], None]
    transactional = False
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.graph = type(self).new_graph()
        self.session = type(self).open_session(self.graph)
        self.committed, self.stored, self.wanted = World(), World(), World()
        self.doomed_nodes: set[str] = set()
        self.doomed_tags: set[int] = set()
        self.clean = True
        self.count = 0

    def teardown(self) -> None:
        self.call(self.session.close)
        type(self).end(self.graph)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of either face to its end."""
        result = function(*args, **kwargs)
        return type(self).wait(result) if inspect.isawaitable(result) else result

    def entity(self, key: str) -> Any:
        """Return the session's object of an id, read when it has to be."""
        found = self.call(self.session.get, CLASSES[key[0]], key)
        assert found is not None, f"{key} is not in the database"
        return found

    def loaded(self, key: str, name: str) -> Any:
        """Return an entity with a relation loaded."""
        entity = self.entity(key)
        if name not in vars(entity) and state_of(entity) is not State.PENDING:
            self.call(self.session.load, entity, name)
        return entity

    def pick(self, data: Any, keys: list[str]) -> str | None:
        """Return one of these ids that nobody is deleting, or None."""
        there = sorted(set(keys) - self.doomed_nodes)
        key: str | None = data.draw(st.sampled_from(there)) if there else None
        return key

    def owner_and_other(self, data: Any, name: str) -> tuple[str | None, str | None]:
        """Return two ids for the ends of a relation."""
        side = SIDES[name]
        return tuple(  # type: ignore[return-value]
            self.pick(data, self.wanted.people() if kind == "p" else self.wanted.firms())
            for kind in (side.owner, side.other)
        )

    def next_number(self) -> int:
        """Return a number that no id and no tag has."""
        self.count += 1
        return self.count

    def write(self, how: Callable[..., Any], **options: Any) -> None:
        """Flush in some way: what is wanted is stored afterwards."""
        self.call(how, **options)
        self.settle()

    def commit_all(self, **options: Any) -> None:
        """Commit: a rollback does not go back beyond this."""
        self.write(self.session.commit, **options)
        self.committed = self.stored.copy()

    def rollback_all(self) -> None:
        """Roll back: what is not written is gone, and in a transaction what is not committed."""
        self.call(self.session.rollback)
        self.forget()

    def forget(self) -> None:
        """Note that everything that is not kept yet is gone."""
        if self.transactional:
            self.stored = self.committed.copy()
        self.wanted = self.stored.copy()
        self.doomed_nodes, self.doomed_tags, self.clean = set(), set(), True

    def settle(self) -> None:
        """Note that everything pending has been written."""
        self.wanted = self.wanted.without(self.doomed_nodes, self.doomed_tags)
        self.stored = self.wanted.copy()
        self.doomed_nodes, self.doomed_tags, self.clean = set(), set(), True

    def touched(self, key: str) -> bool:
        """Tell whether a node takes part in anything that is not written."""
        before, now = self.stored, self.wanted
        bare = (+before.bare - now.bare) + (+now.bare - before.bare)
        edges = set(before.edges.items()) ^ set(now.edges.items())
        return (
            key not in before.nodes
            or any(key in triple[1:] for triple in bare)
            or any(key in edge[1:3] for _, edge in edges)
            or any(key in edge[1:3] for t, edge in now.edges.items() if t in self.doomed_tags)
            or self.assigned_blindly()
        )

    def assigned_blindly(self) -> bool:
        """Tell whether a to-one relation was assigned without being loaded."""
        return any(
            name in vars(each) and name not in notes_of(each).relations
            for each in self.session_nodes()
            for name in ONE
            if name in type(each).__runic_relations__
        )

    def session_nodes(self) -> list[Any]:
        """Return the nodes that the session holds."""
        core = getattr(self.session, "_core", self.session)
        return list(core._unit.identity.nodes.values())
