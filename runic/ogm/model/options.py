"""Refuse options that nobody takes: a misspelt one would change nothing, and say nothing."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from runic.ogm.errors import MetadataError


def refuse_unknown(given: Iterable[str], known: Collection[str], where: str, advice: str) -> None:
    """Raise unless every option that was given is a known one.

    Raises:
        MetadataError: One is not; names the one that may have been meant.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.81)
            meant = f"did you mean {near[0]!r}?" if near else advice
            raise MetadataError(f"{where} has no option {name!r}; {meant}")
