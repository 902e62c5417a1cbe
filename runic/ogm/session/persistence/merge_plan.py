"""`merge`: write entities whether or not they are in the database. No I/O.

A node that is not there is created whole; on one that is there only the fields that were given are
set, so that a default never overwrites what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from runic.ogm.errors import SessionError, StatementError
from runic.ogm.model.given import given_fields
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.joined_rows import comparable
from runic.ogm.query.plan import Found, MergeNodes
from runic.ogm.session.state.cascade import as_tuple
from runic.ogm.session.state.codecs import entity_codec
from runic.ogm.session.state.unit_of_work import describe


def plan_merge(nodes: Sequence[Any], dialect: Dialect) -> list[MergeNodes]:
    """Return the steps that write these nodes, one for each class and set of given fields.

    Nodes of one key are one row: of each field the last that gives it counts.

    Raises:
        StatementError: Something is not a node, has no key, or holds relations.
    """
    groups: dict[tuple[type[Node], frozenset[str]], list[_Row]] = {}
    for row in _joined(nodes, dialect):
        groups.setdefault((type(row.node), row.given), []).append(row)
    return [_step(cls, given, members, dialect) for (cls, given), members in groups.items()]


class _Row(NamedTuple):
    """A node with the values it is written with, and the fields that a stored one takes."""

    node: Node
    values: dict[str, Any]
    given: frozenset[str]


def _joined(nodes: Sequence[Any], dialect: Dialect) -> Iterable[_Row]:
    rows: dict[Any, _Row] = {}
    for node in nodes:
        _check(node)
    stored = _stored_keys(nodes, dialect)
    for node in nodes:
        values, given = values_of(node), given_fields(node)
        key = type(node), comparable([stored[id(node)]])
        first = rows.setdefault(key, _Row(node, values, given))
        if first.node is not node:
            later = {name: values[name] for name in given}
            rows[key] = _Row(first.node, {**first.values, **later}, first.given | given)
    return rows.values()


def _stored_keys(nodes: Sequence[Node], dialect: Dialect) -> dict[int, Any]:
    """Return the stored key of each node, by the node's `id`."""
    stored: dict[int, Any] = {}
    for cls in dict.fromkeys(map(type, nodes)):
        alike = [node for node in nodes if type(node) is cls]
        key = entity_codec(cls, dialect).fields[node_info(cls).key.name]
        encoded = key.encode([values_of(node)[key.info.name] for node in alike])
        stored.update(zip(map(id, alike), encoded, strict=True))
    return stored


def _check(node: Any) -> None:
    if not isinstance(node, Node):
        raise StatementError(
            f"merge takes nodes, not {type(node).__name__}; for edges use relate(…)"
        )
    notes = notes_of(node)
    if notes is not None and notes.status is not State.DETACHED:
        raise SessionError(f"{describe(node)} is in a session already; change it and commit()")
    info = node_info(type(node))
    if values_of(node).get(info.key.name) is None:
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
    cls: type[Node], given: frozenset[str], members: list[_Row], dialect: Dialect
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
        # With nothing given a stored node stays as it is.
        version=info.version.stored if info.version and settable else None,
        rows=codec.rows([member.values for member in members], [info.key.name, *names]),
        subjects=[member.node for member in members],
    )
