"""Failures: which error of runic's each of them is, and that the driver goes on working."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runic.ogm.driver.base import Driver, close_driver
from runic.ogm.errors import (
    ConnectionLostError,
    DriverError,
    QuerySyntaxError,
    QueryTimeoutError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.models import Person
from runic.ogm.testing.suite.requirement import defined, requirement, rows, things, write

# More than any server computes in the time that it is given; none keeps it in memory.
ENDLESS = (
    "UNWIND range(1, 20000) AS a UNWIND range(1, 20000) AS b"
    " WITH a, b WHERE a * b % 7 = 8 RETURN count(a) AS n"
)


class FailureRequirements:
    """Only errors of `runic.ogm` leave a driver."""

    @requirement()
    async def test_misspelt_text_is_a_syntax_error(self, driver: Driver) -> None:
        """The error has the statement, and says more than its name."""
        with pytest.raises(QuerySyntaxError) as caught:
            await driver.run(Query("RETRUN 1 AS one"))
        assert caught.value.statement == "RETRUN 1 AS one"
        assert str(caught.value)

    @requirement()
    async def test_a_missing_parameter_is_an_error(self, driver: Driver) -> None:
        """A name without a value is not read as null."""
        with pytest.raises(DriverError):
            await driver.run(Query("CREATE (:Thing {name: $missing})"))
        assert await things(driver) == []

    @requirement()
    async def test_parameters_stay_out_of_errors(self, driver: Driver) -> None:
        """Messages end in logs: a value that was sent is not in them."""
        with pytest.raises(DriverError) as caught:
            await driver.run(Query("RETRUN $password AS x", {"password": "s3cr3t-value"}))
        assert "s3cr3t-value" not in f"{caught.value} {caught.value.statement}"

    @requirement()
    async def test_many_failures_leave_the_driver_usable(self, driver: Driver) -> None:
        """A failed query gives its connection back: more of them fail than a pool has."""
        for _ in range(40):
            with pytest.raises(QuerySyntaxError):
                await driver.run(Query("RETRUN 1 AS one"))
        assert await rows(driver, "RETURN 1 AS one") == [[1]]

    @requirement("read_only")
    async def test_a_read_only_query_cannot_write(self, driver: Driver) -> None:
        """`read_only=True` is held: what writes is refused, and nothing is written."""
        await write(driver, "CREATE (:Thing {name: 'a'})")
        with pytest.raises(DriverError):
            await driver.run(Query("CREATE (:Thing {name: 'b'})", read_only=True))
        assert await things(driver) == ["a"]

    @requirement()
    async def test_nobody_there_is_a_lost_connection(
        self, driver: Driver, unreachable: Driver
    ) -> None:
        """A server that does not answer is a ConnectionLostError, for reads and for writes."""
        for query in (Query("RETURN 1 AS one", read_only=True), Query("CREATE (:Thing)")):
            with pytest.raises(ConnectionLostError):
                await unreachable.run(query)
        await close_driver(unreachable)

    @requirement("constraints")
    async def test_a_taken_value_is_a_unique_violation(self, driver: Driver) -> None:
        """The error is a UniqueViolationError, and nothing of its statement is kept."""
        async with defined(driver, Person):
            text = "UNWIND $rows AS r CREATE (:SuitePerson {id: r, email: 'x'})"
            with pytest.raises(UniqueViolationError):
                await driver.run(Query(text, {"rows": ["a", "b"]}))
            assert await rows(driver, "MATCH (n:SuitePerson) RETURN n.id AS id") == []

    @requirement("timeouts")
    async def test_a_long_query_is_stopped(self, driver: Driver) -> None:
        """`timeout=` raises a QueryTimeoutError, and the driver goes on working."""
        with pytest.raises(QueryTimeoutError):
            await driver.run(Query(ENDLESS, read_only=True), timeout=0.2)
        assert await rows(driver, "RETURN 1 AS one") == [[1]]

    @requirement("timeouts")
    async def test_a_timeout_is_a_positive_number(self, driver: Driver) -> None:
        """Zero, a negative number and NaN are refused before anything is sent."""
        for seconds in (0, -1, float("nan")):
            with pytest.raises(StatementError):
                await driver.run(Query("CREATE (:Thing {name: 'a'})"), timeout=seconds)
        assert await things(driver) == []

    @requirement("explain")
    async def test_explaining_runs_nothing(self, driver: Driver) -> None:
        """`explain` returns the server's plan as text; what it would write is not written."""
        await write(driver, "CREATE (:Thing {name: 'a'})")
        plan = await driver.explain(Query("CREATE (n:Thing {name: $name})", {"name": "b"}))
        assert plan.strip()
        assert await things(driver) == ["a"]

    @requirement()
    async def test_a_closed_driver_says_so(
        self, driver: Driver, connect: Callable[[], Driver]
    ) -> None:
        """Closing twice is allowed; running after it is a DriverError."""
        other = connect()
        await other.run(Query("RETURN 1 AS one", read_only=True))
        await close_driver(other)
        await close_driver(other)
        with pytest.raises(DriverError):
            await other.run(Query("RETURN 1 AS one", read_only=True))
