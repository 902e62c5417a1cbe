"""Parameters: values that travel beside the text and come back as they were sent."""

from __future__ import annotations

import math
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.errors import OgmError
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.requirement import requirement, rows, things, write

_TEXTS = [
    "",
    "plain",
    'it\'s "quoted" and `back` \\ slashed',
    "$name {curly} $$ %s %GRAPH%",
    "line\nbreak\ttab\r\n",
    "naïve Ωmega 漢字 🙂",
    "' OR 1=1 // \\' DETACH DELETE n",
    "\\u0041 \\n",
]
_NUMBERS = [0, 1, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)]
_REALS = [0.5, -0.1, 1e-7, 1.5e300, -2.25e-300, 3.0]
_NESTED = {"list": [1, [2.5, ["x", None]], {}], "map": {"a b": {"c": True}}, "empty": []}


async def _echoed(driver: Driver, value: Any) -> Any:
    ((found,),) = await rows(driver, "RETURN $value AS value", value=value)
    return found


class ParameterRequirements:
    """What `Query.params` may hold."""

    @requirement()
    async def test_texts_come_back(self, driver: Driver) -> None:
        """Every text does, with quotes, escapes, line ends and characters of four bytes."""
        assert [await _echoed(driver, text) for text in _TEXTS] == _TEXTS

    @requirement()
    async def test_texts_are_never_part_of_the_query(self, driver: Driver) -> None:
        """What looks like Cypher in a parameter is stored, not run."""
        for text in _TEXTS:
            await write(driver, "CREATE (:Thing {name: $name})", name=text)
        assert sorted(await things(driver)) == sorted(_TEXTS)

    @requirement()
    async def test_long_texts_come_back(self, driver: Driver) -> None:
        """A megabyte does, stored and returned."""
        text = "0123456789abcdeé" * 65536
        await write(driver, "CREATE (:Thing {name: $name})", name=text)
        assert await things(driver) == [text]

    @requirement()
    async def test_integers_come_back(self, driver: Driver) -> None:
        """Whole numbers of 64 bits stay whole and exact."""
        found = [await _echoed(driver, number) for number in _NUMBERS]
        assert found == _NUMBERS
        assert {type(number) for number in found} == {int}

    @requirement()
    async def test_larger_integers_are_refused(self, driver: Driver) -> None:
        """A number of more than 64 bits raises an error of runic's; it is never cut."""
        for number in (2**63, -(2**63) - 1):
            with pytest.raises(OgmError):
                await driver.run(Query("CREATE (:Thing {name: $name})", {"name": number}))
        assert await things(driver) == []

    @requirement()
    async def test_floats_come_back(self, driver: Driver) -> None:
        """Floats of up to 15 digits are the same, and stay floats when they are whole."""
        found = [await _echoed(driver, number) for number in _REALS]
        assert found == _REALS
        assert {type(number) for number in found} == {float}

    @requirement()
    async def test_nan_and_infinity_come_back_or_are_refused(self, driver: Driver) -> None:
        """They are the same, or an error of runic's says that they cannot be sent."""
        for number in (math.nan, math.inf, -math.inf):
            try:
                found = await _echoed(driver, number)
            except OgmError:
                continue
            assert found == number or (math.isnan(found) and math.isnan(number))

    @requirement()
    async def test_truth_values_come_back(self, driver: Driver) -> None:
        """True is True, not 1; None is None."""
        found = [await _echoed(driver, value) for value in (True, False, None)]
        assert [value is wanted for value, wanted in zip(found, (True, False, None), strict=True)]
        assert found == [True, False, None]
        assert [type(value) for value in found[:2]] == [bool, bool]

    @requirement()
    async def test_lists_and_maps_come_back(self, driver: Driver) -> None:
        """Nested as deep as they are, empty ones and missing values in them included."""
        assert await _echoed(driver, _NESTED) == _NESTED

    @requirement()
    async def test_rows_are_unwound(self, driver: Driver) -> None:
        """A list of maps is what batches are written from; keys that are missing read as null."""
        given = [{"name": "a", "size": 1}, {"name": "b"}]
        await write(
            driver, "UNWIND $rows AS r CREATE (:Thing {name: r.name, size: r.size})", rows=given
        )
        found = await rows(
            driver, "MATCH (n:Thing) RETURN n.name AS name, n.size AS size ORDER BY name"
        )
        assert found == [["a", 1], ["b", None]]

    @requirement()
    async def test_nul_comes_back_or_is_refused(self, driver: Driver) -> None:
        """A text with NUL is stored whole, or refused with nothing stored; it is never cut."""
        try:
            await write(driver, "CREATE (:Thing {name: $name})", name="a\x00b")
        except OgmError:
            assert await things(driver) == []
        else:
            assert await things(driver) == ["a\x00b"]

    @requirement()
    async def test_other_objects_are_refused(self, driver: Driver) -> None:
        """What no database has a value for raises an error of runic's, and nothing is stored."""
        with pytest.raises(OgmError):
            await driver.run(Query("CREATE (:Thing {name: $name})", {"name": object()}))
        assert await things(driver) == []
