"""`Relation`: a field that leads to other entities."""

from __future__ import annotations

import inspect
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field as PydanticField

from runic.ogm.errors import MetadataError
from runic.ogm.model.fields import PYDANTIC_OPTIONS
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.options import refuse_unknown

Direction = Literal["OUTGOING", "INCOMING", "BOTH"]
# An alias, because the options have a field called `type`.
_Class = type[Any]

DIRECTIONS = ("OUTGOING", "INCOMING", "BOTH")


@dataclass(eq=False)
class RelationDefault:
    """The options of a relation, and what an entity has in it before anything is set.

    It is the field's `default_factory`: Pydantic hands that on to subclasses untouched, and it
    can be asked for [] or None after the annotation is known, which `Relation()` is too early for.
    """

    type: str
    direction: Direction
    target: Any = None
    edge_model: Any = None
    lazy: bool = True
    cascade: bool = True
    multiple: bool = False
    order_by: str | None = None
    limit: int | None = None
    starts: Any = ...  # [] or None, where the declaration says it, too
    owner: _Class | None = field(default=None, repr=False)
    name: str = ""
    _many: bool | None = field(default=None, init=False, repr=False)

    def bind(self, owner: _Class, name: str) -> None:
        """Tell which field these options belong to (the class that declared it)."""
        if self.owner is None:
            self.owner, self.name = owner, name

    def __call__(self) -> Any:
        """Return what a new entity has in the relation: [] or None."""
        # Worked out once: Pydantic calls this for every entity that is made or loaded.
        if self._many is None:
            self._many = leads_to_many(self._annotation())
        return [] if self._many else None

    def _annotation(self) -> Any:
        from runic.ogm.model.meta import completed  # noqa: PLC0415 - which imports this file

        # An abstract base, which has no entities, is not completed with the classes below it.
        return completed(self.owner).__pydantic_fields__[self.name].annotation


def leads_to_many(annotation: Any) -> bool:
    """Tell a list of entities from one entity or None."""
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return any(leads_to_many(part) for part in typing.get_args(annotation))
    return annotation is list or typing.get_origin(annotation) is list


def check_shape(annotation: Any, where: str) -> None:
    """Raise unless a relation is annotated as a list of entities, or as one entity or None.

    Raises:
        MetadataError: It is another container, which would be taken for something else.
    """
    origin = typing.get_origin(annotation)
    parts = [part for part in typing.get_args(annotation) if part is not type(None)]
    if origin is typing.Annotated:
        check_shape(parts[0], where)
    elif origin in (typing.Union, types.UnionType):
        for part in parts:
            check_shape(part, where)
    elif origin is list:
        _check_items(parts[0], annotation, where)
    elif origin is not None:
        raise _other_shape(annotation, where)


def _check_items(item: Any, annotation: Any, where: str) -> None:
    if typing.get_origin(item) is typing.Annotated:
        item = typing.get_args(item)[0]
    if not isinstance(item, type):
        raise _other_shape(annotation, where)


def _other_shape(annotation: Any, where: str) -> MetadataError:
    shown = str(annotation).replace("typing.", "")
    return MetadataError(
        f'{where} is annotated with {shown}: a relation is a list, as list["Article"], or leads to'
        ' one entity, as "Article | None"'
    )


def Relation(  # noqa: PLR0913 - each is an option of its own
    relationship: str,
    direction: Direction = "OUTGOING",
    *,
    target: Any = None,
    edge_model: Any = None,
    lazy: bool = True,
    cascade: bool = True,
    multiple: bool = False,
    order_by: str | None = None,
    limit: int | None = None,
    **pydantic: Any,
) -> Any:
    """Declare that a field holds the entities at the other end of a relationship.

    The annotation says how many: `list["Article"]` or `"Company | None"`. An edge class in it
    (`list["Authored"]`) holds the edges themselves, each with `.source` and `.target`.

    Args:
        relationship: The relationship's type in the database.
        direction: "OUTGOING" (from the owner), "INCOMING" or "BOTH".
        target: The class or class name at the other end, where the annotation does not tell.
        edge_model: The `Edge` class (or its name) of the relationship's properties.
        lazy: A sync session loads the relation when it is read.
        cascade: `add` of the owner adds what the relation holds.
        multiple: Allow several relationships of this type between the same two nodes.
        order_by: The target's field to load in the order of; a leading "-" reverses it.
        limit: Load at most this many, for each owner.
        **pydantic: `title`, `description` and the like for `pydantic.Field`. A new entity has
            nothing in a relation, which `default=None` or `default_factory=list` may repeat.

    Raises:
        MetadataError: The type is not an identifier, the direction or an option unknown.
    """
    checked_identifier(relationship, "relationship type")
    if direction not in DIRECTIONS:
        raise MetadataError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise MetadataError(f"limit of a relation is a whole number ≥ 1, not {limit!r}")
    refuse_unknown(pydantic, _OPTIONS, "Relation", _ADVICE)
    options = RelationDefault(
        relationship, direction, target, edge_model, lazy, cascade, multiple, order_by, limit,
        _start(relationship, pydantic),
    )  # fmt: skip
    return PydanticField(default_factory=options, **pydantic)


_OPTIONS = PYDANTIC_OPTIONS | set(inspect.signature(Relation).parameters) - {"pydantic"}
_ADVICE = "a relation takes " + ", ".join(list(inspect.signature(Relation).parameters)[2:-1])


def _start(relationship: str, pydantic: dict[str, Any]) -> Any:
    """Return what the declaration says is in the relation of a new entity; ... if nothing."""
    default, factory = pydantic.pop("default", ...), pydantic.pop("default_factory", None)
    start = default if factory is None else [] if factory is list else factory
    if start is ... or start is None or start == []:
        return start
    raise MetadataError(
        f"the relation {relationship!r} of a new entity is empty, not {start!r}; drop the default,"
        " and give each entity what it leads to"
    )
