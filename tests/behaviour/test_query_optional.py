"""Optional hops with criteria on what their targets are related to."""

from __future__ import annotations

import pytest

from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import collect, count, select, var
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """Who wrote what."""

    year: int


class Note(Node, registry=REGISTRY):
    """Something about a text."""

    id: str
    votes: int = 0


class Text(Node, registry=REGISTRY):
    """Something with notes, or without."""

    id: str
    words: int = 0
    notes: list[Note] = Relation("ABOUT", "INCOMING")


class Author(Node, registry=REGISTRY):
    """Who wrote some, or nothing."""

    id: str
    texts: list[Text] = Relation("WROTE", edge_model=Wrote)
    knows: list[Author] = Relation("KNOWS")


# ada wrote x twice and y, bob wrote y, cy nothing; x has two notes, y none, z one and no author.
@pytest.fixture(autouse=True)
async def graph(driver):
    """Store authors with texts with notes."""
    await cypher(
        driver,
        "CREATE (a:Author {id: 'ada'}), (b:Author {id: 'bob'}), (c:Author {id: 'cy'}),"
        " (x:Text {id: 'x', words: 5}), (y:Text {id: 'y', words: 9}), (z:Text {id: 'z'}),"
        " (a)-[:WROTE {year: 1}]->(x), (a)-[:WROTE {year: 2}]->(x), (a)-[:WROTE {year: 3}]->(y),"
        " (b)-[:WROTE {year: 4}]->(y), (a)-[:KNOWS]->(b), (b)-[:KNOWS]->(c), (c)-[:KNOWS]->(a),"
        " (:Note {id: 'm', votes: 1})-[:ABOUT]->(x), (:Note {id: 'n', votes: 7})-[:ABOUT]->(x),"
        " (:Note {id: 'o', votes: 9})-[:ABOUT]->(z)",
    )


WRITING = select(Author).traverse(Author.texts, edge_alias="wrote", optional=True)


async def rows(session, stmt, *columns):
    """Return the values of a statement's rows, sorted."""
    found = await session.all_rows(stmt.project(*(columns or ("n.id", "wrote.year", "n2.id"))))
    return sorted((tuple(row.values()) for row in found), key=str)


CASES = {
    "any": ([Text.notes.any()], [("ada", 1, "x"), ("ada", 2, "x"), ("bob",), ("cy",)]),
    "none": ([~Text.notes.any()], [("ada", 3, "y"), ("bob", 4, "y"), ("cy",)]),
    "count": ([Text.notes.count(Note.votes > 5) == 1], [("ada", 1, "x"), ("ada", 2, "x"),
                                                        ("bob",), ("cy",)]),
    "both": ([Text.notes.any(), Wrote.year > 1], [("ada", 2, "x"), ("bob",), ("cy",)]),
    "nothing": ([Text.notes.count() > 2], [("ada",), ("bob",), ("cy",)]),
    "either": ([Text.notes.any() | (Text.words == 9)], [("ada", 1, "x"), ("ada", 2, "x"),
                                                        ("ada", 3, "y"), ("bob", 4, "y"), ("cy",)]),
    "size": ([Text.notes.count() * 3 > Wrote.year], [("ada", 1, "x"), ("ada", 2, "x"), ("bob",),
                                                     ("cy",)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_the_count_decides_what_the_hop_finds(case, session):
    """Every author stays; the target is what satisfies the criteria, or None."""
    criteria, expected = CASES[case]
    wanted = [(*row, *[None] * (3 - len(row))) for row in expected]
    assert await rows(session, WRITING.where(*criteria)) == sorted(wanted, key=str)


async def test_hops_go_on_from_what_was_found(session):
    """A hop after it starts at the target; an inner one loses the rows without any."""
    found = WRITING.where(Text.notes.any())
    inner = found.traverse(Text.notes)
    assert await rows(session, inner.where(Wrote.year == 1, on="wrote"), "n.id", "n3.id") == [
        ("ada", "m"),
        ("ada", "n"),
    ]
    outer = found.traverse(Text.notes, optional=True).where(Note.votes > 5)
    assert await rows(session, outer, "n.id", "wrote.year", "n3.id") == [
        ("ada", 1, "n"),
        ("ada", 2, "n"),
        ("bob", None, None),
        ("cy", None, None),
    ]


async def test_entities_and_aggregates_of_such_hops(session):
    """What was found comes back as entities, and counts as what is there."""
    found = WRITING.where(Text.notes.any())
    stmt = found.aggregate(count("n2").as_("texts"), collect("n2").as_("all"), group_by="n")
    by_id = {row["n"].id: (row["texts"], row["all"]) for row in await session.all_rows(stmt)}
    x = await session.get(Text, "x")
    assert by_id == {"ada": (2, [x, x]), "bob": (0, []), "cy": (0, [])}
    edges = found.return_nodes("n", "n2").return_edge("wrote").order_by("n.id")
    triples = await session.all_with_edges(edges)
    assert [(a.id, t and t.id, e and e.year) for a, t, e in triples if t is None] == [
        ("bob", None, None),
        ("cy", None, None),
    ]


@pytest.mark.requires("subqueries")
async def test_stages_before_are_read(session):
    """A criterion may compare the count with a value of an earlier stage."""
    stage = select(Author).traverse(Author.knows).with_("n", count("*").as_("friends"))
    stmt = stage.traverse(Author.texts, edge_alias="wrote", optional=True)
    stmt = stmt.where(Text.notes.count() > var("friends"))
    assert await rows(session, stmt, "n.id", "friends", "wrote.year") == [
        ("ada", 1, 1),
        ("ada", 1, 2),
        ("bob", 1, None),
        ("cy", 1, None),
    ]


async def test_branches_leave_the_node_that_is_named(session):
    """Two hops from one node, of which another of its class was found meanwhile."""
    stmt = select(Author).traverse(Author.knows).traverse(Author.texts.on("n"), optional=True)
    stmt = stmt.where(~Text.notes.any())
    assert await rows(session, stmt, "n.id", "n2.id", "n3.id") == [
        ("ada", "bob", "y"),
        ("bob", "cy", "y"),
        ("cy", "ada", None),
    ]


async def test_repeated_hops_count_at_their_end(session):
    """A path that may be missing, whose last node is counted."""
    stmt = select(Author).repeat(Author.knows, max_hops=2, path_alias="way", optional=True)
    stmt = stmt.where(Author.texts.any(Text.notes.any()), on="n2").return_path("way")
    found = await session.all_with_edges(stmt)
    ends = {(author.id, way and way.end.id) for author, way in found}
    assert ends == {("ada", None), ("bob", "ada"), ("cy", "ada")}
