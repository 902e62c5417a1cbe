"""What is Neo4j's own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm.errors import DriverError, FieldValidationError, MetadataError
from runic.ogm.model import Field, GeoLocation, Node, Registry, Vector, VectorIndex
from runic.ogm.query import distance, select, within_box
from tests.behaviour.graphs import cypher

pytestmark = pytest.mark.backend("neo4j")


class Bag(Node, registry=Registry()):
    """Holds what a list may hold elsewhere."""

    id: str
    items: list[int | float | str] = Field(default_factory=list)
    tag: str = Field("", index=True)
    place: Vector | None = Field(None, vector=VectorIndex(dimension=2))
    home: GeoLocation | None = Field(None, index=True)


@pytest.mark.parametrize("items", [[1, "a"], [1, 2.5]])
async def test_a_list_of_several_types_is_refused(session: Any, items: list[Any]) -> None:
    """The server would refuse it at the end, or make floats of integers without a word."""
    session.add(Bag(id="a", items=items))
    with pytest.raises(FieldValidationError, match="list of several types"):
        await session.commit()


@pytest.mark.parametrize("text", ["x" * 8164, "é" * 4082])
async def test_text_at_the_limit_of_an_index_is_stored(
    session: Any, schema: Any, text: str
) -> None:
    """What the check lets through the server takes."""
    await schema.create_all(Bag)
    session.add(Bag(id="a", tag=text))
    await session.commit()
    assert await session.count(select(Bag).where(Bag.tag == text)) == 1


@pytest.mark.parametrize("text", ["x" * 8165, "é" * 4083])
async def test_text_beyond_the_limit_of_an_index_is_refused(
    session: Any, driver: Any, schema: Any, text: str
) -> None:
    """The error names the field and the way out, before anything is sent; the server agrees."""
    await schema.create_all(Bag)
    session.add(Bag(id="a", tag=text))
    with pytest.raises(FieldValidationError, match=r"Bag\.tag cannot be stored.*8164"):
        await session.commit()
    with pytest.raises(DriverError, match="too large to index"):
        await cypher(driver, "CREATE (:Bag {tag: $tag})", tag=text)


async def test_a_vector_without_length_is_as_far_as_one_that_is_upright(
    session: Any, schema: Any
) -> None:
    """It has no direction, and the server refuses to measure it."""
    await schema.create_all(Bag)
    stored = {"none": [0.0, 0.0], "here": [1.0, 0.0], "up": [0.0, 1.0], "back": [-1.0, 0.0]}
    session.add_all([Bag(id=key, place=place) for key, place in stored.items()])
    await session.commit()
    found = await session.vector_search(Bag, field=Bag.place, vector=[1.0, 0.0], k=4).scored()
    assert {bag.id: score for bag, score in found} == pytest.approx(
        {"here": 0, "none": 1, "up": 1, "back": 2}
    )


HERE = GeoLocation(latitude=48, longitude=11)


@pytest.mark.parametrize(
    "criterion",
    [
        distance(Bag.home, HERE) < 1000,
        within_box(Bag.home, HERE, GeoLocation(latitude=49, longitude=12)),
        within_box(Bag.home, GeoLocation(latitude=1, longitude=170), HERE),
        Bag.home == HERE,
    ],
    ids=str,
)
async def test_places_are_found_by_their_index(session: Any, schema: Any, criterion: Any) -> None:
    """It is an index of points; how near something is a range index would not know."""
    await schema.create_all(Bag)
    assert await schema.missing(Bag) == []
    assert "POINT INDEX n:Bag(home)" in await session.explain(select(Bag).where(criterion))


async def test_an_index_gives_way_to_a_unique_constraint(schema: Any, driver: Any) -> None:
    """The server refuses the constraint while there is an index of the same property."""
    await cypher(driver, "CREATE INDEX mine FOR (n:Bag) ON (n.id)")
    made = await schema.create_all(Bag)
    assert "unique constraint on (:Bag).id" in map(str, made)
    assert await schema.missing(Bag) == []


@pytest.mark.parametrize("name", ["a\\u0060) DETACH DELETE n //", "\\u0041"])
async def test_codes_of_characters_in_names_are_refused(session: Any, name: str) -> None:
    """The server reads them even between backticks: one could end the name it stands in."""

    class Named(Node, labels=[name], registry=Registry()):
        id: str

    session.add(Named(id="a"))
    with pytest.raises(MetadataError, match="backslash before a u"):
        await session.commit()
    session.expunge_all()


async def test_an_index_of_an_odd_name_can_be_dropped(schema: Any, driver: Any) -> None:
    """A name that somebody else chose is written so that it stays that name."""
    await cypher(driver, "CREATE INDEX `it``s \\u005Cu0060 mine` FOR (n:Bag) ON (n.tag)")
    assert "range index on (:Bag).tag" in map(str, await schema.drop_all(Bag))
    assert (
        await cypher(driver, "SHOW INDEXES YIELD name, type WHERE type = 'RANGE' RETURN name") == []
    )


async def test_a_moment_of_a_named_zone_is_read_as_that_instant(session: Any) -> None:
    """What only Cypher makes: in the hour that the zone has twice, and in summer."""
    text = (
        "UNWIND ['2026-10-25T02:30:00+02:00[Europe/Paris]', '2026-10-25T02:30:00+01:00"
        "[Europe/Paris]', '2026-07-01T12:00:00[Europe/Paris]'] AS t RETURN datetime(t)"
    )
    found = [row[0].astimezone(dt.UTC).isoformat() for row in (await session.execute(text)).rows]
    assert found == [
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:30:00+00:00",
        "2026-07-01T10:00:00+00:00",
    ]


@pytest.mark.parametrize("value", [{"a": 1}, [[1], [2]], [1, None], [1, "a"]])
async def test_values_that_no_property_can_have_are_told(driver: Any, value: Any) -> None:
    """In raw Cypher the server refuses them, and nothing is written."""
    with pytest.raises(DriverError, match="(?i)propert|collections"):
        await cypher(driver, "CREATE (:Bag {items: $value})", value=value)
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]


async def test_an_index_is_of_use_when_it_is_made(session: Any, schema: Any) -> None:
    """The server fills it in the background; who asks next finds what was stored before."""
    session.add_all([Bag(id=str(n), tag="x", place=[1.0, n]) for n in range(300)])
    await session.commit()
    await schema.create_all(Bag)
    assert len(await session.vector_search(Bag, field=Bag.place, vector=[1, 0], k=300).all()) == 300
