"""What a driver says of itself is so."""

from __future__ import annotations

from typing import get_args

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.errors import OgmError, UnsupportedFeatureError
from runic.ogm.query.capabilities import Feature
from runic.ogm.query.definitions import (
    Definition,
    FullTextIndex,
    UniqueConstraint,
    VectorSearchIndex,
)
from runic.ogm.testing.suite.requirement import requirement, rows, things, write

_FEATURES: tuple[Feature, ...] = get_args(Feature)
_DEFINITIONS: dict[Feature, Definition] = {
    "fulltext": FullTextIndex("node", "Thing", ("name",)),
    "vector": VectorSearchIndex("node", "Thing", ("name",), dimension=2),
    "constraints": UniqueConstraint("node", "Thing", ("name",)),
}


class HonestyRequirements:
    """Its capabilities, its name, its graphs."""

    @requirement()
    async def test_it_is_a_driver(self, driver: Driver) -> None:
        """It has every member of `Driver`, and its dialect has a name of its own."""
        assert isinstance(driver, Driver)
        assert isinstance(driver.blocks, bool)
        assert driver.dialect.name not in ("", "opencypher")

    @requirement()
    async def test_features_are_known_ones(self, driver: Driver) -> None:
        """Every feature it names is one that runic asks about."""
        assert driver.dialect.capabilities.features <= set(_FEATURES)

    @requirement()
    async def test_features_go_together(self, driver: Driver) -> None:
        """Savepoints come with transactions, and an async driver says "async"."""
        has = driver.dialect.capabilities
        assert "savepoints" not in has or "transactions" in has
        assert driver.blocks or "async" in has

    @requirement()
    async def test_commits_can_be_whole(self, driver: Driver) -> None:
        """It has transactions, or a whole plan of writes can be one statement."""
        has = driver.dialect.capabilities
        assert "transactions" in has or "atomic_plan" in has

    @requirement()
    async def test_missing_features_are_refused_by_name(self, driver: Driver) -> None:
        """`require` raises for exactly those that are missing, and names the backend."""
        dialect = driver.dialect
        for feature in _FEATURES:
            if feature in dialect.capabilities:
                dialect.require(feature)
                continue
            with pytest.raises(UnsupportedFeatureError, match=dialect.name):
                dialect.require(feature)

    @requirement()
    async def test_missing_definitions_are_refused(self, driver: Driver) -> None:
        """Indexes and constraints of a kind that is missing are refused before anything is sent."""
        for feature, definition in _DEFINITIONS.items():
            if feature not in driver.dialect.capabilities:
                with pytest.raises(UnsupportedFeatureError):
                    driver.dialect.check_definition(definition)

    @requirement()
    async def test_graphs_are_apart_or_refused(self, driver: Driver) -> None:
        """`graph(name)` is another graph, or an error of runic's says that there is one only."""
        await write(driver, "CREATE (:Thing {name: 'here'})")
        try:
            other = driver.graph("runic_suite_other")
            await write(other, "MATCH (n) DETACH DELETE n")
            await write(other, "CREATE (:Thing {name: 'there'})")
        except OgmError:
            return
        assert type(other) is type(driver)
        assert (await things(driver), await things(other)) == (["here"], ["there"])
        await write(other, "MATCH (n) DETACH DELETE n")

    @requirement()
    async def test_pausing_waits(self, driver: Driver) -> None:
        """`pause` returns after its time, and the driver goes on working."""
        await driver.pause(0.001)
        assert await rows(driver, "RETURN 1 AS one") == [[1]]
