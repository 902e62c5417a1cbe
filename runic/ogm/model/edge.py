"""`Edge`: the base of entities that are relationships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from runic.ogm.model.assignment import Before
from runic.ogm.model.entity import Entity, refuse_second_init

if TYPE_CHECKING:
    from runic.ogm.model.node import Node


class Edge(Entity, abstract=True):
    """Base of the models whose objects are stored as relationships with properties.

    ```python
    class Authored(Edge, type="AUTHORED"):
        at: datetime
    ```

    The type defaults to the class name in upper snake case. `source` and `target` are the nodes
    at its ends, None until they are set or loaded; they are not part of a dump.
    """

    __runic_entity__: ClassVar[str] = "edge"
    __slots__ = ("__runic_ends__",)

    if TYPE_CHECKING:
        source: Any = None
        target: Any = None
    else:

        def __init__(self, /, *, source: Any = None, target: Any = None, **data: Any) -> None:
            """Make an edge; its ends are no fields."""
            if self.__dict__:  # a new one has nothing yet
                refuse_second_init(self)
            self.__pydantic_validator__.validate_python(data, self_instance=self)
            set_ends(self, source, target)

        # Without this mark Pydantic would call `__init__` for every edge that is loaded, too.
        __init__.__pydantic_base_init__ = True

        def __setattr__(self, name: str, value: Any) -> None:
            if not type(self).__runic_guarded__:
                super().__setattr__(name, value)
                return
            before = Before(self)
            try:
                super().__setattr__(name, value)
            except BaseException:
                before.restore()
                raise

        @property
        def source(self) -> Node | None:
            """The node the edge leaves."""
            return ends_of(self)[0]

        @property
        def target(self) -> Node | None:
            """The node the edge enters."""
            return ends_of(self)[1]


_read_ends = Edge.__dict__["__runic_ends__"].__get__
_write_ends = Edge.__dict__["__runic_ends__"].__set__


def ends_of(edge: Edge) -> tuple[Node | None, Node | None]:
    """Return source and target of an edge; (None, None) before they are set."""
    try:
        ends: tuple[Node | None, Node | None] = _read_ends(edge)
    except AttributeError:
        return None, None
    return ends


def set_ends(edge: Edge, source: Node | None, target: Node | None) -> None:
    """Set the nodes between which an edge runs."""
    _write_ends(edge, (source, target))
