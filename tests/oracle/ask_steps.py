"""Steps that read in pages, by repositories and bound queries, in raw Cypher, and for reading."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from runic.ogm.errors import OgmError, SessionError
from runic.ogm.query import param, select
from tests.oracle.models import LABELS, NODES, Person
from tests.oracle.node_steps import DATA
from tests.oracle.read_steps import ReadSteps
from tests.oracle.walk import CLASSES

CLASS = st.sampled_from(sorted(NODES))


class AskSteps(ReadSteps):
    """The other ways to ask; what is pending is not found by them either."""

    # Pages

    @rule(
        cls=CLASS,
        by=st.sampled_from([None, "day", "at", "took"]),
        desc=st.booleans(),
        limit=st.integers(1, 3),
    )
    def page(self, cls: str, by: str | None, desc: bool, limit: int) -> None:
        """Pages, one after the other, have everything once, in order, missing values included."""
        self.tell("page")
        statement, after, found = select(NODES[cls]), None, []
        if by is not None:
            statement = statement.order_by(getattr(NODES[cls], by), desc=desc)
        while True:
            page = self.call(self.session.page, statement, limit=limit, after=after, fetch=[])
            found += [each.id for each in page.items]
            assert len(page.items) <= limit
            assert page.has_next == (page.next is not None)
            if (after := page.next) is None:
                break
        keys = self.of_class(cls)
        assert found == (keys if by is None else self.in_order(keys, by, desc=desc))

    def in_order(self, keys: list[str], by: str, *, desc: bool) -> list[str]:
        """Return keys, of which the order is their own, by a field; what is missing is greatest."""
        values = {key: self.stored.nodes[key].values[by] for key in keys}
        there = [key for key in keys if values[key] is not None]
        missing = [key for key in keys if values[key] is None]
        there.sort(key=lambda key: _comparable(values[key]), reverse=desc)
        return missing + there if desc else there + missing

    @rule(cls=CLASS, skip=st.integers(0, 2), limit=st.integers(1, 2))
    def part_with_total(self, cls: str, skip: int, limit: int) -> None:
        """A part of a statement comes with the number of all."""
        self.tell("scalars_with_total")
        kind, keys = NODES[cls], self.of_class(cls)
        part = select(kind).order_by(kind.id).skip(skip).limit(limit)
        found, total = self.call(self.session.scalars_with_total, part)
        assert ([each.id for each in found], total) == (keys[skip : skip + limit], len(keys))
        page = self.call(self.session.repository(kind).page, skip=skip, limit=limit)
        assert [each.id for each in page.items] == keys[skip : skip + limit]
        assert page.total == len(keys)
        assert page.has_next == (skip + limit < len(keys))

    # Repositories and bound queries

    @rule(data=DATA, cls=CLASS, rank=st.sampled_from([None, 0, 1]))
    def ask_a_repository(self, data: Any, cls: str, rank: int | None) -> None:
        """A repository finds by key, by criteria and by values, sorted and in parts."""
        self.tell("repository")
        kind, keys = NODES[cls], self.of_class(cls)
        users = self.session.repository(kind)
        ranked = [key for key in keys if self.stored.nodes[key].values["rank"] == rank]
        assert self.ids(users.find_all, order_by="-id", limit=2) == keys[::-1][:2]
        assert self.ids(users.find_by, order_by=kind.id, skip=1, rank=rank) == ranked[1:]
        assert self.ids(users.find_by, kind.rank == rank, order_by="id") == ranked
        assert self.call(users.count, rank=rank) == len(ranked)
        assert sorted(self.ids(users.query().all)) == keys
        assert not self.call(users.exists, "nobody")
        assert self.call(users.get, "nobody") is None
        if (key := self.pick(data, keys)) is not None:
            assert self.call(users.exists, key)
            assert self.call(users.get, key) is self.entity(key)
            text = type(self).worded("MATCH (n) WHERE n.id = $key RETURN n")
            assert self.call(users.cypher, text, {"key": key}) == [self.entity(key)]
            # Text that is not said to read only may have written.
            self.wrote()

    @rule(cls=CLASS, rank=st.sampled_from([None, 0, 1]))
    def ask_a_bound_query(self, cls: str, rank: int | None) -> None:
        """A query that is bound to the session has the session's endings."""
        self.tell("bound query")
        kind = NODES[cls]
        keys = [k for k in self.of_class(cls) if self.stored.nodes[k].values["rank"] == rank]
        query = self.session.query(kind).where(kind.rank == rank).order_by(kind.id)
        assert self.ids(query.all) == keys
        assert self.call(query.count) == len(keys)
        assert self.call(query.exists) == bool(keys)
        for ending in (query.first, query.scalar):
            assert getattr(self.call(ending), "id", None) == (keys[0] if keys else None)
        if len(keys) == 1:
            assert self.call(query.one).id == keys[0]
        assert sorted(each.id for each in self.all_of(query.stream(chunk_size=1))) == keys
        rows = self.call(query.project(kind.id.as_("id"), kind.rank.as_("rank")).rows)
        assert rows == [{"id": key, "rank": rank} for key in keys]
        assert self.call(query.explain)

    @rule()
    def ask_for_edges(self) -> None:
        """A traversal has a row for each relationship, with the edge as the session holds it."""
        self.tell("bound query, with edges")
        query = self.session.query(Person).alias("p").traverse(Person.shifts, edge_alias="e")
        query = query.alias("f").return_nodes("p", "f").return_edge("e")
        rows = self.call(query.with_edges)
        keys = sorted(key for key in self.stored.edges if key[0] == "SHIFT")
        assert sorted(edge.tag for *_, edge in rows) == sorted(key[3] for key in keys)

    def ids(self, method: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return the ids of what a method finds."""
        return [each.id for each in self.call(method, *args, **kwargs)]

    # Raw Cypher, values that are given later, plans

    @rule(data=DATA)
    def read_in_cypher(self, data: Any) -> None:
        """Raw Cypher and a statement with open values find the session's own objects."""
        if (key := self.pick(data, list(self.stored.nodes))) is None:
            return
        self.tell("execute, reading")
        cls, entity = CLASSES[key[0]], self.entity(key)
        text = type(self).worded("MATCH (n) WHERE n.id = $key RETURN n, n.id AS id")
        result = self.call(
            self.session.execute, text, {"key": key}, returns=[cls, None], read_only=True
        )
        assert [tuple(row) for row in result.rows] == [(entity, key)]
        statement = select(cls).where(cls.id == param("key"))
        assert self.call(self.session.execute, statement, {"key": key}).rows == [(entity,)]

    @rule(data=DATA, rank=st.integers(-1, 1))
    def write_in_cypher(self, data: Any, rank: int) -> None:
        """Raw Cypher writes at once; what the session holds does not hear of it."""
        if (key := self.pick(data, list(self.stored.nodes))) is None:
            return
        self.sync()
        self.tell("execute, writing")
        text = "MATCH (n) WHERE n.id = $key SET n.rank = $rank"
        self.call(self.session.execute, text, {"key": key, "rank": rank})
        self.wrote()
        self.put(self.stored, key, {"rank": rank})
        if key not in self.base and key in self.wanted.nodes:
            self.put(self.wanted, key, self.stored.nodes[key].values)

    @rule(cls=CLASS)
    def explain(self, cls: str) -> None:
        """A plan is text, and nothing is run for it."""
        if self.has("explain"):
            self.tell("explain")
            kind = NODES[cls]
            for what in (select(kind).where(kind.rank == 1), "MATCH (n) DETACH DELETE n"):
                plan = self.call(self.session.explain, what)
                assert plan.strip()

    @rule(data=DATA)
    def read_labels(self, data: Any) -> None:
        """The labels of a node are those of its class and those that were added."""
        keys = [key for key in self.stored.nodes if key in self.wanted.nodes]
        if (key := self.pick(data, keys)) is not None:
            self.tell("labels")
            row = self.stored.nodes[key]
            found = self.call(self.session.labels, self.entity(key))
            assert found == sorted(LABELS[row.cls] | row.labels)

    # A session for reading

    @rule(data=DATA, rank=st.integers(2, 4))
    def read_only(self, data: Any, rank: int) -> None:
        """A session for reading finds what is stored and refuses, in each way, to write."""
        keys = list(self.stored.nodes)
        if self.busy() or not keys:
            return
        self.tell("read-only session")
        key = data.draw(st.sampled_from(sorted(keys)))
        other = self.opened(read_only=True)
        entity = self.call(other.get, CLASSES[key[0]], key)
        self.compare(entity, self.stored.nodes[key].values, key)
        entity.rank = rank if entity.rank != rank else 1
        for write in (other.flush, other.commit):
            with pytest.raises(SessionError):
                self.call(write)
        self.call(other.rollback)
        with pytest.raises(OgmError):
            self.call(other.execute, "MATCH (n) SET n.rank = 9")
        self.call(other.close)


def _comparable(value: Any) -> Any:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value
