"""Functions of text, numbers and dates: one value for each row.

Their names are those of openCypher in Python's spelling; where that is a builtin's, `_` follows.
Of None, each gives None.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import NUMBERS, TEXTS, Call, kind_of, like_of, operand, require
from runic.ogm.query.computed import unified as _unified
from runic.ogm.query.part import Part
from runic.ogm.query.values import Value

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer

_NOTHING = "''"
_SIZED = TEXTS | {Kind.LIST}
_DATED = frozenset({Kind.DATE, Kind.DATETIME})
_TIMED = frozenset({Kind.TIME, Kind.DATETIME})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truncated(Call[int]):
    """A number without its fraction."""

    @override
    def write(self, writer: Writer) -> str:
        number = writer.alone(self.operands[0])
        if kind_of(self.operands[0]) not in (Kind.FLOAT, Kind.SCALAR):
            return f"toInteger({number})"
        # Of negative numbers, FalkorDB takes the integer below.
        return f"toInteger(CASE WHEN {number} < 0 THEN ceil({number}) ELSE {number} END)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReplacedText(Call[str]):
    """Text with each occurrence of another text replaced.

    Nothing occurs nowhere. Some databases find it between all characters, and in FalkorDB what
    comes of that is no text at all.
    """

    @property
    @override
    def form(self) -> object:
        return (self.function, self._finds)

    @property
    def _finds(self) -> bool:
        """Whether what is looked for is known to be some text."""
        old = self.operands[1]
        return isinstance(old, Value) and isinstance(old.raw, str) and old.raw != ""

    @override
    def write(self, writer: Writer) -> str:
        text, old, new = operands = [part.write(writer) for part in self.operands]
        kinds = [kind_of(part) for part in self.operands]
        found = writer.dialect.called(self.function, operands, kinds)
        if self._finds:
            return found
        nothing = f"{writer.dialect.compared(old, '=', _NOTHING)} AND {new} IS NOT NULL"
        return f"CASE WHEN {nothing} THEN {text} ELSE {found} END"


def lower(text: Any) -> Call[str]:
    """Return text in lower case."""
    return _text("lower", "toLower", text)


def upper(text: Any) -> Call[str]:
    """Return text in upper case."""
    return _text("upper", "toUpper", text)


def trim(text: Any) -> Call[str]:
    """Return text without white space at its ends."""
    return _text("trim", "trim", text)


def ltrim(text: Any) -> Call[str]:
    """Return text without white space at its start."""
    return _text("ltrim", "lTrim", text)


def rtrim(text: Any) -> Call[str]:
    """Return text without white space at its end."""
    return _text("rtrim", "rTrim", text)


def left(text: Any, length: Any) -> Call[str]:
    """Return the first characters of text."""
    return _text("left", "left", text, _whole("left", length))


def right(text: Any, length: Any) -> Call[str]:
    """Return the last characters of text."""
    return _text("right", "right", text, _whole("right", length))


def substring(text: Any, start: Any, length: Any = None) -> Call[str]:
    """Return a part of text: from the character of this index (0 is the first), so many or all."""
    bounds = [start] if length is None else [start, length]
    return _text("substring", "substring", text, *(_whole("substring", b) for b in bounds))


def replace(text: Any, old: Any, new: Any) -> Call[str]:
    """Return text with each occurrence of a text replaced; without any where that is empty."""
    parts = [_of("replace", part, TEXTS) for part in (text, old, new)]
    return ReplacedText("replace", tuple(parts), Kind.STR)


def split(text: Any, separator: Any) -> Call[list[str]]:
    """Return the list of the texts between separators."""
    parts = (_of("split", text, TEXTS), _of("split", separator, TEXTS))
    return Call("split", parts, Kind.LIST)


def length(value: Any) -> Call[int]:
    """Return the number of characters of text, or of items of a list."""
    return Call("size", (_of("length", value, _SIZED),), Kind.INT)


size = length


def coalesce(*values: Any) -> Call[Any]:
    """Return the first value that is there."""
    if not values:
        raise StatementError("coalesce needs values, as coalesce(User.nick, User.name)")
    parts, kind, like = _unified("coalesce", values)
    return Call("coalesce", parts, kind, like)


def abs_(number: Any) -> Call[Any]:
    """Return a number without its sign."""
    part = _of("abs_", number, NUMBERS)
    return Call("abs", (part,), kind_of(part) or Kind.SCALAR)


def round_(number: Any) -> Call[float]:
    """Return the nearest whole number, as a float; halves go away from zero."""
    return _float("round", number)


def ceil(number: Any) -> Call[float]:
    """Return the least whole number that is not below, as a float."""
    return _float("ceil", number)


def floor(number: Any) -> Call[float]:
    """Return the greatest whole number that is not above, as a float."""
    return _float("floor", number)


def sqrt(number: Any) -> Call[float]:
    """Return the square root."""
    return _float("sqrt", number)


def exp(number: Any) -> Call[float]:
    """Return e to the power of a number."""
    return _float("exp", number)


def log(number: Any) -> Call[float]:
    """Return the natural logarithm."""
    return _float("log", number)


def log10(number: Any) -> Call[float]:
    """Return the logarithm to base 10."""
    return _float("log10", number)


def sign(number: Any) -> Call[int]:
    """Return -1, 0 or 1."""
    return Call("sign", (_of("sign", number, NUMBERS),), Kind.INT)


def to_int(value: Any) -> Call[int]:
    """Return a number without its fraction, or the number that text spells; None for other text."""
    return Truncated("toInteger", (_of("to_int", value, NUMBERS | TEXTS),), Kind.INT)


def to_float(value: Any) -> Call[float]:
    """Return a number, or the number that text spells, as a float; None for other text."""
    return Call("toFloat", (_of("to_float", value, NUMBERS | TEXTS),), Kind.FLOAT)


def to_bool(value: Any) -> Call[bool]:
    """Return the truth value that text spells (`true` or `false`); None for other text."""
    return Call("toBoolean", (_of("to_bool", value, TEXTS | {Kind.BOOL}),), Kind.BOOL)


def to_text(value: Any) -> Call[str]:
    """Return the text of a number, a truth value, or text; databases write floats differently."""
    return Call("toString", (_of("to_text", value, NUMBERS | TEXTS | {Kind.BOOL}),), Kind.STR)


def random() -> Call[float]:
    """Return a number from 0 up to, and without, 1: another one in each row."""
    return Call("rand", (), Kind.FLOAT)


def timestamp() -> Call[int]:
    """Return the milliseconds from 1970 to now, by the clock of the server."""
    return Call("timestamp", (), Kind.INT)


def year(moment: Any) -> Call[int]:
    """Return the year of a date or datetime field; datetimes count in UTC."""
    return _digits("year", moment, _DATED, 0, 4)


def month(moment: Any) -> Call[int]:
    """Return the month, from 1."""
    return _digits("month", moment, _DATED, 5, 2)


def day(moment: Any) -> Call[int]:
    """Return the day of the month, from 1."""
    return _digits("day", moment, _DATED, 8, 2)


def hour(moment: Any) -> Call[int]:
    """Return the hour of a time or datetime field; datetimes count in UTC."""
    return _clock("hour", moment, 0)


def minute(moment: Any) -> Call[int]:
    """Return the minute."""
    return _clock("minute", moment, 3)


def second(moment: Any) -> Call[int]:
    """Return the whole second."""
    return _clock("second", moment, 6)


def _clock(what: str, moment: Any, start: int) -> Call[int]:
    # A datetime is stored as its date, a T, and its time.
    offset = 11 if kind_of(operand(moment)) is Kind.DATETIME else 0
    return _digits(what, moment, _TIMED, start + offset, 2)


def _digits(what: str, moment: Any, kinds: Iterable[Kind], start: int, count: int) -> Call[int]:
    # Dates and times are stored as text of fixed width, on every database.
    part = operand(moment)
    if like_of(part) is None:
        raise StatementError(f"{what} is for fields that are dates or times, not {part}")
    require(what, part, kinds)
    digits: Call[str] = Call("substring", (part, operand(start), operand(count)), Kind.STR)
    return Call("toInteger", (digits,), Kind.INT)


def _text(what: str, function: str, text: Any, *others: Part) -> Call[str]:
    return Call(function, (_of(what, text, TEXTS), *others), Kind.STR)


def _float(function: str, number: Any) -> Call[float]:
    return Call(function, (_of(function, number, NUMBERS),), Kind.FLOAT)


def _whole(what: str, number: Any) -> Part:
    return _of(what, number, (Kind.INT, Kind.SCALAR))


def _of(what: str, value: Any, kinds: Iterable[Kind]) -> Part:
    part = operand(value)
    require(what, part, kinds)
    return part
