"""Steps by statements that write to what they find: insert, update, delete, merge, connect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from runic.ogm.errors import StatementError
from runic.ogm.query import connect, delete, disconnect, insert, merge, update
from tests.oracle.graph import SIDES, Values
from tests.oracle.models import EDGES, NODES, Person
from tests.oracle.node_steps import DATA, PEOPLE
from tests.oracle.session_steps import SessionSteps
from tests.oracle.values import EDGE_FIELDS, own, some_fields
from tests.oracle.walk import CLASSES

CONNECTED = st.sampled_from(
    ["follows", "followers", "mentors", "roles", "employer", "leads", "staff", "boss"]
)


class StatementSteps(SessionSteps):
    """What `session.execute` does; nothing of it flushes."""

    def execute(self, statement: Any) -> Any:
        """Carry out a statement."""
        result = self.call(self.session.execute, statement)
        self.wrote()
        return result

    @rule(data=DATA, cls=PEOPLE)
    def insert(self, data: Any, cls: str) -> None:
        """Insert two rows."""
        self.tell("insert(…)")
        rows, given = [], self.free_slug(self.given(data, cls))
        for values in (given, {n: v for n, v in given.items() if n != "slug"}):
            key = f"p{self.next_number()}"
            rows.append({"id": key, **own(values)})
            self.stored.nodes[key] = self.wanted.nodes[key] = self.new_row(cls, values)
        assert self.execute(insert(NODES[cls]).values(rows)).affected == 2

    @rule(data=DATA, kind=st.sampled_from("pf"), returning=st.booleans())
    def update(self, data: Any, kind: str, returning: bool) -> None:
        """Update some nodes, whether or not the session holds them and has changed them."""
        keys = data.draw(
            st.lists(st.sampled_from(sorted(self.stored.keys(kind)) or ["none"]), max_size=2)
        )
        keys = [key for key in dict.fromkeys(keys) if key in self.stored.nodes]
        cls = CLASSES[kind]
        values = self.given(data, cls.__name__, least=1)
        values = {n: v for n, v in values.items() if n != "slug"}
        if not values:
            return
        self.tell("update(…)")
        self.sync()
        statement = update(cls).where(cls.id.in_(keys)).values(**own(values))
        if returning:
            statement = statement.returning(cls.id)
        assert self.execute(statement).affected == len(keys)
        for key in keys:
            self.statement_wrote(key, values)

    def statement_wrote(self, key: Any, values: Values) -> None:
        """Note that a statement wrote fields: what is held takes them but for its own changes."""
        mine = self.own_changes_or_none(key)
        self.written(key, values)
        stored = self.values_of(self.stored, key)
        assert stored is not None
        if self.values_of(self.wanted, key) is None:
            return
        if key not in self.base:
            self.put(self.wanted, key, stored)
            return
        names = [*values, *([v] if (v := self.version_of(key)) else [])]
        self.base[key] = {**self.base[key], **{name: stored[name] for name in names}}
        self.put(self.wanted, key, {n: stored[n] for n in names if n not in mine})

    @rule(data=DATA, named=st.booleans())
    def merge_rows(self, data: Any, named: bool) -> None:
        """Merge rows of one shape: stored nodes, a new one, twins."""
        keys = [key for key in self.stored.keys("p") if key in self.wanted.nodes]
        first = self.pick(data, keys) or f"p{self.next_number()}"
        second = first if data.draw(st.booleans()) else f"p{self.next_number()}"
        values = {n: v for n, v in self.given(data, "Person").items() if n != "slug"}
        self.tell("merge(…)")
        self.sync()
        rows = [{"id": key, **own(values)} for key in (first, second)]
        self.execute(merge(Person).values(rows))
        for key in dict.fromkeys((first, second)):
            if key in self.stored.nodes:
                self.statement_wrote(key, values)
            else:
                self.stored.nodes[key] = self.wanted.nodes[key] = self.new_row("Person", values)

    @rule(data=DATA)
    def delete(self, data: Any) -> None:
        """Delete by a criterion; entities of the session are deleted there, too."""
        self.write()
        if (key := self.pick(data, list(self.stored.nodes))) is None:
            return
        self.tell("delete(…)")
        cls = CLASSES[key[0]]
        assert self.execute(delete(cls).where(cls.id == key)).affected == 1
        self.stored = self.stored.without({key}, set())
        self.wanted = self.wanted.without({key}, set())

    # Relationships

    @rule(data=DATA, name=CONNECTED, given=some_fields(EDGE_FIELDS))
    def connect(self, data: Any, name: str, given: Values) -> None:
        """Relate what criteria find; edges that are there take the values."""
        self.write()
        owner, other = self.pair(data, name)
        if owner is None or other is None:
            return
        self.connected(name, owner, other, given)
        another = self.pick(data, self.wanted.keys(SIDES[name].other))
        if another is not None:  # which takes the place of the first where there is one
            self.connected(name, owner, another, given)

    def connected(self, name: str, owner: str, other: str, given: Values) -> None:
        """Relate two nodes by a statement, and note what becomes of the others."""
        self.tell("connect(…)")
        statement = self.between(connect(getattr(CLASSES[owner[0]], name)), name, owner, other)
        ends, side = self.stored.ends(name, owner, other), SIDES[name]
        values = given if side.type in EDGES else {}
        if values:
            statement = statement.values(**own(values))
        self.execute(statement)
        key = (*ends, 0)
        if side.type not in EDGES:
            for graph in (self.stored, self.wanted):
                graph.join(name, owner, other, {})
        elif key in self.stored.edges:
            self.statement_wrote(key, values)
        else:
            self.stored.edges[key] = self.wanted.edges[key] = self.new_edge(side.type, values)

    @rule(data=DATA, name=st.sampled_from(["employer", "leads"]))
    def connect_several(self, data: Any, name: str) -> None:
        """A relation to one entity that criteria give several is refused; nothing is related."""
        self.write()
        owner = self.pick(data, self.stored.keys("p"))
        if owner is None or len(self.stored.keys("f")) < 2:
            return
        self.tell("connect(…) refused")
        statement = connect(getattr(Person, name)).where(Person.id == owner, on="source")
        with pytest.raises(StatementError):
            self.call(self.session.execute, statement)

    def between(self, statement: Any, name: str, owner: str, other: str) -> Any:
        """Narrow a statement to two nodes; `followers` is asked from its owner as well."""
        source, target = CLASSES[owner[0]], CLASSES[other[0]]
        return statement.where(source.id == owner, on="source").where(
            target.id == other, on="target"
        )

    @rule(data=DATA, name=CONNECTED)
    def disconnect(self, data: Any, name: str) -> None:
        """Part what criteria find."""
        self.write()
        owner, other = self.pair(data, name)
        if owner is None or other is None:
            return
        self.tell("disconnect(…)")
        count = self.stored.joined(name, owner, other)
        statement = self.between(disconnect(getattr(CLASSES[owner[0]], name)), name, owner, other)
        assert self.execute(statement).affected == count
        for graph in (self.stored, self.wanted):
            graph.part(name, owner, other)

    @rule(type_=st.sampled_from(["SHIFT", "LIKES", "ROLE"]), given=some_fields(EDGE_FIELDS, 1))
    def update_edges(self, type_: str, given: Values) -> None:
        """Update every edge of a class."""
        self.tell("update(Edge)")
        self.sync()
        keys = [key for key in self.stored.edges if key[0] == type_]
        assert self.execute(update(EDGES[type_]).values(**own(given))).affected == len(keys)
        for key in keys:
            self.statement_wrote(key, given)

    @rule(data=DATA)
    def delete_edges(self, data: Any) -> None:
        """Delete the edges of a class between two nodes."""
        self.write()
        keys = sorted(key for key in self.stored.edges if key[0] == "SHIFT")
        if not keys:
            return
        self.tell("delete(Edge)")
        key = data.draw(st.sampled_from(keys))
        shift = EDGES["SHIFT"]
        assert self.execute(delete(shift).where(shift.tag == key[3])).affected == 1
        self.stored = self.stored.without(set(), {key})
        self.wanted = self.wanted.without(set(), {key})
