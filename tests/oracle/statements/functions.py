"""The functions and operators of docs/cypher.md, each with what it is in plain Python.

Of a missing value everything is missing, unless a function is `total`. What is measured in floats
that are not exact is of the kind `real`: it is returned, and nothing depends on its last digits.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.spelled import q

# A kind of term, or the plain values of which one is drawn.
Operand = str | tuple[Any, ...]


@dataclass(frozen=True)
class Function:
    """A row of docs/cypher.md that is an expression of others."""

    row: str
    gives: str
    takes: tuple[Operand, ...]
    build: Callable[..., Any]
    of: Callable[..., Any]
    total: bool = False
    # The name of a documented difference, and what it is then, of missing values too.
    differs: tuple[str, Callable[..., Any]] | None = None


def _half_up(number: float) -> float:
    return float(math.floor(number + 0.5))


def _half_away(number: float | None) -> float | None:
    return None if number is None else math.copysign(math.floor(abs(number) + 0.5), number) + 0.0


def _item(items: Sequence[Any], index: int) -> Any:
    return items[index] if -len(items) <= index < len(items) else None


def _whole(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _equal(items: list[str] | None, other: str | None) -> list[str] | None:
    # What is compared with an unknown value is not kept.
    return None if items is None else [each for each in items if each == other]


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator)


_FEW = (0, 1, 2, 3)

NUMBERS = [
    Function("+", "int", ("int", "int"), operator.add, operator.add),
    Function("-", "int", ("int", "int"), operator.sub, operator.sub),
    Function("*", "int", ("int", "int"), operator.mul, operator.mul),
    Function("%", "int", ("int", (2, 7, -3)), operator.mod, lambda n, m: int(math.fmod(n, m))),
    Function("-x", "int", ("int",), operator.neg, operator.neg),
    Function("+", "int", ((1, 36, -3), "int"), operator.add, operator.add),
    Function("-", "int", ((1, 36, -3), "int"), operator.sub, operator.sub),
    Function("+", "float", ("float", "float"), operator.add, operator.add),
    Function("+", "float", ("int", "float"), operator.add, operator.add),
    Function("*", "float", ("float", "int"), operator.mul, operator.mul),
    Function("/", "float", ("int", (2, 4, -0.5)), operator.truediv, operator.truediv),
    Function("/", "float", ("float", (2, 4, -0.5)), operator.truediv, operator.truediv),
    Function("^", "float", ("int", (0, 1, 2)), operator.pow, lambda n, m: float(n**m)),
    Function("abs()", "int", ("int",), q.abs_, abs),
    Function("abs()", "float", ("float",), q.abs_, abs),
    Function("sign()", "int", ("int",), q.sign, lambda n: (n > 0) - (n < 0)),
    Function("sign()", "int", ("float",), q.sign, lambda n: (n > 0) - (n < 0)),
    Function("ceil()", "float", ("float",), q.ceil, lambda n: float(math.ceil(n))),
    Function("floor()", "float", ("float",), q.floor, lambda n: float(math.floor(n))),
    Function("round()", "float", ("float",), q.round_, _half_up,
             differs=("round_ of a negative half is the lower number", _half_away)),
    Function("size()", "int", ("text",), q.length, len),
    Function("size()", "int", ("list",), q.length, len),
    Function("size()", "int", ("ints",), q.length, len),
    Function("toInteger()", "int", ("float",), q.to_int, math.trunc),
    Function("toInteger()", "int", (("12", "x", "-3", ""),), q.to_int, _whole,
             differs=("to_int of empty text is 0", lambda t: 0 if t == "" else _whole(t))),
    Function("toFloat()", "float", ("int",), q.to_float, float),
    Function("toFloat()", "float", (("1.5", "x", "-2", "1e3"),), q.to_float, _number),
    Function("toBoolean()", "bool", (("true", "false", "x"),), q.to_bool,
             {"true": True, "false": False}.get),
]  # fmt: skip

# In domains where they are defined, and not too large.
REALS = [
    Function("sqrt()", "real", ("int",), lambda n: q.sqrt(q.abs_(n)), lambda n: math.sqrt(abs(n))),
    Function("exp()", "real", ("int",), lambda n: q.exp(n % 3),
             lambda n: math.exp(math.fmod(n, 3))),
    Function("log()", "real", ("int",), lambda n: q.log(q.abs_(n) + 1),
             lambda n: math.log(abs(n) + 1)),
    Function("log10()", "real", ("int",), lambda n: q.log10(q.abs_(n) + 1),
             lambda n: math.log10(abs(n) + 1)),
    Function("sin()", "real", ("float",), q.sin, math.sin),
    Function("cos()", "real", ("float",), q.cos, math.cos),
    Function("tan()", "real", ("int",), lambda n: q.tan(n % 3),
             lambda n: math.tan(math.fmod(n, 3))),
    Function("cot()", "real", ("int",), lambda n: q.cot(q.abs_(n) % 3 + 1),
             lambda n: 1 / math.tan(abs(n) % 3 + 1)),
    Function("asin()", "real", ("int",), lambda n: q.asin(n % 2),
             lambda n: math.asin(math.fmod(n, 2))),
    Function("acos()", "real", ("int",), lambda n: q.acos(n % 2),
             lambda n: math.acos(math.fmod(n, 2))),
    Function("atan()", "real", ("float",), q.atan, math.atan),
    Function("atan2()", "real", ("float", (1, 2, -3)), q.atan2, math.atan2),
    Function("degrees()", "real", ("float",), q.degrees, math.degrees),
    Function("radians()", "real", ("float",), q.radians, math.radians),
    Function("haversin()", "real", ("float",), q.haversin, lambda n: (1 - math.cos(n)) / 2),
]  # fmt: skip

TEXTS = [
    Function("toLower()", "text", ("text",), q.lower, str.lower),
    Function("toUpper()", "text", ("text",), q.upper, str.upper),
    Function("trim()", "text", ("text",), q.trim, lambda t: t.strip(" ")),
    Function("lTrim()", "text", ("text",), q.ltrim, lambda t: t.lstrip(" ")),
    Function("rTrim()", "text", ("text",), q.rtrim, lambda t: t.rstrip(" ")),
    Function("reverse()", "text", ("text",), q.reverse, lambda t: t[::-1]),
    Function("left()", "text", ("text", _FEW), q.left, lambda t, n: t[:n]),
    Function("right()", "text", ("text", _FEW), q.right, lambda t, n: t[max(0, len(t) - n) :]),
    Function("substring()", "text", ("text", _FEW), q.substring, lambda t, n: t[n:]),
    Function("substring()", "text", ("text", _FEW, _FEW), q.substring,
             lambda t, n, m: t[n : n + m]),
    Function("text + text", "text", ("text", "text"), operator.add, operator.add),
    Function("text + text", "text", ("text", ("!", "日", "")), operator.add, operator.add),
    Function("replace()", "text", ("text", ("a", "A", "日", "x"), ("", "a", "日本", "yy")),
             q.replace, str.replace),
    Function("toString()", "text", ("int",), q.to_text, str),
    Function("toString()", "text", ("bool",), q.to_text, lambda b: str(b).lower()),
    Function("toString()", "text", ("text",), q.to_text, str),
    Function("head()", "text", ("list",), q.head, lambda x: _item(x, 0)),
    Function("last()", "text", ("list",), q.last, lambda x: _item(x, -1)),
    Function("list[i]", "text", ("list", (0, 1, 5, -1, -4)), q.at, _item),
    Function("list[i]", "int", ("ints", (0, 1, 5, -1, -4)), q.at, _item),
    Function("head()", "int", ("ints",), q.head, lambda x: _item(x, 0)),
    Function("last()", "int", ("ints",), q.last, lambda x: _item(x, -1)),
    Function("map.key, map[$key]", "int", ("int", "text"),
             lambda a, b: q.at(q.map_(a=a, b=b), "a"), lambda a, b: a, total=True),
    Function("map.key, map[$key]", "text", ("int", "text"),
             lambda a, b: q.at(q.map_(a=a, b=b), "b"), lambda a, b: b, total=True),
]  # fmt: skip

LISTS = [
    Function("tail()", "list", ("list",), q.tail, lambda x: x[1:]),
    Function("tail()", "ints", ("ints",), q.tail, lambda x: x[1:]),
    Function("reverse() of a list", "list", ("list",), q.reverse, lambda x: x[::-1]),
    Function("reverse() of a list", "ints", ("ints",), q.reverse, lambda x: x[::-1]),
    Function("list[a..b]", "list", ("list", (0, 1), (1, 2, 5)), q.slice_, lambda x, a, b: x[a:b]),
    Function("list + list", "list", ("list", (["x"], ["日本", ""])), operator.add, operator.add),
    Function("list + list", "list", ("list", "list"), operator.add, operator.add),
    Function("split()", "list", ("text", ("a", ",", "日", "\\")), q.split, _split),
    Function("range()", "ints", ((0, 1, 3), (0, 2, 7), (1, 2, 3)), q.range_,
             lambda a, b, c: list(range(a, b + 1, c))),
    Function("[x IN list WHERE … | …]", "list", ("list", ("y", "x", "")),
             lambda x, skip: q.for_each(x, q.upper, where=lambda t: t != skip),
             lambda x, skip: [t.upper() for t in x if t != skip]),
    Function("[x IN list WHERE … | …]", "ints", ("list",),
             lambda x: q.for_each(x, q.length), lambda x: [len(t) for t in x]),
    Function("[x IN list WHERE … | …]", "list", ("list", "text"),
             lambda x, other: q.for_each(x, where=lambda t: t == other),
             _equal, total=True),
    Function("reduce(t = 0, x IN list | …)", "int", ("ints", (0, 1, -3)),
             lambda x, first: q.reduce_(x, first, lambda total, n: total + n),
             lambda x, first: first + sum(x)),
    Function("reduce(t = 0, x IN list | …)", "int", ("list",),
             lambda x: q.reduce_(x, 0, lambda total, t: total + q.length(t)),
             lambda x: sum(map(len, x))),
    Function("reduce(t = 0, x IN list | …)", "text", ("list", ("", "日")),
             lambda x, first: q.reduce_(x, first, lambda total, t: total + t),
             lambda x, first: first + "".join(x)),
]  # fmt: skip


def _pair(*items: Any) -> list[Any]:
    return list(items)


# Lists with missing items, and maps: returned, and looked into.
HOLED = [
    Function("[a, b]", "holed", ("text", "text"), q.list_, _pair, total=True),
    Function("[a, b]", "holed", ("int", "int"), q.list_, _pair, total=True),
    Function("[a, b]", "holed", ("text", "int"), q.list_, _pair, total=True),
    Function("1, 1.5, 'x', true, null", "holed", ((1, 0), (1.5, -2.25), ("x", "日"), (True,),
             (None,)), q.list_, _pair, total=True),
    Function("{k: a}", "map", ("text",), lambda a: q.map_(k=a), lambda a: {"k": a}, total=True,
             differs=("map_ leaves out what is missing",
                      lambda a: {} if a is None else {"k": a})),
    Function("n {.a, k: b}", "map", ("text", "int"), lambda a, b: q.map_(a=a, k=b),
             lambda a, b: {"a": a, "k": b}, total=True,
             differs=("map_ leaves out what is missing",
                      lambda a, b: {k: v for k, v in (("a", a), ("k", b)) if v is not None})),
]  # fmt: skip

FUNCTIONS = [*NUMBERS, *REALS, *TEXTS, *LISTS, *HOLED]


def giving(kind: str) -> list[Function]:
    """Return the functions whose value is of a kind."""
    return [function for function in FUNCTIONS if function.gives == kind]
