"""What the Memgraph driver makes of the server's messages; a scripted server plays Memgraph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.errors import (
    ConstraintViolationError,
    QuerySyntaxError,
    QueryTimeoutError,
    StatementError,
    TransientError,
    UniqueViolationError,
)
from runic.ogm.model import Node, Registry
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import UniqueConstraint
from runic.ogm.session import Session
from tests.faults.bolt_stub import Answer, BoltStub, Refusal, Reply
from tests.faults.packstream import node

CLIENT = "Memgraph.ClientError.MemgraphError.MemgraphError"
TRANSIENT = "Memgraph.TransientError.MemgraphError.MemgraphError"
NO_ACCESS = "Cannot get unique access to the storage. Try stopping other queries."
# From 3.8 on, for constraints and for range indexes.
NO_QUIET = "Cannot get read-only access to the storage. Try stopping other queries."


class Thing(Node, registry=Registry()):
    """Something to store."""

    id: str


@pytest.fixture
def play() -> Iterator[Callable[[Answer], tuple[Driver, BoltStub]]]:
    """Return a function that starts a server with a script, and a driver for it."""
    opened: list[tuple[Driver, BoltStub]] = []

    def start(answer: Answer) -> tuple[Driver, BoltStub]:
        stub = BoltStub(answer).__enter__()
        opened.append((create_driver(f"memgraph://127.0.0.1:{stub.port}"), stub))
        return opened[-1]

    yield start
    for driver, stub in opened:
        driver.close()
        stub.__exit__()


UNIQUE = "Unable to commit due to unique constraint violation on :Thing(id)"
TIMEOUT = "Transaction was asked to abort because of transaction timeout."


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (CLIENT, UNIQUE, UniqueViolationError),
        (
            CLIENT,
            "Unable to commit due to existence constraint violation on :L(p)",
            ConstraintViolationError,
        ),
        (CLIENT, "Unable to commit due to serialization error.", TransientError),
        (TRANSIENT, "Cannot resolve conflicting transactions. Retry this", TransientError),
        (TRANSIENT, TIMEOUT, QueryTimeoutError),
        (CLIENT, "Error on line 1 position 7. The underlying parsing error is x", QuerySyntaxError),
        (CLIENT, "Unbound variable: x.", QuerySyntaxError),
    ],
)  # fmt: skip
def test_messages_tell_what_went_wrong(
    play: Any, code: str, message: str, kind: type[Exception]
) -> None:
    """The server has one code for nearly everything, so its messages decide."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply:
        raise Refusal(code, message)

    driver, _ = play(answer)
    with pytest.raises(kind, match=message[:20]):
        step(driver.run(Query("CREATE (n)")))


def test_ids_are_numbers(play: Any) -> None:
    """Bolt sends them as text, and `id(n)` compares numbers."""
    driver, _ = play(lambda text, params: Reply(["n"], [[node(7, ["Thing"], {"id": "a"})]]))
    (row,) = step(driver.run(Query("MATCH (n) RETURN n"))).rows
    assert row[0].id == 7


def test_a_violation_at_commit_undoes_the_transaction(play: Any) -> None:
    """Unique constraints are checked by COMMIT, where the session still knows what failed."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply:
        if text == "COMMIT":
            raise Refusal(
                CLIENT, "Unable to commit due to unique constraint violation on :Thing(id)"
            )
        return Reply(["r[0]", "id(n)"], [[0, 1]] if text.startswith("UNWIND") else [])

    driver, _ = play(answer)
    with Session(driver) as session:
        session.add(Thing(id="a"))
        with pytest.raises(UniqueViolationError, match="nothing of it was kept"):
            session.commit()
        assert len(session.new) == 1
        session.expunge_all()


@pytest.mark.parametrize("refusal", [NO_ACCESS, NO_QUIET])
def test_making_a_constraint_waits_for_the_storage(play: Any, refusal: str) -> None:
    """While others keep the storage busy the server refuses; the statement is sent again."""
    refusals = [refusal, refusal]

    def answer(text: str, params: Mapping[str, Any]) -> Reply:
        if refusals:
            raise Refusal(TRANSIENT, refusals.pop())
        return Reply()

    driver, stub = play(answer)
    step(driver.constrain(UniqueConstraint("node", "Thing", ("id",))))
    made = "RUN CREATE CONSTRAINT ON (n:`Thing`) ASSERT n.`id` IS UNIQUE"
    assert stub.log.count(made) == 3


def test_it_is_not_waited_for_for_ever(play: Any) -> None:
    """A storage that stays busy is an error."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply:
        raise Refusal(TRANSIENT, NO_ACCESS)

    driver, stub = play(answer)
    with pytest.raises(TransientError, match="unique access"):
        step(driver.run(Query("CREATE INDEX ON :L(p)")))
    assert stub.log.count("RUN CREATE INDEX ON :L(p)") == 10


def test_bytes_are_refused_before_they_are_sent(play: Any) -> None:
    """The server would close the connection over them, and a driver would try again."""
    driver, stub = play(lambda text, params: Reply())
    with pytest.raises(StatementError, match="bytes cannot be sent"):
        step(driver.run(Query("RETURN $b", {"b": b"x"})))
    assert "HELLO" not in stub.log


def test_no_database_is_named_unless_one_is_given(play: Any) -> None:
    """The server's own is `memgraph`, and it refuses the name that Neo4j's has."""
    driver, _ = play(lambda text, params: Reply())
    assert driver.graph_name is None
