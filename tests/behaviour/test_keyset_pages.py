"""Pages that go on where the last one ended, and geographic criteria."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.driver.falkordb import FalkorDBDialect
from runic.ogm.errors import StatementError
from runic.ogm.model import Field, GeoLocation, Node, Registry, Relation
from runic.ogm.query import call, col, count, select, var, within
from runic.ogm.query.geo import distance, within_box
from runic.ogm.query.total import counts_along

REGISTRY = Registry()


class Cafe(Node, registry=REGISTRY):
    """Somewhere to go."""

    id: str
    name: str = Field("none", index=True)
    rank: int | None = None
    opened: dt.date | None = None
    open: bool | None = None
    rating: float | None = None
    place: GeoLocation | None = None
    near: list[Cafe] = Relation("NEAR")


def at(latitude, longitude):
    """Return a point."""
    return GeoLocation(latitude=latitude, longitude=longitude)


async def cafes(session, count=13):
    """Store cafes of which some are alike in all but the key, and some lack values."""
    session.add_all(
        [
            Cafe(
                id=f"c{n:02}",
                name=["bar", 'B" x', "Bar", "Öl"][n % 4],
                rank=None if n % 5 == 0 else n % 3,
                opened=None if n % 4 == 1 else dt.date(2000 + n % 2, 1, 1),
                open=[True, False, None][n % 3],
            )
            for n in range(count)
        ]
    )
    await session.commit()


async def walked(session, stmt, limit=3, between=None):
    """Return the keys of all pages, one list a page."""
    pages, after = [], None
    while True:
        page = await session.page(stmt, limit=limit, after=after)
        pages.append([cafe.id for cafe in page.items])
        after = page.next
        if after is None:
            assert not page.has_next
            return pages
        if between is not None:
            await between(len(pages))


ORDERS = [
    [],
    [("rank", False)],
    [("rank", True)],
    [("opened", True), ("name", False)],
    [("open", False), ("rank", True), ("id", True)],
]


@pytest.mark.parametrize("orders", ORDERS, ids=str)
async def test_pages_together_are_the_whole(session, orders):
    """Every entity comes once, in the statement's order, missing values and equal ones included."""
    await cafes(session)
    stmt = select(Cafe)
    for name, desc in orders:
        stmt = stmt.order_by(name, desc=desc)
    whole = [cafe.id for cafe in await session.scalars(stmt.order_by("id"))]
    pages = await walked(session, stmt)
    assert [key for page in pages for key in page] == whole
    assert [len(page) for page in pages] == [3, 3, 3, 3, 1]


async def test_inserts_and_deletions_shift_nothing(session):
    """What stood there all the time comes exactly once, whatever comes and goes meanwhile."""
    await cafes(session)

    async def change(number):
        session.add(Cafe(id=f"a{number}", rank=0))
        session.delete(await session.get(Cafe, f"c{number + 9:02}"))
        await session.commit()

    pages = await walked(session, select(Cafe).order_by("rank"), between=change)
    found = [key for page in pages for key in page]
    assert len(found) == len(set(found))
    assert {f"c{n:02}" for n in range(10)} <= set(found)


async def test_criteria_go_on_from_page_to_page(session):
    """A statement's own criteria hold on every page."""
    await cafes(session)
    pages = await walked(session, select(Cafe).where(col(Cafe.rank) > 0), limit=4)
    assert [len(page) for page in pages] == [4, 2]


async def test_one_page_that_holds_all_has_no_next(session):
    """Neither an empty page nor one that is just full leads on."""
    await cafes(session, 3)
    assert (await session.page(select(Cafe), limit=3)).next is None
    assert (await session.page(select(Cafe).where(Cafe.id == "none"))).items == []


@pytest.mark.parametrize(
    ("skip", "limit", "keys"), [(0, 2, ["c01", "c02"]), (5, 9, ["c11"]), (99, 5, []), (0, 0, [])]
)
async def test_a_page_comes_with_the_total(session, driver, assert_query_count, skip, limit, keys):
    """One query returns both where it can; the total does not mind skip and limit."""
    await cafes(session)
    stmt = select(Cafe).where(col(Cafe.rank) > 0, Cafe.name != "none").order_by("id")
    with assert_query_count(1 if "atomic_plan" in driver.dialect.capabilities else 2):
        found, total = await session.scalars_with_total(stmt.skip(skip).limit(limit))
    assert ([cafe.id for cafe in found], total) == (keys, 6)


