"""One text for every shape of statement: nothing that it was made from leaks into the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runic.ogm import Field, Node, Registry, Vector, VectorIndex
from runic.ogm.driver.falkordb import FalkorDBDialect
from runic.ogm.errors import FieldValidationError, StatementError
from runic.ogm.query import (
    avg,
    case,
    coalesce,
    compile_count,
    compile_exists,
    compile_select,
    connect,
    count,
    delete,
    disconnect,
    insert,
    merge,
    param,
    select,
    union,
    update,
)
from runic.ogm.query.memory import MAX_PLANS, Plans, memory_of
from runic.ogm.query.search import text_search, vector_search
from runic.ogm.query.statement import Statement
from tests.unit.query_models import Article, User

DIALECT = FalkorDBDialect()

REGISTRY = Registry()


class Page(Node, registry=REGISTRY):
    """What can be searched in both ways."""

    id: str
    title: str = Field(fulltext=True)
    year: int = 0
    embedding: Vector = Field(vector=VectorIndex(dimension=2))


Values = Iterator[int]
Make = Callable[[Values], Any]


def _text(values: Values) -> str:
    return f"secret-{next(values)}"


# Criteria on users, of values to come. Numbers from 7000000 on stand in no text by chance.
CRITERIA: list[Make] = [
    lambda v: User.age > next(v),
    lambda v: User.city == _text(v),
    lambda v: User.name == _text(v),
    lambda v: User.name == f" {_text(v)}",
    lambda v: User.name >= _text(v),
    lambda v: User.big != next(v),
    lambda v: User.big == 2**60 + next(v),
    lambda v: User.age == None,  # noqa: E711
    lambda v: User.age.is_not_null(),
    lambda v: User.city.in_([_text(v) for _ in range(next(v) % 3)]),
    lambda v: User.name.in_([" ", _text(v)]),
    lambda v: User.city.not_in_([_text(v)]),
    lambda v: User.name.startswith(_text(v)),
    lambda v: User.city.matches(_text(v)),
    lambda v: User.tags.any_of([_text(v)]),
    lambda v: User.tags.contains(_text(v)),
    lambda v: User.age == User.big,
    lambda v: User.age + next(v) > User.score,
    lambda v: coalesce(User.city, _text(v)) == _text(v),
    lambda v: User.articles.any(Article.title == _text(v)),
    lambda v: User.articles.count() > next(v),
    lambda v: case().when(User.age < next(v), _text(v)).otherwise(_text(v)) == _text(v),
]

ENDINGS: list[Callable[[Any, Values], Any]] = [
    lambda stmt, v: stmt.limit(next(v)),
    lambda stmt, v: stmt.skip(next(v)).limit(next(v)),
    lambda stmt, v: stmt.order_by(User.name).limit(next(v)),
    lambda stmt, v: stmt.order_by(User.age, desc=True).order_by(User.city),
    lambda stmt, v: stmt.order_by(User.age + next(v)).skip(next(v)),
    lambda stmt, v: stmt.distinct(),
    lambda stmt, v: stmt.alias("u"),
    lambda stmt, v: stmt.traverse(User.articles).where(Article.title == _text(v)),
    lambda stmt, v: stmt.traverse(User.friends, optional=True).return_target(),
    lambda stmt, v: stmt.project(User.name, (User.age + next(v)).as_("sum")),
    lambda stmt, v: stmt.aggregate(count("*"), avg(User.age), group_by=User.city),
    lambda stmt, v: stmt.with_("n", (User.age * next(v)).as_("x")).limit(next(v)),
    lambda stmt, v: union(stmt, select(User).where(User.age < next(v))).limit(next(v)),
]

WRITES: list[Callable[[list[Any], Values], Any]] = [
    lambda kept, v: update(User).where(*kept).values(city=_text(v), age=next(v)),
    lambda kept, v: update(User).where(*kept).values(age=User.age + next(v)).returning(),
    lambda kept, v: (
        update(User).where(*kept).values(age=None).returning((User.age + next(v)).as_("x"))
    ),
    lambda kept, v: delete(User).where(*kept),
    lambda kept, v: delete(User).where(*kept).returning((User.age + next(v)).as_("x")),
    lambda kept, v: insert(User).values([{"id": _text(v), "name": _text(v)}]),
    lambda kept, v: merge(User).values([{"id": _text(v), "name": _text(v)}]),
    lambda kept, v: merge(User).on(User.name).values([{"id": _text(v), "name": _text(v)}] * 2),
    lambda kept, v: merge(User).values([{"id": _text(v), "name": "x"}]).on_match(age=next(v)),
    lambda kept, v: connect(User.articles).where(*kept).values(year=next(v), note=_text(v)),
    lambda kept, v: connect(User.friends).where(*kept, on="source"),
    lambda kept, v: disconnect(User.articles).where(*kept),
    lambda kept, v: text_search(Page, _text(v)).where(Page.year > next(v)).limit(next(v)),
    lambda kept, v: text_search(Page, _text(v)).order_by(Page.year + next(v)).skip(next(v)),
    lambda kept, v: vector_search(Page, "embedding", [next(v), 1], next(v)),
    lambda kept, v: vector_search(Page, "embedding", [1, next(v)], 3).where(Page.id == _text(v)),
]


@st.composite
def criteria(draw: st.DrawFn) -> Make:
    """Return what makes a criterion of values: one, or some that are combined."""
    one = draw(st.sampled_from(CRITERIA))
    way = draw(st.integers(0, 4))
    if way > 2:
        return one
    other = draw(st.sampled_from(CRITERIA))
    if way == 2:
        return lambda v: ~one(v)
    return lambda v: one(v) & other(v) if way else one(v) | other(v)


@st.composite
def reads(draw: st.DrawFn) -> Make:
    """Return what makes a reading statement of values."""
    kept = draw(st.lists(criteria(), max_size=3))
    ending = draw(st.sampled_from(ENDINGS))
    return lambda v: ending(select(User).where(*[each(v) for each in kept]), v)


@st.composite
def writes(draw: st.DrawFn) -> Make:
    """Return what makes a writing statement, or a search, of values."""
    kept = draw(st.lists(criteria(), max_size=2))
    made = draw(st.sampled_from(WRITES))
    return lambda v: made([each(v) for each in kept], v)


def _forget() -> None:
    for entity in (User, Article, Page):
        memory_of(entity).plans.clear()


def _queries(stmt: Any) -> list[tuple[str, Any]]:
    """Return what every way to compile a statement gives."""
    if isinstance(stmt, Statement):
        made = compile_select(stmt, DIALECT).query
        queries = [made, compile_count(stmt, DIALECT), compile_exists(stmt, DIALECT)]
    else:
        queries = [stmt.compile(DIALECT).query]
    return [(query.text, query.params) for query in queries]


@given(st.lists(reads() | writes(), min_size=1, max_size=6), st.integers(0, 2))
def test_what_was_compiled_before_changes_nothing(makes: list[Make], start: int) -> None:
    """Text and parameters are those of a compiler that remembers no shape."""
    _forget()
    statements = [make(counter(start)) for make in makes + makes]
    remembered = [_queries(stmt) for stmt in statements]
    for stmt, queries in zip(statements, remembered, strict=True):
        _forget()
        # A statement that was changed has nothing of its own to remember.
        assert _queries(stmt.restated() if isinstance(stmt, Statement) else stmt) == queries


@given(reads() | writes())
def test_no_value_gets_into_a_text_or_a_key(make: Make) -> None:
    """What is kept beyond a statement holds none of its values."""
    _forget()
    for text, _ in _queries(make(counter(7_000_000))):
        assert "secret" not in text
        assert "70000" not in text
    for entity in (User, Page):
        plans = memory_of(entity).plans
        kept = repr([(key, plans.get(key)) for key in sorted(plans.keys(), key=repr)])
        assert "secret" not in kept
        assert "70000" not in kept


@given(reads() | writes())
def test_a_shape_is_compiled_once(make: Make) -> None:
    """The same shape with other values makes no further plan, and the same text."""
    _forget()
    first = _queries(make(counter(7_000_000)))
    plans = [len(memory_of(entity).plans) for entity in (User, Page)]
    second = _queries(make(counter(8_000_000)))
    assert [text for text, _ in second] == [text for text, _ in first]
    assert [len(memory_of(entity).plans) for entity in (User, Page)] == plans


def test_a_bound_statement_has_the_text_of_its_statement() -> None:
    """What is given for open parameters makes no further plan."""
    stmt = select(User).where(User.name == param("name"), User.age > param("age")).limit(3)
    first = compile_select(stmt.bind(name="Ada", age=1), DIALECT).query
    assert first.params == {"p0": "Ada", "p1": 1, "p2": 3}
    plans = len(memory_of(User).plans)
    second = compile_select(stmt.bind(name="Bob", age=2), DIALECT).query
    assert second.params == {"p0": "Bob", "p1": 2, "p2": 3}
    assert second.text == first.text
    assert len(memory_of(User).plans) == plans


class Account(Node, registry=Registry()):
    """Something with a value that only one may have."""

    id: str
    email: str = Field(unique=True)


def test_a_plan_does_not_let_a_value_pass_unchecked() -> None:
    """What a shape's first statement was allowed says nothing about the next one's values."""
    update(Account).values(email="a@b.c").build(DIALECT)
    with pytest.raises(FieldValidationError, match="cannot be unique"):
        update(Account).values(email=" a@b.c").build(DIALECT)
    select(User).where(User.big == 1).build(DIALECT)
    with pytest.raises(StatementError, match="64 bits"):
        select(User).where(User.big == 2**70).build(DIALECT)
    merge(User).on(User.city).values([{"id": "a", "name": "b", "city": "c"}]).build(DIALECT)
    with pytest.raises(StatementError, match="leaves out"):
        merge(User).on(User.city).values([{"id": "a", "name": "b", "city": None}]).build(DIALECT)


def test_plans_forget_what_is_not_used() -> None:
    """Any number of shapes takes a bounded memory; one in use stays."""
    plans = Plans(size=10)
    plans.put("used", "text")
    for number in range(100):
        plans.put(number, "text")
        assert plans.get("used") == "text"
        assert len(plans) <= 10
    assert plans.get(0) is None


def test_a_class_keeps_a_bounded_number_of_plans() -> None:
    """Aliases that a program makes up do not fill the memory."""
    for number in range(MAX_PLANS * 2):
        select(Article).alias(f"a{number}").build(DIALECT)
    assert len(memory_of(Article).plans) <= MAX_PLANS
    assert len(memory_of(Article).texts) <= MAX_PLANS
