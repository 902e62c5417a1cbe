"""Words of other libraries, and wrong addresses, are answered with what it is called here."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm import (
    AsyncSession,
    Node,
    Registry,
    Session,
    StatementError,
    UnknownMethodError,
    UnsupportedFeatureError,
    create_async_driver,
    create_driver,
    delete,
    select,
)
from runic.ogm.query import param
from runic.ogm.query.habits import SESSION_WORDS


class User(Node, registry=Registry()):
    """Somebody."""

    id: str


EMBEDDED = "falkordb+embedded://"


@pytest.mark.parametrize("word", SESSION_WORDS)
@pytest.mark.parametrize(
    "make",
    [lambda: Session(create_driver(EMBEDDED)), lambda: AsyncSession(create_async_driver(EMBEDDED))],
    ids=["sync", "async"],
)
def test_methods_of_other_sessions_are_answered(make: Any, word: str) -> None:
    """With the method that does it here; hasattr says no."""
    session = make()
    assert not hasattr(session, word)
    with pytest.raises(UnknownMethodError, match="session\\."):
        getattr(session, word)


@pytest.mark.parametrize("given", ["User", None, User(id="a"), dict, Node.__mro__[1]])
def test_get_takes_a_node_class(given: Any) -> None:
    """A name, an entity or another class is refused before anything is sent."""
    session = Session(create_driver("falkordb://127.0.0.1:1"))
    with pytest.raises(StatementError, match="expected a Node class"):
        session.get(given, "a")


@pytest.mark.parametrize("word", ["save", "insert", "delete", "refresh", "reload"])
def test_entities_do_not_write_themselves(word: str) -> None:
    """The error names the session's method."""
    with pytest.raises(AttributeError, match="session"):
        getattr(User(id="a"), word)


@pytest.mark.parametrize("word", ["objects", "nodes", "find", "query"])
def test_classes_do_not_query_by_themselves(word: str) -> None:
    """The error names the statement."""
    with pytest.raises(AttributeError, match="select"):
        getattr(User, word)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("redis://localhost:6379", "did you mean falkordb://"),
        ("falkor://localhost", "did you mean falkordb://"),
        ("neo4", "did you mean neo4j://"),
        ("postgresql://localhost/db", "did you mean age://"),
        ("ada:secret@localhost:6379", "an address needs a scheme"),
    ],
)
def test_a_wrong_address_is_answered_with_the_right_one(address: str, hint: str) -> None:
    """Without showing a password."""
    with pytest.raises(UnsupportedFeatureError, match=hint) as refused:
        create_driver(address)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("given", [5, "Ada", ["Ada"], [("p", "Ada")], {1: "Ada"}, {"p"}])
@pytest.mark.parametrize("name", ["execute", "explain"])
@pytest.mark.parametrize(
    "statement",
    [
        select(User).where(User.id == param("p")),
        delete(User).where(User.id == param("p")),
        "RETURN 1",
    ],
    ids=["select", "delete", "text"],
)
def test_values_of_parameters_are_given_by_name(statement: Any, name: str, given: Any) -> None:
    """What is no mapping of names is refused before anything is sent."""
    session = Session(create_driver("falkordb://127.0.0.1:1"))
    with pytest.raises(StatementError, match="given by name"):
        getattr(session, name)(statement, given)


def test_bind_of_a_bound_query_takes_values_by_name() -> None:
    """As that of a statement does."""
    session = Session(create_driver("falkordb://127.0.0.1:1"))
    with pytest.raises(StatementError, match=r"\.bind\(\*\*values\)"):
        session.query(User).where(User.id == param("p")).bind({"p": 1})  # type: ignore[arg-type]
