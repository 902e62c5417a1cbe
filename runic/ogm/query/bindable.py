"""Base of everything that has parameters: statements of every kind, searches, fetches.

What `param(…)` and `bind` mean is written here, once. A parameter's name stands for one value in
the whole statement, whichever of its parts it stands in: the parts of a union, a subquery, the
ends of a shortest path, the criteria of a fetch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Never, Self

from runic.ogm.errors import StatementError
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.habits import StatementHabits
from runic.ogm.query.params import check_early, nameless, parameter_names
from runic.ogm.query.values import Param, Value

_PLAIN = Dialect()


def dialect_of(given: object) -> Dialect:
    """Return the dialect that `build` is given, or that of plain openCypher."""
    if given is None:
        return _PLAIN
    if not isinstance(given, Dialect):
        raise StatementError(f"build takes a dialect, as driver.dialect, not {given!r}")
    return given


@dataclass(frozen=True, eq=False, repr=False)
class Bindable(StatementHabits):
    """What has parameters, and the values that are bound to them."""

    bindings: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def all_values(self) -> Sequence[Value]:
        """Return its values and those of its parts; some may be open parameters."""
        raise NotImplementedError

    def bind(self, /, *given: Never, **values: Any) -> Self:
        """Return it with values for parameters that `param(name)` left open.

        Binding a name again gives it the new value. Numbers of rows, and values that are stored,
        are checked at once; others as the values they stand for when the statement runs.

        Raises:
            StatementError: There is no parameter of that name; lists those there are.
            FieldValidationError: The model refuses a value for the field it is written to.
        """
        nameless(given)
        left = self.all_values()
        names = parameter_names(left)
        if not names >= values.keys():
            raise _unknown(names, values)
        check_early(left, values)
        return self._bound({**self.bindings, **values})

    def _bound(self, bindings: Mapping[str, Any]) -> Self:
        return self._with(bindings=bindings)

    def _with(self, **changes: Any) -> Self:
        raise NotImplementedError

    def _readable(self) -> Self:
        """Return it with its open parameters standing for themselves, to be shown."""
        names = parameter_names(self.all_values()) - self.bindings.keys()
        if not names:
            return self
        return self._with(bindings={**self.bindings, **{name: Param(name) for name in names}})


def _unknown(names: set[str], given: Mapping[str, Any]) -> StatementError:
    have = ", ".join(sorted(names)) or "none"
    name = min(given.keys() - names)
    return StatementError(f"the statement has no parameter {name!r}; it has {have}")


def joined_bindings(parts: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the bindings of a statement made of parts, each with the words for its place.

    Raises:
        StatementError: Two parts bind one name to different values.
    """
    made: dict[str, Any] = {}
    places: dict[str, str] = {}
    for place, bindings in parts:
        for name, value in bindings.items():
            if name in made and not _is_same(made[name], value):
                raise _bound_twice(name, places[name], place)
            made[name] = value
            places.setdefault(name, place)
    return made


def _is_same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    # Not bool(…): arrays of other libraries have an answer for each item.
    return (one == other) is True


# The values are not shown: parameters may be secrets.
def _bound_twice(name: str, first: str, second: str) -> StatementError:
    return StatementError(
        f"the parameter {name!r} is bound to different values in {first} and in {second}, and a"
        " name stands for one value in the whole statement: leave it open in both and bind the"
        " whole, or give one of them another name"
    )
