"""Texts in parentheses, which are left out where nothing beside a text could get into it.

Expressions write themselves so that they can stand anywhere. Most databases do not mind parentheses
that say nothing; FalkorDB takes twice as long for each pair inside of others.
"""

from __future__ import annotations


class Enclosed(str):
    """A text in parentheses, of which `inner` is what stands between them."""

    __slots__ = ("inner",)

    inner: str


def enclosed(inner: str) -> Enclosed:
    """Return a text in parentheses."""
    made = Enclosed(f"({inner})")
    made.inner = inner
    return made
