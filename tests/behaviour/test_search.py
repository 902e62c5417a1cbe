"""Full-text, vector and hybrid search, geographic criteria."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runic.ogm.errors import FieldValidationError, SchemaError, StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation, Vector, VectorIndex
from runic.ogm.query import Query, col, connect, disconnect, insert, param, select, update
from runic.ogm.query.search import plain_question, text_search
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from tests.behaviour.graphs import cypher
from tests.faces import call

REGISTRY = Registry()
PLANE = VectorIndex(dimension=2, similarity="euclidean")


class Cites(Edge, registry=REGISTRY):
    """One text that speaks of another."""

    remark: str = Field("", fulltext=True)
    weight: Vector | None = Field(None, vector=PLANE)


class Text(Node, registry=REGISTRY):
    """Something to find."""

    id: str
    title: str = Field("", fulltext=True)
    body: str = Field("", fulltext=True)
    year: int = 0
    place: Vector | None = Field(None, vector=PLANE)
    cites: list[Text] = Relation("CITES", edge_model=Cites)


class Odd(Node, labels=["Odd"], registry=REGISTRY):
    """Something whose stored names are full of quotes."""

    key: str = Field(primary_key=True)
    text: str = Field("", fulltext=True, property="a.b c') DETACH DELETE n //")
    next: list[Odd] = Relation("NEXT' OR 1=1 //")


class Plain(Node, registry=REGISTRY):
    """Something without an index."""

    id: str
    numbers: Vector | None = None


@pytest.fixture
async def texts(session, driver, face):
    """Store five texts and their indexes; return the session."""
    manager = AsyncSchemaManager(driver) if face == "async" else SchemaManager(driver)
    await call(manager.create_all, Text, Cites)
    words = ["graph database", "graph theory", "a database of birds", "birds", "nothing"]
    stored = [
        Text(id=f"t{n}", title=title, body="of the world", year=2000 + n, place=[float(n), 0.0])
        for n, title in enumerate(words)
    ]
    session.add_all(stored)
    session.add(Cites(source=stored[0], target=stored[1], remark="see graph", weight=[1.0, 1.0]))
    await session.commit()
    session.expunge_all()
    return session


def ids(found):
    """Return the keys of entities."""
    return [entity.id for entity in found]


async def test_all_words_must_be_there(texts):
    """Plain text is words, all of which a hit has in one of its fields."""
    assert sorted(ids(await texts.fulltext_search(Text, "graph").all())) == ["t0", "t1"]
    assert ids(await texts.fulltext_search(Text, query="the graph, database!").all()) == ["t0"]
    assert await texts.fulltext_search(Text, "graph penguin").all() == []


async def test_fields_narrow_the_search(texts):
    """`fields` looks into these only."""
    assert await texts.fulltext_search(Text, "world", fields=[Text.title]).all() == []
    assert len(await texts.fulltext_search(Text, "world", fields=["title", "body"]).all()) == 5


async def test_criteria_order_and_page_apply_to_hits(texts):
    """A search builds like a select."""
    found = texts.fulltext_search(Text, "world").where(col(Text.year) > 2000)
    assert ids(await found.order_by(Text.year, desc=True).skip(1).limit(2).all()) == ["t3", "t2"]
    assert (await found.order_by("year").first()).id == "t1"


async def test_criteria_can_ask_what_hits_are_related_to(texts):
    """Existence and counts of relations narrow both kinds of search."""
    found = texts.fulltext_search(Text, "graph").where(Text.cites.any(Text.year == 2001))
    assert ids(await found.all()) == ["t0"]
    near = texts.vector_search(Text, field=Text.place, vector=[4.0, 0.0], k=1)
    assert ids(await near.where(Text.cites.count() > 0, col(Text.year) < 2001).all()) == ["t0"]


async def test_hits_come_with_scores_the_best_first(texts):
    """A text in which the word stands more often has the higher score."""
    await cypher_add(texts, "t9", "graph graph graph")
    scored = await texts.fulltext_search(Text, "graph").scored()
    assert scored[0][0].id == "t9"
    assert [score for _, score in scored] == sorted((s for _, s in scored), reverse=True)


async def cypher_add(session, key, title):
    """Store one more text."""
    session.add(Text(id=key, title=title))
    await session.commit()


async def test_found_entities_are_the_sessions_own(texts):
    """A hit that the session holds is that object; relations load with it."""
    held = await texts.get(Text, "t0")
    (found,) = await texts.fulltext_search(Text, "graph database").fetch(Text.cites).all()
    assert found is held
    assert ids(found.cites) == ["t1"]


async def test_raw_mode_speaks_the_indexs_language(texts):
    """Prefixes and alternatives work in raw mode, and are plain words otherwise."""
    raw = texts.fulltext_search(Text, "theor* | nothing", mode="raw").order_by(Text.id)
    assert ids(await raw.all()) == ["t1", "t4"]
    assert await texts.fulltext_search(Text, "theor* | nothing").all() == []


async def test_edges_are_found_with_their_ends(texts):
    """A full-text index of edges finds edge entities; their ends are entities too."""
    (edge,) = await texts.fulltext_search(Cites, "graph").all()
    assert (edge.remark, edge.source.id, edge.target.id) == ("see graph", "t0", "t1")
    assert await texts.get(Text, "t0") is edge.source
    (near,) = await texts.vector_search(Cites, field=Cites.weight, vector=[0.0, 0.0]).all()
    assert near is edge


async def test_text_without_words_finds_nothing(texts):
    """Nothing is sent for a question that holds no word."""
    assert await texts.fulltext_search(Text, " -()* ").all() == []


async def test_nearest_vectors_come_first_with_their_distance(texts):
    """The score is the distance as the index measures it."""
    found = await texts.vector_search(Text, field=Text.place, vector=[3.0, 4.0], k=2).scored()
    assert [(text.id, round(score, 3)) for text, score in found] == [("t3", 4.0), ("t2", 4.123)]


async def test_criteria_do_not_cost_hits(texts, session):
    """There are k hits if k entities satisfy the criteria, however far away they are."""
    session.add_all([Text(id=f"m{n}", place=[0.0, n / 100], year=1) for n in range(60)])
    await session.commit()
    near = texts.vector_search(Text, field="place", vector=[0.0, 0.0], k=2)
    assert sorted(ids(await near.where(col(Text.year) >= 2003).all())) == ["t3", "t4"]
    assert ids(await near.where(col(Text.year) >= 2001).limit(1).all()) == ["t1"]


@pytest.mark.parametrize("vector", [[], [1.0], [1.0, 0.0, 0.0, 0.0]])
async def test_a_vector_of_another_dimension_is_refused(session, driver, vector):
    """Some databases would store it, and no search would find it."""
    session.add(Text(id="odd", place=vector))
    with pytest.raises(FieldValidationError, match=r"Text\.place.*its index is of"):
        await session.commit()
    session.expunge_all()
    with pytest.raises(FieldValidationError, match="its index is of"):
        await session.execute(update(Text).values(place=vector))
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]


async def test_order_by_sorts_the_nearest(texts):
    """An order of one's own sorts the k nearest, and takes no others."""
    near = texts.vector_search(Text, field=Text.place, vector=[0.0, 0.0], k=3)
    assert ids(await near.order_by(Text.year, desc=True).all()) == ["t2", "t1", "t0"]


