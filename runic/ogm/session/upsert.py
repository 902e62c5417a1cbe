"""`merge`: write entities whether or not they are in the database. No I/O.

A node that is not there is created whole; on one that is there only the fields that were given are
set, so that a default never overwrites what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runic.ogm.errors import SessionError, StatementError
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import Found, MergeNodes
from runic.ogm.session.cascade import as_tuple
from runic.ogm.session.columns import entity_codec
from runic.ogm.session.unit_of_work import describe


def plan_merge(nodes: Sequence[Any], dialect: Dialect) -> list[MergeNodes]:
    """Return the steps that write these nodes, one for each class and set of given fields.

    Raises:
        StatementError: Something is not a node, has no key, or holds relations.
    """
    groups: dict[tuple[type[Node], frozenset[str]], list[Node]] = {}
    for node in nodes:
        _check(node)
        given = node.model_fields_set & node_info(type(node)).properties.keys()
        groups.setdefault((type(node), frozenset(given)), []).append(node)
    return [_step(cls, given, members, dialect) for (cls, given), members in groups.items()]


def _check(node: Any) -> None:
    if not isinstance(node, Node):
        raise StatementError(
            f"merge takes nodes, not {type(node).__name__}; for edges use relate(…)"
        )
    notes = notes_of(node)
    if notes is not None and notes.status is not State.DETACHED:
        raise SessionError(f"{describe(node)} is in a session already; change it and commit()")
    info = node_info(type(node))
    if values_of(node)[info.key.name] is None:
        raise StatementError(
            f"merge finds a {info.name} by its {info.key.name}, which is None here"
        )
    for name in info.relations:
        if as_tuple(values_of(node).get(name)):
            raise StatementError(
                f"merge writes fields only, and {info.name}.{name} holds entities: merge these"
                " too, then session.relate(…) them"
            )


def _step(
    cls: type[Node], given: frozenset[str], nodes: list[Node], dialect: Dialect
) -> MergeNodes:
    codec = entity_codec(cls, dialect)
    info = node_info(cls)
    names = [name for name in info.properties if name != info.key.name]
    settable = [n for n in names if n in given and not info.properties[n].version]
    return MergeNodes(
        kind=Found.of(info),
        key=codec.fields[info.key.name].column,
        columns=codec.columns(names),
        on_match=tuple(names.index(name) for name in settable),
        version=info.version.stored if info.version else None,
        rows=codec.rows([values_of(node) for node in nodes], [info.key.name, *names]),
        subjects=list(nodes),
    )
