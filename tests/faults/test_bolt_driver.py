"""What a Bolt driver does with a server that refuses, breaks off or answers strangely."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import neo4j
import pytest

from runic.ogm import Capabilities, Dialect
from runic.ogm.driver.base import EdgeRecord, NodeRecord
from runic.ogm.driver.bolt import BoltDriver, BoltSettings, Failures, Meaning, read_settings
from runic.ogm.driver.bridge import step
from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    ConstraintViolationError,
    DriverError,
    FieldValidationError,
    HydrationError,
    OgmError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    StatementError,
    TransientError,
    UniqueViolationError,
    UnsupportedFeatureError,
)
from runic.ogm.query.compiled import Query
from tests.faults.bolt_stub import Answer, BoltStub, HangUp, Refusal, Reply
from tests.faults.packstream import Struct, edge, node

READ = Query("MATCH (n) RETURN n", read_only=True)
WRITE = Query("CREATE (n)")


class StubDialect(Dialect):
    name = "stub"
    capabilities = Capabilities.of("transactions", "timeouts", "explain")


class StubDriver(BoltDriver):
    failures: ClassVar[Failures] = Failures(
        "Stub", (Meaning("house rule", ConstraintViolationError, "mend it"),)
    )
    max_message_bytes = 10_000


Open = Callable[[Answer], tuple[StubDriver, BoltStub]]


@pytest.fixture
def open_stub() -> Iterator[Open]:
    """Return a function that starts a server with a script, and a driver for it."""
    opened: list[tuple[StubDriver, BoltStub]] = []

    def start(answer: Answer) -> tuple[StubDriver, BoltStub]:
        stub = BoltStub(answer).__enter__()
        driver = StubDriver(BoltSettings(host="127.0.0.1", port=stub.port), StubDialect())
        opened.append((driver, stub))
        return driver, stub

    yield start
    for driver, stub in opened:
        driver.close()
        stub.__exit__()


def queries(stub: BoltStub, text: str) -> int:
    """Return how often the server was sent a query."""
    return stub.log.count(f"RUN {text}")


def refusing(code: str, message: str) -> Answer:
    """Return a script that refuses every query."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        raise Refusal(code, message)

    return answer


def test_making_a_driver_does_no_io() -> None:
    """A driver of an address where nothing listens is made and closed without an error."""
    driver = StubDriver(BoltSettings(port=1), StubDialect())
    driver.close()
    driver.close()


def test_a_result_holds_records_at_any_depth(open_stub: Open) -> None:
    """Nodes and relationships become records, alone and within lists and maps."""
    ada, tie = node(1, ["B", "A"], {"name": "Ada"}), edge(7, 1, 2, "KNOWS", {"since": 3})
    driver, _ = open_stub(lambda text, params: Reply(["n", "deep"], [[ada, [{"e": tie}]]]))
    result = step(driver.run(READ))
    assert result.columns == ["n", "deep"]
    assert result.rows == [
        [
            NodeRecord("1", ["A", "B"], {"name": "Ada"}),
            [{"e": EdgeRecord("7", "KNOWS", "1", "2", {"since": 3})}],
        ]
    ]


def test_a_value_python_cannot_hold_is_refused(open_stub: Open) -> None:
    """A duration of months has no timedelta: the error says what to return instead."""
    months = Struct("E", 3, 0, 0, 0)
    driver, _ = open_stub(lambda text, params: Reply(["d"], [[months]]))
    with pytest.raises(HydrationError, match="P3M.*toString"):
        step(driver.run(READ))


CODES = [
    ("Neo.ClientError.Statement.SyntaxError", "bad", QuerySyntaxError),
    ("Neo.ClientError.Statement.ParameterMissing", "x", QuerySyntaxError),
    ("Neo.ClientError.Security.Unauthorized", "no", AuthenticationError),
    ("Neo.TransientError.Transaction.DeadlockDetected", "again", TransientError),
    ("Neo.ClientError.Transaction.TransactionTimedOut", "late", QueryTimeoutError),
    ("Neo.ClientError.Statement.AccessMode", "read mode", DriverError),
    ("Neo.DatabaseError.General.UnknownError", "what", DriverError),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", "must have", ConstraintViolationError),
    ("Generic.ClientError.Some.Thing", "a house rule", ConstraintViolationError),
]


