"""The driver for Apache AGE, on a real server: what it sends, refuses, and leaves behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runic.ogm.driver import create_async_driver, create_driver
from runic.ogm.driver.base import NodeRecord
from runic.ogm.driver.bridge import step
from runic.ogm.errors import (
    AsyncNotSupportedError,
    ConnectionLostError,
    DriverError,
    QuerySyntaxError,
    QueryTimeoutError,
    StatementError,
    TransientError,
    UnsupportedFeatureError,
)
from runic.ogm.model import Field, Node, Registry, Relation
from runic.ogm.query import Query, col, connect, disconnect
from runic.ogm.session import Session

pytestmark = pytest.mark.backend("age")

# Long enough to be stopped by a timeout, and a chain of joins to the planner.
_SLOW = "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b RETURN count(a + b)"


class Dot(Node, registry=Registry()):
    """Something that leads to others."""

    id: int = Field(primary_key=True)
    leads: list[Dot] = Relation("LEADS")
    linked: list[Dot] = Relation("LEADS", "BOTH")


def _rows(driver, text, **params):
    return step(driver.run(Query(text, params))).rows


async def test_every_row_of_a_write_is_carried_out(driver):
    """Whoever fetches only the first row of AGE writes only the first."""
    _rows(driver, "UNWIND range(1, 5) AS x CREATE (:N {x: x})")
    assert _rows(driver, "MATCH (n:N) RETURN count(n)") == [[5]]


@pytest.mark.parametrize(
    "rest",
    [
        "RETURN n.x ORDER BY n.x LIMIT 1",
        "WITH n ORDER BY n.x LIMIT 1 RETURN n",
        "RETURN count(n) LIMIT 1",
        "WITH count(n) AS c WHERE c > 9 RETURN c",
        "RETURN DISTINCT n.x",
        "WITH n OPTIONAL MATCH (m:Missing) WHERE m.x = n.x RETURN m",
        "WITH n UNWIND [] AS y RETURN y",
        "RETURN 1 AS one UNION RETURN 1 AS one",
    ],
)
async def test_what_is_not_refused_is_written_whole(driver, rest):
    """Texts that AGE would carry out in part are refused; these are carried out to the end."""
    _rows(driver, f"UNWIND range(1, 5) AS x CREATE (n:N {{x: x}}) {rest}")
    assert _rows(driver, "MATCH (n:N) RETURN count(n)") == [[5]]


async def test_a_text_that_would_be_written_in_part_is_not_sent(driver):
    """LIMIT stops AGE after two of the five, and nothing would tell."""
    with pytest.raises(UnsupportedFeatureError, match="LIMIT"):
        _rows(driver, "UNWIND range(1, 5) AS x CREATE (n:N {x: x}) RETURN n LIMIT 2")
    assert _rows(driver, "MATCH (n:N) RETURN count(n)") == [[0]]


async def test_a_merge_by_null_is_refused(driver):
    """AGE would make another node each time."""
    text = "MERGE (n:N {id: $id}) SET n.x = $x RETURN n.id"
    with pytest.raises(StatementError, match=r"give \$id a value"):
        _rows(driver, text, id=None, x=1)
    assert _rows(driver, text, id=1, x=None) == [[1]]
    assert _rows(driver, "MATCH (n:N) RETURN count(n)") == [[1]]


async def test_a_missing_graph_reads_as_empty_and_is_made_by_a_write(driver):
    """Reading makes no graph; a write whose labels are new makes it with them."""
    assert step(driver.run(Query("MATCH (n) RETURN n", read_only=True))).rows == []
    with pytest.raises(DriverError, match="does not exist"):
        step(driver.explain(Query("MATCH (n) RETURN n")))
    _rows(driver, "MATCH (n) DETACH DELETE n")
    assert _rows(driver, "MATCH (n) RETURN count(n)") == [[0]]


@pytest.mark.parametrize(
    "text",
    [
        "RETURN 1 $$) AS (a agtype); DROP TABLE victim; --",
        "RETURN 1 $runic$) AS (a agtype); DROP TABLE victim; --",
        "RETURN 1 $runic",
    ],
)
async def test_text_cannot_leave_its_quotes(driver, text):
    """A text that would end the dollar quotes is a syntax error of Cypher, and no SQL is run."""
    with pytest.raises(QuerySyntaxError):
        _rows(driver, text, runic=1)


async def test_parameters_are_never_read_as_text(driver):
    """Whatever a parameter holds comes back as it is."""
    values = [
        "$$",
        "$runic$",
        "'",
        '"',
        "\\",
        "}::vertex",
        "☃",
        "a" * 100_000,
        2**63 - 1,
        1.0,
        None,
    ]
    assert _rows(driver, "RETURN $v", v=values) == [[values]]


@pytest.mark.parametrize(
    ("text", "params", "kind", "told"),
    [
        ("RETURN $a + $b", {"a": 1}, QuerySyntaxError, "b"),
        ("RETURN (", {}, QuerySyntaxError, "syntax error"),
        ("RETURN nope", {}, QuerySyntaxError, "nope"),
        ("RETURN '\0'", {}, QuerySyntaxError, "NUL"),
        ("CREATE (:`a b`)", {}, QuerySyntaxError, "letters, digits and _"),
        ("CREATE (:" + "x" * 64 + ")", {}, QuerySyntaxError, "63 bytes"),
        ("RETURN $a", {"a": 2**63}, DriverError, "64 bits"),
        ("RETURN $a", {"a": "\0"}, DriverError, "NUL"),
        ("RETURN $a", {"a": "\ud800"}, StatementError, "Unicode"),
        ("RETURN $a", {"a": object()}, StatementError, "type"),
        ("RETURN 1 / 0", {}, DriverError, "division by zero"),
    ],
)
async def test_errors_say_what_to_do(driver, text, params, kind, told):
    """Refusals are runic's errors, and nobody has to know SQLSTATE."""
    with pytest.raises(kind, match=told):
        _rows(driver, text, **params)


