"""Entities through a session: stored whole or not at all, changed, related, deleted."""

from __future__ import annotations

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.errors import (
    SessionError,
    StaleEntityError,
    TransientError,
    UniqueViolationError,
)
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.models import Account, Book, Counter, Person, Wrote
from runic.ogm.testing.suite.requirement import (
    defined,
    done,
    opened,
    requirement,
    rows,
    stored,
)


async def _people(driver: Driver) -> list[list[object]]:
    text = "MATCH (n:SuitePerson) RETURN n.id AS id, n.name AS name ORDER BY id"
    return [list(row) for row in await rows(driver, text)]


async def _links(driver: Driver) -> list[list[object]]:
    text = (
        "MATCH (a:SuitePerson)-[e:SUITE_WROTE]->(b:SuiteBook)"
        " RETURN a.id AS a, b.id AS b, e.year AS year ORDER BY a, b"
    )
    return [list(row) for row in await rows(driver, text)]


def _renamed(key: str, name: str) -> Query:
    text = "MATCH (n:SuitePerson {id: $key}) SET n.name = $name"
    return Query(text, {"key": key, "name": name})


def _removed(key: str) -> Query:
    return Query("MATCH (n:SuitePerson {id: $key}) DETACH DELETE n", {"key": key})


class EntityRequirements:
    """What sessions promise of the entities that they store."""

    @requirement()
    async def test_a_commit_stores_entities(self, driver: Driver) -> None:
        """Another session gets what was added, as it was."""
        await stored(driver, Person(id="ada", name="Ada", age=36, tags=["a", "b"]))
        async with opened(driver) as session:
            found = await done(session.get(Person, "ada"))
            assert (found.name, found.age, found.tags) == ("Ada", 36, ["a", "b"])
            assert await done(session.get(Person, "nobody")) is None

    @requirement()
    async def test_many_entities_are_stored(self, driver: Driver) -> None:
        """Two thousand, with an edge each, in one commit."""
        people = [Person(id=f"p{n}", age=n, books=[Book(id=f"b{n}")]) for n in range(2000)]
        await stored(driver, *people)
        text = "MATCH (a:SuitePerson)-[:SUITE_WROTE]->(b:SuiteBook) RETURN count(b) AS n"
        assert await rows(driver, text) == [[2000]]

    @requirement("constraints")
    async def test_a_failed_commit_stores_nothing(self, driver: Driver) -> None:
        """A value that is taken stops the whole of it, and the session can be used again."""
        async with defined(driver, Person), opened(driver) as session:
            await stored(driver, Person(id="old", email="x@x.org"))
            session.add_all([Book(id="b"), Person(id="ok"), Person(id="new", email="x@x.org")])
            with pytest.raises(UniqueViolationError):
                await done(session.commit())
            assert await _people(driver) == [["old", ""]]
            assert await rows(driver, "MATCH (n:SuiteBook) RETURN n.id AS id") == []
            await done(session.rollback())
            session.add(Person(id="ok"))
            await done(session.commit())
        assert await _people(driver) == [["ok", ""], ["old", ""]]

    @requirement()
    async def test_a_rollback_forgets_what_was_added(self, driver: Driver) -> None:
        """Nothing is written after it."""
        async with opened(driver) as session:
            session.add(Person(id="ada"))
            await done(session.rollback())
            await done(session.commit())
        assert await _people(driver) == []

    @requirement("transactions")
    async def test_a_rollback_undoes_what_was_flushed(self, driver: Driver) -> None:
        """Additions, changes and deletions of a transaction are undone together."""
        await stored(driver, Person(id="ada", name="Ada"), Person(id="bob"))
        async with opened(driver) as session:
            ada, bob = [await done(session.get(Person, key)) for key in ("ada", "bob")]
            ada.name = "Augusta"
            session.delete(bob)
            session.add(Person(id="new"))
            await done(session.flush())
            await done(session.rollback())
            assert ada.name == "Ada"
        assert await _people(driver) == [["ada", "Ada"], ["bob", ""]]

    @requirement()
    async def test_changes_are_written(self, driver: Driver) -> None:
        """A changed field is stored, None removes its property, others stay as they are."""
        await stored(driver, Person(id="ada", name="Ada", age=36, email="a@x.org"))
        async with opened(driver) as session:
            ada = await done(session.get(Person, "ada"))
            # Somebody else's change of another field must survive.
            await driver.run(_renamed("ada", "Augusta"))
            ada.age, ada.tags = None, ["new"]
            await done(session.commit())
        text = "MATCH (n:SuitePerson) RETURN n.name AS n, n.age AS a, n.tags AS t, n.email AS e"
        assert await rows(driver, text) == [["Augusta", None, ["new"], "a@x.org"]]

    @requirement()
    async def test_deleted_entities_are_gone(self, driver: Driver) -> None:
        """A node goes with its edges; what it was related to stays."""
        await stored(driver, Person(id="ada", books=[Book(id="b")]))
        async with opened(driver) as session:
            session.delete(await done(session.get(Person, "ada")))
            await done(session.commit())
        assert await _people(driver) == []
        assert await rows(driver, "MATCH (n:SuiteBook) RETURN n.id AS id") == [["b"]]

    @requirement()
    async def test_what_vanished_is_stale(self, driver: Driver) -> None:
        """Changing an entity that somebody else deleted raises; nothing is written."""
        await stored(driver, Person(id="ada"), Person(id="bob"))
        async with opened(driver) as session:
            ada, bob = [await done(session.get(Person, key)) for key in ("ada", "bob")]
            await driver.run(_removed("ada"))
            ada.name = bob.name = "changed"
            with pytest.raises(StaleEntityError):
                await done(session.commit())
        assert await _people(driver) == [["bob", ""]]

    @requirement()
    async def test_the_second_of_two_versions_is_stale(self, driver: Driver) -> None:
        """Optimistic locking: of two changes to one version, the later is refused."""
        await stored(driver, Account(id="a", balance=1))
        async with opened(driver) as one, opened(driver) as other:
            first, second = [await done(s.get(Account, "a")) for s in (one, other)]
            first.balance, second.balance = 2, 3
            await done(one.commit())
            with pytest.raises(StaleEntityError):
                await done(other.commit())
        text = "MATCH (n:SuiteAccount) RETURN n.balance AS b, n.revision AS r"
        assert await rows(driver, text) == [[2, 1]]

    @requirement()
    async def test_merging_writes_over_or_creates(self, driver: Driver) -> None:
        """`merge` leaves one node for each key."""
        await stored(driver, Person(id="ada", name="Ada", age=1))
        async with opened(driver) as session:
            people = [Person(id="ada", name="Augusta", age=1), Person(id="bob")]
            await done(session.merge(people))
            await done(session.commit())
        assert await _people(driver) == [["ada", "Augusta"], ["bob", ""]]

    @requirement()
    async def test_the_database_gives_keys(self, driver: Driver) -> None:
        """A generated int key is read back, different for each node, and finds it."""
        async with opened(driver) as session:
            counters = [Counter(), Counter()]
            session.add_all(counters)
            await done(session.commit())
        keys = {counter.id for counter in counters}
        assert len(keys) == 2
        async with opened(driver) as session:
            for key in keys:
                assert (await done(session.get(Counter, key))).id == key

    @requirement()
    async def test_relations_are_loaded(self, driver: Driver) -> None:
        """`fetch=` brings the entities at the other end, of a relation in both directions too."""
        bob = Person(id="bob")
        await stored(driver, Person(id="ada", books=[Book(id="b1"), Book(id="b2")], friends=[bob]))
        async with opened(driver) as session:
            ada = await done(session.get(Person, "ada", fetch=["books", "friends"]))
            assert sorted(book.id for book in ada.books) == ["b1", "b2"]
            assert [friend.id for friend in ada.friends] == ["bob"]
            found = await done(session.get(Person, "bob", fetch=["friends"]))
            assert found.friends == [ada]

    @requirement()
    async def test_changed_relations_are_written(self, driver: Driver) -> None:
        """What is appended is linked, what is removed is unlinked."""
        await stored(driver, Person(id="ada", books=[Book(id="b1")]), Book(id="b2"))
        async with opened(driver) as session:
            ada = await done(session.get(Person, "ada", fetch=["books"]))
            ada.books = [await done(session.get(Book, "b2"))]
            await done(session.commit())
        assert await _links(driver) == [["ada", "b2", None]]

    @requirement()
    async def test_edges_keep_properties(self, driver: Driver) -> None:
        """An edge entity is stored with its properties, changed, and deleted alone."""
        ada, book = Person(id="ada"), Book(id="b")
        async with opened(driver) as session:
            session.add(edge := Wrote(source=ada, target=book, year=1843))
            await done(session.commit())
            assert await _links(driver) == [["ada", "b", 1843]]
            edge.year = 1844
            await done(session.commit())
            assert await _links(driver) == [["ada", "b", 1844]]
            session.delete(edge)
            await done(session.commit())
        assert await _links(driver) == []
        assert await _people(driver) == [["ada", ""]]

    @requirement()
    async def test_relating_twice_makes_one_edge(self, driver: Driver) -> None:
        """`relate` is idempotent, and `unrelate` takes it back."""
        await stored(driver, Person(id="ada"), Book(id="b"))
        async with opened(driver) as session:
            ada = await done(session.get(Person, "ada"))
            book = await done(session.get(Book, "b"))
            for _ in range(2):
                await done(session.relate(ada, Person.books, book))
                await done(session.commit())
            assert await _links(driver) == [["ada", "b", None]]
            await done(session.unrelate(ada, Person.books, book))
            await done(session.commit())
        assert await _links(driver) == []

    @requirement()
    async def test_read_only_sessions_write_nothing(self, driver: Driver) -> None:
        """They read; committing a change raises."""
        await stored(driver, Person(id="ada", name="Ada"))
        async with opened(driver, read_only=True) as session:
            ada = await done(session.get(Person, "ada"))
            ada.name = "changed"
            with pytest.raises(SessionError):
                await done(session.commit())
        assert await _people(driver) == [["ada", "Ada"]]

    @requirement()
    async def test_units_of_work_are_repeated(self, driver: Driver) -> None:
        """After a transient failure `run_in_transaction` starts anew; only the last is kept."""
        attempts: list[int] = []

        def work(session: object) -> None:
            attempts.append(len(attempts))
            session.add(Person(id=f"p{len(attempts)}"))  # type: ignore[attr-defined]
            if len(attempts) < 3:
                raise TransientError("try again")

        async def awaited(session: object) -> None:
            work(session)

        async with opened(driver) as session:
            unit = work if driver.blocks else awaited
            await done(session.run_in_transaction(unit, backoff=0.001))
        assert await _people(driver) == [["p3", ""]]
