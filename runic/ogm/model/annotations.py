"""Find the entity class inside a relation's annotation."""

from __future__ import annotations

import typing
from typing import Any

from runic.ogm.errors import MetadataError


def entity_in(annotation: Any, where: str) -> Any:
    """Return the one entity class that a relation's annotation names.

    Raises:
        MetadataError: It names none, or several.
    """
    found = list(dict.fromkeys(_entities(annotation)))
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise MetadataError(
            f'{where} is a relation: annotate it with one entity class, as list["Article"] or'
            f' "Article | None" (found: {names})'
        )
    return found[0]


def _entities(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and hasattr(annotation, "__runic_entity__"):
        return [annotation]
    return [cls for part in typing.get_args(annotation) for cls in _entities(part)]