async def test_a_promise_to_read_is_kept(driver):
    """A text that writes is refused where it said that it reads."""
    with pytest.raises(DriverError, match="read_only"):
        step(driver.run(Query("CREATE (:N)", read_only=True)))


async def test_a_timeout_stops_the_query_and_keeps_the_connection(driver):
    """The server is told to stop, and the next query works."""
    with pytest.raises(QueryTimeoutError):
        step(driver.run(Query(_SLOW), timeout=0.2))
    with pytest.raises(StatementError):
        step(driver.run(Query("RETURN 1"), timeout=0))
    assert _rows(driver, "RETURN 1") == [[1]]


async def test_a_transaction_is_kept_or_undone(driver):
    """Nothing of a rollback stays; what is committed does, new labels included."""
    begun = step(driver.begin())
    step(begun.run(Query("CREATE (:New {x: 1})")))
    assert _rows(driver, "MATCH (n:New) RETURN n") == []
    step(begun.rollback())
    step(begun.rollback())
    assert _rows(driver, "MATCH (n:New) RETURN n") == []
    begun = step(driver.begin())
    step(begun.run(Query("CREATE (:New {x: 1})")))
    step(begun.commit())
    [[node]] = _rows(driver, "MATCH (n:New) RETURN n")
    assert node == NodeRecord(node.id, ["New"], {"x": 1})
    with pytest.raises(DriverError, match="has ended"):
        step(begun.run(Query("RETURN 1")))


async def test_a_failed_transaction_does_not_claim_to_be_kept(driver):
    """PostgreSQL answers such a commit without an error, and rolls back."""
    begun = step(driver.begin())
    step(begun.run(Query("CREATE (:N)")))
    with pytest.raises(DriverError, match="division"):
        step(begun.run(Query("RETURN 1 / 0")))
    with pytest.raises(DriverError, match="roll"):
        step(begun.run(Query("RETURN 1")))
    with pytest.raises(DriverError, match="keeps nothing"):
        step(begun.commit())
    assert _rows(driver, "MATCH (n:N) RETURN n") == []


async def test_a_savepoint_undoes_a_failure(driver):
    """What came before it is kept, and the transaction goes on."""
    begun = step(driver.begin())
    step(begun.run(Query("CREATE (:N {x: 1})")))
    step(begun.savepoint("one"))
    step(begun.run(Query("CREATE (:N {x: 2})")))
    with pytest.raises(DriverError):
        step(begun.run(Query("RETURN 1 / 0")))
    step(begun.rollback_to("one"))
    step(begun.run(Query("CREATE (:N {x: 3})")))
    step(begun.commit())
    assert _rows(driver, "MATCH (n:N) RETURN n.x ORDER BY n.x") == [[1], [3]]


async def test_a_reading_transaction_refuses_writes(driver):
    """The server holds a read-only transaction to it; on a missing graph it reads nothing."""
    begun = step(driver.begin(read_only=True))
    assert step(begun.run(Query("MATCH (n) RETURN n", read_only=True))).rows == []
    step(begun.rollback())
    _rows(driver, "CREATE (:N)")
    begun = step(driver.begin(read_only=True))
    with pytest.raises(DriverError, match="read_only"):
        step(begun.run(Query("CREATE (:N)")))
    step(begun.rollback())


