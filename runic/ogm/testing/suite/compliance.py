"""The class that authors of drivers subclass: all requirements, and the fixtures they take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NoReturn

import pytest

from runic.ogm.driver.base import Driver, close_driver
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.asking import QuestionRequirements
from runic.ogm.testing.suite.entities import EntityRequirements
from runic.ogm.testing.suite.failing import FailureRequirements
from runic.ogm.testing.suite.honesty import HonestyRequirements
from runic.ogm.testing.suite.parameters import ParameterRequirements
from runic.ogm.testing.suite.records import RecordRequirements
from runic.ogm.testing.suite.schema import SchemaRequirements
from runic.ogm.testing.suite.sharing import SharingRequirements
from runic.ogm.testing.suite.transactions import TransactionRequirements
from runic.ogm.testing.suite.values import ValueRequirements


class DriverCompliance(
    RecordRequirements,
    ParameterRequirements,
    FailureRequirements,
    TransactionRequirements,
    SharingRequirements,
    HonestyRequirements,
    EntityRequirements,
    ValueRequirements,
    QuestionRequirements,
    SchemaRequirements,
):
    """Everything that runic needs of a driver, as tests.

    Subclass it in a test file, as `class TestMyDriver(DriverCompliance)`, and give it two fixtures:

    `connect`      a function that returns a new driver at each call, on a graph for these tests
    `unreachable`  a driver for an address where nobody answers

    Each test gets the first of these drivers emptied, by `empty`. What the driver's capabilities
    leave out is skipped, with that as the reason; nothing else is.
    """

    @pytest.fixture
    def connect(self) -> Callable[[], Driver]:
        """Return a function that makes drivers: give your own."""
        self._give("connect", "return lambda: create_driver('mine://localhost/compliance')")

    @pytest.fixture
    def unreachable(self) -> Driver:
        """Return a driver to nowhere: give your own."""
        self._give("unreachable", "return create_driver('mine://127.0.0.1:1')")

    def _give(self, name: str, body: str) -> NoReturn:
        pytest.fail(
            f"{type(self).__name__} has no fixture {name!r}; write\n"
            f"    @pytest.fixture\n    def {name}(self):\n        {body}"
        )

    @pytest.fixture
    def wait(self) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
        """Return a function that runs a coroutine on this test's event loop."""
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            yield runner.run

    @pytest.fixture
    def driver(
        self, connect: Callable[[], Driver], wait: Callable[[Coroutine[Any, Any, Any]], Any]
    ) -> Iterator[Driver]:
        """Return the driver under test, on an empty graph; closed after the test."""
        driver = connect()
        wait(self.empty(driver))
        yield driver
        wait(self.empty(driver))
        wait(close_driver(driver))

    async def empty(self, driver: Driver) -> None:
        """Delete every node and edge; override it where the database has a faster way."""
        await driver.run(Query("MATCH (n) DETACH DELETE n"))


def requirements() -> dict[str, str]:
    """Return the name of each requirement, and what it says in a sentence."""
    found = {
        name: test
        for area in reversed(DriverCompliance.__mro__)
        for name, test in vars(area).items()
        if hasattr(test, "__runic_requirement__")
    }
    return {
        name.removeprefix("test_"): (test.__doc__ or "").partition("\n")[0]
        for name, test in found.items()
    }
