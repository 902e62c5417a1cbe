"""What the value of an expression is made of, and how it is read.

A field is decoded by itself. A list, a map, an aggregate, an item taken out of a list: each has the
form of what it was made of, through every stage, so that a date in a map in a list is a date again.
Called by `columns` for what a query returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runic.ogm.model.kinds import Kind
from runic.ogm.query.case import Case
from runic.ogm.query.computed import Call, Constant, Literal, Operation, inner_parts, like_of
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.decoders import (
    Decode,
    decode_aggregate,
    decode_item,
    decode_type,
    read_attribute,
)
from runic.ogm.query.element import Element
from runic.ogm.query.expressions import Attribute, Labelled
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.known import Known
from runic.ogm.query.lists import Comprehension, EachItem, ItemAt, ListOf, MapOf
from runic.ogm.query.part import Part
from runic.ogm.query.variables import Variable

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is decoded: as a whole, or what it holds.

    `item` is the form of every item of a list, `places` are those of a list whose items differ,
    `keys` those of a map. `type` tells equal decodings.
    """

    decode: Decode | None = field(default=None, compare=False)
    type: object = None
    item: Form | None = None
    places: tuple[Form, ...] = ()
    keys: Mapping[str, Form] = field(default_factory=dict)

    def each(self) -> Form:
        """Return the form of an item, whichever it is."""
        if self.places and all(place == self.places[0] for place in self.places):
            return self.places[0]
        return self.item or _PLAIN

    def at(self, key: object) -> Form:
        """Return the form of the item at an index or key that is known; of any for None."""
        if isinstance(key, int) and -len(self.places) <= key < len(self.places):
            return self.places[key]
        return self.keys.get(key, _PLAIN) if isinstance(key, str) else self.each()


_PLAIN = Form()
_SUMS = (Kind.INT, Kind.FLOAT)


def reader(form: Form) -> Decode | None:
    """Return what decodes a value of a form; None where it is left as it is."""
    if form.decode is not None:
        return form.decode
    if form.places:
        return _read_places([reader(place) for place in form.places])
    if form.keys:
        return _read_keys({key: reader(inner) for key, inner in form.keys.items()})
    inner = None if form.item is None else reader(form.item)
    return None if inner is None else _read_items(inner)


def _read_items(read: Decode) -> Decode:
    return lambda cell: [None if item is None else read(item) for item in cell]


def _read_places(readers: list[Decode | None]) -> Decode | None:
    if not any(readers):
        return None
    return lambda cell: [_read(*pair) for pair in zip(readers, cell, strict=True)]


def _read_keys(readers: Mapping[str, Decode | None]) -> Decode | None:
    if not any(readers.values()):
        return None
    return lambda cell: {key: _read(readers.get(key), item) for key, item in cell.items()}


def _read(read: Decode | None, item: Any) -> Any:
    return item if read is None or item is None else read(item)


def form_of(part: Part, dialect: Dialect) -> Form:
    """Return the form of an expression's value."""
    return _Forms(dialect, {}).of(part)


def entities_in(part: Part) -> Iterator[type[Any]]:
    """Yield the classes of the entities that may be in an expression's value."""
    if isinstance(part, Element):
        yield part.entity
    elif isinstance(part, Variable):
        yield from () if part.defined is None else entities_in(part.defined)
    elif not isinstance(part, Criterion | Attribute | Known) and not _counts(part):
        for inner in inner_parts(part):
            yield from entities_in(inner)


def _counts(part: Part) -> bool:
    return isinstance(part, Aggregate) and part.function == "count"


@dataclass(frozen=True, slots=True)
class _Forms:
    """Works forms out; `items` are those of what stands for each item of a list."""

    dialect: Dialect
    items: Mapping[str, Form]

    def of(self, part: Part) -> Form:
        if isinstance(part, Labelled):
            return self.of(part.expression)
        if isinstance(part, Variable) and part.defined is not None:
            return self.of(part.defined)
        if isinstance(part, EachItem):
            return self.items.get(part.name, _PLAIN)
        if isinstance(part, Aggregate):
            return self._aggregate(part)
        return self._made(part) or self._like(part)

    def _aggregate(self, part: Aggregate[Any]) -> Form:
        operand = _PLAIN if isinstance(part.operand, str) else self.of(part.operand)
        if part.function == "collect":
            return Form(item=operand)
        return operand if part.function in ("min", "max") else Form(decode_aggregate(part))

    def _made(self, part: Part) -> Form | None:
        """Return the form of what is made of other parts; None for anything else."""
        if isinstance(part, ListOf):
            return Form(places=tuple(self.of(each) for each in part.operands))
        if isinstance(part, MapOf):
            pairs = zip(part.keys, part.operands, strict=True)
            return Form(keys={key: self.of(each) for key, each in pairs})
        if isinstance(part, ItemAt):
            whole = self.of(part.operands[0])
            return Form(item=whole.each()) if part.sliced else whole.at(part.key)
        if isinstance(part, Comprehension):
            inner = {**self.items, part.name: self.of(part.source).each()}
            return Form(item=_Forms(self.dialect, inner).of(part.yields))
        return self._of_call(part) if isinstance(part, Call) else None

    def _of_call(self, part: Call[Any]) -> Form | None:
        if part.function in ("head", "last"):
            return self.of(part.operands[0]).at(0 if part.function == "head" else -1)
        if part.function in ("tail", "reverse") and part.like is None:
            return Form(item=self.of(part.operands[0]).each())
        return None

    def _like(self, part: Part) -> Form:
        """Return the form of a field, or of what is of a field's type."""
        like = like_of(part)
        if like is not None:
            return _field(like, self.dialect)
        if isinstance(part, Constant):
            return self._like(part.value)
        if isinstance(part, Literal):
            return _literal(part.type)
        choices = _choices(part)
        return next((form for each in choices if (form := self.of(each)) != _PLAIN), _PLAIN)


def _literal(type_: Any) -> Form:
    """Return the form of a value that was written into the statement, see `literals.type_of`."""
    if type_ is None:
        return _PLAIN
    if not isinstance(type_, tuple):
        return Form(decode_type(type_), type_)
    cls, items = type_[0], tuple(map(_literal, type_[1]))
    form = Form(item=items[0]) if len(items) == 1 else Form(places=items)
    return _as_tuple(form, type_) if cls is tuple else form


def _as_tuple(form: Form, type_: Any) -> Form:
    read = reader(form)
    return replace(
        form, decode=lambda cell: tuple(cell if read is None else read(cell)), type=type_
    )


def _choices(part: Part) -> tuple[Part, ...]:
    """Return the parts of which a value is one, or is put together."""
    if isinstance(part, Case):
        return part.results
    # A number is made of its parts, and has the type of none: an item of a list of ints and 1.5.
    if isinstance(part, Operation) and part.operator == "+" and part.kind not in _SUMS:
        return part.parts
    return part.parts if isinstance(part, Call) and part.function == "coalesce" else ()


def _field(attribute: Attribute[Any], dialect: Dialect) -> Form:
    item = decode_item(attribute, dialect)
    inside = None if item is None else Form(item, attribute.info.annotation)
    return Form(read_attribute(attribute, dialect), attribute.info.annotation, inside)
