"""Steps on relations of nodes: assigned, edited in place, related and parted at once, loaded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from runic.ogm.errors import EntityNotFoundError
from runic.ogm.query import select
from tests.oracle.graph import MANY, ONE, SIDES
from tests.oracle.node_steps import DATA, NodeSteps
from tests.oracle.walk import CLASSES

INVERSES = {"staff": "employer", "employer": "staff", "boss": "leads", "leads": "boss"}


class RelationSteps(NodeSteps):
    """What a session does to relations that hold nodes."""

    @rule(data=DATA, name=st.sampled_from(ONE), clear=st.booleans())
    def assign_one(self, data: Any, name: str, clear: bool) -> None:
        """Assign a to-one relation, loaded or not."""
        owner, other = self.pair(data, name)
        if owner is None or (other is None and not clear):
            return
        self.tell("assign to one")
        entity = self.entity(owner)
        if data.draw(st.booleans()):
            self.loaded(owner, name)
        setattr(entity, name, None if clear or other is None else self.entity(other))
        for old in self.wanted.held(name, owner):
            self.wanted.part(name, owner, old)
        if not clear and other is not None:
            self.join(name, owner, other)
        self.clean = False

    @rule(
        data=DATA, name=st.sampled_from(MANY), how=st.sampled_from(["append", "insert", "extend"])
    )
    def put_in(self, data: Any, name: str, how: str) -> None:
        """Add to a to-many relation."""
        owner, other = self.pair(data, name)
        if owner is None or other is None or not self.settled(name, owner, other):
            return
        self.tell(f"{how} to many")
        held, item = getattr(self.loaded(owner, name), name), self.entity(other)
        if how == "append":
            held.append(item)
        elif how == "insert":
            held.insert(0, item)
        else:
            held += [item]
        self.join(name, owner, other)
        self.clean = False

    @rule(data=DATA, name=st.sampled_from(MANY), how=st.sampled_from(["remove", "del", "assign"]))
    def take_out(self, data: Any, name: str, how: str) -> None:
        """Take a node out of a to-many relation, all of its relationships."""
        owner, _ = self.pair(data, name)
        if owner is None:
            return
        entity = self.loaded(owner, name)
        if (other := self.pick(data, self.wanted.held(name, owner))) is None:
            return
        self.tell(f"{how} of many")
        held, item = getattr(entity, name), self.entity(other)
        if how == "assign":
            setattr(entity, name, [each for each in held if each is not item])
        while how != "assign" and any(each is item for each in held):
            if how == "remove":
                held.remove(item)
            else:
                del held[held.index(item)]
        self.wanted.part(name, owner, other)
        self.clean = False

    @rule(data=DATA, name=st.sampled_from(MANY))
    def replace(self, data: Any, name: str) -> None:
        """Assign a whole new list."""
        owner, first = self.pair(data, name)
        _, second = self.pair(data, name)
        if owner is None or first is None or second is None:
            return
        if name in ("visits", "mentors") and self.touched(owner):
            self.write()
            if not self.alive(owner, first, second):
                return
        self.tell("assign to many")
        entity = self.loaded(owner, name)
        chosen = list(dict.fromkeys((first, second)))
        if name == "visits":
            chosen = [each for each in chosen if each not in self.wanted.held(name, owner)]
        setattr(entity, name, [self.entity(each) for each in chosen])
        kept = self.doomed_nodes | set(chosen)
        for old in set(self.wanted.held(name, owner)) - kept:
            self.wanted.part(name, owner, old)
        for each in chosen:
            self.join(name, owner, each)
        self.clean = False

    def alive(self, *keys: str) -> bool:
        """Tell whether nodes are there and stay; a refused commit may have undone them."""
        return all(key in self.wanted.nodes and key not in self.doomed_nodes for key in keys)

    def settled(self, name: str, owner: str, other: str) -> bool:
        """Write first where some of several relationships would have to be chosen."""
        ends = self.wanted.ends(name, owner, other)
        if name == "visits" and self.wanted.bare[ends] < self.stored.bare[ends]:
            self.write()
        if name == "mentors" and ((*ends, 0) in self.stored.edges) > (
            (*ends, 0) in self.wanted.edges
        ):
            self.write()
        return self.alive(owner, other)

    @rule(
        data=DATA,
        name=st.sampled_from([*ONE, "staff", "friends", "follows", "followers"]),
        how=st.sampled_from(["refresh", "expire", "expunge new"]),
    )
    def change_and_take_back(self, data: Any, name: str, how: str) -> None:
        """A change of a relation that is dropped at one end is dropped at the other, too."""
        self.write()
        owner, other = self.pair(data, name)
        if owner is None or other is None or owner == other:
            return
        # Where both sides hold one entity, neither tells which was given the other.
        if how == "expunge new" and name in ("leads", "boss"):
            how = "refresh"
        self.tell(f"change a relation, then {how}")
        many, item = SIDES[name].many, self.entity(other)
        if how == "expunge new":
            new = CLASSES[owner[0]](id=f"{owner[0]}0", **{name: [item] if many else item})
            self.session.add(new)
            self.session.expunge(new)
            return
        entity = self.loaded(owner, name)
        if not many:
            setattr(entity, name, item)
        elif not self.stored.joined(name, owner, other):
            getattr(entity, name).append(item)
        if how == "refresh":
            self.call(self.session.refresh, entity)
        else:
            cls = CLASSES[owner[0]]
            self.session.expire(entity)
            self.call(self.session.one, select(cls).where(cls.id == owner))
        self.reread(owner)

    # At once

    @rule(data=DATA, name=st.sampled_from([*MANY, *ONE]), by_name=st.booleans(), many=st.booleans())
    def relate(self, data: Any, name: str, by_name: bool, many: bool) -> None:
        """Relate two nodes at once."""
        owner, other = self.pair(data, name)
        if owner is None or other is None or not self.settled(name, owner, other):
            return
        if not self.ends_written(owner, other):
            return
        self.tell("relate_many" if many else "relate")
        source, target = self.entity(owner), self.entity(other)
        relation = name if by_name else getattr(type(source), name)
        if many:
            self.call(self.session.relate_many, [(source, relation, target)])
        else:
            self.call(self.session.relate, source, relation, target)
        for graph in (self.stored, self.wanted):
            graph.join(name, owner, other, self.new_edge("MENTORS", {}))
        self.wrote()

    def ends_written(self, *keys: str) -> bool:
        """Write new ends, as `relate` does, unless what is to be written is refused."""
        if any(key not in self.stored.nodes for key in keys):
            self.write()
        return self.alive(*keys)

    @rule(data=DATA, name=st.sampled_from([*MANY, *ONE]))
    def unrelate(self, data: Any, name: str) -> None:
        """Part two nodes at once; an error where the database has nothing between them."""
        owner, other = self.pair(data, name)
        if owner is None or other is None or not self.ends_written(owner, other):
            return
        source, target = self.entity(owner), self.entity(other)
        if self.stored.joined(name, owner, other):
            self.tell("unrelate")
            self.call(self.session.unrelate, source, name, target)
            self.stored.part(name, owner, other)
            self.wanted.part(name, owner, other)
            self.wrote()
            return
        self.tell("unrelate refused")
        with pytest.raises(EntityNotFoundError):
            self.call(self.session.unrelate, source, name, target)
        if self.has("transactions") and self.writing:
            self.rolled_back()

    # Reading

    @rule(names=st.lists(st.sampled_from(sorted(SIDES)), min_size=1, max_size=3, unique=True))
    def load(self, names: list[str]) -> None:
        """Load relations of everything there is, nested ones too."""
        self.tell("load")
        for kind, cls in CLASSES.items():
            mine = [name for name in names if SIDES[name].owner == kind]
            paths = [
                f"{n}.{INVERSES.get(n, n)}" if n in (*INVERSES, "follows") else n for n in mine
            ]
            found = self.call(self.session.scalars, select(cls), fetch=mine)
            if paths:
                self.call(self.session.load, found, *paths)

    @rule(data=DATA, name=st.sampled_from(["staff", "friends", "follows", "followers"]))
    def change_a_part(self, data: Any, name: str) -> None:
        """Load what a relation holds by a criterion and change that: all else stays."""
        self.write()
        self.let_all_go()
        owner, other = self.pair(data, name)
        if owner is None or other is None:
            return
        self.tell("change a loaded part")
        cls, target = CLASSES[SIDES[name].owner], CLASSES[SIDES[name].other]
        part = getattr(cls, name).where(target.id == other)
        held = getattr(self.call(self.session.get, cls, owner, fetch=[part]), name)
        self.sync()
        assert [each.id for each in held] == (
            [other] if other in self.wanted.held(name, owner) else []
        )
        if held:
            held.clear()
            self.wanted.part(name, owner, other)
        else:
            held.append(self.entity(other))
            self.join(name, owner, other)
        self.write()
        self.let_all_go()
