"""Values in fields: each kind is read as it was stored, found by equality, ordered as it means."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.model import GeoLocation
from runic.ogm.query import select
from runic.ogm.testing.suite.models import Address, Colour, Everything
from runic.ogm.testing.suite.requirement import done, opened, requirement, stored

_ZONE = dt.timezone(dt.timedelta(hours=-7, minutes=-30))
VALUES: dict[str, Any] = {
    "text": "naïve 🙂 'quoted' \\ back",
    "whole": -(2**63),
    "real": 0.1,
    "truth": False,
    "raw": bytes(range(256)),
    "instant": dt.datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=_ZONE),
    "local": dt.datetime(1, 1, 1, 0, 0, 0, 1),
    "day": dt.date(9999, 12, 31),
    "moment": dt.time(23, 59, 59, 999999),
    "span": dt.timedelta(days=-3, microseconds=7),
    "key": uuid.UUID(int=2**127 + 1),
    "exact": Decimal("-12345678901234567890.0000000001"),
    "colour": Colour.NINE,
    "place": GeoLocation(latitude=52.5, longitude=13.25),
    "numbers": [0.5, -1.25, 3.0],
    "address": Address(street="High St", number=7),
    "document": {"a": [1, None, {"b": "c"}], "": True},
    "words": ["", "b", "a"],
    "days": [dt.date(2024, 1, 1), dt.date(1, 1, 1)],
    "addresses": [Address(street="a"), Address(street="b", number=2)],
}


class ValueRequirements:
    """What is stored in a field of each kind is read as it was."""

    @requirement()
    async def test_values_of_every_kind_are_read_as_stored(self, driver: Driver) -> None:
        """Each has the value and the type of before."""
        await stored(driver, Everything(id="one", **VALUES))
        async with opened(driver) as session:
            found = await done(session.get(Everything, "one"))
            assert {name: getattr(found, name) for name in VALUES} == VALUES
            assert {n: type(getattr(found, n)) for n in VALUES} == {
                n: type(value) for n, value in VALUES.items()
            }
            assert session.dirty == []

    @requirement()
    async def test_values_that_are_missing_are_none(self, driver: Driver) -> None:
        """None is stored as nothing and read as None; lists are empty."""
        await stored(driver, Everything(id="one"))
        async with opened(driver) as session:
            found = await done(session.get(Everything, "one"))
            assert found.model_dump() == Everything(id="one").model_dump()

    @requirement()
    @pytest.mark.parametrize("name", [n for n in VALUES if n not in ("place", "numbers")])
    async def test_stored_values_are_found_by_equality(self, driver: Driver, name: str) -> None:
        """A criterion with the value of a field finds the entity that has it, and no other."""
        await stored(driver, Everything(id="one", **{name: VALUES[name]}), Everything(id="other"))
        async with opened(driver) as session:
            wanted = select(Everything).where(getattr(Everything, name) == VALUES[name])
            assert [found.id for found in await done(session.scalars(wanted))] == ["one"]

    @requirement()
    async def test_instants_are_ordered_in_time(self, driver: Driver) -> None:
        """Whatever their offsets: sorted and compared as instants, not as texts."""
        noon = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
        hours = [5, -11, 0, 9, -3]
        zoned = [
            (noon + dt.timedelta(minutes=n)).astimezone(dt.timezone(dt.timedelta(hours=h)))
            for n, h in enumerate(hours)
        ]
        await stored(driver, *[Everything(id=f"{n}", instant=at) for n, at in enumerate(zoned)])
        async with opened(driver) as session:
            sorted_ = select(Everything).order_by(Everything.instant)
            assert [e.instant for e in await done(session.scalars(sorted_))] == zoned
            later = sorted_.where(Everything.instant > zoned[2])
            assert [e.id for e in await done(session.scalars(later))] == ["3", "4"]
