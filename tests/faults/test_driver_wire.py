"""Values and names survive the way to the real server and back."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from falkordb import Edge, Node, Path
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.query.compiled import Query

# One driver and one graph serve all examples: they only read.
SHARED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
# Replies print 15 digits, so only floats with no more of them come back as they were.
FLOATS = (
    st.floats(allow_nan=False)
    .map(lambda x: float(f"{x:.15g}"))
    .filter(lambda x: abs(x) < 1.7e308 or math.isinf(x))
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | FLOATS | TEXT
KEYS = TEXT.filter(lambda key: key and "`" not in key)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(KEYS, inner), max_leaves=25
)


@pytest.fixture
def existing(sync_driver: FalkorDBDriver) -> FalkorDBDriver:
    """A driver on a graph that exists, so that reads have somewhere to run."""
    step(sync_driver.run(Query("CREATE (:Here)")))
    return sync_driver


@SHARED
@given(VALUES)
def test_parameters_come_back_as_they_were_sent(existing: FalkorDBDriver, value: Any) -> None:
    """Any allowed value is the same after the encoder, the server and the decoder."""
    result = step(existing.run(Query("RETURN $v", {"v": value}, read_only=True)))
    assert result.rows == [[value]]
    assert repr(result.rows[0][0]) == repr(value)


@SHARED
@given(st.lists(st.lists(SCALARS, min_size=3, max_size=3), min_size=4, max_size=12))
def test_row_lists_come_back_as_they_were_sent(existing: FalkorDBDriver, rows: Any) -> None:
    """The fast path for bulk rows sends the same values."""
    query = Query("UNWIND $rows AS r RETURN r[0], r[1], r[2]", {"rows": rows}, read_only=True)
    assert repr(step(existing.run(query)).rows) == repr(rows)


@SHARED
@given(KEYS)
def test_parameter_names_are_quoted(existing: FalkorDBDriver, name: str) -> None:
    """Any name without a backtick can name a parameter."""
    query = Query(f"RETURN $`{name}`", {name: 1}, read_only=True)
    assert step(existing.run(query)).rows == [[1]]


def encodable(value: Any) -> Any:
    """Return the value with infinity as the official client can send it."""
    match value:
        case float() if math.isinf(value):
            return Decimal("1e400") if value > 0 else Decimal("-1e400")
        case list():
            return [encodable(item) for item in value]
        case dict():
            return {key: encodable(item) for key, item in value.items()}
    return value


def official(value: Any) -> Any:
    """Return what the official client read, in our records; durations differ on purpose."""
    match value:
        case Node():
            return NodeRecord(value.id, value.labels or [], plain(value.properties))
        case Edge():
            ends = (value.src_node, value.dest_node)
            return EdgeRecord(value.id, value.relation, *ends, plain(value.properties))
        case Path():
            nodes, edges = value.nodes(), value.edges()
            return PathRecord([official(n) for n in nodes], [official(e) for e in edges])
        case list():
            return [official(item) for item in value]
        case dict():
            return plain(value)
    return value


def plain(mapping: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping with every value in our records."""
    return {key: official(item) for key, item in mapping.items()}


STORABLE = st.dictionaries(
    st.sampled_from("abcdef"),
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | FLOATS | TEXT | st.lists(st.integers(0, 9)),
)


@settings(SHARED, max_examples=50)
@given(STORABLE, STORABLE, STORABLE, VALUES)
def test_replies_are_read_as_by_the_official_client(
    existing: FalkorDBDriver, handle: Any, left: Any, right: Any, between: Any, value: Any
) -> None:
    """Nodes, edges, paths and values of one query are what the official decoder makes of them."""
    create = "CREATE (a:A:B)-[r:K]->(b) SET a = $left, b = $right, r = $between RETURN id(a)"
    properties = {"left": left, "right": right, "between": between}
    number = step(existing.run(Query(create, properties))).rows[0][0]
    read = (
        "MATCH p = (a:A)-[r:K]->(b) WHERE id(a) = $id RETURN p, a, r, b, $value, properties(a), "
        "point({latitude: 1, longitude: 2}), vecf32([1.5, 2]), date('2020-01-02'), "
        "localtime('03:04:05'), localdatetime('2020-01-02T03:04:05')"
    )
    params = {"id": number, "value": value}
    ours = step(existing.run(Query(read, params, read_only=True)))
    theirs = handle.query(read, encodable(params))
    assert repr(ours.rows) == repr(official(theirs.result_set))
    assert ours.columns == [column for _, column in theirs.header]


