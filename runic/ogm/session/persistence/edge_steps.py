"""The steps that write edges: rows of one shape. No I/O.

Made for a flush by `flush_plan`, and by `relate` for what is related at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from runic.ogm.model.edge import Edge
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import CreateEdges, End
from runic.ogm.session.persistence.given_fields import Names, edge_values
from runic.ogm.session.state.codecs import Row, entity_codec
from runic.ogm.session.state.relationships import Link

# An alias, because a shape has a field called `type`.
_EdgeClass = type[Edge]


class EdgeShape(NamedTuple):
    """What the links of one step have in common; `given`: what an edge takes that is there."""

    type: str
    edge_class: _EdgeClass | None
    source: Any
    target: Any
    merge: bool
    directed: bool
    bare: bool
    given: Names


def edge_step(
    shape: EdgeShape,
    links: Sequence[Link],
    ends: tuple[End, End],
    places: Sequence[Row],
    dialect: Dialect,
) -> CreateEdges:
    """Return the step that writes links of a shape; `places` has what `ends` say of each."""
    codec = entity_codec(shape.edge_class, dialect) if shape.edge_class else None
    names = list(codec.info.properties) if codec else []
    version = codec.info.version if codec and shape.given else None
    # What was not given may be stored otherwise, and which way the edge runs may not be known.
    unknown = len(shape.given) < len(names) or not shape.directed
    return CreateEdges(
        type=shape.type,
        columns=codec.columns(names) if codec else (),
        source=ends[0],
        target=ends[1],
        merge=shape.merge,
        directed=shape.directed,
        bare=shape.bare,
        on_match=tuple(names.index(name) for name in shape.given),
        version=version.stored if version else None,
        told=shape.merge and not shape.bare and unknown,
        rows=_rows(codec, links, places, names),
        subjects=list(links),
    )


def _rows(codec: Any, links: Sequence[Link], places: Sequence[Row], names: list[str]) -> list[Row]:
    if not names:
        return list(places)
    values = codec.rows(list(map(edge_values, links)), names)
    return [(*pair, *cells) for pair, cells in zip(places, values, strict=True)]
