"""Steps of the session: flush, commit, rollback, another session that interferes, a new session."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from runic.ogm.errors import StaleEntityError, UniqueViolationError
from runic.ogm.model import State, state_of
from tests.oracle.checks import Checks
from tests.oracle.edge_steps import EdgeSteps
from tests.oracle.graph import Values
from tests.oracle.models import GENERATED, NODES
from tests.oracle.node_steps import DATA
from tests.oracle.values import EDGE_FIELDS, own, some_fields
from tests.oracle.walk import CLASSES, edge_key


class SessionSteps(Checks, EdgeSteps):
    """What a session does as a whole."""

    @rule(how=st.sampled_from(["flush", "commit", "commit in batches"]))
    def commit(self, how: str) -> None:
        """Write everything, in one statement or in batches; another session reads the same."""
        self.tell(how)
        if how == "flush":
            self.write()
            return
        self.commit_all(**({} if how == "commit" else {"atomic": False, "batch_size": 2}))
        self.check_elsewhere()

    @precondition(lambda self: not self.clean)
    @rule()
    def rollback(self) -> None:
        """Drop what is not written."""
        self.tell("rollback")
        self.rolled_back()

    @rule(commit=st.booleans())
    def new_session(self, commit: bool) -> None:
        """Go on in another session, with or without what was not written."""
        self.tell("new session")
        if commit:
            self.commit_all()
        self.leave_all()
        self.call(self.session.close)
        if self.has("transactions") and self.writing:
            self.stored = self.committed.copy()
        self.writing, self.base, self.wanted = False, {}, self.stored.copy()
        self.doomed_nodes, self.doomed_edges, self.clean = set(), set(), True
        self.session = self.opened()
        assert self.session.driver.dialect.name == type(self).backend

    @rule(data=DATA)
    def interfere(self, data: Any) -> None:
        """Another session changes a node, which this one may hold and have changed."""
        keys = [key for key in self.stored.nodes if key in self.wanted.nodes]
        if self.busy() or (key := self.pick(data, keys)) is None:
            return
        self.sync()
        given = self.free_slug(self.given(data, self.stored.nodes[key].cls, least=1), key)
        self.tell("interfere: node")
        self.elsewhere(key, given)

    @rule(data=DATA, given=some_fields(EDGE_FIELDS, 1))
    def interfere_with_an_edge(self, data: Any, given: Values) -> None:
        """Another session changes an edge."""
        keys = [k for k in sorted(self.stored.edges) if k in self.wanted.edges and k[0] == "SHIFT"]
        if self.busy() or not keys:
            return
        self.sync()
        self.tell("interfere: edge")
        self.elsewhere(data.draw(st.sampled_from(keys)), given)

    def elsewhere(self, key: Any, given: Values) -> None:
        """Write fields in another session; what this one holds stays as it is."""
        other = self.opened()
        owner = self.call(
            other.get,
            CLASSES["p" if not isinstance(key, str) else key[0]],
            key if isinstance(key, str) else key[1],
        )
        if not isinstance(key, str):
            self.call(other.load, owner, "shifts")
            (owner,) = [each for each in owner.shifts if edge_key(each) == key]
        for name, value in own(given).items():
            setattr(owner, name, value)
        self.call(other.commit)
        self.call(other.close)
        before = self.values_of(self.stored, key) or {}
        differs = any(self.form(value) != self.form(before[name]) for name, value in given.items())
        if differs:
            self.written(key, given)
        if key not in self.base:
            self.put(self.wanted, key, self.values_of(self.stored, key) or {})
        self.committed = self.stored.copy()

    @rule(data=DATA, then=st.sampled_from(["set", "delete", "nothing"]))
    def vanished(self, data: Any, then: str) -> None:
        """Another session deletes what this one holds and then writes, or leaves alone."""
        self.commit_all()
        if (key := self.pick(data, list(self.stored.nodes))) is None:
            return
        self.tell(f"interfere: delete, then {then}")
        entity = self.entity(key)
        other = self.opened()
        other.delete(self.call(other.get, CLASSES[key[0]], key))
        self.call(other.commit)
        self.call(other.close)
        self.stored = self.stored.without({key}, set())
        self.committed = self.stored.copy()
        if then == "set":
            entity.rank = 1 if entity.rank != 1 else 2
        elif then == "delete":
            self.session.delete(entity)
        if then == "nothing":
            self.call(self.session.commit)
        else:
            with pytest.raises(StaleEntityError):
                self.call(self.session.commit)
            self.call(self.session.rollback)
        self.let_all_go()

    @rule(data=DATA)
    def key_taken(self, data: Any) -> None:
        """A new node with the key of a stored one is refused; all else of the commit, too."""
        self.commit_all()
        self.let_all_go()
        if (key := self.pick(data, self.stored.keys("f"))) is None:
            return
        self.tell("commit refused: UniqueViolationError (key)")
        twin = NODES["Firm"](id=key)
        self.session.add_all([NODES["Firm"](id="f0"), twin])
        with pytest.raises(UniqueViolationError):
            self.call(self.session.commit)
        self.session.expunge(twin)
        self.wanted.nodes["f0"] = self.new_row("Firm", {})
        self.commit_all()
        self.session.delete(self.entity("f0"))
        self.doomed_nodes.add("f0")
        self.commit_all()

    @rule(rank=st.integers(1, 3), keep=st.booleans())
    def generated_keys(self, rank: int, keep: bool) -> None:
        """Keys that are made or given are known when they are written, and lead back."""
        self.commit_all()
        self.tell("generated keys" if keep else "generated keys, rolled back")
        made = [cls(rank=rank) for cls in (*GENERATED, *GENERATED)]
        self.session.add_all(made)
        assert [each.id is None for each in made] == [
            type(each).__name__ == "Visit" for each in made
        ]
        self.call(self.session.flush)
        assert len({each.id for each in made} - {None}) == len(made)
        for each in made:
            assert self.call(self.session.get, type(each), each.id) is each
        if not keep and self.has("transactions"):
            self.call(self.session.rollback)
            assert {state_of(each) for each in made} == {State.TRANSIENT}
            assert [each.id for each in made[2::3]] == [None, None]
            return
        made[0].rank = made[2].rank = 9
        self.call(self.session.commit)
        self.found_by_key(made)
        for each in made:
            self.session.delete(each)
        self.call(self.session.commit)

    def found_by_key(self, made: list[Any]) -> None:
        """Another session finds by its key what was made, as it is now."""
        other = self.opened()
        for each in made:
            assert self.call(other.get, type(each), each.id).rank == each.rank
        self.call(other.close)
