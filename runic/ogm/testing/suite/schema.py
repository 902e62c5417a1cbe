"""Indexes and constraints that models declare, and the searches that they serve."""

from __future__ import annotations

from runic.ogm.driver.base import Driver
from runic.ogm.model import GeoLocation
from runic.ogm.query import distance, select
from runic.ogm.testing.suite.models import Everything, Note, Person, Point
from runic.ogm.testing.suite.requirement import defined, done, opened, requirement, stored


class SchemaRequirements:
    """What a schema manager and searches do."""

    @requirement("constraints")
    async def test_a_schema_is_created_and_dropped(self, driver: Driver) -> None:
        """The database reports what was made, makes it once, and drops it."""
        async with defined(driver, Person) as manager:
            assert await done(manager.missing(Person)) == []
            assert await done(manager.create_all(Person)) == []
        assert await done(manager.missing(Person)) != []

    @requirement("constraints")
    async def test_a_dropped_constraint_refuses_nothing(self, driver: Driver) -> None:
        """After it, a value may be there twice."""
        async with defined(driver, Person):
            await stored(driver, Person(id="a", email="x@x.org"))
        await stored(driver, Person(id="b", email="x@x.org"))

    @requirement("fulltext")
    async def test_words_are_found(self, driver: Driver) -> None:
        """All words have to be in the text."""
        async with defined(driver, Note), opened(driver) as session:
            await stored(
                driver, Note(id="a", text="graph theory"), Note(id="b", text="graph database")
            )
            both = await done(session.fulltext_search(Note, query="graph").all())
            assert sorted(note.id for note in both) == ["a", "b"]
            one = await done(session.fulltext_search(Note, query="database graph").all())
            assert [note.id for note in one] == ["b"]

    @requirement("vector")
    async def test_the_nearest_are_found(self, driver: Driver) -> None:
        """Nearest first."""
        async with defined(driver, Point), opened(driver) as session:
            await stored(driver, *[Point(id=f"{n}", position=[float(n), 0.0]) for n in range(5)])
            near = session.vector_search(Point, field=Point.position, vector=[2.9, 0.0], k=2)
            assert [point.id for point in await done(near.all())] == ["3", "2"]

    @requirement("geo")
    async def test_distances_are_metres(self, driver: Driver) -> None:
        """Berlin is 878 km from Paris, within half a per cent."""
        paris = GeoLocation(latitude=48.8566, longitude=2.3522)
        berlin = GeoLocation(latitude=52.52, longitude=13.405)
        await stored(driver, Everything(id="paris", place=paris))
        async with opened(driver) as session:
            for metres, wanted in ((870_000, []), (885_000, ["paris"])):
                near = select(Everything).where(distance(Everything.place, berlin) < metres)
                assert [e.id for e in await done(session.scalars(near))] == wanted

    @requirement("explain")
    async def test_statements_are_explained(self, driver: Driver) -> None:
        """A session returns the server's plan of a statement."""
        await stored(driver, Person(id="ada"))
        async with opened(driver) as session:
            assert await done(session.explain(select(Person).where(Person.name == "Ada")))
