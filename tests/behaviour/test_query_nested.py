"""Entities and typed values inside of lists and maps, and through stages and subqueries."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal

import pytest
from pydantic import BaseModel

from runic.ogm.errors import HydrationError, StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.query import (
    Path,
    at,
    call,
    case,
    coalesce,
    collect,
    count,
    delete,
    for_each,
    head,
    last,
    list_,
    literal,
    map_,
    max_,
    select,
    slice_,
    tail,
    union,
    var,
    within,
)
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Mood(enum.Enum):
    """A value with a stored form of its own."""

    CALM = "calm"
    WILD = "wild"


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """Who wrote what, and when."""

    on: dt.date


class Text(Node, registry=REGISTRY):
    """A class with a class below it."""

    id: str
    title: str = ""


class Poem(Text, registry=REGISTRY):
    """What the labels of some texts say."""

    verses: int = 0


class Author(Node, registry=REGISTRY):
    """Somebody with fields that are decoded."""

    id: str
    born: dt.date | None = None
    moods: list[Mood] = Field(default_factory=list)
    spans: list[dt.timedelta] | None = None
    texts: list[Text] = Relation("WROTE", edge_model=Wrote)
    knows: list[Author] = Relation("KNOWS")


WRITING = select(Author).traverse(Author.texts)


@pytest.fixture(autouse=True)
async def graph(driver):
    """Store two authors, one with a text and a poem."""
    await cypher(
        driver,
        "CREATE (a:Author {id: 'ada', born: '1815-12-10', moods: ['calm', 'wild'], spans: [1, 2]}),"
        " (b:Author {id: 'bob', moods: []}), (a)-[:KNOWS]->(b),"
        " (a)-[:WROTE {on: '1843-01-02'}]->(:Text {id: 'x', title: 'X'}),"
        " (a)-[:WROTE {on: '1850-03-04'}]->(:Text:Poem {id: 'y', title: 'Y', verses: 3})",
    )


async def values(session, stmt):
    """Return the first column of a statement's rows."""
    return [next(iter(row.values())) for row in await session.all_rows(stmt)]


COLLECTED = WRITING.order_by(Text.title).with_("n", collect(Text).as_("texts"))
INSIDE = {
    "a stage": COLLECTED.project("texts"),
    "a list": WRITING.aggregate(collect(Text)),
    "its items": COLLECTED.with_(collect(var("texts")).as_("all")).project(head(var("all"))),
    "a slice": COLLECTED.project(slice_(var("texts"), 0, 5).as_("some")),
    "a comprehension": COLLECTED.project(for_each(var("texts"), lambda text: text).as_("same")),
    "a sum of lists": COLLECTED.project((slice_(var("texts"), 0, 1) + tail(var("texts"))).as_("s")),
    "places": COLLECTED.project(list_(head(var("texts")), last(var("texts"))).as_("ends")),
    "a subquery": call(
        select(Author).where(Author.id == "ada"),
        within(Author, "n").traverse(Author.texts).aggregate(
            collect(Text).as_("texts")
        ),
    ).project("texts"),
    "a union": union(WRITING.aggregate(collect(Text).as_("t")), WRITING.aggregate(
        collect(Text).as_("t"))),
}  # fmt: skip


_NEEDS_SUBQUERIES = pytest.param("a subquery", marks=pytest.mark.requires("subqueries"))


@pytest.mark.parametrize(
    "way", [*(way for way in INSIDE if way != "a subquery"), _NEEDS_SUBQUERIES]
)
async def test_lists_of_entities_stay_entities(way, session):
    """Whatever list the nodes went through, they are the session's, of their own classes."""
    x, y = await session.get(Text, "x"), await session.get(Text, "y")
    (found,) = await values(session, INSIDE[way])
    assert {id(each) for each in found} == {id(x), id(y)}
    assert len(found) == 2
    assert type(y) is Poem


async def test_unwound_entities_are_entities(session):
    """Collected nodes become rows again."""
    stmt = COLLECTED.unwind(var("texts"), "text").project("text", at(list_(1, 2), 0).as_("one"))
    rows = await session.all_rows(stmt)
    assert [row["text"] for row in rows] == [await session.get(Text, key) for key in ("x", "y")]


