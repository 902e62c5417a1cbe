"""How the fields of a class are remembered and compared, worked out once from their kinds.

A commit asks of every entity whether it has changed, so there is a quick look first. It goes by
what each kind can hide from `==`: nothing; an equal value of another form, which is then another
object; or a change in place.
"""

from __future__ import annotations

import copy
import marshal
from array import array
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from operator import eq, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from runic.ogm.model.converters import PORTABLE, encode_scalar, json_text
from runic.ogm.model.kinds import Kind
from runic.ogm.model.round_trip import difference
from runic.ogm.model.same_value import MARSHAL_VERSION, Same, clock_and_offset, instant, same_value

if TYPE_CHECKING:
    from runic.ogm.model.description import PropertyInfo

Convert = Callable[[Any], Any]

# What a database gives back of the values of a kind, where that is less than it keeps.
Reads = Mapping[Kind, Convert]
EXACT_READS: Reads = MappingProxyType({})

# Equal values of these are stored alike: their encoders make equal what only differs in its type.
_EQUAL_IS_SAME = frozenset({
    Kind.STR, Kind.INT, Kind.BOOL, Kind.BYTES, Kind.DATE, Kind.TIMEDELTA, Kind.UUID, Kind.ENUM,
})  # fmt: skip

# What is put into a list of these is not validated, and refused by the flush if it is of another
# type: an equal one has to be seen.
_CHECKED_BY_TYPE = {Kind.INT, Kind.BOOL}

# Values of these never change in place, so that the same object is the same value.
_UNCHANGING = _EQUAL_IS_SAME | {
    Kind.FLOAT, Kind.SCALAR, Kind.DATETIME, Kind.TIME, Kind.DECIMAL, Kind.TEXT, Kind.GEO,
}  # fmt: skip

_LIST_HEAD = len(marshal.dumps([], MARSHAL_VERSION))


@dataclass(frozen=True, slots=True, eq=False)
class ValueComparison:
    """How the fields of one class are compared with a snapshot of them.

    `frozen` fields are remembered by `frozen_value`; `loose` ones are unchanged when they hold the
    same object; `equal` takes out of an entity's values the others, of which `==` can be asked.
    `kept` says of each field that can change in place how it is copied.
    """

    equal: Convert
    loose: tuple[str, ...]
    frozen: tuple[str, ...]
    kept: Mapping[str, Convert]
    properties: Mapping[str, PropertyInfo]
    memo: dict[int, tuple[Reads, Mapping[str, Same]]]

    def same(self, reads: Reads) -> Mapping[str, Same]:
        """Return for each field what tells whether two of its values are stored alike.

        `reads` is what the database gives back of some kinds of value: what it reads alike, is.
        """
        found = self.memo.get(id(reads))
        if found is None:
            made = {name: _same_of(info, reads) for name, info in self.properties.items()}
            # With `reads`, whose id is not given to another one as long as it is held here.
            found = self.memo[id(reads)] = reads, made
        return found[1]

    def put_in(self, name: str, value: Any) -> Any:
        """Return a value of an entity as a snapshot keeps it."""
        keep = self.kept.get(name)
        return value if keep is None else keep(value)

    def taken_out(self, name: str, value: Any) -> Any:
        """Return a value of a snapshot for use outside of it."""
        if name in self.frozen:
            return thawed_value(value) if value.__class__ is bytes else copy.deepcopy(value)
        return self.put_in(name, value)


def comparison_of(properties: Mapping[str, PropertyInfo]) -> ValueComparison:
    """Return how the fields of a class are compared."""
    kept = {name: keep for name, info in properties.items() if (keep := _keeping(info))}
    frozen = [name for name, keep in kept.items() if keep is frozen_value]
    loose = [n for n in properties if n not in kept and not _equal_is_same(properties[n])]
    equal = [name for name in properties if name not in frozen and name not in loose]
    return ValueComparison(
        equal=itemgetter(*equal) if equal else _nothing,
        loose=tuple(loose),
        frozen=tuple(frozen),
        kept=kept,
        properties=properties,
        memo={},
    )


def _nothing(values: Mapping[str, Any]) -> tuple[()]:
    return ()


def _equal_is_same(info: PropertyInfo) -> bool:
    return info.converter is None and info.kind in _EQUAL_IS_SAME


def _keeping(info: PropertyInfo) -> Convert | None:
    """Return how a value is kept from changes in place; None where there can be none."""
    if info.converter is None and info.kind in _UNCHANGING:
        # The one type among these whose objects can be changed.
        return copy.deepcopy if "NameEmail" in repr(info.annotation) else None
    if info.kind is Kind.LIST and info.type.item in _EQUAL_IS_SAME - _CHECKED_BY_TYPE:
        return _shallow
    return frozen_value


