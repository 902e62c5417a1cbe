"""`Node`: the base of entities that are nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel

from runic.ogm.errors import DetachedEntityError
from runic.ogm.model.assignment import Before
from runic.ogm.model.backref import adopt, hold
from runic.ogm.model.entity import Entity, refuse_second_init
from runic.ogm.model.relation_assignment import NodeBefore, assign_relation, assign_validated
from runic.ogm.model.state import State, notes_of, values_of

_given = BaseModel.__dict__["__pydantic_fields_set__"]
_read_given, _forget_given = _given.__get__, _given.__delete__
# Written for every node that is made: a call of `set_notes` would take as long again.
_write_notes = Entity.__dict__["__runic_notes__"].__set__


class Node(Entity, abstract=True):
    """Base of the models whose objects are stored as nodes.

    ```python
    class User(Node, labels=["User"]):
        id: str
        name: str
        articles: list["Article"] = Relation("AUTHORED")
    ```

    Labels default to the class name; a subclass adds its own to its parents'. Class options:
    `labels`, `primary_label` (the label that queries match by; the first of its own unless told),
    `abstract` (a base that contributes fields and has no entities), `registry`.

    Raises:
        MetadataError: From the class statement, when the model has no primary key, two models stand
            for the same labels, or a name cannot be quoted.
    """

    __runic_entity__: ClassVar[str] = "node"

    if not TYPE_CHECKING:  # type checkers know the fields, and would take these for everything

        def __init__(self, /, **data: Any) -> None:
            """Make a node; what its relations are given shows on the other sides."""
            if self.__dict__:  # a new one has nothing yet
                refuse_second_init(self)
            self.__pydantic_validator__.validate_python(data, self_instance=self)
            _write_notes(self, None)
            if self.__runic_relations__:
                adopt(self)
            elif _read_given(self) == self.__dict__.keys():
                # All of them: made again when asked for, and more than half of a node's memory.
                _forget_given(self)

        # Without this mark Pydantic would call `__init__` for every node that is loaded, too.
        __init__.__pydantic_base_init__ = True

        def __getattr__(self, name: str) -> Any:
            if name in type(self).__runic_relations__:
                return _read_relation(self, name)
            return super().__getattr__(name)

        def __setattr__(self, name: str, value: Any) -> None:
            cls = type(self)
            if cls.__runic_guarded__:
                before = NodeBefore(self) if cls.__runic_relations__ else Before(self)
                try:
                    if _takes_relation(cls, name):
                        assign_validated(self, name, value, before)
                    else:
                        super().__setattr__(name, value)
                except BaseException:
                    before.restore()
                    raise
            elif _takes_relation(cls, name):
                assign_relation(self, name, value)
            else:
                super().__setattr__(name, value)


def _takes_relation(cls: Any, name: str) -> bool:
    """Tell whether a name is that of a relation that can be assigned."""
    if name not in cls.__runic_relations__:
        return False
    return not (cls.model_config.get("frozen") or cls.__pydantic_fields__[name].frozen)


def _read_relation(node: Node, name: str) -> Any:
    """Return a relation that the node does not hold: nothing for a new one, or what is stored."""
    notes = notes_of(node)
    if notes is not None and notes.owner is not None and notes.status is not State.PENDING:
        return notes.owner.relation_read(node, name)
    if notes is not None and notes.owner is None:
        raise DetachedEntityError(
            f"{type(node).__name__}.{name} was not loaded before its session let the entity go."
            f" Load it with the entity: session.get({type(node).__name__}, pk, fetch=[{name!r}])"
        )
    default = type(node).__pydantic_fields__[name].default_factory
    hold(node, name, default())  # type: ignore[misc, call-arg]
    return values_of(node)[name]
