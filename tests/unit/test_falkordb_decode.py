"""The compact reply's cells become Python values and records."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord
from runic.ogm.driver.falkordb.decode import RowReader
from runic.ogm.driver.falkordb.schema_names import SchemaNames
from runic.ogm.errors import HydrationError

NAMES = SchemaNames(7, ["A", "B"], ["x", "y"], ["K"])
NODE = [8, [0, [0, 1], [[0, 3, 1], [1, 5, "1.5"]]]]
BARE = [8, [1, [], []]]
EDGE = [7, [5, 0, 0, 1, [[1, 4, "true"]]]]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ([1, None], None),
        ([2, "text"], "text"),
        ([3, 5], 5),
        ([4, "true"], True),
        ([4, "false"], False),
        ([5, "0.25"], 0.25),
        ([6, [[3, 1], [6, [[2, "a"]]]]], [1, ["a"]]),
        ([10, ["k", [4, "true"], "l", [1, None]]], {"k": True, "l": None}),
        ([11, ["1.5", "-2"]], {"latitude": 1.5, "longitude": -2.0}),
        ([12, ["1", "0.5"]], [1.0, 0.5]),
        ([13, 1577934245], datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ([14, -86400], date(1969, 12, 31)),
        ([15, -2208977755], time(3, 4, 5)),
        ([16, 90], timedelta(seconds=90)),
        (NODE, NodeRecord(0, ["A", "B"], {"x": 1, "y": 1.5})),
        (BARE, NodeRecord(1, [], {})),
        (EDGE, EdgeRecord(5, "K", 0, 1, {"y": True})),
    ],
    ids=lambda value: str(value)[:20],
)
def test_every_type_is_read(cell: list[object], value: object) -> None:
    """Each type number of the protocol has its Python value."""
    assert RowReader(NAMES).rows([[cell]]) == [[value]]


def test_paths_hold_records() -> None:
    """A path is its nodes and edges, as the records they are elsewhere."""
    [[path]] = RowReader(NAMES).rows([[[9, [[6, [NODE, BARE]], [6, [EDGE]]]]]])
    assert path == PathRecord(
        [NodeRecord(0, ["A", "B"], {"x": 1, "y": 1.5}), NodeRecord(1, [], {})],
        [EdgeRecord(5, "K", 0, 1, {"y": True})],
    )
    assert isinstance(path.edges[0], EdgeRecord)


@pytest.mark.parametrize("kind", [13, 14, 15])
def test_years_beyond_python_say_so(kind: int) -> None:
    """A date that Python cannot hold is an error that names the way around it."""
    with pytest.raises(HydrationError, match=r"years 1 to 9999; return toString"):
        RowReader(NAMES).rows([[[kind, 10**13]]])


def test_durations_beyond_python_say_so() -> None:
    """A duration that Python cannot hold is an error as well."""
    with pytest.raises(HydrationError, match="duration"):
        RowReader(NAMES).rows([[[16, 10**16]]])


@pytest.mark.parametrize(
    "cell", [[8, [0, [9], []]], [8, [0, [], [[9, 3, 1]]]], [7, [0, 9, 0, 0, []]]]
)
def test_unknown_names_ask_for_new_tables(cell: list[object]) -> None:
    """A name newer than the tables is never guessed."""
    with pytest.raises(IndexError):
        RowReader(NAMES).rows([[cell]])


def test_tables_continue_only_their_own_beginning() -> None:
    """Tables of a graph made again are told from tables that grew."""
    assert SchemaNames(8, ["A", "B", "C"], ["x", "y"], ["K"]).continues(NAMES)
    assert not SchemaNames(8, ["B", "A"], ["x", "y"], ["K"]).continues(NAMES)
    assert not SchemaNames(8, ["A"], ["x", "y"], ["K"]).continues(NAMES)
