"""Turn what the Bolt client returns into records and plain Python values.

Called for every result. Nodes, edges and paths become records, also inside lists and maps. Values
that only raw Cypher can make come back as Python's: temporal values as `datetime` has them (to the
microsecond, offsets instead of zone names), points as maps of their coordinates, vectors as lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from neo4j import time as bolt_time
from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import CartesianPoint, Point, WGS84Point
from neo4j.vector import Vector

from runic.ogm.driver.base import EdgeRecord, NodeId, NodeRecord, PathRecord
from runic.ogm.driver.collector import collector_paused
from runic.ogm.errors import HydrationError

_AS_IT_IS = frozenset({str, int, float, bool, type(None), bytes})


class RecordReader:
    """Reads the client's records; `read_id` makes the database's id of the client's text."""

    __slots__ = ("_convert", "_read_id")

    def __init__(self, read_id: Callable[[str], NodeId]) -> None:
        self._read_id = read_id
        self._convert: dict[type, Callable[[Any], Any]] = {
            Node: self._node,
            list: self._list,
            dict: self._map,
            Path: self._path,
            bytearray: bytes,
            bolt_time.DateTime: _datetime,
            bolt_time.Date: bolt_time.Date.to_native,
            bolt_time.Time: _time,
            bolt_time.Duration: _duration,
            Vector: Vector.to_native,
        }

    def rows(self, records: Iterable[Any]) -> list[list[Any]]:
        """Return the rows as Python values, nodes and edges as records.

        Raises `HydrationError` for a value that Python cannot hold.
        """
        records = list(records)
        with collector_paused(len(records)):
            # Not the record's own iterator, which is written in Python and looks at each cell.
            return [[self._value(cell) for cell in tuple.__iter__(row)] for row in records]

    def _value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _AS_IT_IS:
            return value
        convert = self._convert.get(kind)
        return convert(value) if convert else self._other(value)

    def _other(self, value: Any) -> Any:
        # The client makes a class for each type of relationship and each system of coordinates.
        if isinstance(value, Relationship):
            return self._edge(value)
        if isinstance(value, Point):
            return _point(value)
        broken = getattr(value, "error", None)
        raise HydrationError(
            f"the database returned a {type(value).__qualname__}, which has no Python value here"
            f"{f' ({broken})' if broken else ''}; return toString(value) instead"
        ) from (broken if isinstance(broken, Exception) else None)

    def _list(self, values: list[Any]) -> list[Any]:
        return [self._value(value) for value in values]

    def _map(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _properties(self, entity: Node | Relationship) -> dict[str, Any]:
        return {name: self._value(value) for name, value in entity.items()}

    def _node(self, node: Node) -> NodeRecord:
        # The client keeps labels as a set, so their stored order is lost.
        labels = sorted(node.labels)
        return NodeRecord(self._read_id(node.element_id), labels, self._properties(node))

    def _edge(self, edge: Relationship) -> EdgeRecord:
        # Whole nodes are not there, unless the query returned them: an empty one is falsy.
        source, target = edge.nodes
        assert source is not None
        assert target is not None
        return EdgeRecord(
            self._read_id(edge.element_id),
            edge.type,
            self._read_id(source.element_id),
            self._read_id(target.element_id),
            self._properties(edge),
        )

    def _path(self, path: Path) -> PathRecord:
        return PathRecord(
            [self._node(node) for node in path.nodes],
            [self._edge(edge) for edge in path.relationships],
        )


def _datetime(value: bolt_time.DateTime) -> dt.datetime:
    native = value.to_native()
    offset = native.utcoffset()
    return native if offset is None else native.replace(tzinfo=dt.timezone(offset))


def _time(value: bolt_time.Time) -> dt.time:
    native = value.to_native()
    offset = native.utcoffset()
    return native if offset is None else native.replace(tzinfo=dt.timezone(offset))


def _duration(value: bolt_time.Duration) -> dt.timedelta:
    if value.months:
        raise _no_timedelta(value, "months have no fixed length")
    try:
        return dt.timedelta(value.days, value.seconds, value.nanoseconds // 1000)
    except OverflowError:
        raise _no_timedelta(value, "Python's timedelta does not hold so much") from None


def _no_timedelta(value: bolt_time.Duration, reason: str) -> HydrationError:
    return HydrationError(
        f"the database returned the duration {value.iso_format()}: {reason}; return"
        " toString(value) instead"
    )


def _point(value: Point) -> dict[str, float]:
    names = ("longitude", "latitude", "height") if isinstance(value, WGS84Point) else "xyz"
    assert isinstance(value, WGS84Point | CartesianPoint)
    return dict(zip(names, map(float, value), strict=False))
