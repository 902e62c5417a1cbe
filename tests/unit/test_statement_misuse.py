"""Mistakes with statements are answered by runic's own errors, which say what to write."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import OgmError, StatementError, UnknownMethodError
from runic.ogm.query import (
    call,
    connect,
    count,
    delete,
    disconnect,
    insert,
    length,
    merge,
    param,
    select,
    shortest_path,
    union,
    update,
    var,
    within,
)
from runic.ogm.query.habits import EXPRESSION_WORDS, RELATION_WORDS, STATEMENT_WORDS
from runic.ogm.query.search import text_search, vector_search
from tests.unit.statement_kinds import DIALECT, Article, Authored, User

STATEMENTS: dict[str, Any] = {
    "select": lambda: select(User).traverse(User.articles, edge_alias="w"),
    "staged": lambda: select(User).with_("n", User.age.as_("age")),
    "rows": lambda: select(User).project(User.id),
    "groups": lambda: select(User).aggregate(count("*"), group_by=User.age),
    "tuples": lambda: select(User, Article).traverse(User.articles),
    "objects": lambda: select(User).into(User),
    "union": lambda: union(select(User), select(User)),
    "path": lambda: shortest_path(select(User), select(User), User.friends),
    "update": lambda: update(User).values(age=1),
    "update of edges": lambda: update(Authored).values(year=1),
    "delete": lambda: delete(User),
    "delete of edges": lambda: delete(Authored),
    "insert": lambda: insert(User).values([{"id": "a"}]),
    "merge": lambda: merge(User).values([{"id": "a"}]),
    "connect": lambda: connect(User.articles),
    "disconnect": lambda: disconnect(User.articles),
    "text search": lambda: text_search(User, "x"),
    "vector search": lambda: vector_search(User, "place", [0, 1], 2),
    "fetch": lambda: User.articles.limit(1),
}
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    "",
    "zz",
    "n.zz",
    b"x",
    [],
    {},
    {"age": 1},
    [None],
    object(),
    User,
    Authored,
    User.age,
    User.articles,
    User.age == 1,
    count("*"),
    var("x"),
    param("p"),
    User(id="a"),
    len,
    select(User),
    update(User),
]


BUILDING = (
    "where bind order_by skip limit distinct alias traverse repeat with_ unwind return_target"
    " return_nodes return_edge return_path project aggregate into fetch with_edges between"
    " returning values on on_create on_match batches build"
)


def methods_of(stmt: Any) -> list[str]:
    """Return the names of the methods that build on a statement."""
    return [name for name in BUILDING.split() if callable(getattr(stmt, name, None))]


def raw_error(make: Any, *given: Any) -> Exception | None:
    """Return what a call raises, and the text of what it makes, if it is no error of ours."""
    try:
        made = make(*given)
        if hasattr(made, "build"):
            made.build(DIALECT)
    except OgmError:
        return None
    except Exception as error:  # noqa: BLE001
        # Too many arguments, or one that is only taken by its name: Python's own words.
        return None if "positional argument" in str(error) else error
    return None


@pytest.mark.parametrize("kind", STATEMENTS)
def test_wrong_arguments_are_told_by_errors_of_our_own(kind: str) -> None:
    """Whatever a building method is given, it works or raises an OgmError; so does the text."""
    stmt = STATEMENTS[kind]()
    raised = {
        f"{name}({wrong!r:.40})": raw_error(getattr(stmt, name), wrong)
        for name in methods_of(stmt)
        for wrong in WRONG
    }
    assert {call: error for call, error in raised.items() if error is not None} == {}


@pytest.mark.parametrize(
    "make",
    [
        select,
        update,
        delete,
        insert,
        merge,
        connect,
        disconnect,
        union,
        param,
        var,
        lambda wrong: select(User, wrong).build(),
        lambda wrong: union(select(User), wrong),
        lambda wrong: call(select(User), wrong),
        lambda wrong: call(wrong, within(User, "n")),
        lambda wrong: within(wrong, "n"),
        lambda wrong: within(User, wrong),
        lambda wrong: shortest_path(wrong, select(User), User.friends),
        lambda wrong: shortest_path(select(User), wrong, User.friends),
        lambda wrong: shortest_path(select(User), select(User), wrong),
        lambda wrong: text_search(wrong, "x"),
        lambda wrong: text_search(User, wrong),
        lambda wrong: text_search(User, "x", wrong),
        lambda wrong: vector_search(wrong, "place", [0, 1], 1),
        lambda wrong: vector_search(User, wrong, [0, 1], 1),
        lambda wrong: vector_search(User, "place", wrong, 1),
        lambda wrong: vector_search(User, "place", [0, 1], wrong),
    ],
)
def test_what_begins_a_statement_refuses_what_it_cannot_begin_with(make: Any) -> None:
    """Only errors of our own come of it."""
    raised = {f"{wrong!r:.40}": raw_error(make, wrong) for wrong in WRONG}
    assert {given: error for given, error in raised.items() if error is not None} == {}


@pytest.mark.parametrize("word", STATEMENT_WORDS)
@pytest.mark.parametrize("kind", ["select", "rows", "union", "update", "insert"])
def test_words_of_other_libraries_are_answered(kind: str, word: str) -> None:
    """The error is an AttributeError, too, so that hasattr says no."""
    stmt = STATEMENTS[kind]()
    if word == "where" and kind != "insert":
        return
    with pytest.raises(UnknownMethodError, match=f"has no '{word}'; write ") as raised:
        getattr(stmt, word)
    assert isinstance(raised.value, StatementError)
    assert isinstance(raised.value, AttributeError)
    assert not hasattr(stmt, word)


@pytest.mark.parametrize("word", EXPRESSION_WORDS)
def test_words_for_expressions_are_answered(word: str) -> None:
    """With the expression in its place."""
    for expression in (User.name, length(User.name), User.friends.count()):
        if hasattr(expression, word):
            continue
        with pytest.raises(UnknownMethodError) as raised:
            getattr(expression, word)
        assert str(expression) in str(raised.value)


@pytest.mark.parametrize("word", RELATION_WORDS)
def test_words_for_relations_are_answered(word: str) -> None:
    """With the relation in its place."""
    with pytest.raises(UnknownMethodError, match=r"User\.friends has no '.+'; write .*User\.frie"):
        getattr(User.friends, word)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: User.age == 1 & User.name == "x",
        lambda: User.age & (User.name == "x"),
        lambda: (User.age == 1) | User.name,
        lambda: 1 | User.age,
        lambda: ~User.age,
    ],
)
def test_criteria_without_parentheses_are_explained(mistake: Any) -> None:
    """`&` binds more tightly than `==`."""
    with pytest.raises(StatementError, match="criterion"):
        mistake()


@pytest.mark.parametrize(
    ("mistake", "fix"),
    [
        (lambda: select("User"), r"select\(User\)"),
        (lambda: select(User(id="a")), r"pass its class, select\(User\)"),
        (lambda: select(User.name), r"select\(User\)\.project\(User\.name\)"),
        (lambda: select(count("*")), r"\.aggregate\("),
        (lambda: select(Authored), "return_edge"),
        (lambda: select(User).where(name="Ada"), r"where\(User\.name == …\)"),
        (lambda: update(User).where(name="Ada"), r"where\(User\.name == …\)"),
        (lambda: select(User).where("n.name = 'Ada'"), r"User\.name == 'Ada'"),
        (lambda: select(User).filter_by(name="Ada"), r"where\("),
        (lambda: select(User).all(), r"session\.scalars\("),
        (lambda: select(User).count(), r"session\.count\("),
        (lambda: User.name.desc, r"order_by\(User\.name, desc=True\)"),
        (lambda: User.name.like("A%"), r"\.startswith"),
        (lambda: update(User).values({"age": 1}), r"values\(name=…\)"),
        (lambda: insert(User).values(id="a"), "a list of dicts"),
    ],
)
def test_mistakes_name_the_fix(mistake: Any, fix: str) -> None:
    """What somebody writes first who comes from another library."""
    with pytest.raises(StatementError, match=fix):
        mistake()
