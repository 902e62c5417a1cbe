"""What FalkorDB says of its indexes, read."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from runic.ogm.driver.falkordb.definitions import read_inventory
from runic.ogm.query.definitions import FullTextIndex, RangeIndex
from runic.ogm.schema.inventory import Inventory


def ranged(status: str, *properties: str) -> dict[str, Any]:
    """Return a row about a range index."""
    return {**listed(status), "types": {name: ["RANGE"] for name in properties}}


def listed(status: str, *properties: str) -> dict[str, Any]:
    """Return a row of `db.indexes()` about a full-text index."""
    return {
        "entitytype": "NODE",
        "label": "Paper",
        "types": {name: ["FULLTEXT"] for name in properties},
        "options": {},
        "language": "english",
        "stopwords": [],
        "status": status,
    }


AS_IT_WAS = listed("OPERATIONAL", "title")
AS_IT_WILL_BE = listed("[Indexing] 0/1: UNDER CONSTRUCTION", "title", "body")


@pytest.mark.parametrize("rows", list(permutations([AS_IT_WAS, AS_IT_WILL_BE])))
def test_an_index_that_grows_is_under_construction(rows) -> None:
    """The server lists it twice, in either order: it has every property, and is not ready."""
    inventory = Inventory(read_inventory(rows, []))
    wanted = FullTextIndex("node", "Paper", ("title", "body"))
    assert inventory.building([wanted])
    assert not inventory.lacks(wanted)


@pytest.mark.parametrize("first", [True, False])
def test_an_index_that_shrinks_is_without_what_was_dropped(first) -> None:
    """What the other row still has is on its way out."""
    was = ranged("OPERATIONAL", "id", "name")
    will_be = ranged("[Indexing] 0/1: UNDER CONSTRUCTION", "id")
    inventory = Inventory(read_inventory([was, will_be] if first else [will_be, was], []))
    assert inventory.lacks(RangeIndex("node", "Paper", ("name",)))
    assert not inventory.lacks(RangeIndex("node", "Paper", ("id",)))