async def test_durations_are_timedeltas(loop_driver: AsyncFalkorDBDriver) -> None:
    """Where the official client needs another package, Python's own type is returned."""
    result = await loop_driver.run(Query("RETURN duration('P1DT2H')"))
    assert result.rows == [[timedelta(days=1, hours=2)]]


async def test_writes_report_what_they_changed(loop_driver: AsyncFalkorDBDriver) -> None:
    """Statistics have the server's names, without rows."""
    result = await loop_driver.run(Query("CREATE (:A {x: 1})"))
    assert (result.columns, result.rows) == ([], [])
    assert result.stats["Nodes created"] == "1"


@pytest.mark.parametrize("drop", ["DELETE", "FLUSHALL"])
async def test_names_are_right_after_the_graph_was_made_again(
    loop_driver: AsyncFalkorDBDriver, handle: Any, drop: str
) -> None:
    """Another client deletes the graph and makes one with other names in the same places."""
    read = Query("MATCH (n) RETURN n", {}, read_only=True)
    await loop_driver.run(Query("CREATE (:Old {old: 1})"))
    assert (await loop_driver.run(read)).rows[0][0].labels == ["Old"]
    handle.delete() if drop == "DELETE" else handle.client.flushdb()
    assert (await loop_driver.run(read)).rows == []
    handle.query("CREATE (:New {new: 2})")
    assert (await loop_driver.run(read)).rows == [[NodeRecord(0, ["New"], {"new": 2})]]


async def test_a_write_that_adds_names_is_run_once(loop_driver: AsyncFalkorDBDriver) -> None:
    """Reading the new names does not repeat the statement that made them."""
    for number in range(5):
        text = f"CREATE (n:L{number} {{p{number}: 1}})-[r:T{number}]->(:M) RETURN n, r"
        node, edge = (await loop_driver.run(Query(text))).rows[0]
        assert (node.labels, node.properties) == ([f"L{number}"], {f"p{number}": 1})
        assert edge.type == f"T{number}"
    count = Query("MATCH (n:M) RETURN count(n)", {}, read_only=True)
    assert (await loop_driver.run(count)).rows == [[5]]


async def test_names_added_all_at_once_are_right(loop_driver: AsyncFalkorDBDriver) -> None:
    """Forty writers that add names at the same time each read their own."""

    async def write(number: int) -> list[Any]:
        text = f"CREATE (n:L{number} {{p{number}: {number}}}) RETURN n"
        node = (await loop_driver.run(Query(text))).rows[0][0]
        return [node.labels, node.properties]

    nodes = await asyncio.gather(*[write(number) for number in range(40)])
    assert nodes == [[[f"L{number}"], {f"p{number}": number}] for number in range(40)]


async def test_siblings_keep_their_graphs_apart(loop_driver: AsyncFalkorDBDriver) -> None:
    """Two graphs of one driver have their own data and their own names."""
    other = loop_driver.graph(loop_driver.graph_name + "-other")
    await loop_driver.run(Query("CREATE (:A {x: 1})"))
    await other.run(Query("CREATE (:B {y: 2})"))
    read = Query("MATCH (n) RETURN n", {}, read_only=True)
    assert (await loop_driver.run(read)).rows == [[NodeRecord(0, ["A"], {"x": 1})]]
    assert (await other.run(read)).rows == [[NodeRecord(0, ["B"], {"y": 2})]]
