"""Parameters become exactly the text the server reads back, or are refused by name."""

from __future__ import annotations

import enum
import json
import math
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runic.ogm.driver.falkordb.encode import MAX_DEPTH, encode_params
from runic.ogm.errors import FieldValidationError, StatementError


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Pretender:
    """Its text would be a second statement."""

    def __str__(self) -> str:
        return "1 CREATE (:PWNED) WITH 1 AS one "

    __repr__ = __str__


class ShoutingText(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "1 CREATE (:PWNED)"


class LoudInt(int):
    def __repr__(self) -> str:
        return "1 CREATE (:PWNED)"

    __str__ = __repr__


def nested(levels: int) -> list[Any]:
    """Return a list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", '"plain"'),
        ('a"b\\c', r'"a\"b\\c"'),
        (1, "1"),
        (True, "true"),
        (None, "null"),
        (0.1, "0.1"),
        (math.inf, "1e400"),
        (-math.inf, "-1e400"),
        ([1, "a", [None]], '[1,"a",[null]]'),
        ((1, 2), "[1,2]"),
        ({"k": [1.5]}, "{`k`:[1.5]}"),
        (Colour.RED, '"red"'),
        (Level.HIGH, "3"),
        (ShoutingText("text"), '"text"'),
        (LoudInt(5), "5"),
        (-(2**63), "-9223372036854775808"),
    ],
)
def test_values_become_literals(value: object, literal: str) -> None:
    """Each supported type is written in the server's grammar, from its own content."""
    assert encode_params({"v": value}) == f"CYPHER `v`={literal} "


@pytest.mark.parametrize("repeat", [1, 10], ids=["short", "long"])
@pytest.mark.parametrize(
    "value",
    ["nul\x00", "\ud800", math.nan, 2**63, -(2**63) - 1, [2**70], LoudInt(2**63)],
    ids=repr,
)
def test_values_that_would_be_damaged_are_refused(value: object, repeat: int) -> None:
    """Refused in the strict path and in the fast path for lists, with the parameter's name."""
    with pytest.raises(FieldValidationError, match="parameter 'who'"):
        encode_params({"who": value if repeat == 1 else [value] * repeat})


@pytest.mark.parametrize("repeat", [1, 10], ids=["short", "long"])
@pytest.mark.parametrize(
    "value",
    [
        Pretender(), b"bytes", {1}, Decimal("1.10"), date(2020, 1, 1), UUID(int=1), object(), 1j,
        range(3), {1: "a"}, {"": 1}, {"a`b": 1}, {"a\x00": 1}, {ShoutingText("k"): 1},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_unsafe_types_and_names_are_refused(value: object, repeat: int) -> None:
    """Nothing whose text somebody else decides reaches the query, alone or inside a list."""
    with pytest.raises(StatementError, match="parameter 'v'"):
        encode_params({"v": value if repeat == 1 else [value] * repeat})


@pytest.mark.parametrize("name", ["", "a`b", "a\x00b"])
def test_names_that_cannot_be_quoted_are_refused(name: str) -> None:
    """A parameter's name cannot leave its backticks."""
    with pytest.raises(StatementError, match="not a usable name"):
        encode_params({name: 1})


@pytest.mark.parametrize("repeat", [1, 10], ids=["short", "long"])
def test_deep_nesting_is_refused(repeat: int) -> None:
    """Nesting that could crash the server is not sent."""
    with pytest.raises(FieldValidationError, match="nested deeper"):
        encode_params({"v": [nested(30_000)] * repeat})


def test_the_deepest_allowed_nesting_is_sent() -> None:
    """The limit itself is still allowed."""
    assert encode_params({"v": nested(MAX_DEPTH)}).count("[") == MAX_DEPTH


@pytest.mark.parametrize(
    "value",
    ["\x01", "{", '{"', "{}", "\\u0041", "9" * 19, "é", "\u2028", "\U0001f600", "\n\t\r\b\f"],
)
def test_long_lists_are_written_like_short_ones(value: str) -> None:
    """Text that looks like JSON's own notation is the same text in a long list."""
    literal = encode_params({"v": value}).removeprefix("CYPHER `v`=").strip(" ")
    written = encode_params({"v": [value] * 5})
    readable = literal.translate({8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"})
    assert written in {f"CYPHER `v`=[{','.join([text] * 5)}] " for text in (literal, readable)}


def test_maps_in_long_lists_have_quoted_keys() -> None:
    """A list of maps is not sent as JSON, whose keys the server cannot read."""
    assert encode_params({"v": [{"a": 1}] * 4}) == "CYPHER `v`=[" + ",".join(["{`a`:1}"] * 4) + "] "
    assert encode_params({"v": [{}] * 4}) == "CYPHER `v`=[{},{},{},{}] "


def test_infinity_in_long_lists_is_sent_as_a_number() -> None:
    """The word that JSON would use is unknown to the server."""
    assert encode_params({"v": [math.inf] * 4}) == "CYPHER `v`=[1e400,1e400,1e400,1e400] "


def test_no_parameters_add_nothing() -> None:
    """A query without parameters is sent as it is."""
    assert encode_params({}) == ""


CELLS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text()


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=4, max_size=6))
def test_long_lists_of_rows_are_written_as_short_ones(rows: list[list[Any]]) -> None:
    """However many rows there are, each value is written, or refused, in the same sense."""
    try:
        short = [encode_params({"p": [row]}) for row in rows]
    except FieldValidationError:
        with pytest.raises(FieldValidationError):
            encode_params({"p": rows})
        return
    read = [
        json.loads(text[len("CYPHER `p`=") :].replace("1e400", "1e999"), strict=False)
        for text in short
    ]
    long = encode_params({"p": rows})[len("CYPHER `p`=") :].replace("1e400", "1e999")
    assert repr(json.loads(long, strict=False)) == repr([row for (row,) in read])


@pytest.mark.parametrize("value", [date(2020, 1, 1), UUID(int=1), Decimal(1), b"x", {1}, Colour])
def test_rows_of_other_types_are_refused(value: object) -> None:
    """What an encoder of JSON would take, and the server would read as text, is not sent."""
    with pytest.raises(StatementError):
        encode_params({"p": [["a", value]] * 5})
    with pytest.raises(StatementError):
        encode_params({"p": [value] * 5})