@pytest.mark.parametrize(("code", "message", "kind"), CODES)
def test_codes_and_messages_become_our_errors(
    open_stub: Open, code: str, message: str, kind: type[OgmError]
) -> None:
    """Each answer is one of our errors, with the statement and the client's error as its cause."""
    driver, _ = open_stub(refusing(code, message))
    with pytest.raises(DriverError, match=message) as caught:
        step(driver.run(WRITE))
    assert type(caught.value) is kind
    assert caught.value.statement == WRITE.text
    assert caught.value.__cause__ is not None


def test_a_violation_does_not_show_the_value(open_stub: Open) -> None:
    """The server quotes the value that is taken; the error leaves it out."""
    said = "Node(3) already exists with label `User` and property `email` = 'ada@secret'"
    driver, _ = open_stub(refusing("Neo.ClientError.Schema.ConstraintValidationFailed", said))
    with pytest.raises(UniqueViolationError, match="property `email`") as caught:
        step(driver.run(WRITE))
    assert "secret" not in str(caught.value)


def test_a_read_is_sent_again_over_a_new_connection(open_stub: Open) -> None:
    """A pooled connection that turns out to be broken costs a read nothing."""
    breaks = iter([True])

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        if next(breaks, False):
            raise HangUp
        return Reply(["n"], [[1]])

    driver, stub = open_stub(answer)
    assert step(driver.run(READ)).rows == [[1]]
    assert queries(stub, READ.text) == 2


def test_a_write_is_never_sent_again(open_stub: Open) -> None:
    """A write on a connection that breaks is reported as unknown, and sent once."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        raise HangUp

    driver, stub = open_stub(answer)
    with pytest.raises(ConnectionLostError, match="unknown whether this write"):
        step(driver.run(WRITE))
    assert queries(stub, WRITE.text) == 1


def test_a_commit_that_breaks_off_is_unknown(open_stub: Open) -> None:
    """Nobody knows what became of a transaction whose commit had no answer."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        if text == "COMMIT":
            raise HangUp
        return None

    driver, _ = open_stub(answer)
    transaction = step(driver.begin())
    step(transaction.run(WRITE))
    with pytest.raises(ConnectionLostError, match="unknown whether the transaction was kept"):
        step(transaction.commit())
    step(transaction.rollback())


