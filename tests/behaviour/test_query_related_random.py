"""Random criteria on relations find what plain Python finds in the same graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runic.ogm.query import Criterion, select
from runic.ogm.session import Session
from tests.behaviour.models import Article, Person, Wrote

PEOPLE = {"ada": 36, "bob": 20, "cy": 36, "dan": 50, "eve": 1}
ARTICLES = {"x": "X", "y": "Y", "z": "X"}
WROTE = [("ada", "x", 1), ("ada", "y", 2), ("ada", "y", 3), ("bob", "y", 2), ("dan", "z", 1)]
FOLLOWS = [("ada", "bob"), ("ada", "bob"), ("bob", "cy"), ("cy", "ada"), ("dan", "dan")]
KNOWS = [("ada", "cy"), ("eve", "cy"), ("dan", "dan")]

# What is asked of a person or an article, on both sides: the criterion, and the same in Python.
# The second takes the node's key and the year of the edge it was reached by.
Test = Callable[[str, int], bool]


@dataclass(frozen=True)
class Question:
    """A criterion, and its answer for a node."""

    criterion: Criterion
    test: Test

    def __repr__(self) -> str:
        return str(self.criterion)


def ends(pairs: list[tuple[str, str]], here: str, *, out: bool, back: bool) -> Iterator[str]:
    """Yield the other end of each edge of a node."""
    for source, target in pairs:
        if out and source == here:
            yield target
        elif back and target == here:
            yield source


RELATIONS: list[tuple[Any, Callable[[str], list[tuple[str, int]]]]] = [
    (Person.follows, lambda p: [(t, 0) for t in ends(FOLLOWS, p, out=True, back=False)]),
    (Person.followers, lambda p: [(t, 0) for t in ends(FOLLOWS, p, out=False, back=True)]),
    (Person.friends, lambda p: [(t, 0) for t in ends(KNOWS, p, out=True, back=True)]),
]
OPERATORS = [operator.eq, operator.ne, operator.lt, operator.ge]
compare = st.sampled_from(OPERATORS)


def wrote(person: str) -> list[tuple[str, int]]:
    """Return the articles of a person, with the years."""
    return [(article, year) for who, article, year in WROTE if who == person]


@st.composite
def ages(draw: Any) -> Question:
    """Ask for the age of a person."""
    op, age = draw(compare), draw(st.sampled_from([1, 20, 36]))
    return Question(op(Person.age, age), lambda p, _: op(PEOPLE[p], age))


@st.composite
def titles(draw: Any) -> Question:
    """Ask for the title of an article, or the year of the edge that leads to it."""
    if draw(st.booleans()):
        op, year = draw(compare), draw(st.integers(1, 3))
        return Question(op(Wrote.year, year), lambda _, found: op(found, year))
    title = draw(st.sampled_from(["X", "Y"]))
    return Question(Article.title == title, lambda a, _: ARTICLES[a] == title)


def combined(inner: st.SearchStrategy[Question]) -> st.SearchStrategy[Question]:
    """Return questions joined by and, or and not."""
    both = st.tuples(inner, inner)
    return st.one_of(
        inner.map(lambda q: Question(~q.criterion, lambda n, y: not q.test(n, y))),
        both.map(
            lambda p: Question(
                p[0].criterion & p[1].criterion, lambda n, y: p[0].test(n, y) and p[1].test(n, y)
            )
        ),
        both.map(
            lambda p: Question(
                p[0].criterion | p[1].criterion, lambda n, y: p[0].test(n, y) or p[1].test(n, y)
            )
        ),
    )


@st.composite
def related(draw: Any, people: Any) -> Question:
    """Ask for what a relation of a person leads to, and how many there are."""
    if draw(st.booleans()):
        relation, reach = Person.articles, wrote
        inner = draw(st.none() | titles() | combined(titles()))
    else:
        relation, reach = draw(st.sampled_from(RELATIONS))
        inner = draw(st.none() | people)
    criteria = () if inner is None else (inner.criterion,)

    def number(person: str) -> int:
        return sum(inner is None or inner.test(there, year) for there, year in reach(person))

    if draw(st.booleans()):
        return Question(relation.any(*criteria), lambda p, _: number(p) > 0)
    op, wanted = draw(compare), draw(st.integers(0, 2))
    return Question(op(relation.count(*criteria), wanted), lambda p, _: op(number(p), wanted))


questions = st.recursive(
    ages(), lambda inner: st.one_of(related(inner), combined(inner)), max_leaves=5
)


@pytest.fixture
def graph(driver: Any) -> Iterator[Session]:
    """Return a session on a graph that holds the data."""
    with Session(driver) as session:
        _store(session)
        session.commit()
        yield session


def _store(session: Session) -> None:
    for label, name, rows in (("Person", "age", PEOPLE), ("Article", "title", ARTICLES)):
        text = f"UNWIND $rows AS r CREATE (:{label} {{id: r[0], {name}: r[1]}})"
        session.execute(text, {"rows": [list(row) for row in rows.items()]})
    for type_, pairs in (("WROTE", WROTE), ("FOLLOWS", FOLLOWS), ("KNOWS", KNOWS)):
        text = (
            "UNWIND $rows AS r MATCH (a {id: r[0]}), (b {id: r[1]})"
            f" CREATE (a)-[:{type_} {{year: r[2]}}]->(b)"
        )
        session.execute(text, {"rows": [[*row, 0][:3] for row in pairs]})


@pytest.mark.face("sync")
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(question=questions)
def test_the_database_agrees_with_python(graph: Session, question: Question) -> None:
    """Whatever is nested, negated and counted, on either face of a relation."""
    found = sorted(person.id for person in graph.scalars(select(Person).where(question.criterion)))
    assert found == sorted(p for p in PEOPLE if question.test(p, 0))
