"""What a hop follows: one relation or several, once or again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo


@dataclass(frozen=True, slots=True)
class Span:
    """How many edges a hop goes over; `most` is None for any number."""

    least: int
    most: int | None
    # "" for every way there is, "one" or "all" for the shortest.
    shortest: str = ""

    def __str__(self) -> str:
        return f"*{self.least}..{'' if self.most is None else self.most}"


def span(min_hops: object, max_hops: object, shortest: str = "") -> Span:
    """Return the bounds of a repeated hop.

    Raises:
        StatementError: They are no whole numbers, or the wrong way round.
    """
    if type(min_hops) is not int or min_hops < 0:
        raise StatementError(f"min_hops is a whole number ≥ 0, not {min_hops!r}")
    if max_hops is None:
        return Span(min_hops, None, shortest)
    if type(max_hops) is not int or max_hops < max(min_hops, 1):
        raise StatementError(
            f"max_hops is None or a whole number ≥ 1 and ≥ min_hops ({min_hops}), not {max_hops!r}"
        )
    return Span(min_hops, max_hops, shortest)


def joined(relations: Sequence[RelationInfo]) -> tuple[RelationInfo, tuple[str, ...]]:
    """Return several relations as one to follow, and the types of its edges.

    Its target is the class that the targets have in common, its edge class the one they share.

    Raises:
        StatementError: They go in different directions, or to classes with nothing in common.
    """
    first = relations[0]
    types = tuple(dict.fromkeys(relation.type for relation in relations))
    if len(relations) == 1:
        return first, types
    names = ", ".join(str(relation) for relation in relations)
    if len({relation.direction for relation in relations}) > 1:
        raise StatementError(f"{names} go in different directions; follow each with its own hop")
    edges = {relation.edge for relation in relations}
    target = _common([relation.target for relation in relations])
    if target is None:
        raise StatementError(
            f"{names} lead to classes with nothing in common; follow each with its own hop"
        )
    return replace(first, target=target, edge=first.edge if len(edges) == 1 else None), types


def _common(classes: Sequence[type[Any]]) -> type[Any] | None:
    for candidate in classes[0].__mro__:
        concrete = getattr(candidate, "__runic_entity__", None) == "node" and not getattr(
            candidate, "__runic_abstract__", True
        )
        if concrete and all(issubclass(each, candidate) for each in classes):
            return candidate
    return None