@pytest.mark.requires("subqueries")
async def test_subqueries_return_entities(session):
    """What a subquery ends with is called by its alias outside."""
    latest = within(Author, "n").traverse(Author.texts, edge_alias="wrote").alias("text")
    latest = latest.order_by("text.title", desc=True).limit(1).return_target()
    stmt = call(select(Author), latest.return_edge()).project("n", "text", "wrote")
    (row,) = await session.all_rows(stmt)
    assert row["text"] is await session.get(Text, "y")
    assert row["wrote"].on == dt.date(1850, 3, 4)
    assert (row["wrote"].source, row["wrote"].target) == (row["n"], row["text"])


async def test_maps_hold_entities_and_typed_values(session):
    """Each value of a map is read as what it was made of, in lists, too."""
    stmt = WRITING.aggregate(
        collect(map_(text=Text, wrote=Wrote, on=Wrote.on, moods=Author.moods)).as_("all"),
        group_by=Author,
    )
    ((ada, found),) = [row.values() for row in await session.all_rows(stmt)]
    found = sorted(found, key=lambda each: each["on"])
    assert [each["text"].id for each in found] == ["x", "y"]
    assert [each["on"] for each in found] == [dt.date(1843, 1, 2), dt.date(1850, 3, 4)]
    assert found[0]["moods"] == [Mood.CALM, Mood.WILD]
    assert found[0]["wrote"].source is ada
    assert found[1]["wrote"].target is found[1]["text"]


async def test_edges_in_lists_have_their_ends(session):
    """Nodes anywhere in the result are the ends of its edges."""
    stmt = WRITING.aggregate(collect(Wrote).as_("edges"), collect(Text), group_by="n")
    ((ada, edges, texts),) = [row.values() for row in await session.all_rows(stmt)]
    assert [edge.source for edge in edges] == [ada, ada]
    assert {edge.target for edge in edges} == set(texts)


async def test_entities_are_chosen_among(session):
    """`case` and `coalesce` of entities give entities."""
    stmt = select(Author).order_by(Author.id).traverse(Author.texts, optional=True)
    found = await values(session, stmt.project(coalesce(Text, Author).as_("either")))
    assert {type(each).__name__ for each in found} == {"Text", "Poem", "Author"}
    chosen = case().when(Author.id == "bob", Author).otherwise(None)
    found = await values(session, select(Author).order_by(Author.id).project(chosen.as_("who")))
    assert found == [None, await session.get(Author, "bob")]


async def test_columns_mix_entities_and_values(session):
    """A class, an alias or `var(alias)` is a column, of `project` and of `group_by`."""
    stmt = WRITING.aggregate(count("*").as_("texts"), max_(Wrote.on).as_("last"), group_by=Author)
    ada = await session.get(Author, "ada")
    assert await session.all_rows(stmt) == [{"n": ada, "texts": 2, "last": dt.date(1850, 3, 4)}]
    stmt = select(Author).traverse(Author.knows).alias("friend")
    stmt = stmt.project(var("n").as_("who"), "friend", "friend.id")
    bob = await session.get(Author, "bob")
    assert await session.all_rows(stmt) == [{"who": ada, "friend": bob, "friend.id": "bob"}]


async def test_items_of_lists_keep_their_type(session):
    """An item that is taken out of a field's list is what the field says."""
    ada = select(Author).where(Author.id == "ada")
    rows = await session.all_rows(ada.unwind(Author.moods, "mood").project("mood"))
    assert [row["mood"] for row in rows] == [Mood.CALM, Mood.WILD]
    stmt = ada.project(
        head(Author.moods).as_("head"),
        at(Author.spans, 1).as_("span"),
        for_each(Author.moods, lambda mood: map_(mood=mood, day=Author.born)).as_("maps"),
        at(map_(born=Author.born), "born").as_("born"),
    )
    born = dt.date(1815, 12, 10)
    assert await session.all_rows(stmt) == [
        {
            "head": Mood.CALM,
            "span": dt.timedelta(microseconds=2),
            "maps": [{"mood": Mood.CALM, "day": born}, {"mood": Mood.WILD, "day": born}],
            "born": born,
        }
    ]


