"""Drive a session by random steps, with a plain `World` beside it that says what must come out.

`wanted` is the graph as it has to be after the next flush, `stored` as it has to be now. After each
step loaded relations are compared with `wanted`, after each write the database with `stored`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from runic.ogm.errors import EntityNotFoundError
from runic.ogm.model import Node
from runic.ogm.query import select
from tests.behaviour.relation_walk import CLASSES, ONE, RelationWalk
from tests.behaviour.relation_world import (
    INVERSES,
    SIDES,
    Role,
    Shift,
    stored_world,
)

EDGES: dict[str, Any] = {"roles": Role, "shifts": Shift, "crew": Role}
MANY = [name for name, side in SIDES.items() if side.many and not side.edge]
BARE = MANY + ONE
PARTS = ["staff", "friends", "follows", "followers"]
NAMES = st.sampled_from(["", "x", "Ünï"])
DATA = st.data()


class RelationMachine(RelationWalk):
    """The steps of the walk. Subclassed with what `RelationWalk` asks for."""

    # Nodes

    @rule(data=DATA, name=NAMES)
    def add_person(self, data: Any, name: str) -> None:
        """Add a person whose constructor is given some relations."""
        key = f"p{self.next_number()}"
        given: dict[str, Any] = {}
        self.wanted.nodes[key] = (name, ())
        for relation in ("employer", "leads", "friends", "follows", "followers", "visits"):
            side = SIDES[relation]
            keys = self.wanted.people() if side.other == "p" else self.wanted.firms()
            other = self.pick(data, [k for k in keys if k != key])
            if other is not None and data.draw(st.booleans()):
                given[relation] = [self.entity(other)] if side.many else self.entity(other)
                self.wanted.join(relation, key, other)
        firm = self.pick(data, self.wanted.firms())
        if firm is not None and data.draw(st.booleans()):
            tag = self.next_number()
            given["shifts"] = [Shift(tag=tag, title=name, target=self.entity(firm))]
            self.wanted.put_edge("SHIFT", tag, key, firm, name)
        self.session.add(CLASSES["p"](id=key, name=name, **given))
        self.clean = False

    @rule(data=DATA, name=NAMES)
    def add_firm(self, data: Any, name: str) -> None:
        """Add a firm, perhaps with staff and a boss."""
        key = f"f{self.next_number()}"
        given: dict[str, Any] = {}
        self.wanted.nodes[key] = (name, ())
        for relation in ("staff", "boss"):
            other = self.pick(data, self.wanted.people())
            if other is not None and data.draw(st.booleans()):
                person = self.entity(other)
                given[relation] = [person] if relation == "staff" else person
                self.wanted.join(relation, key, other)
        self.session.add(CLASSES["f"](id=key, name=name, **given))
        self.clean = False

    @rule(data=DATA, name=NAMES, tag=st.none() | NAMES)
    def edit_node(self, data: Any, name: str, tag: str | None) -> None:
        """Assign a field, or change a list in place."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        entity = self.entity(key)
        old_name, tags = self.wanted.nodes[key]
        if tag is None:
            entity.name = name
            self.wanted.nodes[key] = (name, tags)
        else:
            entity.tags.append(tag)
            self.wanted.nodes[key] = (old_name, (*tags, tag))
        self.clean = False

    @rule(data=DATA)
    def delete_node(self, data: Any) -> None:
        """Stage the deletion of a node, with all its relationships."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        if self.touched(key):
            self.write(self.session.flush)
        self.session.delete(self.entity(key))
        self.doomed_nodes.add(key)
        self.clean = False

    @rule(data=DATA)
    def take_back_a_deletion(self, data: Any) -> None:
        """Add what was to be deleted: it stays, with its relationships."""
        nodes = [each for each in self.session.deleted if isinstance(each, Node)]
        if nodes:
            entity = data.draw(st.sampled_from(sorted(nodes, key=lambda node: node.id)))
            self.session.add(entity)
            self.doomed_nodes.discard(entity.id)

    @rule(data=DATA)
    def refresh(self, data: Any) -> None:
        """Read an entity again, with the relations it has loaded; nothing waits to be written."""
        if not self.clean:
            self.write(self.session.flush)
        if (key := self.pick(data, list(self.wanted.nodes))) is not None:
            self.call(self.session.refresh, self.entity(key))

    @rule()
    def expunge(self) -> None:
        """Let everything go that was loaded, and meet it again."""
        if not self.clean:
            self.write(self.session.flush)
        self.session.expunge_all()

    # Relations of nodes

    @rule(data=DATA, name=st.sampled_from(ONE), clear=st.booleans())
    def assign_one(self, data: Any, name: str, clear: bool) -> None:
        """Assign a to-one relation, loaded or not."""
        owner, other = self.owner_and_other(data, name)
        if owner is None or (other is None and not clear):
            return
        entity = self.entity(owner)
        if data.draw(st.booleans()):
            self.loaded(owner, name)
        setattr(entity, name, None if clear or other is None else self.entity(other))
        for old in self.wanted.held(name, owner):
            self.wanted.part(name, owner, old)
        if not clear and other is not None:
            self.wanted.join(name, owner, other)
        self.clean = False

    @rule(
        data=DATA, name=st.sampled_from(MANY), how=st.sampled_from(["append", "insert", "extend"])
    )
    def append(self, data: Any, name: str, how: str) -> None:
        """Add to a to-many relation."""
        owner, other = self.owner_and_other(data, name)
        if owner is None or other is None:
            return
        self.settle_visits(name, owner, other)
        held, item = getattr(self.loaded(owner, name), name), self.entity(other)
        if how == "append":
            held.append(item)
        elif how == "insert":
            held.insert(0, item)
        else:
            held += [item]
        self.wanted.join(name, owner, other)
        self.clean = False

    @rule(data=DATA, name=st.sampled_from(MANY), how=st.sampled_from(["remove", "del", "assign"]))
    def remove(self, data: Any, name: str, how: str) -> None:
        """Take an entity out of a to-many relation, all of its relationships."""
        owner, _ = self.owner_and_other(data, name)
        if owner is None:
            return
        entity = self.loaded(owner, name)
        other = self.pick(data, self.wanted.held(name, owner))
        if other is None:
            return
        self.take_out(entity, name, self.entity(other), how)
        self.wanted.part(name, owner, other)
        self.clean = False

    def take_out(self, entity: Any, name: str, item: Any, how: str) -> None:
        held = getattr(entity, name)
        if how == "assign":
            setattr(entity, name, [one for one in held if one is not item])
        while how != "assign" and item in held:
            if how == "remove":
                held.remove(item)
            else:
                del held[held.index(item)]

    @rule(data=DATA, name=st.sampled_from(MANY))
    def replace(self, data: Any, name: str) -> None:
        """Assign a whole new list."""
        owner, first = self.owner_and_other(data, name)
        _, second = self.owner_and_other(data, name)
        if owner is None or first is None or second is None:
            return
        if name == "visits" and self.touched(owner):
            self.write(self.session.flush)
        entity = self.loaded(owner, name)
        chosen = list(dict.fromkeys((first, second)))
        if name == "visits":
            chosen = [one for one in chosen if one not in self.wanted.held(name, owner)]
        setattr(entity, name, [self.entity(one) for one in chosen])
        kept = self.doomed_nodes | set(chosen)
        for old in set(self.wanted.held(name, owner)) - kept:
            self.wanted.part(name, owner, old)
        for one in chosen:
            self.wanted.join(name, owner, one)
        self.clean = False

    def settle_visits(self, name: str, owner: str, other: str) -> None:
        """Write first where some of several relationships would have to be chosen."""
        triple = self.wanted.triple(name, owner, other)
        if name == "visits" and self.wanted.bare[triple] < self.stored.bare[triple]:
            self.write(self.session.flush)

    # At once

    @rule(data=DATA, name=st.sampled_from(BARE), by_name=st.booleans(), many=st.booleans())
    def relate(self, data: Any, name: str, by_name: bool, many: bool) -> None:
        """Relate two nodes at once."""
        owner, other = self.owner_and_other(data, name)
        if owner is None or other is None:
            return
        self.settle_visits(name, owner, other)
        source, target = self.entity(owner), self.entity(other)
        self.flushed_ends(owner, other)
        relation = name if by_name else getattr(type(source), name)
        if many:
            self.call(self.session.relate_many, [(source, relation, target)])
        else:
            self.call(self.session.relate, source, relation, target)
        for world in (self.stored, self.wanted):
            world.join(name, owner, other)

    @rule(data=DATA, name=st.sampled_from(BARE))
    def unrelate(self, data: Any, name: str) -> None:
        """Part two nodes at once; an error where the database has nothing between them."""
        owner, other = self.owner_and_other(data, name)
        if owner is None or other is None:
            return
        source, target = self.entity(owner), self.entity(other)
        self.flushed_ends(owner, other)
        if self.stored.bare[self.stored.triple(name, owner, other)]:
            self.call(self.session.unrelate, source, name, target)
            self.stored.part(name, owner, other)
            self.wanted.part(name, owner, other)
        else:
            with pytest.raises(EntityNotFoundError):
                self.call(self.session.unrelate, source, name, target)
            if self.transactional:
                self.rollback_all()

    def flushed_ends(self, *keys: str) -> None:
        """Note that `relate` writes everything when an end is new."""
        if any(key not in self.stored.nodes for key in keys):
            self.settle()

    # Edges

    @rule(
        data=DATA,
        name=st.sampled_from(["roles", "shifts", "crew"]),
        title=st.none() | NAMES,
        how=st.sampled_from(["list", "add", "relate", "relate_many"]),
    )
    def add_edge(self, data: Any, name: str, title: str | None, how: str) -> None:
        """Add an edge by a relation that holds it, by itself, or at once."""
        owner, other = self.owner_and_other(data, name)
        if owner is None or other is None:
            return
        if not self.clean and name != "shifts":
            self.write(self.session.flush)  # of two new ROLEs between the same nodes one is kept
        tag, kind = self.next_number(), EDGES[name]
        ends = (owner, other) if name != "crew" else (other, owner)
        source, target = (self.entity(end) for end in ends)
        edge = kind(tag=tag, title=title)
        if how == "list":
            far = "source" if name == "crew" else "target"
            edge = kind(tag=tag, title=title, **{far: self.entity(other)})
            getattr(self.loaded(owner, name), name).append(edge)
        elif how == "add":
            self.session.add(kind(tag=tag, title=title, source=source, target=target))
        elif how == "relate":
            self.call(self.session.relate, self.entity(owner), name, self.entity(other), edge=edge)
        else:
            row = (self.entity(owner), name, self.entity(other), edge)
            self.call(self.session.relate_many, [row])
        type_ = SIDES[name].type
        if how.startswith("relate"):
            self.flushed_ends(owner, other)
        self.wanted.put_edge(type_, tag, *ends, title)
        if how.startswith("relate"):
            self.stored.put_edge(type_, tag, *ends, title)
        else:
            self.clean = False

    def stored_edge(self, data: Any) -> tuple[int, Any, Any, str] | None:
        """Return a stored edge: its tag, its entity, its loaded owner and the relation there."""
        tags = sorted(
            tag
            for tag in self.stored.edges.keys() & self.wanted.edges.keys() - self.doomed_tags
            if self.doomed_nodes.isdisjoint(self.wanted.edges[tag][1:3])
        )
        if not tags:
            return None
        tag = data.draw(st.sampled_from(tags))
        kind, source, target, _ = self.wanted.edges[tag]
        names = ["shifts"] if kind == "SHIFT" else ["roles", "crew"]
        name = data.draw(st.sampled_from(names))
        owner = self.loaded(target if name == "crew" else source, name)
        (edge,) = [one for one in getattr(owner, name) if one.tag == tag]
        return tag, edge, owner, name

    @rule(data=DATA, title=st.none() | NAMES)
    def edit_edge(self, data: Any, title: str | None) -> None:
        """Change, or clear, a property of an edge."""
        if (found := self.stored_edge(data)) is None:
            return
        tag, edge, _, _ = found
        edge.title = title
        self.wanted.edges[tag] = (*self.wanted.edges[tag][:3], title)
        self.clean = False

    @rule(data=DATA, title=st.none() | NAMES)
    def edit_edge_of_a_deleted_node(self, data: Any, title: str | None) -> None:
        """Change an edge and delete a node at one of its ends, to be written together."""
        if (found := self.stored_edge(data)) is None:
            return
        tag, edge, _, _ = found
        key = data.draw(st.sampled_from(sorted(set(self.wanted.edges[tag][1:3]))))
        if self.touched(key):
            self.write(self.session.flush)
        edge.title = title
        self.wanted.edges[tag] = (*self.wanted.edges[tag][:3], title)
        self.session.delete(self.entity(key))
        self.doomed_nodes.add(key)
        self.clean = False

    @rule(data=DATA, how=st.sampled_from(["delete", "remove", "unrelate"]))
    def delete_edge(self, data: Any, how: str) -> None:
        """Delete one edge, or take it out of its relation, or all between its nodes at once."""
        if (found := self.stored_edge(data)) is None:
            return
        tag, edge, owner, name = found
        if how == "delete":
            self.session.delete(edge)
            self.doomed_tags.add(tag)
        elif how == "remove":
            getattr(owner, name).remove(edge)
            self.wanted.edges.pop(tag)
        else:
            self.unrelate_edges(owner, name, edge)
            return
        self.clean = False

    @rule(data=DATA)
    def remove_new_edge(self, data: Any) -> None:
        """Take an edge out of its relation before it is written."""
        new = {
            edge.tag: (node, edge)
            for node in self.session_nodes()
            if node.id not in self.doomed_nodes
            for edge in vars(node).get("shifts", ())
            if edge.tag not in self.stored.edges
        }
        if new:
            node, edge = new[data.draw(st.sampled_from(sorted(new)))]
            node.shifts.remove(edge)
            del self.wanted.edges[edge.tag]

    def unrelate_edges(self, owner: Any, name: str, edge: Any) -> None:
        other = edge.source if edge.target is owner else edge.target
        self.flushed_ends(owner.id, other.id)
        gone = self.stored.edges[edge.tag][:3]
        self.call(self.session.unrelate, owner, name, other)
        for tag in [t for t, e in self.stored.edges.items() if e[:3] == gone]:
            del self.stored.edges[tag]
            self.wanted.edges.pop(tag, None)
            self.doomed_tags.discard(tag)

    # The session

    @rule(how=st.sampled_from(["flush", "commit", "batches"]))
    def commit(self, how: str) -> None:
        """Write everything, in one statement or in batches."""
        if how == "flush":
            self.write(self.session.flush)
        elif how == "commit":
            self.commit_all()
        else:
            self.commit_all(atomic=False, batch_size=2)

    @rule()
    def rollback(self) -> None:
        """Drop what is not written."""
        self.rollback_all()

    @rule(commit=st.booleans())
    def new_session(self, commit: bool) -> None:
        """Go on in another session, with or without what was not written."""
        if commit:
            self.commit_all()
        else:
            self.forget()
        self.call(self.session.close)
        self.session = type(self).open_session(self.graph)

    @rule(names=st.lists(st.sampled_from(sorted(SIDES)), min_size=1, max_size=3, unique=True))
    def load(self, names: list[str]) -> None:
        """Load relations of everything there is, nested ones too."""
        for kind, cls in CLASSES.items():
            mine = [name for name in names if SIDES[name].owner == kind]
            paths = [
                f"{n}.{INVERSES.get(n, n)}" if n in (*INVERSES, "follows") else n for n in mine
            ]
            found = self.call(self.session.scalars, select(cls), fetch=mine)
            if paths:
                self.call(self.session.load, found, *paths)

    @rule(data=DATA, name=st.sampled_from(PARTS), text=NAMES, add=st.booleans())
    def change_a_part(self, data: Any, name: str, text: str, add: bool) -> None:
        """Load what a relation holds by a criterion and change that: all else stays."""
        if not self.clean:
            self.write(self.session.flush)
        self.session.expunge_all()
        owner, other = self.owner_and_other(data, name)
        if owner is None or other is None:
            return
        cls, target = CLASSES[SIDES[name].owner], CLASSES[SIDES[name].other]
        part = getattr(cls, name).where(target.name == text)
        held = getattr(self.call(self.session.get, cls, owner, fetch=[part]), name)
        wanted = self.wanted.held(name, owner)
        assert sorted(one.id for one in held) == [k for k in wanted if self.name_of(k) == text]
        if add:
            held.append(self.entity(other))
            self.wanted.join(name, owner, other)
        else:
            for one in list(held):
                held.remove(one)
                self.wanted.part(name, owner, one.id)
        self.write(self.session.flush)
        self.session.expunge_all()

    def name_of(self, key: str) -> str:
        return self.wanted.nodes[key][0]

    # What always holds

    @invariant()
    def memory_agrees(self) -> None:
        """Every loaded relation holds what is wanted; edges are compared once they are written."""
        type(self).steps += 1
        doomed = self.doomed_nodes
        for entity in self.session_nodes():
            if entity.id in doomed:
                continue
            for name in vars(entity).keys() & type(entity).__runic_relations__:
                value = vars(entity)[name]
                held = value if isinstance(value, list) else [] if value is None else [value]
                wanted = self.wanted.held(name, entity.id)
                if SIDES[name].edge:
                    if self.clean:
                        assert sorted(one.tag for one in held) == wanted, (entity.id, name)
                    continue
                now = sorted(one.id for one in held if one.id not in doomed)
                assert now == [one for one in wanted if one not in doomed], (entity.id, name)

    @invariant()
    def database_agrees(self) -> None:
        """The database holds what was written, and nothing else."""
        read = type(self).read
        assert stored_world(lambda text: read(self.session, self.graph, text)) == self.stored
