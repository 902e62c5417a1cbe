"""Steps on edge entities: made, written again, edited, deleted, by every way there is."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from runic.ogm.query import select
from tests.oracle.graph import OVER_EDGES, SIDES, EdgeKey, Values
from tests.oracle.models import EDGES
from tests.oracle.node_steps import DATA
from tests.oracle.relation_steps import RelationSteps
from tests.oracle.values import EDGE_FIELDS, own, some_fields
from tests.oracle.walk import CLASSES, edge_key

RELATIONS = {
    "ROLE": ["roles", "crew"],
    "SHIFT": ["shifts"],
    "LIKES": ["likes", "liked_by"],
    "MENTORS": ["mentors"],
}


class EdgeSteps(RelationSteps):
    """What a session does to edges with properties."""

    @rule(
        data=DATA,
        name=st.sampled_from([*OVER_EDGES, "mentors"]),
        given=some_fields(EDGE_FIELDS),
        how=st.sampled_from(["list", "add", "relate", "relate_many"]),
    )
    def write_edge(self, data: Any, name: str, given: Values, how: str) -> None:
        """Write an edge, new or again, by a relation that holds it, by itself, or at once."""
        if name != "shifts" and not self.clean:
            self.write()  # of two new ones between the same nodes one is kept
        owner, other = self.pair(data, name)
        if owner is None or other is None or (how == "list" and name == "mentors"):
            return
        if how.startswith("relate") and not self.ends_written(owner, other):
            return
        side = SIDES[name]
        _, source, target = ends = self.wanted.ends(name, owner, other)
        tag = self.next_number() if name == "shifts" else 0
        tagged = {"tag": tag} if tag else {}
        self.tell(f"edge by {how}" + (", again" if (*ends, tag) in self.stored.edges else ""))
        cls = EDGES[side.type]
        if how == "list":
            far = "source" if side.direction == "IN" else "target"
            edge = cls(**tagged, **own(given), **{far: self.entity(other)})
            getattr(self.loaded(owner, name), name).append(edge)
        elif how == "add":
            edge = cls(
                **tagged, **own(given), source=self.entity(source), target=self.entity(target)
            )
            self.session.add(edge)
        else:
            row = (self.entity(owner), name, self.entity(other))
            edge = cls(**tagged, **own(given))
            if how == "relate":
                self.call(self.session.relate, *row, edge=edge)
            else:
                self.call(self.session.relate_many, [(*row, edge)])
        self.edge_written((*ends, tag), given, at_once=how.startswith("relate"))
        if not how.startswith("relate"):
            self.clean = False
        if name != "shifts":
            self.write()

    def edge_written(self, key: EdgeKey, given: Values, *, at_once: bool) -> None:
        """Note that an edge was written; what is there takes what is given, and counts."""
        if at_once:
            self.wrote()
        if key in self.stored.edges and key in self.wanted.edges:
            self.written(key, given)
            self.wanted.edges[key] = self.stored.edges[key]
            if key in self.base:
                self.base[key] = self.stored.edges[key]
            return
        self.wanted.edges[key] = self.new_edge(key[0], given)
        if at_once:
            self.stored.edges[key] = self.wanted.edges[key]

    def stored_edge(self, data: Any) -> tuple[EdgeKey, Any, Any, str] | None:
        """Return a stored edge: its key, its entity, its loaded owner and the relation there."""
        keys = sorted(
            key
            for key in self.stored.edges.keys() & self.wanted.edges.keys() - self.doomed_edges
            if self.doomed_nodes.isdisjoint(key[1:3]) and key[0] != "MENTORS"
        )
        if not keys:
            return None
        key = data.draw(st.sampled_from(keys))
        name = data.draw(st.sampled_from(RELATIONS[key[0]]))
        owner = self.loaded(key[2] if SIDES[name].direction == "IN" else key[1], name)
        found = [each for each in getattr(owner, name) if edge_key(each) == key]
        return key, found[-1], owner, name

    @rule(data=DATA, given=some_fields(EDGE_FIELDS, 1))
    def set_edge_fields(self, data: Any, given: Values) -> None:
        """Assign fields of an edge."""
        if (found := self.stored_edge(data)) is None:
            return
        self.tell("set edge fields")
        key, edge, _, _ = found
        for name, value in own(given).items():
            setattr(edge, name, value)
        self.put(self.wanted, key, given)
        self.clean = False

    @rule(data=DATA, text=st.sampled_from(["", "x", "Ünï"]))
    def change_edge_in_place(self, data: Any, text: str) -> None:
        """Change a list of an edge without assigning it."""
        if (found := self.stored_edge(data)) is None:
            return
        self.tell("change edge in place")
        key, edge, _, _ = found
        edge.marks.append(text)
        self.put(self.wanted, key, {"marks": list(edge.marks)})
        self.clean = False

    @rule(data=DATA, given=some_fields(EDGE_FIELDS, 1))
    def edit_edge_of_a_deleted_node(self, data: Any, given: Values) -> None:
        """Change an edge and delete a node at one of its ends, to be written together."""
        if (found := self.stored_edge(data)) is None:
            return
        key = data.draw(st.sampled_from(sorted(set(found[0][1:3]))))
        if self.touched(key):
            self.write()
            return
        self.tell("edit an edge of a deleted node")
        for name, value in own(given).items():
            setattr(found[1], name, value)
        self.put(self.wanted, found[0], given)
        self.session.delete(self.entity(key))
        self.doomed_nodes.add(key)
        self.clean = False

    @rule(data=DATA)
    def remove_new_edge(self, data: Any) -> None:
        """Take an edge out of its relation before it is written: it never is."""
        new = {
            edge.tag: (node, edge)
            for node in self.held_nodes()
            if node.id not in self.doomed_nodes
            for edge in vars(node).get("shifts", ())
            if edge_key(edge) in self.wanted.edges.keys() - self.stored.edges.keys()
        }
        if new:
            self.tell("edge gone before it is written")
            node, edge = new[data.draw(st.sampled_from(sorted(new)))]
            del self.wanted.edges[edge_key(edge)]
            node.shifts.remove(edge)

    @rule(data=DATA, how=st.sampled_from(["delete", "remove", "unrelate"]))
    def delete_edge(self, data: Any, how: str) -> None:
        """Delete one edge, or take it out of its relation, or all between its nodes at once."""
        if how == "unrelate":
            self.write()
        if (found := self.stored_edge(data)) is None:
            return
        self.tell(f"edge gone by {how}")
        key, edge, owner, name = found
        if how == "delete":
            self.session.delete(edge)
            self.doomed_edges.add(key)
        elif how == "remove":
            getattr(owner, name).remove(edge)
            self.wanted.edges.pop(key)
        else:
            other = edge.source if edge.target is owner else edge.target
            self.call(self.session.unrelate, owner, name, other)
            self.stored.part(name, owner.id, other.id)
            self.wanted.part(name, owner.id, other.id)
            self.wrote()
            return
        self.clean = False

    @rule(data=DATA)
    def take_back_an_edge(self, data: Any) -> None:
        """Add an edge that was to be deleted: it stays."""
        if self.doomed_edges:
            key = data.draw(st.sampled_from(sorted(self.doomed_edges)))
            (edge,) = [
                e for e in self.session.deleted if not hasattr(e, "id") and edge_key(e) == key
            ]
            self.tell("add edge again")
            self.session.add(edge)
            self.doomed_edges.discard(key)

    @rule(data=DATA)
    def refresh_edge(self, data: Any) -> None:
        """Read an edge again: its changes are dropped."""
        if (found := self.stored_edge(data)) is not None:
            self.tell("refresh edge")
            self.call(self.session.refresh, found[1])
            self.sync()
            self.reread(found[0])

    @rule(data=DATA)
    def expire_edge(self, data: Any) -> None:
        """Forget what an edge holds; the next query that meets it fills it."""
        if (found := self.stored_edge(data)) is None:
            return
        self.tell("expire edge")
        self.session.expire(found[1])
        cls = CLASSES["p"]
        relation = "roles" if found[0][0] == "ROLE" else "shifts"
        relation = "likes" if found[0][0] == "LIKES" else relation
        pattern = select(cls).traverse(getattr(cls, relation))
        self.call(self.session.all_with_edges, pattern)
        self.reread(found[0])
