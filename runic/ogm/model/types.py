"""Value types that graph databases have and Python lacks."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic import Field as PydanticField


class GeoLocation(BaseModel):
    """A point on the earth (WGS 84), in degrees.

    FalkorDB keeps points in single precision: read back, a coordinate can differ by up to
    8e-6 degrees.
    """

    model_config = ConfigDict(frozen=True)

    latitude: float = PydanticField(ge=-90, le=90)
    longitude: float = PydanticField(ge=-180, le=180)


def _single_precision(values: Sequence[float]) -> list[float]:
    # Vector indexes hold 32-bit floats: rounding here means that what is read is what was set.
    rounded = array("f", values).tolist()
    if any(v - v != 0 for v in rounded):
        raise ValueError("a vector holds finite 32-bit numbers only")
    return rounded


class VectorMarker:
    """Tells a vector from a plain list of floats in a field's metadata."""

    def __repr__(self) -> str:
        return "Vector"


Vector = Annotated[list[float], AfterValidator(_single_precision), VectorMarker()]
"""A list of 32-bit floats, kept as the database's vector type; rounded on assignment."""
