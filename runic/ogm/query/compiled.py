"""What the compiler hands to a driver: text with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runic.ogm.query.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Query:
    """Text of one statement and the values it names.

    `params` hold only what the backend accepts as it is (str, int, float, bool, None, and lists and
    maps of these): conversion of Python values is done before. `read_only` promises that
    the text writes nothing.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)
    read_only: bool = False