async def test_removed_vectors_take_no_place(texts):
    """Entities whose vector was changed or removed do not make the search come up short."""
    for key in ("t0", "t1", "t2"):
        (await texts.get(Text, key)).place = [9.0, 9.0]
    await texts.commit()
    found = await texts.vector_search(Text, field=Text.place, vector=[0.0, 0.0], k=2).all()
    assert ids(found) == ["t3", "t4"]


async def test_hybrid_search_fuses_both_rankings(texts):
    """What both searches find is first; each entity comes once."""
    search = texts.hybrid_search(Text, "birds", field=Text.place, vector=[3.0, 0.0], k=3)
    scored = await search.scored()
    assert scored[0][0].id == "t3"
    assert len({text.id for text, _ in scored}) == 3
    assert scored[0][1] == pytest.approx(2 / 61, rel=0.02)
    assert ids(await search.where(col(Text.year) < 2003).all())[0] == "t2"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda s: s.fulltext_search(Plain, "x"), "no full-text field"),
        (lambda s: s.fulltext_search(Text, "x", fields=["year"]), "no full-text index"),
        (lambda s: s.fulltext_search(Text, "x", fields=["titel"]), "no field 'titel'"),
        (lambda s: s.fulltext_search(Text, "x", fields="title"), "fields is a list"),
        (lambda s: s.fulltext_search(Text, 3), "text to search for"),
        (lambda s: s.fulltext_search(Text, "x", mode="fuzzy"), '"plain" or "raw"'),
        (lambda s: s.fulltext_search(Text, "x").where(Plain.id == "x"), "not in the pattern"),
        (lambda s: s.vector_search(Plain, field=Plain.numbers, vector=[1.0]), "no vector index"),
        (lambda s: s.vector_search(Text, field=Text.place, vector=[1.0]), "dimension 2"),
        (lambda s: s.vector_search(Text, field=Text.place, vector=[1.0, 2.0], k=0), "k is a whole"),
    ],
)
async def test_misuse_is_refused_at_once(session, ask, message):
    """The error says what to write instead."""
    with pytest.raises(StatementError, match=message):
        ask(session)


