"""What the edge entity of a link gives: its fields, and which of them a stored edge takes. No I/O.

An edge that is there takes only what was given: to the constructor, or by assignment since. Several
entities for one relationship give what they would one after another: of each field the last that
gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runic.ogm.model.edge import Edge
from runic.ogm.model.given import given_fields as fields_given
from runic.ogm.model.meta import edge_info
from runic.ogm.model.snapshot import changed_fields
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.query.assigned import entity_values

if TYPE_CHECKING:
    from runic.ogm.session.state.relationships import Link

Names = tuple[str, ...]


def given_fields(link: Link) -> Names:
    """Return the fields that an edge takes which is there, in the order of their declaration."""
    if link.edge is None:
        return ()
    if not link.twins:
        return _given(link.edge)
    given = {name for edge in (link.edge, *link.twins) for name in _given(edge)}
    return tuple(name for name in edge_info(type(link.edge)).properties if name in given)


def edge_values(link: Link) -> dict[str, Any]:
    """Return the fields of a new edge, defaults included.

    Raises:
        FieldValidationError: The link has no edge entity, and its class refuses its own defaults.
    """
    if link.edge is None:
        assert link.model is not None
        return entity_values(link.model, {})
    if not link.twins:
        return values_of(link.edge)
    values = {**values_of(link.edge)}
    for twin in link.twins:
        values |= {name: values_of(twin)[name] for name in _given(twin)}
    return values


def _given(edge: Edge) -> Names:
    info, notes = edge_info(type(edge)), notes_of(edge)
    if notes is not None and notes.status is State.PERSISTENT:
        # What it was loaded with is stored already.
        return tuple(changed_fields(info, values_of(edge), notes.snapshot))
    given = fields_given(edge)
    names: Names | None = info.memo.get(("given", given))
    if names is None:
        counted = info.version.name if info.version else None
        found = (name for name in info.properties if name in given and name != counted)
        names = info.memo["given", given] = tuple(found)
    return names
