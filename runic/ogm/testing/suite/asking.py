"""Questions through a session: what statements mean, whatever the database."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.query import count, delete, select, shortest_path, update
from runic.ogm.testing.suite.models import Animal, Book, Dog, Person
from runic.ogm.testing.suite.requirement import done, opened, requirement, stored


async def _zoo(driver: Driver) -> None:
    await stored(driver, Animal(id="a", name="Cat"), Dog(id="d", name="Rex", breed="pug"))


async def _readers(driver: Driver) -> None:
    """Store four people of 10, 20, 30 and no age; each knows the next and wrote a book."""
    people = [
        Person(id=f"p{n}", name=name, age=age, books=[Book(id=f"b{n}", title=f"Title {n}")])
        for n, (name, age) in enumerate([("Ada", 10), ("Alan", 20), ("Grace", 30), ("Éva", None)])
    ]
    for one, other in pairwise(people):
        one.friends.append(other)
    await stored(driver, *people)


class QuestionRequirements:
    """What statements mean."""

    @requirement()
    @pytest.mark.parametrize(
        ("criterion", "wanted"),
        [
            (Person.name == "Ada", "p0"),
            (Person.name != "Ada", "p1 p2 p3"),
            (Person.age > 10, "p1 p2"),
            (Person.age <= 20, "p0 p1"),
            (Person.age.is_null(), "p3"),
            (Person.age.is_not_null(), "p0 p1 p2"),
            (Person.name.startswith("A"), "p0 p1"),
            (Person.name.endswith("a"), "p0 p3"),
            (Person.name.contains("lan"), "p1"),
            (Person.id.in_(["p0", "p3", "none"]), "p0 p3"),
            (Person.id.in_([]), ""),
            ((Person.age > 10) & ~(Person.name == "Alan"), "p2"),
            ((Person.age == 10) | (Person.age == 30), "p0 p2"),
            (Person.books.any(Book.title == "Title 2"), "p2"),
        ],
        ids=str,
    )
    async def test_criteria_select(self, driver: Driver, criterion: Any, wanted: str) -> None:
        """Each criterion finds what it says, by comparing code points and without nulls."""
        await _readers(driver)
        async with opened(driver) as session:
            found = await done(session.scalars(select(Person).where(criterion)))
            assert sorted(person.id for person in found) == wanted.split()

    @requirement("regex")
    async def test_patterns_match_the_whole_value(self, driver: Driver) -> None:
        """A regular expression that matches a part of a text only does not find it."""
        await _readers(driver)
        async with opened(driver) as session:
            for pattern, wanted in (("A.*", ["p0", "p1"]), ("d", []), ("Ad|Grace", ["p2"])):
                matching = select(Person).where(Person.name.matches(pattern)).order_by(Person.id)
                assert [p.id for p in await done(session.scalars(matching))] == wanted

    @requirement()
    async def test_pages_are_cut_after_sorting(self, driver: Driver) -> None:
        """Order, skip and limit; counting leaves the page aside."""
        await _readers(driver)
        async with opened(driver) as session:
            page = select(Person).where(Person.age.is_not_null()).order_by(Person.age, desc=True)
            found = await done(session.scalars(page.skip(1).limit(1)))
            assert [person.id for person in found] == ["p1"]
            assert await done(session.count(page)) == 3

    @requirement()
    async def test_subclasses_are_found_by_their_base(self, driver: Driver) -> None:
        """Entities are of their own class; a query of the subclass leaves others out."""
        await _zoo(driver)
        async with opened(driver) as session:
            every = await done(session.scalars(select(Animal).order_by(Animal.id)))
            assert [(type(each), each.id) for each in every] == [(Animal, "a"), (Dog, "d")]
            assert every[1].breed == "pug"
            assert await done(session.scalars(select(Dog))) == [every[1]]

    @requirement()
    async def test_hops_follow_relations(self, driver: Driver) -> None:
        """Traversing yields the entities at the other end."""
        await _readers(driver)
        async with opened(driver) as session:
            older = select(Person).where(Person.age > 10).traverse(Person.books)
            found = await done(session.scalars(older.return_target()))
            assert sorted(book.id for book in found) == ["b1", "b2"]

    @requirement()
    async def test_groups_are_counted(self, driver: Driver) -> None:
        """Aggregates group by what is named."""
        await stored(driver, *[Person(id=f"{n}", name="ab"[n % 2]) for n in range(5)])
        async with opened(driver) as session:
            grouped = select(Person).aggregate(
                count("*").as_("n"), group_by=Person.name.as_("name")
            )
            found = await done(session.all_rows(grouped))
            assert {row["name"]: row["n"] for row in found} == {"a": 3, "b": 2}

    @requirement()
    async def test_streams_have_every_entity(self, driver: Driver) -> None:
        """A stream yields all of what a query finds."""
        await stored(driver, *[Book(id=f"{n:03}") for n in range(250)])
        async with opened(driver) as session:
            found = session.stream(select(Book))
            books = list(found) if driver.blocks else [book async for book in found]
            assert sorted(book.id for book in books) == [f"{n:03}" for n in range(250)]

    @requirement()
    async def test_many_are_changed_by_criteria(self, driver: Driver) -> None:
        """Set-based updates and deletions touch what they select, and count it."""
        await _readers(driver)
        async with opened(driver) as session:
            grown = update(Person).where(Person.age > 10).values(age=Person.age + 1)
            assert (await done(session.execute(grown))).affected == 2
            gone = delete(Person).where(Person.age.is_null())
            assert (await done(session.execute(gone))).affected == 1
            await done(session.commit())
        async with opened(driver) as session:
            found = await done(session.scalars(select(Person).order_by(Person.age)))
            assert [person.age for person in found] == [10, 21, 31]

    @requirement("shortest_path")
    async def test_shortest_paths_are_found(self, driver: Driver) -> None:
        """Along a relation in both directions; None where no way leads."""
        await _readers(driver)
        await stored(driver, Person(id="alone"))
        first, last, alone = [
            select(Person).where(Person.id == key) for key in ("p0", "p3", "alone")
        ]
        async with opened(driver) as session:
            path = await done(session.first(shortest_path(last, first, Person.friends)))
            assert [node.id for node in path.nodes] == ["p3", "p2", "p1", "p0"]
            nowhere = shortest_path(first, alone, Person.friends)
            assert await done(session.first(nowhere)) is None