def _shallow(value: Any) -> Any:
    return value.copy() if value.__class__ in (list, set) else copy.copy(value)


def frozen_value(value: Any) -> Any:
    """Return a copy of a value that can be compared quickly: its bytes, or an equal object."""
    try:
        # Tells types, signs and order apart, and takes a tenth of the time of a deep copy.
        return marshal.dumps(value, MARSHAL_VERSION)
    except ValueError:
        return copy.deepcopy(value)


def thawed_value(kept: Any) -> Any:
    """Return what `frozen_value` has kept, not to be changed."""
    # No other value comes to be kept as bytes: bytes are frozen themselves.
    return marshal.loads(kept) if kept.__class__ is bytes else kept


def unlike_frozen(now: Any, kept: Any) -> bool:
    """Return whether a value may differ from what `frozen_value` has kept."""
    if kept.__class__ is not bytes:
        return not same_value(now, kept)
    try:
        return marshal.dumps(now, MARSHAL_VERSION) != kept
    except ValueError:
        return True


def all_like_frozen(now: list[Any], kept: list[Any]) -> bool:
    """Return whether no value of a column differs; False where that is not quickly seen."""
    try:
        # A list is its head and then its items, each as it is by itself.
        return marshal.dumps(now, MARSHAL_VERSION)[_LIST_HEAD:] == b"".join(kept)
    except (ValueError, TypeError):
        return False


def _same_of(info: PropertyInfo, reads: Reads) -> Same:
    if _equal_is_same(info):
        return eq
    if info.kind is Kind.JSON and info.converter is None:
        return _same_json(info)
    form = _form_of(info, reads)

    def same(now: Any, then: Any) -> bool:
        if same_value(now, then):
            return True
        if form is None or now is None or then is None:
            return False
        try:
            return same_value(form(now), form(then))
        except Exception:  # noqa: BLE001 - the flush asks again, and says what is wrong with it
            return False

    return same


def _same_json(info: PropertyInfo) -> Same:
    """Return the comparison of what is stored as JSON: of objects, only what gets into the text."""
    text = cache(lambda: json_text(info.annotation))

    def same(now: Any, then: Any) -> bool:
        if same_value(now, then):
            return True
        if not _holds_objects(now):
            return False
        try:
            # Of a dataclass the fields count. The text knows the order of keys.
            return difference(now, then) is None and text()(now) == text()(then)
        except Exception:  # noqa: BLE001 - the flush asks again, and says what is wrong with it
            return False

    return same


def _holds_objects(value: Any) -> bool:
    try:
        marshal.dumps(value, MARSHAL_VERSION)
    except ValueError:
        return True
    return False


def _form_of(info: PropertyInfo, reads: Reads) -> Convert | None:
    """Return what tells the stored forms of a field's values; None: the values themselves do."""
    if info.converter is not None:
        return info.converter.to_graph
    if info.kind is Kind.LIST and info.type.item is not None:
        return _each(_FORMS.get(info.type.item, _as_it_is), _reading(info.type.item, reads))
    form = _FORMS.get(info.kind)
    return None if form is None else _read(form, _reading(info.kind, reads))


def _reading(kind: Kind, reads: Reads) -> Convert | None:
    if kind is not Kind.SCALAR:
        return reads.get(kind)
    as_float = reads.get(Kind.FLOAT)
    return as_float and (lambda value: as_float(value) if value.__class__ is float else value)


def _read(form: Convert, reading: Convert | None) -> Convert:
    return form if reading is None else lambda value: reading(form(value))


def _each(form: Convert, reading: Convert | None) -> Convert:
    one = _read(form, reading)

    def forms(values: Any) -> Any:
        made = map(one, values)
        return frozenset(made) if isinstance(values, Set) else list(made)

    return forms


def _as_it_is(value: Any) -> Any:
    return value


def _coordinates(value: Any) -> tuple[float, float]:
    return value.latitude, value.longitude


def _single_precision(value: Any) -> list[float]:
    return array("f", value).tolist()


# Of kinds whose values are not stored as `same_value` sees them.
_FORMS: Mapping[Kind, Convert] = {
    Kind.FLOAT: float,
    Kind.SCALAR: encode_scalar,
    Kind.DATETIME: instant,
    Kind.TIME: clock_and_offset,
    Kind.DECIMAL: str,
    Kind.TEXT: PORTABLE[Kind.TEXT].encode or str,
    Kind.GEO: _coordinates,
    Kind.VECTOR: _single_precision,
}
