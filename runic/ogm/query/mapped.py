"""`Mapped[T]`: an annotation that makes fields exact for type checkers.

With `name: Mapped[str]` a type checker knows that `user.name` is a str and `User.name` an
expression. For Pydantic the annotation is that of `T`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity
    from runic.ogm.query.expressions import Attribute, RelationAttribute

    N = TypeVar("N", bound=Entity)

T = TypeVar("T")


class MappedMarker:
    """Says in a field's metadata that it was declared with `Mapped`."""

    def __repr__(self) -> str:
        return "Mapped"


if TYPE_CHECKING:

    class Mapped(Generic[T]):
        """The annotation of a field whose class attribute is an expression."""

        @overload
        def __get__(self: Mapped[list[N]], instance: None, owner: Any) -> RelationAttribute[N]: ...
        # No overload for `Mapped[Company | None]`: mypy would take every optional field for it.
        @overload
        def __get__(self, instance: None, owner: Any) -> Attribute[T]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> T: ...
        def __get__(self, instance: object | None, owner: Any) -> Any: ...
        def __set__(self, instance: object, value: T) -> None: ...

else:

    class Mapped:
        """The annotation of a field whose class attribute is an expression."""

        def __class_getitem__(cls, annotation: Any) -> Any:
            return Annotated[annotation, MappedMarker()]
