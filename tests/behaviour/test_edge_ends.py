"""An edge runs between nodes of the classes that its relations say, or is refused."""

from __future__ import annotations

import pytest

from runic.ogm import Edge, Node, Registry, Relation, StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Wrote(Edge, registry=REGISTRY):
    """Declared by a relation at its source."""

    year: int = 0


class Praised(Edge, registry=REGISTRY):
    """Declared at both ends."""


class Knows(Edge, registry=REGISTRY):
    """Declared by a relation that leads both ways."""


class Free(Edge, registry=REGISTRY):
    """An edge that nobody declares."""


class Item(Node, registry=REGISTRY, abstract=True):
    """An abstract target."""

    id: str


class Article(Item):
    """Something written."""


class Review(Article):
    """A subclass of a target."""


class Film(Item):
    """What nobody writes."""

    praised_by: list[User] = Relation("PRAISED", "INCOMING", edge_model=Praised)


class User(Node, registry=REGISTRY):
    """A source."""

    id: str
    articles: list[Article] = Relation("WROTE", edge_model=Wrote)
    wrote: list[Wrote] = Relation("WROTE", target=Article)
    praised: list[Item] = Relation("PRAISED", edge_model=Praised)
    friends: list[User] = Relation("KNOWS", "BOTH", edge_model=Knows)


class Admin(User):
    """A subclass of a source."""


class Bot(Node, registry=REGISTRY):
    """Writes by a relation that does not name the edge class."""

    id: str
    texts: list[Film] = Relation("WROTE")


FITTING = [
    (Wrote, User, Article),
    (Wrote, Admin, Review),
    (Wrote, Bot, Film),
    (Praised, User, Film),
    (Praised, Admin, Review),
    (Knows, User, Admin),
    (Knows, Admin, User),
    (Free, Article, User),
    (Free, Bot, Bot),
]
CONTRADICTING = [
    (Wrote, Article, User, r"from Article to User: User\.articles has it run from User to Article"),
    (Wrote, Article, User, r"User\.wrote has it run .*; swap source= and target="),
    (Wrote, User, Film, "from User to Film.*declare edge_model=Wrote there"),
    (Wrote, User, User, "from User to User"),
    (Wrote, Bot, Article, "from Bot to Article"),
    (Praised, Film, Admin, r"Film\.praised_by has it run from User to Film.*swap"),
    (Knows, User, Article, r"User\.friends has it run between User and User"),
]


@pytest.mark.parametrize(("edge", "source", "target"), FITTING)
async def test_an_edge_between_fitting_nodes_is_stored(session, driver, edge, source, target):
    """Subclasses fit, abstract targets too, and an edge that no relation declares is free."""
    session.add(edge(source=source(id="a"), target=target(id="b")))
    await session.commit()
    rows = await cypher(driver, "MATCH (s)-[e]->(t) RETURN s.id, type(e), t.id")
    assert rows == [["a", edge.__runic_type__, "b"]]


@pytest.mark.parametrize(("edge", "source", "target", "words"), CONTRADICTING)
async def test_an_edge_that_contradicts_its_relations_is_refused(
    session, driver, edge, source, target, words, assert_query_count
):
    """The error names the relations; nothing is sent, and nothing is staged."""
    made = edge(source=source(id="a"), target=target(id="b"))
    with assert_query_count(0), pytest.raises(StatementError, match=words):
        session.add(made)
    with assert_query_count(0), pytest.raises(StatementError, match=words):
        session.add_all([made])
    assert (state_of(made), state_of(made.source)) == (State.TRANSIENT, State.TRANSIENT)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]


@pytest.mark.parametrize("stored", [False, True])
async def test_an_edge_in_a_relation_is_asked_as_well(session, driver, stored, call):
    """A relation of edges refuses one whose other end does not fit, or that runs the other way."""
    user = User(id="u")
    session.add(user)
    if stored:
        await session.commit()
    for edge in (Wrote(target=Film(id="f")), Wrote(source=Article(id="a"), target=user)):
        user.wrote = [edge]
        with pytest.raises(StatementError, match="Wrote cannot run from"):
            await session.commit()
        user.wrote = []
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["u"]]


async def test_relate_asks_its_relation(session):
    """relate() names the relation itself, whose ends it asks for."""
    session.add_all([user := User(id="u"), film := Film(id="f")])
    with pytest.raises(StatementError, match=r"User\.articles leads to Article, not Film"):
        await session.relate(user, "articles", film, edge=Wrote())
    with pytest.raises(StatementError, match=r"User\.articles leads to Article, not Film"):
        await session.relate_many([(user, User.articles, film, Wrote())])


def test_a_relation_that_is_declared_later_counts():
    """What is refused today is fine once a class with the relation is there."""
    own = Registry()

    class Made(Edge, registry=own):
        pass

    class Part(Node, registry=own):
        id: str

    class Maker(Node, registry=own):
        id: str
        parts: list[Part] = Relation("MADE", edge_model=Made)

    from runic.ogm.model.edge_ends import require_fitting_ends  # noqa: PLC0415

    edge = Made(source=Part(id="a"), target=Maker(id="b"))
    with pytest.raises(StatementError, match=r"Maker\.parts"):
        require_fitting_ends(edge)

    class Unfinished(Node, registry=own):
        id: str
        made: list[Unknown] = Relation("MADE", edge_model=Made)  # noqa: F821

    require_fitting_ends(edge)  # where it leads is not known yet


class Hurried(Wrote):
    """A subclass has a type of its own: HURRIED."""


@pytest.mark.parametrize("way", ["list", "relate", "new node"])
async def test_an_edge_of_another_type_is_refused_in_a_relation(session, driver, way):
    """It would be stored under its own type, and the relation would never find it."""
    user, article = User(id="u"), Article(id="a")
    session.add_all([user, article])
    await session.commit()
    with pytest.raises(StatementError, match="'WROTE', and Hurried is of type 'HURRIED'"):
        if way == "relate":
            await session.relate(user, User.articles, article, edge=Hurried())
        elif way == "new node":
            session.add(User(id="v", wrote=[Hurried(target=article)]))
        else:
            await session.load(user, User.wrote)
            user.wrote.append(Hurried(target=article))
            await session.commit()
    assert await cypher(driver, "MATCH ()-[r]->() RETURN type(r)") == []


async def test_an_edge_of_another_type_may_stand_alone(session, driver):
    """No relation leads over it; it is stored under its type."""
    session.add(Hurried(source=User(id="u"), target=Article(id="a")))
    await session.commit()
    assert await cypher(driver, "MATCH ()-[r]->() RETURN type(r)") == [["HURRIED"]]
