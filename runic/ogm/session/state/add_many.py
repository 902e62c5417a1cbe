"""Stage many new nodes at once. No I/O.

Most of what is added in bulk is alike: new nodes of one class without relations, each with a key of
its own. `UnitOfWork.add_all` gives such a batch to `stage_alike`, which works a column at a time;
whatever is special about one of them is left to `UnitOfWork.add`, which also knows the errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, State, are_transient, set_notes_of_all
from runic.ogm.query.dialect import Dialect
from runic.ogm.session.state.codecs import REFUSALS, entity_codec

if TYPE_CHECKING:
    from runic.ogm.session.state.identity_map import NodeKey
    from runic.ogm.session.state.unit_of_work import UnitOfWork


def stage_alike(unit: UnitOfWork, entities: Sequence[Any], dialect: Dialect) -> bool:
    """Stage new nodes of one class that hold no relation; False, and nothing done, for others."""
    classes = set(map(type, entities))
    cls = classes.pop() if len(classes) == 1 else None
    if cls is None or not issubclass(cls, Node) or not _hold_fields_only(cls, entities):
        return False
    fresh = _placed(cls, entities, dialect)
    if len(fresh) < len(entities) or not unit.identity.nodes.keys().isdisjoint(fresh):
        return False
    notes = [EntityState(State.PENDING, unit, None, place) for place in fresh]
    set_notes_of_all(entities, notes)
    unit.identity.nodes.update(fresh)
    unit.pending.update(zip(map(id, entities), entities, strict=True))
    return True


def _hold_fields_only(cls: type[Node], nodes: Sequence[Node]) -> bool:
    relations = cls.__runic_relations__
    return are_transient(nodes) and (
        not relations or all(map(relations.isdisjoint, map(vars, nodes)))
    )


def _placed(cls: type[Node], nodes: Sequence[Node], dialect: Dialect) -> dict[NodeKey, Node]:
    """Return the nodes by their place in the identity map, as far as each has one of its own."""
    info = node_info(cls)
    try:
        keys = list(map(itemgetter(info.key.name), map(vars, nodes)))
        stored = entity_codec(cls, dialect).fields[info.key.name].as_stored(keys)
    except (*REFUSALS, KeyError):
        return {}
    if None in stored:
        return {}
    return dict(zip(zip(repeat(info.root), stored), nodes, strict=False))