async def test_two_transactions_may_need_one_new_label(driver):
    """A label is made at once, so that nobody waits for who was first, or fails after it."""
    one, other = step(driver.begin()), step(driver.begin())
    step(one.run(Query("CREATE (:Fresh)-[:LINK]->(:Fresh)")))
    step(other.run(Query("CREATE (:Fresh)-[:LINK]->(:Fresh)")))
    step(one.commit())
    step(other.commit())
    assert _rows(driver, "MATCH (n:Fresh) RETURN count(n)") == [[4]]


async def test_edges_are_made_while_others_make_nodes(driver):
    """`startNode` would lock the label, which waits for every transaction that has new nodes."""
    _rows(driver, "CREATE (:Dot {id: 1}), (:Dot {id: 2})")
    held = step(driver.begin())
    step(held.run(Query("CREATE (:Dot {id: 3})")))
    with Session(driver, timeout=5) as session:
        joined = connect(Dot.leads).where(Dot.id == 1, on="source").where(Dot.id == 2, on="target")
        assert session.execute(joined).affected == 1
        parted = disconnect(Dot.linked).where(Dot.id == 2, on="source")
        ends = (col(Dot.id).on("source").as_("from"), col(Dot.id).on("target").as_("to"))
        assert session.execute(parted.returning(*ends)).rows == [(1, 2)]
    step(held.rollback())


async def test_the_loser_of_a_race_may_try_again(driver):
    """AGE reports a concurrent change as an internal error, which here is a `TransientError`."""
    _rows(driver, "CREATE (:N {x: 0})")
    one, other = step(driver.begin()), step(driver.begin())
    step(one.run(Query("MATCH (n:N) SET n.x = 1")))
    lost: list[BaseException] = []

    def change() -> None:
        try:
            step(other.run(Query("MATCH (n:N) SET n.x = 2")))
        except DriverError as error:
            lost.append(error)

    waiting = threading.Thread(target=change)
    waiting.start()
    step(one.commit())
    waiting.join()
    step(other.rollback())
    # The other one waited for the first, or saw its change already.
    assert all(isinstance(error, TransientError) for error in lost)
    assert _rows(driver, "MATCH (n:N) RETURN n.x") in ([[1]], [[2]])


async def test_a_node_with_relationships_is_not_deleted_alone(driver):
    """AGE's internal error for it is one of the constraint errors."""
    _rows(driver, "CREATE (:N)-[:R]->(:N)")
    with pytest.raises(DriverError, match="DETACH"):
        _rows(driver, "MATCH (n:N) DELETE n")


async def test_closing_leaves_no_thread_and_no_connection(driver):
    """The loop's thread ends, and every socket is closed, those of open transactions too."""
    before = threading.active_count(), _open_files()
    apart = create_driver("age", **_address(driver), graph="apart")
    assert _rows(apart, "RETURN 1") == [[1]]
    held = step(apart.begin())
    apart.close()
    apart.close()
    with pytest.raises(DriverError, match="closed"):
        _rows(apart, "RETURN 1")
    with pytest.raises(DriverError):
        step(held.commit())
    assert (threading.active_count(), _open_files()) == before


async def test_full_pools_say_so(driver):
    """Who waits too long for a connection is told which setting to raise."""
    small = create_driver("age", **_address(driver), max_connections=1, pool_timeout=0.1)
    held = step(small.begin())
    with pytest.raises(TransientError, match="max_connections"):
        _rows(small, "RETURN 1")
    step(held.rollback())
    assert _rows(small, "RETURN 1") == [[1]]
    small.close()


async def test_an_unreachable_server_is_named(driver):
    """Nothing was run, and the message has the address."""
    nowhere = create_driver("age://127.0.0.1:1/apart")
    with pytest.raises(ConnectionLostError, match="127.0.0.1:1"):
        _rows(nowhere, "RETURN 1")
    nowhere.close()


async def test_there_is_no_async_driver():
    """asyncpg runs on the driver's own loop; what an AsyncSession would need is refused."""
    with pytest.raises(AsyncNotSupportedError):
        create_async_driver("age://127.0.0.1:1/apart")


def _open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def _address(driver):
    address = driver._driver._server.address
    names = ("host", "port", "username", "password", "database")
    return {name: getattr(address, name) for name in names}
