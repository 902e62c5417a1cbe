"""Steps that read: every method that asks; what is pending is not found."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from runic.ogm.errors import EntityNotFoundError, MultipleResultsError
from runic.ogm.query import select
from tests.oracle.models import EDGES, NODES, Person
from tests.oracle.node_steps import DATA, PEOPLE
from tests.oracle.statement_steps import StatementSteps


class ReadSteps(StatementSteps):
    """What a session answers; nothing that is pending is found."""

    @initialize(
        people=st.lists(PEOPLE, min_size=2, max_size=3),
        firms=st.integers(1, 2),
        edges=st.lists(st.sampled_from(sorted(EDGES)), max_size=5),
        related=st.lists(st.sampled_from(["follows", "friends", "employer", "visits"]), max_size=3),
    )
    def something_is_there(
        self, people: list[str], firms: int, edges: list[str], related: list[str]
    ) -> None:
        """Begin with some nodes, relationships and edges that are stored and held."""
        for cls in [*people, *["Firm"] * firms]:
            key = f"{'f' if cls == 'Firm' else 'p'}{self.next_number()}"
            self.session.add(NODES[cls](id=key))
            self.wanted.nodes[key] = self.new_row(cls, {})
        self.commit_all()
        first, second, firm = "p1", "p2", self.wanted.keys("f")[0]
        for type_ in dict.fromkeys([*edges, *["SHIFT"] * edges.count("SHIFT")]):
            target = firm if type_ in ("ROLE", "SHIFT") else second
            tag = {"tag": self.next_number()} if type_ == "SHIFT" else {}
            ends = {"source": self.entity(first), "target": self.entity(target)}
            self.session.add(EDGES[type_](**tag, **ends))
            key_of = (type_, first, target, tag.get("tag", 0))
            self.wanted.edges[key_of] = self.new_edge(type_, {})
        for name in dict.fromkeys(related):
            other = firm if name in ("employer", "visits") else second
            self.call(self.session.load, self.entity(first), name)
            if name == "employer":
                self.entity(first).employer = self.entity(other)
            else:
                getattr(self.entity(first), name).append(self.entity(other))
            self.join(name, first, other)
        self.commit_all()

    @rule(cls=st.sampled_from(sorted(NODES)))
    def ask(self, cls: str) -> None:
        """Ask for a class, in every way there is."""
        self.tell("count, exists, rows, first, one, scalar")
        kind, keys = NODES[cls], self.of_class(cls)
        ordered = select(kind).order_by(kind.id)
        assert self.call(self.session.count, ordered) == len(keys)
        assert self.call(self.session.exists, ordered) == bool(keys)
        rows = self.call(self.session.all_rows, ordered.project(kind.id.as_("id")))
        assert [row["id"] for row in rows] == keys
        for method in (self.session.first, self.session.scalar):
            found = self.call(method, ordered)
            assert (found and found.id) == (keys[0] if keys else None)
        if len(keys) == 1:
            assert self.call(self.session.one, ordered).id == keys[0]
        else:
            with pytest.raises(MultipleResultsError if keys else EntityNotFoundError):
                self.call(self.session.one, ordered)

    @rule(cls=st.sampled_from(sorted(NODES)))
    def ask_by_others(self, cls: str) -> None:
        """Ask by a bound query, a repository, a stream, and rows with edges."""
        self.tell("query, repository, stream, all_with_edges")
        kind, keys = NODES[cls], self.of_class(cls)
        found = self.call(self.session.query(kind).all)
        assert sorted(each.id for each in found) == keys
        assert self.call(self.session.repository(kind).count) == len(keys)
        assert sorted(each.id for each in self.streamed(select(kind))) == keys
        # Both ends, since an edge that lacks one is not compared.
        pattern = select(Person).alias("one").traverse(Person.likes, edge_alias="likes")
        pattern = pattern.alias("other").return_nodes("one", "other").return_edge("likes")
        likes = self.call(self.session.all_with_edges, pattern)
        assert len(likes) == sum(key[0] == "LIKES" for key in self.stored.edges)

    def streamed(self, statement: Any) -> list[Any]:
        """Return what a stream yields, on either face."""
        return self.all_of(self.session.stream(statement, chunk_size=2))

    def all_of(self, stream: Any) -> list[Any]:
        """Return everything that an iterator of either face yields."""
        if not inspect.isasyncgen(stream):
            return list(stream)

        async def all_of_it() -> list[Any]:
            return [each async for each in stream]

        found: list[Any] = self.call(all_of_it)
        return found

    def of_class(self, cls: str) -> list[str]:
        """Return the keys of a class and its subclasses, sorted."""
        rows = self.stored.nodes.items()
        return sorted(key for key, row in rows if issubclass(NODES[row.cls], NODES[cls]))

    @rule(data=DATA, value=st.sampled_from([None, 0, 1]))
    def find_by_value(self, data: Any, value: int | None) -> None:
        """A criterion finds what is stored, indexed or not."""
        self.tell("where")
        for name in ("num", "rank", "code", "text"):
            values = [r.values[name] for k, r in sorted(self.stored.nodes.items()) if k[0] == "p"]
            if not values:
                return
            wanted = data.draw(st.sampled_from(values))
            found = self.call(
                self.session.count, select(Person).where(getattr(Person, name) == wanted)
            )
            assert found == sum(self.form(each) == self.form(wanted) for each in values), name
