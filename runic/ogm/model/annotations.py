"""Find the entity class inside a relation's annotation, and metadata inside a field's."""

from __future__ import annotations

import types
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


def refuse_entities(annotation: Any, where: str) -> None:
    """Raise if the annotation of a property names an entity class, in whatever container.

    Raises:
        MetadataError: It does: the field has to be a relation.
    """
    for cls in _entities(annotation):
        raise MetadataError(
            f"{where} holds {cls.__name__}, an entity: declare it with Relation(…), or use a"
            " plain pydantic.BaseModel to store it inside the node"
        )


def _entities(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and hasattr(annotation, "__runic_entity__"):
        return [annotation]
    if typing.get_origin(annotation) is type:  # the class itself, and no entity of it
        return []
    return [cls for part in typing.get_args(annotation) for cls in _entities(part)]


def metadata_in(annotation: Any) -> list[Any]:
    """Return what stands in `Annotated` around the members of a union: `Annotated[…] | None`.

    Pydantic keeps only what stands around the whole.
    """
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *found = typing.get_args(annotation)
        return [*metadata_in(inner), *found]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [each for part in typing.get_args(annotation) for each in metadata_in(part)]
    return []