def test_a_transaction_that_loses_its_connection_kept_nothing(open_stub: Open) -> None:
    """Before the commit a broken connection takes the transaction with it; rollback is quiet."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        if text == WRITE.text:
            raise HangUp
        return None

    driver, stub = open_stub(answer)
    transaction = step(driver.begin())
    with pytest.raises(ConnectionLostError, match="nothing of the transaction was kept"):
        step(transaction.run(WRITE))
    step(transaction.rollback())
    assert queries(stub, WRITE.text) == 1


def test_a_conflict_at_commit_is_transient(open_stub: Open) -> None:
    """Servers that find conflicts at the end report them from the commit; nothing was kept."""

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        if text == "COMMIT":
            raise Refusal("Neo.TransientError.Transaction.DeadlockDetected", "conflict")
        return None

    driver, _ = open_stub(answer)
    transaction = step(driver.begin())
    step(transaction.run(WRITE))
    with pytest.raises(TransientError, match="conflict"):
        step(transaction.commit())


def test_the_transaction_has_one_time_limit(open_stub: Open) -> None:
    """It is that of the first query; a shorter one for another query is refused, not ignored."""
    driver, stub = open_stub(lambda text, params: None)
    transaction = step(driver.begin())
    step(transaction.run(WRITE, timeout=5))
    with pytest.raises(UnsupportedFeatureError, match="one time limit"):
        step(transaction.run(WRITE, timeout=1))
    step(transaction.rollback())
    assert queries(stub, WRITE.text) == 1


def test_a_transaction_begins_with_its_first_query(open_stub: Open) -> None:
    """One that was not used asks nothing of the server, and is over when it has ended."""
    driver, stub = open_stub(lambda text, params: None)
    transaction = step(driver.begin())
    step(transaction.commit())
    assert stub.log == []
    with pytest.raises(DriverError, match="this transaction is over"):
        step(transaction.run(WRITE))


def test_savepoints_are_refused(open_stub: Open) -> None:
    """No Bolt server has savepoints."""
    driver, _ = open_stub(lambda text, params: None)
    transaction = step(driver.begin())
    with pytest.raises(UnsupportedFeatureError, match="savepoints; these have: age"):
        step(transaction.savepoint("here"))
    step(transaction.rollback())


UNSENT: list[tuple[Any, type[OgmError], str]] = [
    (2**63, FieldValidationError, "64 bits"),
    ([{"deep": "\ud800"}], FieldValidationError, "lone surrogate"),
    (b"bytes", StatementError, "bytes cannot be sent"),
    ({1: 2}, StatementError, "not a usable name"),
    ("x" * 10_000, QueryTooLargeError, "nothing was sent"),
]


@pytest.mark.parametrize(("value", "kind", "reason"), UNSENT)
def test_what_would_not_arrive_is_not_sent(
    open_stub: Open, value: Any, kind: type[OgmError], reason: str
) -> None:
    """Values and sizes that the client or the server chokes on are refused before."""
    driver, stub = open_stub(lambda text, params: None)
    with pytest.raises(kind, match=reason):
        step(driver.run(Query("RETURN $x", {"x": value})))
    assert stub.log == []


def test_parameters_arrive_as_they_are(open_stub: Open) -> None:
    """The outermost values that pass reach the server unchanged."""
    seen: list[Mapping[str, Any]] = []

    def answer(text: str, params: Mapping[str, Any]) -> Reply | None:
        seen.append(params)
        return None

    driver, _ = open_stub(answer)
    params = {"a": [2**63 - 1, -(2**63), 1e308, "é\0", None, True], "m": {"k": [[]]}}
    step(driver.run(Query("RETURN $a", params)))
    assert seen == [params]


def test_ctrl_c_gives_up_the_connection(open_stub: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted query does not wait for its reply, nor leave it to the next query."""
    driver, stub = open_stub(lambda text, params: Reply(["n"], [[text]]))
    original = neo4j.Session.run

    def interrupted(session: neo4j.Session, *args: Any) -> neo4j.Result:
        original(session, *args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(neo4j.Session, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            step(driver.run(WRITE))
    assert step(driver.run(READ)).rows == [[READ.text]]
    assert stub.log.count("HELLO") == 2


def test_close_leaves_no_socket(open_stub: Open) -> None:
    """After close the connection is gone with a goodbye, and the driver refuses more work."""
    driver, stub = open_stub(lambda text, params: Reply(["n"], [[1]]))
    sibling = driver.graph("other")
    step(sibling.run(READ))
    driver.close()
    stub.ended.get(timeout=10)
    assert stub.log[-1] == "GOODBYE"
    with pytest.raises(DriverError, match="this driver is closed"):
        step(sibling.run(READ))


def test_all_connections_in_use_is_transient(open_stub: Open) -> None:
    """A pool without a free connection says so after its time."""
    _, stub = open_stub(lambda text, params: None)
    settings = BoltSettings("127.0.0.1", stub.port, max_connections=1, pool_timeout=0.5)
    driver = StubDriver(settings, StubDialect())
    transaction = step(driver.begin())
    step(transaction.run(WRITE))
    with pytest.raises(TransientError, match="max_connections"):
        step(driver.run(WRITE))
    step(transaction.rollback())
    driver.close()


def test_a_server_that_is_not_there(open_stub: Open) -> None:
    """The error names the address, and that nothing was run."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings = BoltSettings("127.0.0.1", unused.getsockname()[1])
        driver = StubDriver(settings, StubDialect())
        with pytest.raises(ConnectionLostError, match="cannot reach Stub at 127.0.0.1.*nothing"):
            step(driver.run(WRITE))
        driver.close()


def test_the_plan_is_drawn_from_what_the_server_sends(open_stub: Open) -> None:
    """A plan without a drawing of its own is written a line for each operator."""
    scan = {"operatorType": "Scan", "args": {"Details": "n:User"}, "children": []}
    plan = {"operatorType": "Results", "args": {}, "children": [scan]}
    driver, stub = open_stub(lambda text, params: Reply([], [], {"plan": plan}))
    assert step(driver.explain(READ)) == "Results\n    Scan | n:User"
    assert queries(stub, f"EXPLAIN {READ.text}") == 1


def test_settings_are_read_from_options() -> None:
    """Options override a backend's defaults; what nobody knows is refused by name."""
    options = {"host": "::1", "graph": "social", "tls": True, "trust": "any"}
    settings, rest = read_settings("bolt", options, frozenset({"graph"}), port=7000)
    assert (settings.uri, rest) == ("bolt://[::1]:7000", {"graph": "social"})
    with pytest.raises(StatementError, match="no option grap; it takes .*graph"):
        read_settings("bolt", {"grap": "x"}, frozenset({"graph"}))
