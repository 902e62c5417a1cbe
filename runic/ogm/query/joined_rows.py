"""Rows of one key made one row, as if they came one after the other.

Used by the statements and steps that merge. Databases disagree about two rows of one key in one
statement, so none is ever sent two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any


def are_distinct(columns: Sequence[Sequence[Any]]) -> bool:
    """Return whether no two rows have one key; False where that is not quickly seen.

    A key is what the columns have in a row.
    """
    keys: Collection[Any] = columns[0] if len(columns) == 1 else [*zip(*columns, strict=True)]
    try:
        # Python takes more values for one another than databases do: True and 1.
        return len(set(keys)) == len(keys)
    except TypeError:
        return False


def joined_rows(
    rows: Sequence[Mapping[str, Any]], keys: Iterable[Sequence[Any]], given: Collection[str]
) -> list[Mapping[str, Any]]:
    """Return a row for each key: the first, with the last value of each field that is given."""
    found: dict[Any, Mapping[str, Any]] = {}
    for row, key in zip(rows, map(comparable, keys), strict=True):
        first = found.setdefault(key, row)
        if first is not row:
            found[key] = {**first, **{name: row[name] for name in given}}
    return list(found.values())


def comparable(key: Sequence[Any]) -> Any:
    """Return the stored values of a key as a database compares them, to be told apart in a dict."""
    try:
        hash(made := tuple((type(value) is bool, value) for value in key))
    except TypeError:
        return repr(key)
    return made
