"""Trigonometric functions: angles are in radians, values floats."""

from __future__ import annotations

from typing import Any

from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import NUMBERS, Call, operand, require


def sin(angle: Any) -> Call[float]:
    """Return the sine."""
    return _made("sin", angle)


def cos(angle: Any) -> Call[float]:
    """Return the cosine."""
    return _made("cos", angle)


def tan(angle: Any) -> Call[float]:
    """Return the tangent."""
    return _made("tan", angle)


def cot(angle: Any) -> Call[float]:
    """Return the cotangent."""
    return _made("cot", angle)


def asin(number: Any) -> Call[float]:
    """Return the angle of this sine."""
    return _made("asin", number)


def acos(number: Any) -> Call[float]:
    """Return the angle of this cosine."""
    return _made("acos", number)


def atan(number: Any) -> Call[float]:
    """Return the angle of this tangent."""
    return _made("atan", number)


def atan2(y: Any, x: Any) -> Call[float]:
    """Return the angle of the point (x, y)."""
    return _made("atan2", y, x)


def degrees(angle: Any) -> Call[float]:
    """Return an angle in degrees."""
    return _made("degrees", angle)


def radians(angle: Any) -> Call[float]:
    """Return an angle that is given in degrees."""
    return _made("radians", angle)


def haversin(angle: Any) -> Call[float]:
    """Return half of the versine."""
    return _made("haversin", angle)


def _made(function: str, *numbers: Any) -> Call[float]:
    parts = tuple(operand(number) for number in numbers)
    for part in parts:
        require(function, part, NUMBERS)
    return Call(function, parts, Kind.FLOAT)