async def test_the_key_decides_what_an_item_is(session):
    """Statements that differ in a key alone do not share how their values are read."""
    pair = map_(key=Author.id, born=Author.born)
    for whole, keys in ((pair, ("key", "born")), (list_(Author.id, Author.born), (0, 1))):
        ada = select(Author).where(Author.id == "ada")
        for key, value in zip(keys, ("ada", dt.date(1815, 12, 10)), strict=True):
            assert await values(session, ada.project(at(whole, key).as_("x"))) == [value]


@pytest.mark.parametrize("value", [dt.date(2020, 1, 2), Mood.WILD, b"x", Decimal("1.50"), "x", 5])
async def test_literals_come_back_as_they_were(value, session):
    """What stands in a statement on its own has its type in the answer."""
    stmt = select(Author).limit(1).project(literal(value).as_("value"), list_(1, value).as_("list"))
    assert await session.all_rows(stmt) == [{"value": value, "list": [1, value]}]


async def test_rows_with_entities_become_objects(session):
    """`into` takes columns of entities for fields of entity classes."""

    class Shelf(BaseModel):
        owner: Author
        texts: list[Text]

    stmt = COLLECTED.project(var("n").as_("owner"), "texts").into(Shelf)
    (shelf,) = await session.scalars(stmt)
    assert shelf.owner is await session.get(Author, "ada")
    assert [type(text) for text in shelf.texts] == [Text, Poem]


async def test_fields_of_a_stage_belong_to_what_was_there(session):
    """A later hop to the same class does not make earlier columns ambiguous."""
    stmt = select(Author).with_("n", Author.id.as_("key")).traverse(Author.knows)
    assert await session.all_rows(stmt.project("key", "n2.id")) == [{"key": "ada", "n2.id": "bob"}]


async def test_raw_cypher_finds_entities_at_any_depth(session):
    """`returns=` reads nodes, edges and paths in lists of maps of lists."""
    x, ada = await session.get(Text, "x"), await session.get(Author, "ada")
    result = await session.execute(
        "MATCH p = (a:Author)-[w:WROTE]->(t {id: 'x'})"
        " RETURN {deep: [[a, {text: t, edges: [w], n: 1}]], path: [p]} AS m, [a, a], [[t]], 5",
        returns=[Path.of(Author, Text, Wrote), Author, Text, None],
    )
    ((found, authors, texts, five),) = result.rows
    (((who, inner),), (path,)) = found["deep"], found["path"]
    assert (who, inner["text"], inner["n"], five) == (ada, x, 1, 5)
    assert inner["edges"][0] is path.edges[0]
    assert (path.start, path.end, path.edges[0].source) == (ada, x, ada)
    assert (authors, texts) == ([ada, ada], [[x]])


async def test_raw_cypher_that_holds_something_else_is_refused(session):
    """A class for a column of values is a mistake, not a value."""
    with pytest.raises(HydrationError, match="should hold Author"):
        await session.execute("MATCH (a:Author) RETURN a.id", returns=[Author])


def test_what_has_no_meaning_is_refused():
    """Entities are not computed with, and elements are named where they are."""
    with pytest.raises(StatementError, match="is an entity"):
        select(Author).project(head(Author).as_("x"))
    with pytest.raises(StatementError, match="could be 'n' or 'n2'"):
        select(Author).traverse(Author.knows).project(Author)
    with pytest.raises(StatementError, match="not in the pattern"):
        select(Author).project(map_(text=Text).as_("x"))
    with pytest.raises(StatementError, match="left out"):
        WRITING.with_("n2").project(Author)
    with pytest.raises(StatementError, match="keeps its alias"):
        WRITING.with_(var("n").as_("who"))
    with pytest.raises(StatementError, match="not entities"):
        delete(Author).returning(Author)
    with pytest.raises(StatementError, match="no field"):
        select(Author).project(list_(collect("evil")).as_("x"))
