"""What the database itself knows of a node or an edge: its labels or type, properties and id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import Computed
from runic.ogm.query.element import element_of
from runic.ogm.query.expressions import Attribute, Expression
from runic.ogm.query.part import Part
from runic.ogm.query.variables import Variable

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Known(Computed[Any]):
    """A function of a whole node or edge."""

    function: str
    element: Expression[Any]
    kind: Kind
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.element,)

    @property
    @override
    def form(self) -> object:
        return self.function

    @override
    def write(self, writer: Writer) -> str:
        alias = self.element.write(writer)
        if self.function == "id":
            return writer.dialect.node_id(alias)
        if self.function == "labels":
            return writer.dialect.labels_of(alias)
        return f"{self.function}({alias})"

    def __str__(self) -> str:
        return f"{self.function}({self.element})"


def labels_of(node: Any) -> Known:
    """Return the labels of a node: of a class, or `var("alias")`."""
    return Known("labels", _element("labels_of", node), Kind.LIST)


def type_of(edge: Any) -> Known:
    """Return the type of an edge: of a class, or `var("alias")`."""
    return Known("type", _element("type_of", edge), Kind.STR)


def keys_of(element: Any) -> Known:
    """Return the names of the properties that a node or an edge has."""
    return Known("keys", _element("keys_of", element), Kind.LIST)


def properties_of(element: Any) -> Known:
    """Return the stored properties of a node or an edge, as a dict, whatever its class knows."""
    return Known("properties", _element("properties_of", element), Kind.SCALAR)


def id_of(element: Any) -> Known:
    """Return the database's own id of a node or an edge; it may be given to another one later."""
    return Known("id", _element("id_of", element), Kind.SCALAR)


def _element(function: str, what: Any) -> Expression[Any]:
    if isinstance(what, Variable):
        return what
    element = element_of(what)
    if element is None:
        raise StatementError(
            f'{function} takes a Node or Edge class, or var("alias"), not {what!r}'
        )
    return element