async def test_a_total_along_relations(session):
    """Statements with hops and criteria that count know their total, too."""
    session.add(Cafe(id="a", near=[Cafe(id="b"), Cafe(id="c")]))
    await session.commit()
    reached = select(Cafe).traverse(Cafe.near).return_target().limit(1)
    found, total = await session.scalars_with_total(reached)
    assert (len(found), total) == (1, 2)
    stmt = select(Cafe).where(Cafe.near.count() > 1)
    assert (await session.scalars_with_total(stmt, ["near"]))[1] == 1
    assert await session.scalars_with_total(stmt.where(Cafe.id == "b")) == ([], 0)


ALONG = select(Cafe).traverse(Cafe.near)
SHAPES = {
    "a hop": ALONG.order_by("n.id").order_by("n2.id").return_target(),
    "its start": ALONG.order_by("n2.id", desc=True).order_by("n.id"),
    "distinct": ALONG.return_target().distinct().order_by("n2.id"),
    "distinct and sorted by another": ALONG.return_target().distinct(),
    "optional": select(Cafe).traverse(Cafe.near, optional=True).order_by("n.id").order_by("n2.id"),
    "a count": select(Cafe).where(Cafe.near.count() > 0).order_by("id"),
    "a stage": ALONG.with_("n", count("*").as_("c")).where(var("c") > 1).order_by("n.id"),
    "rows of a list": select(Cafe).unwind([1, 2], "x").where(col(Cafe.rank) == 1).order_by("id"),
    "a subquery": call(
        select(Cafe), within(Cafe, "n").traverse(Cafe.near).aggregate(count("*").as_("c"))
    ).where(var("c") > 0).order_by("id"),
}  # fmt: skip


def _needs(shape):
    return [pytest.mark.requires("subqueries")] if shape == "a subquery" else []


@pytest.mark.parametrize("shape", [pytest.param(each, marks=_needs(each)) for each in SHAPES])
async def test_pages_and_totals_are_those_of_two_queries(shape, session):
    """Whatever leads to the nodes, page and total are what reading and counting say."""
    nodes = [Cafe(id=f"c{n}", rank=n % 2) for n in range(5)]
    for node in nodes:
        node.near = [other for other in nodes if other is not node and other.rank == 1]
    session.add_all(nodes)
    await session.commit()
    stmt = SHAPES[shape]
    everything = await session.scalars(stmt)
    found, total = await session.scalars_with_total(stmt.skip(1).limit(3))
    assert total == len(everything) > 1
    if stmt.orders:
        assert found == everything[1:4]


def test_pages_and_totals_are_one_query_wherever_a_row_is_a_node():
    """Only rows that are something else take two."""
    dialect = FalkorDBDialect()
    assert all(counts_along(stmt, dialect) for stmt in SHAPES.values())
    assert not counts_along(ALONG.return_edge(), dialect)
    assert not counts_along(select(Cafe).order_by(Cafe.near.count()), dialect)


async def test_a_page_loads_relations(session):
    """`fetch` loads them with the page."""
    session.add(Cafe(id="a", near=[Cafe(id="b")]))
    await session.commit()
    session.expunge_all()
    page = await session.page(select(Cafe), limit=1, fetch=["near"])
    assert [cafe.id for cafe in page.items[0].near] == ["b"]


async def test_a_cursor_of_something_else_is_refused(session):
    """A changed cursor, or one of another statement, is an error and not another page."""
    await cafes(session)
    cursor = (await session.page(select(Cafe), limit=2)).next
    for wrong in (cursor[:-2] + "AA", "nonsense", "é", cursor + cursor, "", 7):
        with pytest.raises(StatementError, match="cursor|after="):
            await session.page(select(Cafe), after=wrong)
    with pytest.raises(StatementError, match="not one of this statement"):
        await session.page(select(Cafe).order_by("rank"), after=cursor)


@pytest.mark.parametrize(
    ("stmt", "message"),
    [
        (select(Cafe).order_by("rating"), "float"),
        (select(Cafe).limit(3), "leave skip and limit out"),
        (select(Cafe).traverse(Cafe.near), "any"),
        (select(Cafe).project("name"), "reads entities"),
        ("MATCH (n) RETURN n", "reads entities"),
    ],
    ids=str,
)
async def test_what_has_no_exact_order_is_refused(session, stmt, message):
    """The error says what to write instead."""
    with pytest.raises(StatementError, match=message):
        await session.page(stmt)


