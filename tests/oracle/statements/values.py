"""What terms are: an expression beside what it is in plain Python.

A row holds, by name, the node or edge that an alias of the pattern stands for (None where an
optional hop found nothing), and the values of stages. None is the database's null: of unknown
values everything is unknown.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from runic.ogm.model import GeoLocation
from tests.oracle.statements.models import Being, Item, Likes, Mood, Note, Robot
from tests.oracle.statements.spelled import Spelled, spell
from tests.oracle.statements.world import Way, day

Row = dict[str, Any]
Rows = list[Row]
Value = Callable[[Row], Any]


@dataclass(frozen=True)
class Term:
    """An expression, its value in a row, and its kind."""

    made: Any
    value: Value
    kind: str

    def __repr__(self) -> str:
        return str(self.made)


@dataclass(frozen=True)
class View:
    """An element of the pattern: its class, its name in rows, and its alias where it needs one."""

    cls: type[Any]
    key: str
    alias: str | None = None

    def field(self, name: str, kind: str) -> Term:
        """Return a field of the element."""
        made = getattr(spell(self.cls), name)
        return Term(made if self.alias is None else made.on(self.alias), self.read(name), kind)

    def read(self, name: str) -> Value:
        """Return what reads a field from a row."""
        return lambda row: None if row[self.key] is None else row[self.key].values.get(name)

    def relation(self, way: Way) -> Spelled:
        """Return the expression of a relation of the element."""
        made: Spelled = getattr(spell(self.cls), way.name)
        return made if self.alias is None else made.on(self.alias)


_BEING = {
    "int": ["age"],
    "float": ["score"],
    "text": ["id", "name", "nick"],
    "bool": ["active"],
    "moment": ["born"],
    "date": ["day"],
    "mood": ["mood"],
    "list": ["tags"],
    "ints": ["numbers"],
    "place": ["home"],
}
FIELDS: dict[type[Any], dict[str, list[str]]] = {
    Being: _BEING,
    Robot: {**_BEING, "int": ["age", "volts"]},
    Item: {"int": ["weight"], "float": ["price"], "text": ["id", "title"]},
    Note: {"int": ["stars"], "text": ["id"]},
    Likes: {"int": ["since"], "text": ["how"]},
}
LITERALS: dict[str, Sequence[Any]] = {
    "int": [0, 1, 2, 20, 36, -3],
    "float": [0.0, 1.5, -2.25, 100.125, 0.5],
    "text": ["", "Ada", "ada", "x", "a", "日本", "a'b\"c\\`d", "b1", "i2", "ünï", "😀", " x "],
    "bool": [True, False],
    "moment": [day(1), day(2), day(5), dt.datetime(2020, 1, 4, tzinfo=dt.UTC)],
    "date": [dt.date(1990, 2, 3), dt.date(2020, 12, 31), dt.date(2000, 1, 1)],
    "mood": list(Mood),
    "list": [[], ["x"], ["x", "y"], ["日本"]],
    "ints": [[], [1, 2], [7]],
    "place": [
        GeoLocation(latitude=0.0, longitude=0.0),
        GeoLocation(latitude=48.5, longitude=11.0),
        GeoLocation(latitude=-10.0, longitude=179.0),
    ],
}
# Kinds that a value alone tells.
LITERAL = ("int", "float", "text", "bool")
SORTED = ("int", "float", "text", "bool", "moment", "date")
# Kinds of columns.
KINDS = (*SORTED, "mood", "list", "ints")
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
# As docs/cypher.md writes them.
SIGN_ROWS = {"==": "=", "!=": "<>", **dict.fromkeys(("<", "<=", ">", ">="), "<, <=, >, >=")}


def lifted(function: Callable[..., Any], *values: Value) -> Value:
    """Return what calls a function with values; None if one of them is None."""

    def of(row: Row) -> Any:
        found = [value(row) for value in values]
        return None if any(one is None for one in found) else function(*found)

    return of


def reading(name: str) -> Value:
    """Return what reads a value of a stage."""
    return lambda row: row[name]


def negated(value: Value) -> Value:
    """Return NOT: unknown stays unknown."""
    return lifted(operator.not_, value)


def both(one: Value, other: Value) -> Value:
    """Return AND of three-valued logic."""
    return lambda row: all3((one(row), other(row)))


def either(one: Value, other: Value) -> Value:
    """Return OR of three-valued logic."""
    return lambda row: any3((one(row), other(row)))


def any3(found: Iterable[bool | None]) -> bool | None:
    """Return whether one is True, if that is known."""
    answers = list(found)
    return True if True in answers else None if None in answers else False


def all3(found: Iterable[bool | None]) -> bool | None:
    """Return whether all are True, if that is known."""
    answers = list(found)
    return False if False in answers else None if None in answers else True


def none3(found: Iterable[bool | None]) -> bool | None:
    """Return whether none is True, if that is known."""
    some = any3(found)
    return None if some is None else not some


def single3(found: Iterable[bool | None]) -> bool | None:
    """Return whether exactly one is True, if that is known."""
    answers = list(found)
    if answers.count(True) > 1:
        return False
    return None if None in answers else answers.count(True) == 1


def normal(value: Any) -> Any:
    """Return a value in a form in which equal ones are equal, and True is not 1."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, float):
        return float(f"{value:.12g}") + 0.0
    if isinstance(value, list | tuple):
        return tuple(normal(item) for item in value)
    if isinstance(value, dict):
        return tuple(sorted((name, normal(item)) for name, item in value.items()))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, GeoLocation):
        return ("place", value.latitude, value.longitude)
    return value.value if isinstance(value, Enum) else value


def once(values: Iterable[Any]) -> list[Any]:
    """Return equal values once."""
    return list({normal(value): value for value in values}.values())


def once_rows(rows: Rows) -> Rows:
    """Return equal rows once."""
    found: dict[Any, Row] = {}
    for row in rows:
        found.setdefault(tuple((key, normal(value)) for key, value in row.items()), row)
    return list(found.values())


def sorted_by(rows: Sequence[Any], orders: Sequence[tuple[Callable[[Any], Any], bool]]) -> Any:
    """Return rows sorted as a database does: what is missing last, or first where downwards."""
    found = list(rows)
    for value, desc in reversed(orders):
        found.sort(key=lambda row: ((v := value(row)) is None, 0 if v is None else v), reverse=desc)
    return found
