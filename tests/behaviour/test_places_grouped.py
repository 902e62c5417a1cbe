"""Places in distinct rows, groups and unions: told apart, or refused where some would be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Field, GeoLocation, Node, Registry, UnsupportedFeatureError, select
from runic.ogm.query import col, collect, count, union


class Spot(Node, registry=Registry()):
    """Somewhere."""

    id: int = Field(primary_key=True)
    where: GeoLocation


PLACES = [(1.0, 2.0), (50.0, 8.0), (-33.0, 151.0), (1.0, 2.0)]


@pytest.fixture
async def spots(session: Any) -> Any:
    """Return a session that holds four spots at three places."""
    session.add_all(
        Spot(id=i, where=GeoLocation(latitude=a, longitude=b)) for i, (a, b) in enumerate(PLACES)
    )
    await session.commit()
    return session


WAYS: dict[str, tuple[Callable[[], Any], int]] = {
    "distinct": (lambda: select(Spot).project(Spot.where).distinct(), 3),
    "group": (lambda: select(Spot).aggregate(count("*").as_("c"), group_by=Spot.where), 3),
    "stage": (
        lambda: select(Spot).with_(col(Spot.where).as_("w"), count("*").as_("c")).project("w", "c"),
        3,
    ),
    "union": (
        lambda: union(
            select(Spot).where(Spot.id == 0).project(Spot.where),
            select(Spot).where(Spot.id == 1).project(Spot.where),
        ),
        2,
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_rows_with_places_are_told_apart_or_refused(
    spots: Any, driver: Any, way: str
) -> None:
    """No row is lost without a word: FalkorDB would keep one place of all."""
    build, wanted = WAYS[way]
    if driver.dialect.name == "falkordb":
        with pytest.raises(UnsupportedFeatureError, match="of which it keeps one"):
            await spots.all_rows(build())
        return
    if way == "union" and not driver.dialect.has("subqueries"):
        pytest.skip("this database has no unions")
    assert len(await spots.all_rows(build())) == wanted


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("aggregate", [count, collect])
async def test_distinct_aggregates_of_places_are_refused(spots: Any, aggregate: Any) -> None:
    """They would count, or collect, one."""
    with pytest.raises(UnsupportedFeatureError, match="of which it keeps one"):
        await spots.all_rows(select(Spot).aggregate(aggregate(Spot.where, distinct=True)))


async def test_entities_with_places_stay_apart(spots: Any) -> None:
    """Distinct entities, all rows of a union, and places that nothing is asked of."""
    assert len(await spots.scalars(select(Spot).distinct())) == 4
    assert len(await spots.all_rows(select(Spot).project(Spot.where))) == 4
    assert await spots.count(select(Spot).distinct()) == 4
