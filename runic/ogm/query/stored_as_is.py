"""Tell of whole columns that their values are stored as they are, mostly in C."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from runic.ogm.model.converters import INT64_MAX, INT64_MIN
from runic.ogm.model.kinds import Kind

# NUL and lone surrogates.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def stored_as_is(kind: Kind, values: Sequence[Any]) -> bool:
    """Tell, without looking at them one by one, that values are stored as they are.

    False says nothing: `converters` then looks at each.
    """
    types = set(map(type, values))
    if kind is Kind.STR:
        return types == {str} and not _UNSTORABLE.search("".join(values))
    if kind is Kind.INT:
        return types == {int} and min(values) >= INT64_MIN and max(values) <= INT64_MAX
    if kind is Kind.FLOAT:
        return types == {float} and not any(map(math.isnan, values))
    return kind is Kind.BOOL and types == {bool}