@pytest.mark.requires("explain")
async def test_a_search_has_a_plan(texts):
    """It is the server's; a hybrid search has two, and one for no words has none."""
    found = texts.fulltext_search(Text, "graph")
    both = texts.hybrid_search(Text, query="graph", field=Text.place, vector=[1.0, 0.0])
    assert await found.explain() == await texts.explain(found.search)
    text, vectors = [await texts.explain(each) for each in both.search.asked_for]
    whole = await both.explain()
    assert whole.startswith(text)
    assert whole.endswith(vectors)
    assert len(whole) > len(text) + len(vectors)
    with pytest.raises(StatementError, match="no search is made"):
        await texts.fulltext_search(Text, " - ").explain()


@pytest.mark.backend("falkordb")
async def test_a_graph_that_is_not_there_has_no_neighbours(session):
    """A search of it finds nothing, as every reading does."""
    assert await session.vector_search(Text, field=Text.place, vector=[1.0, 2.0]).all() == []


async def test_a_missing_vector_index_is_named(session):
    """A graph without the index says so, and how to make it."""
    search = session.vector_search(Text, field=Text.place, vector=[1.0, 2.0])
    session.add(Text(id="x", place=[1.0, 2.0]))
    await session.commit()
    with pytest.raises(SchemaError, match=r"create_all\(Text\)"):
        await search.all()


@pytest.mark.requires("any_names")
async def test_odd_names_and_texts_stay_data(session, driver, face):
    """Quotes in labels, properties, fields and queries change no statement's meaning."""
    manager = AsyncSchemaManager(driver) if face == "async" else SchemaManager(driver)
    await call(manager.create_all, Odd)
    rows = [{"key": "a", "text": "it's `x` \\ $p0"}, {"key": "b", "text": "') DETACH DELETE n //"}]
    await session.execute(insert(Odd).values(rows))
    found = await session.fulltext_search(Odd, "') DETACH DELETE n //").all()
    assert [odd.key for odd in found] == ["b"]
    await session.execute(update(Odd).where(Odd.text == rows[0]["text"]).values(text="' RETURN 1"))
    assert (await session.execute(connect(Odd.next))).affected == 4
    page = await session.page(select(Odd).order_by(Odd.text), limit=1)
    assert (page.items[0].text, page.has_next) == ("' RETURN 1", True)
    assert (await session.execute(disconnect(Odd.next))).affected == 4
    with pytest.raises(StatementError, match="cannot name"):
        session.fulltext_search(Odd, "x", fields=[Odd.text])


async def test_a_vector_of_nan_is_refused(session):
    """A vector holds finite numbers."""
    with pytest.raises(FieldValidationError, match=r"Text\.place"):
        session.vector_search(Text, field=Text.place, vector=[float("nan"), 0.0])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.lists(st.text(max_size=40), min_size=50, max_size=50))
async def test_no_text_breaks_a_plain_search(texts, driver, question):
    """Ten thousand random texts are questions that the index understands."""
    del texts
    dialect = driver.dialect
    asked = [words for text in question if (words := plain_question(text).split())]
    questions = [dialect.fulltext_words(words, ()) for words in asked]
    hits = dialect.fulltext_hits("node", "$label", "w")
    text = f"UNWIND $words AS w {hits} RETURN count(n)"
    await driver.run(Query(text, {"words": questions, "label": "Text"}, read_only=True))


def test_a_search_is_bound_later():
    """Its page may be open, and is checked when it is bound."""
    search = text_search(Text, "x").limit(param("rows"))
    assert search.bind(rows=2).statement.page() == (None, 2)
    with pytest.raises(StatementError, match="'rows' takes a whole number"):
        search.bind(rows="2")