async def test_distances_are_compared_and_sorted_in_metres(session):
    """Points are measured on the sphere; what has none is left out."""
    munich, berlin = at(48.14, 11.58), at(52.52, 13.40)
    session.add_all([Cafe(id="m", place=munich), Cafe(id="b", place=berlin), Cafe(id="n")])
    await session.commit()
    near = select(Cafe).where(distance(Cafe.place, at(48.2, 11.6)) < 10_000)
    assert [cafe.id for cafe in await session.scalars(near)] == ["m"]
    rows = await session.all_rows(
        select(Cafe)
        .where(Cafe.place.is_not_null())
        .project(Cafe.id, distance(Cafe.place, munich).as_("metres"))
        .order_by("metres", desc=True)
    )
    assert [row["n.id"] for row in rows] == ["b", "m"]
    assert rows[0]["metres"] == pytest.approx(504_000, rel=0.01)


async def test_a_box_holds_what_lies_in_it(session):
    """Corners are given south-west first; a box may cross the 180th meridian."""
    places = {"fiji": at(-17.5, 178.0), "samoa": at(-13.8, -172.0), "rome": at(41.9, 12.5)}
    session.add_all([Cafe(id=key, place=place) for key, place in places.items()])
    await session.commit()
    for box, inside in [
        ((at(-20, 170), at(-10, -170)), ["fiji", "samoa"]),
        ((at(-20, 170), at(-10, 179)), ["fiji"]),
        ((at(40, 10), at(45, 15)), ["rome"]),
    ]:
        stmt = select(Cafe).where(within_box(Cafe.place, *box)).order_by("id")
        assert [cafe.id for cafe in await session.scalars(stmt)] == inside


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: distance(Cafe.name, at(0, 0)), "GeoLocation fields"),
        (lambda: distance(Cafe.place, (1, 2)), "takes a point"),
        (lambda: distance("place", at(0, 0)), "takes a field"),
        (lambda: within_box(Cafe.place, at(5, 0), at(0, 5)), "south-west corner first"),
    ],
)
def test_what_is_no_point_is_refused(build, message):
    """The error says what to write."""
    with pytest.raises(StatementError, match=message):
        build()


# Before and after surrogates, the last characters of one unit, and pairs.
LETTERS = ["a", "\ud7ff", "\ue000", "\uff01", "\uffff", "\U00010000", "\U0001f600", "\U0010ffff"]
TEXTS = [*LETTERS, *(one + other for one in LETTERS for other in LETTERS[2:7:2])]


class Word(Node, registry=REGISTRY):
    """A text by which words are sorted, with an index or without."""

    id: str
    plain: str | None = None
    indexed: str | None = Field(None, index=True)


@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("desc", [False, True], ids=["upwards", "downwards"])
@pytest.mark.parametrize("field", ["id", "plain", "indexed"])
async def test_pages_of_text_go_by_code_points(session, schema, field, desc, limit):
    """Every text comes once, in Python's order, whatever characters it has; so do missing ones."""
    await schema.create_all(Word)
    texts = TEXTS if limit > 1 else TEXTS[::2]
    words = [Word(id=each, plain=each, indexed=each) for each in texts]
    session.add_all(words if field == "id" else [*words, Word(id="none"), Word(id="void")])
    await session.commit()
    found = [key for page in await walked(session, select(Word).order_by(field, desc=desc), limit)
             for key in page]  # fmt: skip
    missing = [] if field == "id" else ["none", "void"]
    ordered = sorted(texts, reverse=desc)
    assert found == ([*missing, *ordered] if desc else [*ordered, *missing])


@pytest.mark.parametrize("desc", [False, True], ids=["upwards", "downwards"])
async def test_pages_of_equal_texts_go_on_by_key(session, desc):
    """The key decides between them, by code points as well."""
    session.add_all([Word(id=each, plain=each[:1]) for each in TEXTS])
    await session.commit()
    stmt = select(Word).order_by("plain", desc=desc).order_by("id", desc=not desc)
    found = [key for page in await walked(session, stmt, 2) for key in page]
    wanted = sorted(TEXTS, reverse=not desc)
    assert found == sorted(wanted, key=lambda text: text[:1], reverse=desc)
