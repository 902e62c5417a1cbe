"""Lists and maps: made of expressions, taken apart, and gone through item by item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import (
    LISTS,
    Call,
    Computed,
    Named,
    OfOperands,
    kind_of,
    like_of,
    operand,
    require,
    walk,
)
from runic.ogm.query.criteria import Criterion, checked
from runic.ogm.query.expressions import Attribute, checked_name
from runic.ogm.query.part import Part
from runic.ogm.query.values import Value

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListOf(OfOperands[list[Any]]):
    """A list of expressions."""

    operands: tuple[Part, ...]
    kind: Kind = Kind.LIST
    like: Attribute[Any] | None = None

    @override
    def write(self, writer: Writer) -> str:
        return f"[{', '.join([writer.alone(part) for part in self.parts])}]"

    def __str__(self) -> str:
        return f"list_({', '.join(str(part) for part in self.parts)})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MapOf(OfOperands[dict[str, Any]]):
    """A map of expressions by name."""

    keys: tuple[str, ...]
    operands: tuple[Part, ...]
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None

    @property
    @override
    def form(self) -> object:
        return self.keys

    @override
    def write(self, writer: Writer) -> str:
        texts = [writer.alone(part) for part in self.parts]
        quote = writer.dialect.quote
        pairs = zip(self.keys, texts, strict=True)
        return "{" + ", ".join(f"{quote(key)}: {text}" for key, text in pairs) + "}"

    def __str__(self) -> str:
        pairs = zip(self.keys, self.parts, strict=True)
        return f"map_({', '.join(f'{key}={part}' for key, part in pairs)})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ItemAt(OfOperands[Any]):
    """An item of a list by its index, or of a map by its key; a range of a list."""

    operands: tuple[Part, ...]
    sliced: bool = False
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None

    @property
    @override
    def form(self) -> object:
        return self.sliced, self.key

    @property
    def key(self) -> int | str | None:
        """The key or index, where it decides what the value is; part of the shape, therefore."""
        whole, key = self.operands[:2]
        if self.sliced or not isinstance(key, Value):
            return None
        if isinstance(key.raw, int):
            return key.raw if isinstance(whole, ListOf) else None
        return key.raw if isinstance(key.raw, str) else None

    @override
    def write(self, writer: Writer) -> str:
        whole, bounds = self.parts[0].write(writer), map(writer.alone, self.parts[1:])
        return f"{whole}[{'..'.join(bounds)}]"

    def __str__(self) -> str:
        whole, *bounds = (str(part) for part in self.parts)
        return f"{'slice_' if self.sliced else 'at'}({whole}, {', '.join(bounds)})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EachItem(Named[Any]):
    """What stands for each item inside of `for_each` and the like."""

    name: str
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None

    @override
    def write(self, writer: Writer) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comprehension(Computed[list[Any]]):
    """A list made of a list: of the items that a criterion keeps, what an expression makes."""

    name: str
    source: Part
    kept: Criterion | None
    yields: Part
    kind: Kind = Kind.LIST
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return tuple(p for p in (self.source, self.kept, self.yields) if p is not None)

    @property
    @override
    def form(self) -> object:
        return (self.name, self.kept is not None)

    @override
    def write(self, writer: Writer) -> str:
        require_items(self.source, writer)
        return writer.closed(self.parts, self.parts[1:], lambda: self._text(writer))

    def _text(self, writer: Writer) -> str:
        items = writer.alone(self.source)
        kept = f" WHERE {writer.alone(self.kept)}" if self.kept is not None else ""
        text = f"[{self.name} IN {items}{kept} | {writer.alone(self.yields)}]"
        return writer.dialect.listed(items, text)

    def __str__(self) -> str:
        kept = f" if {self.kept}" if self.kept is not None else ""
        return f"[{self.yields} for {self.name} in {self.source}{kept}]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduction(Computed[Any]):
    """What the items of a list add up to, one after the other."""

    total: str
    item: str
    first: Part
    source: Part
    step: Part
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.first, self.source, self.step)

    @property
    @override
    def form(self) -> object:
        return (self.total, self.item)

    @override
    def write(self, writer: Writer) -> str:
        require_items(self.source, writer)
        return writer.closed(self.parts, (self.step,), lambda: self._text(writer))

    def _text(self, writer: Writer) -> str:
        first, source = writer.alone(self.first), writer.alone(self.source)
        step = writer.alone(self.step)
        return writer.dialect.reduced(f"{self.total} = {first}, {self.item} IN {source} | {step}")

    def __str__(self) -> str:
        return f"reduce_({self.source}, {self.first}, {self.step})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quantified(Criterion):
    """A criterion on the items of a list, of which `quantifier` says how many must satisfy it."""

    quantifier: str
    name: str
    source: Part
    criterion: Criterion

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.source.attributes + self.criterion.attributes

    @override
    def outline(self, shape: list[Any], values: list[Any]) -> None:
        shape.append((self.quantifier, self.name))
        self.source.outline(shape, values)
        self.criterion.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        require_items(self.source, writer)
        parts = (self.source, self.criterion)
        return writer.closed(parts, parts[1:], lambda: self._text(writer))

    def _text(self, writer: Writer) -> str:
        source, kept = writer.alone(self.source), writer.alone(self.criterion)
        return writer.dialect.quantified(self.quantifier, self.name, source, kept)

    def __str__(self) -> str:
        return f"{self.quantifier}_item({self.source}, {self.criterion})"


def require_items(source: Part, writer: Writer) -> None:
    """Refuse to go through a list with items that may be null, where they would be values.

    Raises:
        UnsupportedFeatureError: There are such items; says which databases know them.
    """
    made = [part for part in walk(source) if isinstance(part, ListOf)]
    if any(
        isinstance(part, Attribute) and part.info.takes_none
        for each in made
        for part in each.operands
    ):
        writer.dialect.require("null_items")


def list_(*items: Any) -> ListOf:
    """Return a list of fields, expressions and values."""
    return ListOf(tuple(operand(item) for item in items))


def map_(**items: Any) -> MapOf:
    """Return a map (a dict) of fields, expressions and values by name."""
    if not items:
        raise StatementError("map_ needs items, as map_(name=User.name)")
    parts = tuple(operand(item) for item in items.values())
    return MapOf(tuple(checked_name(key, "key") for key in items), parts)


def range_(first: Any, last: Any, step: Any = 1) -> Call[list[int]]:
    """Return the whole numbers from the first to the last, both included."""
    parts = tuple(operand(number) for number in (first, last, step))
    for part in parts:
        require("range_", part, (Kind.INT, Kind.SCALAR))
    return Call("range", parts, Kind.LIST)


def head(items: Any) -> Call[Any]:
    """Return the first item of a list; None of an empty one."""
    return Call("head", (_list("head", items),), Kind.SCALAR)


def last(items: Any) -> Call[Any]:
    """Return the last item of a list; None of an empty one."""
    return Call("last", (_list("last", items),), Kind.SCALAR)


def tail(items: Any) -> Call[list[Any]]:
    """Return a list without its first item."""
    part = _list("tail", items)
    return Call("tail", (part,), Kind.LIST, like_of(part))


def reverse(value: Any) -> Call[Any]:
    """Return a list, or text, from its end to its start."""
    part = operand(value)
    require("reverse", part, LISTS | {Kind.STR})
    return Call("reverse", (part,), kind_of(part) or Kind.SCALAR, like_of(part))


def at(whole: Any, key: Any) -> ItemAt:
    """Return the item of a list by its index (-1 is the last), or of a map by its key; or None."""
    part, index = operand(whole), operand(key)
    require("at", part, LISTS)
    require("at", index, (Kind.INT, Kind.STR, Kind.SCALAR))
    return ItemAt((part, index))


def slice_(items: Any, start: Any, stop: Any) -> ItemAt:
    """Return the items of a list from one index up to, and without, another."""
    part = _list("slice_", items)
    bounds = (operand(start), operand(stop))
    for bound in bounds:
        require("slice_", bound, (Kind.INT, Kind.SCALAR))
    return ItemAt((part, *bounds), True, Kind.LIST, like_of(part))


def for_each(
    items: Any, yields: Callable[[Any], Any] | None = None, *, where: Any = None
) -> Comprehension:
    """Return a list made of a list, as a comprehension: `for_each(User.tags, lambda t: lower(t))`.

    Args:
        items: A list: a field, an expression, or values.
        yields: What to make of an item; the item itself if left out.
        where: A criterion on the item, as `lambda t: t.startswith("a")`, that keeps it.
    """
    source = _list("for_each", items)
    item = _item(yields or where)
    kept = checked(where(item)) if where is not None else None
    made = operand(yields(item)) if yields is not None else item
    like = like_of(source) if made is item else None
    return Comprehension(item.name, source, kept, made, Kind.LIST, like)


def any_item(items: Any, where: Callable[[Any], Any]) -> Criterion:
    """Keep where some item of a list satisfies a criterion: `lambda t: t == "x"`."""
    return _quantified("any", items, where)


def all_items(items: Any, where: Callable[[Any], Any]) -> Criterion:
    """Keep where every item of a list satisfies a criterion (of an empty one: all do)."""
    return _quantified("all", items, where)


def no_item(items: Any, where: Callable[[Any], Any]) -> Criterion:
    """Keep where no item of a list satisfies a criterion."""
    return _quantified("none", items, where)


def single_item(items: Any, where: Callable[[Any], Any]) -> Criterion:
    """Keep where exactly one item of a list satisfies a criterion."""
    return _quantified("single", items, where)


def reduce_(items: Any, start: Any, step: Callable[[Any, Any], Any]) -> Reduction:
    """Return what the items of a list add up to: `reduce_(User.marks, 0, lambda sum, x: sum + x)`.

    Args:
        items: A list: a field, an expression, or values.
        start: The value to begin with, and of an empty list.
        step: What to make of the value so far and an item.
    """
    source, first = _list("reduce_", items), operand(start)
    total, item = _arguments(step, 2)
    made = operand(step(total, item))
    return Reduction(total.name, item.name, first, source, made, kind_of(first) or Kind.SCALAR)


def _quantified(quantifier: str, items: Any, where: Callable[[Any], Any]) -> Criterion:
    item = _item(where)
    source = _list(f"{quantifier}_item", items)
    return Quantified(quantifier, item.name, source, checked(where(item)))


def _list(what: str, items: Any) -> Part:
    part = operand(items)
    require(what, part, LISTS)
    return part


def _item(function: Callable[[Any], Any] | None) -> EachItem:
    return EachItem("each_item") if function is None else _arguments(function, 1)[0]


def _arguments(function: Callable[..., Any], count: int) -> list[EachItem]:
    # Named by the function's arguments, so that equal statements have equal texts, and so that
    # an item inside of another hides it exactly where it does so in Python.
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount != count:
        shown = "the item, as lambda tag: tag" if count == 1 else "both, as lambda sum, x: sum + x"
        raise StatementError(f"{function!r} must be a function of {shown}")
    return [EachItem(f"each_{name}") for name in code.co_varnames[:count]]
