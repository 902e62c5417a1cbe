"""What leads from a node that an optional hop did not find: nothing, wherever it is asked."""

from __future__ import annotations

import pytest

from runic.ogm import case, col, select, sum_, var
from runic.ogm.errors import UnsupportedFeatureError
from tests.behaviour.models import Article, Comment, Person

# Ada follows Bob, who has something in every relation; nobody else follows anybody.
FOLLOWED = select(Person).traverse(Person.follows, optional=True).alias("m")
ALL = ["ada", "bob", "cyd"]


@pytest.fixture
async def people(new_session):
    """Three people, and a session on their graph."""
    async with new_session() as session:
        ada, bob, cyd = (Person(id=key) for key in ALL)
        letter = Article(id="x", title="a", comments=[Comment(id="c")])
        bob.articles = [letter, Article(id="y", title="b")]
        bob.friends, ada.follows = [cyd], [bob]
        session.add_all([ada, cyd])
    return new_session()


def at_m(relation):
    """Return a relation of the node that the optional hop leads to."""
    return col(relation).on("m")


COUNTS = {
    "out": (lambda: at_m(Person.articles).count(), 2),
    "in": (lambda: at_m(Person.followers).count(), 1),
    "both": (lambda: at_m(Person.friends).count(), 1),
    "some": (lambda: at_m(Person.articles).count(Article.title == "a"), 1),
    "of counts": (lambda: at_m(Person.articles).count(Article.comments.count() > 0), 1),
    "of any": (lambda: at_m(Person.articles).count(Article.comments.any(Comment.id == "c")), 1),
    "edges": (lambda: at_m(Person.shifts).count(), 0),
}
counts = pytest.mark.parametrize("count", COUNTS)


@counts
async def test_no_node_has_no_edges_in_columns(people, count):
    """The column is 0 where there is no node, and its sum counts the others."""
    make, found = COUNTS[count]
    rows = await people.all_rows(FOLLOWED.project("n.id", make().as_("k")))
    assert {row["n.id"]: row["k"] for row in rows} == {"ada": found, "bob": 0, "cyd": 0}
    total = await people.all_rows(FOLLOWED.with_("n", make().as_("k")).aggregate(sum_(var("k"))))
    assert [list(row.values()) for row in total] == [[found]]


@counts
async def test_no_node_has_no_edges_in_cases(people, count):
    """A case takes the branch for nothing."""
    make, found = COUNTS[count]
    shown = case().when(make() > 0, "some").otherwise("none").as_("k")
    rows = await people.all_rows(FOLLOWED.project("n.id", shown))
    ada = "some" if found else "none"
    assert {row["n.id"]: row["k"] for row in rows} == {"ada": ada, "bob": "none", "cyd": "none"}


@counts
async def test_no_node_has_no_edges_in_criteria(people, count):
    """Criteria on the rows keep and leave out what they should, and so do their negations."""
    make, found = COUNTS[count]
    kept = FOLLOWED.with_("n", "m").where(make() > 0)
    left = FOLLOWED.with_("n", "m").where(~(make() > 0))
    some = {"ada"} if found else set()
    assert {each.id for each in await people.scalars(kept)} == some
    assert {each.id for each in await people.scalars(left)} == set(ALL) - some


@counts
async def test_no_node_has_no_edges_in_orders(people, count):
    """Rows are sorted by it."""
    make, found = COUNTS[count]
    sorted_ = FOLLOWED.order_by(make(), desc=True).order_by(Person.id.on("n"), desc=True)
    order = ["ada", "cyd", "bob"] if found else ["cyd", "bob", "ada"]
    assert [each.id for each in await people.scalars(sorted_)] == order


@pytest.mark.parametrize("relation", [Person.articles, Person.followers, Person.friends])
async def test_no_node_leads_anywhere(people, relation):
    """`any` is false of it, and its negation true."""
    leads = FOLLOWED.with_("n", "m").where(at_m(relation).any())
    leads_not = FOLLOWED.with_("n", "m").where(~at_m(relation).any())
    assert [each.id for each in await people.scalars(leads)] == ["ada"]
    assert {each.id for each in await people.scalars(leads_not)} == {"bob", "cyd"}


SPANS = {"one": (1, 1), "some": (1, 3), "any": (1, None), "none": (0, 1)}
WAYS = {
    "out": (Person.follows, []),
    "in": (Person.followers, ["ada"]),
    "both": (Person.friends, ["cyd"]),
}


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("optional", [True, False], ids=["optional", "required"])
@pytest.mark.parametrize("staged", [True, False], ids=["after a stage", "at once"])
async def test_no_path_begins_at_no_node(people, span, way, optional, staged):
    """A path from it is not found; the rows of the others are."""
    (least, most), (relation, ends) = SPANS[span], WAYS[way]
    found = FOLLOWED.with_("n", "m") if staged else FOLLOWED
    path = found.repeat(at_m(relation), min_hops=least, max_hops=most, optional=optional).alias(
        "end"
    )
    rows = await people.all_rows(path.project("n.id", Person.id.on("end").as_("end")))
    of_ada = [*ends, *(["bob"] if least == 0 else [])] or ([None] if optional else [])
    pairs = {("ada", end) for end in of_ada}
    pairs |= {("bob", None), ("cyd", None)} if optional else set()
    assert {(row["n.id"], row["end"]) for row in rows} >= pairs
    # Friends go both ways: a path of several edges may come back.
    if way != "both":
        assert {(row["n.id"], row["end"]) for row in rows} == pairs


@pytest.mark.parametrize("optional", [True, False], ids=["optional", "required"])
async def test_a_path_from_no_node_leaves_what_comes_after_it(people, optional):
    """Further hops, criteria and the path itself are as they would be."""
    path = FOLLOWED.repeat(
        at_m(Person.friends), max_hops=1, optional=optional, path_alias="p"
    ).alias("end")
    on = path.where(Person.id.on("end") != "bob").traverse(
        Person.followers.on("m"), optional=optional
    )
    rows = await people.all_rows(on.project("n.id", Person.id.on("end").as_("end")))
    rest = {"bob": None, "cyd": None} if optional else {}
    assert {row["n.id"]: row["end"] for row in rows} == {"ada": "cyd", **rest}
    paths = [row[-1] for row in (await people.execute(path.return_path())).rows]
    assert [[node.id for node in p.nodes] for p in paths if p is not None] == [["bob", "cyd"]]
    assert len(paths) == (3 if optional else 1)


async def test_a_path_from_no_node_alone(people, driver):
    """Where no other node is carried along, AGE has no row to keep, and says so."""
    path = FOLLOWED.with_("m").repeat(at_m(Person.friends), max_hops=1, optional=True).alias("end")
    rows = path.project(Person.id.on("end").as_("end"))
    if driver.dialect.name == "age":
        with pytest.raises(UnsupportedFeatureError, match=r"with_\('n'"):
            await people.all_rows(rows)
        return
    assert sorted(str(row["end"]) for row in await people.all_rows(rows)) == ["None", "None", "cyd"]
