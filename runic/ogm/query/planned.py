"""Texts and codings by shape: what a statement of a known shape does not pay for again.

A statement is known by its outline: what decides its text, and the values in the order in which
the text names them. The outline is looked up among the plans of the statement's class; what is
left to do for a shape that is there is to encode the values. Encoding comes first: whether an
index would hide a value decides the text, too. No value is part of a key, a text or a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from runic.ogm.query.memory import Memory
from runic.ogm.query.params import filled
from runic.ogm.query.values import REFUSALS, Encode, Hides, Param, Value

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect
    from runic.ogm.query.shapes import Column

# Of each value, by its number, that an index would hide its equals; nearly always none.
Hidden = tuple[int, ...]


class Wording(NamedTuple):
    """The text of every statement of one shape, and what its rows hold."""

    text: str
    columns: tuple[Column, ...]


@dataclass(slots=True, eq=False)
class Cached:
    """How the values of one shape are encoded, and its text where none of them is hidden."""

    # The name of each parameter with its coding.
    codings: Sequence[tuple[str, Encode | None, Hides | None]]
    written: Wording | None = None

    def encode(
        self, values: Sequence[Value], given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Hidden]:
        """Return the parameters, and which of them are hidden.

        Raises:
            StatementError: A value has no stored form, or an open parameter no value.
            FieldValidationError: The backend cannot keep a value as it is.
        """
        params: dict[str, Any] = {}
        hidden: Hidden = ()
        for value, (name, encode, hides) in zip(values, self.codings, strict=True):
            raw = value.raw
            if type(raw) is Param:
                raw = (value := filled(value, given)).raw
                if type(raw) is Param:
                    params[name] = raw
                    continue
            if encode is not None:
                try:
                    raw = encode(raw)
                except REFUSALS as error:
                    raise value.refused(error) from error
            if hides is not None and hides(raw):
                hidden += (len(params),)
            params[name] = raw
        return params, hidden


Write = Callable[[Hidden], Wording]


def sendable(made: Wording, dialect: Dialect) -> Wording:
    """Return a text that the database can take.

    Raises:
        UnsupportedFeatureError: It cannot.
    """
    dialect.check_text(made.text)
    return made


def planned(
    memory: Memory,
    key: Hashable,
    values: Sequence[Value],
    given: Mapping[str, Any],
    dialect: Dialect,
    write: Write,
) -> tuple[Wording, dict[str, Any]]:
    """Return the text of a shape, which `write` makes where it is new, and the parameters."""
    plan = plan_of(memory, key, values, dialect)
    params, hidden = plan.encode(values, given)
    made = written(memory, plan, key, hidden, lambda hidden: sendable(write(hidden), dialect))
    return made, params


def plan_of(memory: Memory, key: Hashable, values: Sequence[Value], dialect: Dialect) -> Cached:
    """Return the plan of a shape, made of the first values that it is asked for with."""
    plan: Cached | None = memory.plans.get(key)
    if plan is None:
        codings = enumerate([value.coding(dialect) for value in values])
        plan = Cached([(parameter_name(i), coding.encode, coding.hides) for i, coding in codings])
        memory.plans.put(key, plan)
    return plan


def written(memory: Memory, plan: Cached, key: Hashable, hidden: Hidden, write: Write) -> Wording:
    """Return the text of a plan's shape with these values hidden."""
    if not hidden:
        plan.written = plan.written or write(hidden)
        return plan.written
    # Beside the plan and not in it: there may be one for each set of a shape's values.
    key = (key, hidden)
    found: Wording | None = memory.plans.get(key)
    if found is None:
        found = write(hidden)
        memory.plans.put(key, found)
    return found


def parameter_name(index: int) -> str:
    """Return the name of the parameter that holds the value of this index."""
    return _NAMES[index] if index < len(_NAMES) else f"p{index}"


_NAMES = tuple([f"p{index}" for index in range(64)])
