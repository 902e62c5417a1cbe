"""Indexes and constraints on every database: made, found again, kept to and dropped."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.errors import (
    ConstraintViolationError,
    OgmError,
    SchemaError,
    UniqueViolationError,
)
from runic.ogm.model import Edge, Field, FullText, Node, Registry, Relation, Vector, VectorIndex
from runic.ogm.query import select
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Member(Node, registry=REGISTRY):
    """Has a range index and unique constraints."""

    id: str
    name: str | None = Field(None, index=True)
    email: str | None = Field(None, unique=True)
    number: int | None = Field(None, unique=True)


class Chair(Member, registry=REGISTRY):
    """Its nodes carry the label of members too."""

    until: str | None = Field(None, index=True)


class Paper(Node, registry=REGISTRY):
    """Has the indexes that searches need."""

    id: int
    title: str = Field("", fulltext=True)
    text: str = Field("", property="body", fulltext=True)
    place: Vector | None = Field(None, vector=VectorIndex(dimension=2))
    refers: list[Paper] = Relation("REFERS")


class Loan(Edge, registry=REGISTRY):
    """Edges have indexes as well."""

    day: str | None = Field(None, index=True)


class Badge(Node, registry=REGISTRY):
    """Has properties that must be there, of several kinds."""

    id: str
    colour: str = Field(required=True)
    size: int = Field(required=True)
    weight: float = Field(required=True)
    valid: bool = Field(required=True)


PLAIN = [Member, Chair, Loan]
SEARCHED = pytest.mark.requires("fulltext", "vector")


@pytest.fixture
async def members(schema: Any) -> None:
    """Make the schema of members."""
    await schema.create_all(Member, Chair)


def shown(definitions: list[Any]) -> set[str]:
    """Return the definitions as they print."""
    return {str(definition) for definition in definitions}


@pytest.mark.requires("constraints")
async def test_what_is_made_is_there(schema: Any) -> None:
    """create_all returns what it made; a second call finds all of it."""
    made = shown(await schema.create_all(*PLAIN))
    assert {
        "range index on (:Member).name",
        "range index on (:Chair).until",
        "range index on [:LOAN].day",
        "unique constraint on (:Member).id",
        "unique constraint on (:Member).email",
    } <= made
    assert await schema.missing(*PLAIN) == []
    assert await schema.create_all(*PLAIN) == []


@pytest.mark.requires("constraints")
async def test_dropping_takes_only_what_is_asked_for(schema: Any) -> None:
    """What was made goes again, other classes keep theirs, and an empty graph drops nothing."""
    assert await schema.drop_all(*PLAIN) == []
    made = shown(await schema.create_all(Member))
    await schema.create_all(Loan)
    assert shown(await schema.drop_all(Member)) == made
    assert shown(await schema.missing(Member)) == made
    assert await schema.missing(Loan) == []


@pytest.mark.requires("constraints")
@pytest.mark.usefixtures("members")
async def test_a_second_one_is_refused(session: Any, driver: Driver) -> None:
    """Unique values are kept unique, over subclasses too; nothing of the commit is kept."""
    session.add(Member(id="ada", email="a@x.org", number=1))
    await session.commit()
    for twin in (Member(id="b", email="a@x.org"), Chair(id="ada"), Member(id="c", number=1)):
        session.add_all([twin, Member(id="other")])
        with pytest.raises(UniqueViolationError):
            await session.commit()
        session.expunge_all()
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


@pytest.mark.requires("constraints")
@pytest.mark.usefixtures("members")
async def test_absent_and_different_values_are_unique(session: Any) -> None:
    """Any number of nodes may lack a unique property, and numbers are not text."""
    session.add_all(Member(id=str(n), number=n or None) for n in range(3))
    session.add_all([Member(id="x", email="1"), Member(id="y", email="1.0")])
    await session.commit()
    assert await session.count(select(Member)) == 5


@pytest.mark.requires("constraints")
async def test_an_index_changes_no_answer(session: Any, schema: Any) -> None:
    """What was stored before the schema is found under it, and read as it was."""
    stored = [Member(id=str(n), name="ab"[n % 2], number=n) for n in range(20)]
    session.add_all(stored)
    await session.commit()
    session.expunge_all()
    await schema.create_all(Member)
    found = await session.scalars(select(Member).where(Member.name == "b").order_by(Member.number))
    assert [(m.id, m.number) for m in found] == [(m.id, m.number) for m in stored[1::2]]
    assert (await session.get(Member, "7")).number == 7


@pytest.mark.requires("constraints")
async def test_what_stands_in_the_way_is_named(schema: Any, driver: Driver) -> None:
    """A constraint that stored values break is not made, and made once they are mended."""
    await cypher(driver, "UNWIND ['a', 'c', 'c'] AS id CREATE (:Member {id: id})")
    with pytest.raises(
        SchemaError, match=r"unique constraint on \(:Member\)\.id cannot be created"
    ):
        await schema.create_all(Member)
    assert "unique constraint on (:Member).id" in shown(await schema.missing(Member))
    await cypher(driver, "MATCH (n:Member {id: 'c'}) DELETE n")
    await schema.create_all(Member)
    assert await schema.missing(Member) == []


@pytest.mark.requires("required_constraints")
async def test_required_properties_are_kept(session: Any, schema: Any, driver: Driver) -> None:
    """A node without one is refused; those with it keep each value as it is."""
    await schema.create_all(Badge)
    session.add(Badge(id="a", colour="7", size=7, weight=7.0, valid=True))
    await session.commit()
    session.expunge_all()
    badge = await session.get(Badge, "a")
    kept = [badge.colour, badge.size, badge.weight, badge.valid]
    assert list(map(repr, kept)) == ["'7'", "7", "7.0", "True"]
    with pytest.raises(ConstraintViolationError):
        await cypher(driver, "CREATE (:Badge {id: 'b', size: 1, weight: 1.0, valid: true})")
    assert shown(await schema.drop_all(Badge)) >= {"required constraint on (:Badge).colour"}
    await cypher(driver, "CREATE (:Badge {id: 'b'})")


@SEARCHED
async def test_search_indexes_are_made_and_dropped(schema: Any) -> None:
    """Full-text and vector indexes are found again as they were declared."""
    made = shown(await schema.create_all(Paper))
    assert {"full-text index on (:Paper).title, body", "vector index on (:Paper).place"} <= made
    assert await schema.missing(Paper) == []
    assert shown(await schema.drop_all(Paper)) == made
    assert shown(await schema.missing(Paper)) == made


@SEARCHED
async def test_search_indexes_find_what_was_there_before(session: Any, schema: Any) -> None:
    """Entities that were stored before the indexes are found by them."""
    session.add(Paper(id=1, title="On graphs", text="and words", place=[1.0, 0.0]))
    session.add(Paper(id=2, title="Unrelated", place=[0.0, 1.0]))
    await session.commit()
    await schema.create_all(Paper)
    assert [p.id for p in await session.fulltext_search(Paper, "words graphs").all()] == [1]
    nearest = session.vector_search(Paper, field=Paper.place, vector=[0.1, 0.9], k=1)
    assert [p.id for p in await nearest.all()] == [2]


@SEARCHED
async def test_other_options_are_refused(schema: Any) -> None:
    """A model that has moved on from its index is told so."""

    class Grown(Node, labels=["Paper"], registry=Registry()):
        id: int
        place: Vector | None = Field(None, vector=VectorIndex(dimension=3))

    await schema.create_all(Paper)
    with pytest.raises(SchemaError, match=r"dimension is 2, not 3.*drop_all"):
        await schema.create_all(Grown)


@pytest.mark.requires("fulltext")
async def test_a_full_text_index_has_a_language(session: Any, schema: Any) -> None:
    """Words are found in their other forms; another language is another index."""

    class Buch(Node, registry=Registry()):
        id: int
        titel: str = Field("", fulltext=FullText(language="german"))

    class Livre(Node, labels=["Buch"], registry=Registry()):
        id: int
        titel: str = Field("", fulltext=FullText(language="french"))

    await schema.create_all(Buch)
    assert await schema.missing(Buch) == []
    session.add(Buch(id=1, titel="Die kleinen Häuser"))
    await session.commit()
    assert len(await session.fulltext_search(Buch, "kleines haus").all()) == 1
    with pytest.raises(SchemaError, match="language is 'german', not 'french'"):
        await schema.create_all(Livre)


@pytest.mark.requires("fulltext")
async def test_a_language_that_is_not_there_is_refused(schema: Any) -> None:
    """Words would be taken apart as those of another language."""

    class Page(Node, registry=Registry()):
        id: int
        text: str = Field("", fulltext=FullText(language="klingon"))

    with pytest.raises(OgmError, match="(?i)klingon"):
        await schema.create_all(Page)


@pytest.mark.requires("fulltext", "constraints")
async def test_a_property_may_have_both(session: Any, schema: Any) -> None:
    """A unique property can be searched for words as well."""

    class Tag(Node, registry=Registry()):
        id: int
        name: str = Field(unique=True, fulltext=True)

    await schema.create_all(Tag)
    assert await schema.missing(Tag) == []
    session.add(Tag(id=1, name="big red"))
    await session.commit()
    assert len(await session.fulltext_search(Tag, "red").all()) == 1
    session.add(Tag(id=2, name="big red"))
    with pytest.raises(UniqueViolationError):
        await session.commit()


@pytest.mark.requires("fulltext")
async def test_a_full_text_index_grows_by_a_property(session: Any, schema: Any) -> None:
    """A property added to a model later joins the index that exists."""

    class Early(Node, labels=["Paper"], registry=Registry()):
        id: int
        title: str = Field("", fulltext=True)

    class Late(Node, labels=["Paper"], registry=Registry()):
        id: int
        title: str = Field("", fulltext=True)
        text: str = Field("", property="body", fulltext=True)

    await schema.create_all(Early)
    session.add(Late(id=1, title="one", text="two"))
    await session.commit()
    await schema.create_all(Late)
    assert await schema.missing(Late) == []
    assert len(await session.fulltext_search(Late, "two").all()) == 1
