"""Queries of a recorded driver are counted, whoever sends them."""

from __future__ import annotations

from typing import Any, Self

import pytest

from runic.ogm.driver.base import Result
from runic.ogm.query.compiled import Query
from runic.ogm.testing.recorder import QueryLog, expect_queries, recorded


class SlottedDriver:
    """A driver with slots, as third parties may write them."""

    __slots__ = ("name",)
    blocks = True
    dialect: Any = None

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        return Result(["name"], [[self.name]])

    def graph(self, name: str) -> Self:
        return type(self)(name)

    async def close(self) -> None: ...


async def test_sibling_is_recorded_in_the_same_log_once() -> None:
    """A driver for another graph writes to the log of the driver it was made from."""
    log = QueryLog()
    driver = recorded(SlottedDriver("a"), log)
    await driver.run(Query("ONE"))
    assert (await driver.graph("b").run(Query("TWO"), timeout=1)).rows == [["b"]]
    assert [query.text for query in log.queries] == ["ONE", "TWO"]


def test_recorded_driver_is_still_what_it_was() -> None:
    """isinstance and the class name do not change; recording twice changes nothing more."""
    log = QueryLog()
    driver = recorded(SlottedDriver("a"), log)
    assert isinstance(driver, SlottedDriver)
    assert type(driver).__name__ == "SlottedDriver"
    assert type(recorded(driver, log)) is type(driver)


async def test_failure_names_every_statement_but_no_parameter() -> None:
    """The message is enough to see which query was one too many."""
    log = QueryLog()
    driver = recorded(SlottedDriver("a"), log)
    await driver.run(Query("BEFORE"))
    with (
        pytest.raises(AssertionError, match=r"expected 1 query, 2 were sent:\n  1. A\n  2. B") as e,
        expect_queries(log, 1),
    ):
        await driver.run(Query("A", {"password": "hunter2"}))
        await driver.run(Query("B"))
    assert "hunter2" not in str(e.value)
