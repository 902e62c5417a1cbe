"""Steps that contradict themselves: the commit says so, writes nothing, and can be put right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from runic.ogm.errors import StatementError
from tests.oracle.block_steps import BlockSteps
from tests.oracle.graph import SIDES
from tests.oracle.models import NODES, Person
from tests.oracle.node_steps import DATA

LISTS = st.sampled_from(["staff", "friends", "follows", "followers", "visits", "mentors"])


class ContradictionSteps(BlockSteps):
    """What cannot be meant, by relations and deletions of one commit."""

    def refused_statement(self) -> None:
        """Commit what contradicts itself; memory and database stay as they are."""
        self.tell("commit refused: StatementError")
        with pytest.raises(StatementError):
            self.call(self.session.commit)
        self.check_stored()

    @rule(data=DATA, name=LISTS, delete_first=st.booleans())
    def give_what_is_deleted(self, data: Any, name: str, delete_first: bool) -> None:
        """A node that stays is given one that is deleted; either order."""
        self.write()
        owner, other = self.pair(data, name)
        if owner is None or other is None or owner == other:
            return
        if self.stored.joined(name, owner, other):
            return
        held, item = getattr(self.loaded(owner, name), name), self.entity(other)
        if delete_first:
            self.session.delete(item)
        held.append(item)
        if not delete_first:
            self.session.delete(item)
        self.refused_statement()
        self.rolled_back()

    @rule(data=DATA, name=st.sampled_from(["friends", "follows", "followers", "mentors"]))
    def expunge_what_was_given(self, data: Any, name: str) -> None:
        """A relation needs what it was given and the session let go; adding it again helps."""
        self.write()
        if (owner := self.pick(data, self.wanted.keys(SIDES[name].owner))) is None:
            return
        held, new = getattr(self.loaded(owner, name), name), Person(id=f"p{self.next_number()}")
        self.session.add(new)
        held.append(new)
        self.session.expunge(new)
        self.refused_statement()
        self.session.add(new)
        self.wanted.nodes[new.id] = self.new_row("Person", {})
        self.join(name, owner, new.id)
        self.clean = False

    @rule(data=DATA, name=st.sampled_from(["visits", "mentors"]))
    def delete_what_was_given_something(self, data: Any, name: str) -> None:
        """What a deleted node was given is stored, without the relationship.

        Only where one side declares it: else nobody knows which was given the other.
        """
        self.write()
        if (owner := self.pick(data, self.stored.keys(SIDES[name].owner))) is None:
            return
        entity = self.loaded(owner, name)
        self.call(self.session.refresh, entity)
        self.reread(owner)
        self.tell("delete what was given something")
        cls = "Firm" if name == "visits" else "Person"
        new = NODES[cls](id=f"{cls[0].lower()}{self.next_number()}")
        getattr(entity, name).append(new)
        self.session.delete(entity)
        self.call(self.session.flush)
        self.wanted.nodes[new.id] = self.new_row(cls, {})
        self.doomed_nodes.add(owner)
        self.settle()


class Machine(ContradictionSteps):
    """Everything that a session can do."""
