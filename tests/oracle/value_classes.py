"""Types of users that fields are declared with, beside those of the standard library."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel
from typing_extensions import TypeAliasType, TypedDict


class Colour(Enum):
    """Members that are text, one of them odd."""

    RED = "red"
    ODD = " Ünï"


class Inner(BaseModel):
    """A nested model, stored as JSON."""

    name: str = ""
    amount: Decimal = Decimal(0)
    marks: list[int] = []
    day: dt.date | None = None


@dataclass
class Size:
    """A dataclass, stored as JSON."""

    width: int
    unit: str | None = None


class Entry(TypedDict):
    """A typed dict, stored as JSON."""

    at: dt.date
    sums: list[Decimal]


class Span(NamedTuple):
    """A named tuple, stored as JSON."""

    start: int
    end: int


Tree = TypeAliasType("Tree", "list[Tree] | int")


class Money:
    """A type of one's own, which a converter stores."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __repr__(self) -> str:
        return f"Money({self.cents})"


class AsCents:
    """Stores `Money` as an integer."""

    cypher_fn: str | None = None

    def to_graph(self, value: Any) -> int:
        """Return what is stored."""
        cents: int = value.cents
        return cents

    def from_graph(self, value: int) -> Money:
        """Return what was stored."""
        return Money(value)
