"""Turn FalkorDB's compact reply into records.

Called for every result, so this is the hottest Python of a read: each cell is `[type, value]`
and the first four types are already what Python wants. The official client's reader gives the same
values, slower; the differences are on purpose: a node without labels has `[]`, a duration is a
`timedelta`, maps are plain dicts, and nodes, edges and paths are records.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord
from runic.ogm.driver.collector import collector_paused
from runic.ogm.driver.falkordb.schema_names import SchemaNames
from runic.ogm.errors import HydrationError

Cell = Any
Convert = Callable[[Any], Any]

# Types 0 to 3 (unknown, null, text, integer) arrive as Python values.
_FIRST_CONVERTED = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# NamedTuple's own constructor is a Python function; this is the C one below it.
_new = tuple.__new__


class RowReader:
    """Reads rows of one graph at one version of its names."""

    __slots__ = ("_convert", "names")

    def __init__(self, names: SchemaNames) -> None:
        self.names = names
        self._convert = converters(names)

    def rows(self, rows: list[list[Cell]]) -> list[list[Any]]:
        """Return the rows as Python values, nodes and edges as records.

        Raises `IndexError` when a name is newer than the tables (read them again and decode again)
        and `HydrationError` for a date or time that Python cannot hold.
        """
        convert = self._convert
        with collector_paused(len(rows)):
            return [[x if t < 4 else convert[t](x) for t, x in row] for row in rows]


def converters(names: SchemaNames) -> list[Convert]:
    """Return a converter for each type number of the compact protocol."""
    labels, properties, types = names.labels, names.properties, names.types

    def array(value: list[Cell]) -> list[Any]:
        return [x if t < 4 else convert[t](x) for t, x in value]

    def attributes(value: list[Cell]) -> dict[str, Any]:
        return {properties[k]: (x if t < 4 else convert[t](x)) for k, t, x in value}

    def edge(value: list[Any]) -> EdgeRecord:
        number, kind, source, target, stored = value
        return _new(EdgeRecord, (number, types[kind], source, target, attributes(stored)))

    def node(value: list[Any]) -> NodeRecord:
        number, label_numbers, stored = value
        return _new(NodeRecord, (number, [labels[i] for i in label_numbers], attributes(stored)))

    def path(value: list[Cell]) -> PathRecord:
        return PathRecord(array(value[0][1]), array(value[1][1]))

    def mapping(value: list[Any]) -> dict[str, Any]:
        cells = zip(value[::2], value[1::2], strict=True)
        return {k: (x if t < 4 else convert[t](x)) for k, (t, x) in cells}

    convert: list[Convert] = [
        *[_as_is] * _FIRST_CONVERTED,
        "true".__eq__,
        float,
        array,
        edge,
        node,
        path,
        mapping,
        _point,
        _vector,
        _datetime,
        _date,
        _time,
        _duration,
    ]
    return convert


def _as_is(value: Any) -> Any:
    return value


def _point(value: list[str]) -> dict[str, float]:
    return {"latitude": float(value[0]), "longitude": float(value[1])}


def _vector(value: list[str]) -> list[float]:
    return [float(x) for x in value]


def _datetime(seconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise HydrationError(
            f"the database returned a date or time {seconds} seconds from 1970, outside Python's "
            "years 1 to 9999; return toString(value) instead"
        ) from None


def _date(seconds: int) -> date:
    return _datetime(seconds).date()


def _time(seconds: int) -> time:
    return _datetime(seconds).time()


def _duration(seconds: int) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise HydrationError(
            f"the database returned a duration of {seconds} seconds, more than Python's timedelta "
            "holds; return toString(value) instead"
        ) from None
