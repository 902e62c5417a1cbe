"""What must hold after each step: the stored graph, memory, and what the session calls dirty."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis.stateful import invariant

from runic.ogm.model import State, state_of
from runic.ogm.query import select
from tests.oracle.graph import SIDES, Values
from tests.oracle.models import EDGES, LABELS, PROPERTIES, Firm, Person
from tests.oracle.values import KINDS, PLAIN
from tests.oracle.walk import Walk, edge_key


class Checks(Walk):
    """Compares the database, by raw queries, and the session with the plain graph."""

    @invariant()
    def agrees(self) -> None:
        """Whatever was done, database and memory are as the plain graph says."""
        self.check_all()

    def check_all(self) -> None:
        self.sync()
        self.check_stored()
        self.check_values()
        self.check_relations()
        self.check_dirty()
        self.check_staged()

    # The database

    def check_stored(self) -> None:
        """The database holds what was written, and nothing else."""
        nodes = type(self).read(self.session, "MATCH (n) RETURN labels(n), properties(n)")
        found = {}
        for labels, properties in nodes:
            key = properties.pop("id")
            assert key not in found, f"{key} is stored twice"
            found[key] = (set(labels), self.read_back(properties))
        wanted = {
            key: (LABELS[row.cls] | row.labels, self.formed(row.values))
            for key, row in self.stored.nodes.items()
        }
        assert found == wanted, difference(found, wanted)
        self.check_stored_edges()

    def check_stored_edges(self) -> None:
        text = "MATCH (s)-[e]->(t) RETURN type(e), s.id, t.id, properties(e), id(e)"
        bare: Counter[Any] = Counter()
        edges = {}
        for type_, source, target, properties, _ in type(self).read(self.session, text):
            if type_ in EDGES:
                key = (type_, source, target, properties.pop("tag", 0))
                assert key not in edges, f"{key} is stored twice"
                edges[key] = self.read_back(properties)
            else:
                assert not properties, (type_, source, target, properties)
                ends = sorted((source, target)) if type_ == "KNOWS" else (source, target)
                bare[type_, ends[0], ends[1]] += 1
        assert bare == +self.stored.bare, difference(bare, +self.stored.bare)
        wanted = {key: self.formed(values) for key, values in self.stored.edges.items()}
        assert edges == wanted, difference(edges, wanted)

    def read_back(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Return the fields that properties stand for, in comparable form."""
        named = {PROPERTIES.get(name, name): raw for name, raw in properties.items()}
        if type(self).backend != "falkordb":
            named.pop("_labels", None)
            return {n: self.form(raw) if n in PLAIN else "stored" for n, raw in named.items()}
        return {
            name: self.form(KINDS[name].read(raw) if name in KINDS else raw)
            for name, raw in named.items()
        }

    def formed(self, values: Values) -> dict[str, Any]:
        """Return fields in comparable form; None is stored as no property."""
        everything = type(self).backend == "falkordb"
        return {
            name: self.form(value) if everything or name in PLAIN else "stored"
            for name, value in values.items()
            if value is not None
        }

    # Memory

    def check_values(self) -> None:
        """Every field of what the session holds is as it was set, read or written."""
        for entity in self.filled(self.held_nodes()):
            if entity.id in self.wanted.nodes and entity.id not in self.doomed_nodes:
                row = self.wanted.nodes[entity.id]
                assert type(entity).__name__ == row.cls
                self.compare(entity, row.values, entity.id)
        for edge in self.filled(self.held_edges()):
            key = edge_key(edge)
            if key in self.wanted.edges and not self.dying(key):
                self.compare(edge, self.wanted.edges[key], key)

    def compare(self, entity: Any, values: Values, key: Any) -> None:
        now = {name: self.form(getattr(entity, name)) for name in values}
        wanted = {name: self.form(value) for name, value in values.items()}
        assert now == wanted, f"in memory {key}: {difference(now, wanted)}"

    def dying(self, key: Any) -> bool:
        """Tell whether an edge or an end of it is about to be deleted."""
        return key in self.doomed_edges or not self.doomed_nodes.isdisjoint(key[1:3])

    def check_relations(self) -> None:
        """Every loaded relation holds what is wanted; edges are compared once they are written."""
        for entity in self.held_nodes():
            if entity.id in self.doomed_nodes:
                continue
            for name in vars(entity).keys() & type(entity).__runic_relations__:
                value = vars(entity)[name]
                held = value if isinstance(value, list) else [] if value is None else [value]
                wanted = self.wanted.held(name, entity.id)
                if SIDES[name].holds == "edges":
                    if self.clean:
                        now = sorted(edge_key(each) for each in held)
                        assert now == wanted, f"{entity.id}.{name}: {now} for {wanted}"
                    continue
                now = sorted(each.id for each in held if each.id not in self.doomed_nodes)
                wanted = [each for each in wanted if each not in self.doomed_nodes]
                assert now == wanted, f"{entity.id}.{name}: {now} for {wanted}"

    def check_dirty(self) -> None:
        """`session.dirty` has what differs from what was read, and nothing else."""
        dirty = {each.id if hasattr(each, "id") else edge_key(each) for each in self.session.dirty}
        wanted = {key for key in self.base if self.own_changes(key)}
        leaving = self.doomed_nodes | self.doomed_edges
        leaving |= {key for key in wanted | dirty if not isinstance(key, str) and self.dying(key)}
        leaving |= {key for key in wanted if self.values_of(self.wanted, key) is None}
        leaving |= {key for key in dirty if self.values_of(self.wanted, key) is None}
        assert dirty - leaving == wanted - leaving, difference(dirty, wanted)

    def check_staged(self) -> None:
        """`session.new` has the nodes that are not stored, `deleted` what is to be deleted."""
        new = {each.id for each in self.session.new if hasattr(each, "id")}
        assert new == self.wanted.nodes.keys() - self.stored.nodes.keys(), new
        deleted = {e.id if hasattr(e, "id") else edge_key(e) for e in self.session.deleted}
        assert deleted == self.doomed_nodes | self.doomed_edges, deleted

    # Another session

    def check_elsewhere(self) -> None:
        """After a commit another session reads the same, and nothing is dirty."""
        left = [*self.session.dirty, *self.session.new, *self.session.deleted]
        assert not left, left
        other = self.opened()
        edges = ["roles", "shifts", "likes"]
        found = [
            *self.call(other.scalars, select(Person), fetch=edges),
            *self.call(other.scalars, select(Firm)),
        ]
        assert sorted(each.id for each in found) == sorted(self.stored.nodes)
        for entity in found:
            self.compare(entity, self.stored.nodes[entity.id].values, entity.id)
            for name in edges if entity.id[0] == "p" else ():
                for edge in getattr(entity, name):
                    self.compare(edge, self.stored.edges[edge_key(edge)], edge_key(edge))
        self.call(other.close)
        assert state_of(found[0]) is State.DETACHED if found else True


def difference(found: Any, wanted: Any) -> str:
    """Return what differs, for a person to read."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = [k for k in {**found, **wanted} if found.get(k, "-") != wanted.get(k, "-")]
        return "; ".join(
            f"{key}: {difference(found.get(key, 'nothing'), wanted.get(key, 'nothing'))}"
            for key in keys
        )
    both = isinstance(found, tuple) and isinstance(wanted, tuple)
    if both and isinstance(found[-1], dict) and found[:-1] == wanted[:-1]:
        return difference(found[-1], wanted[-1])
    return f"is {found!r}, must be {wanted!r}"
