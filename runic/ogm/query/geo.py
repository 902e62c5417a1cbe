"""Geographic expressions: how far points are from each other, and which lie in a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.model.types import GeoLocation
from runic.ogm.query.comparisons import ComputedComparison
from runic.ogm.query.computed import Computed, operand
from runic.ogm.query.criteria import Comparison, Criterion
from runic.ogm.query.expressions import Attribute, of_kind
from runic.ogm.query.part import Part
from runic.ogm.query.values import one

if TYPE_CHECKING:
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


def distance(field: Any, other: Any) -> Distance:
    """Return the distance in metres between a `GeoLocation` field and a point or another field.

    `where(distance(Cafe.place, GeoLocation(latitude=48.1, longitude=11.6)) < 500)`; None where a
    point is missing. It is measured on a sphere, to single precision.

    Raises:
        StatementError: Something is not a point.
    """
    attribute = _located("distance", field)
    if isinstance(other, Attribute):
        return Distance(attribute, _located("distance", other))
    return Distance(attribute, one(attribute, _point("distance", other)))


def within_box(field: Any, south_west: GeoLocation, north_east: GeoLocation) -> Criterion:
    """Keep where a `GeoLocation` field lies in a box, its borders included.

    A box whose west is east of its east crosses the 180th meridian.

    Raises:
        StatementError: A corner is no point, or the south is north of the north.
    """
    attribute = _located("within_box", field)
    low, high = _point("within_box", south_west), _point("within_box", north_east)
    if low.latitude > high.latitude:
        raise StatementError("within_box takes the south-west corner first, then the north-east")
    latitude, longitude = Coordinate(attribute, "latitude"), Coordinate(attribute, "longitude")
    return Box(
        attribute,
        south=ComputedComparison(latitude, ">=", operand(low.latitude)),
        north=ComputedComparison(latitude, "<=", operand(high.latitude)),
        west=ComputedComparison(longitude, ">=", operand(low.longitude)),
        east=ComputedComparison(longitude, "<=", operand(high.longitude)),
        crosses=low.longitude > high.longitude,
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Box(Criterion):
    """A point lies between two latitudes, and between two longitudes or not between those."""

    field: Attribute[Any]
    south: Comparison
    north: Comparison
    west: Comparison
    east: Comparison
    crosses: bool

    @property
    def plain(self) -> Criterion:
        """The same by the coordinates."""
        around = self.west | self.east if self.crosses else self.west & self.east
        return self.south & self.north & around

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return (self.field,)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("box")
        self.plain.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        function = writer.dialect.box_function
        if function is None:
            return self.plain.write(writer)
        place, sides = self.field.write(writer), (self.south, self.north, self.west, self.east)
        south, north, west, east = [side.right.write(writer) for side in sides]
        corners = ((south, west), (north, east))
        points = ", ".join(f"point({{latitude: {y}, longitude: {x}}})" for y, x in corners)
        return f"{function}({place}, {points})"

    def __str__(self) -> str:
        return str(self.plain)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Distance(Computed[float]):
    """The metres between two points."""

    field: Attribute[Any]
    other: Part
    kind: Kind = Kind.FLOAT
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.field, self.other)

    @override
    def write(self, writer: Writer) -> str:
        writer.dialect.require("geo")
        return writer.dialect.geo_distance(self.field.write(writer), self.other.write(writer))

    def __str__(self) -> str:
        return f"distance({self.field}, {self.other})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Coordinate(Computed[float]):
    """One coordinate of a point, in degrees."""

    field: Attribute[Any]
    name: Literal["latitude", "longitude"]
    kind: Kind = Kind.FLOAT
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.field,)

    @property
    @override
    def form(self) -> object:
        return self.name

    @override
    def write(self, writer: Writer) -> str:
        writer.dialect.require("geo")
        return f"{self.field.write(writer)}.{self.name}"

    def __str__(self) -> str:
        return f"{self.field}.{self.name}"


def _located(function: str, field: Any) -> Attribute[Any]:
    if not isinstance(field, Attribute):
        raise StatementError(f"{function} takes a field, as User.home, not {field!r}")
    if field.info.kind is not Kind.GEO:
        kind = of_kind(field.info.kind)
        raise StatementError(f"{function} is for GeoLocation fields, and {field} is {kind}")
    return field


def _point(function: str, point: Any) -> GeoLocation:
    if not isinstance(point, GeoLocation):
        raise StatementError(
            f"{function} takes a point, as GeoLocation(latitude=48.1, longitude=11.6), not"
            f" {point!r}"
        )
    return point
