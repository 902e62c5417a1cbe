"""The text of nodes and arrows in patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runic.ogm.model.description import NodeInfo, RelationInfo
from runic.ogm.model.meta import node_info
from runic.ogm.query.hops import Span
from runic.ogm.query.memory import memory_of

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect


def node_text(alias: str, entity: type, dialect: Dialect) -> str:
    """Return the pattern of a node of a class, as ``(n:`User`)``."""
    texts = memory_of(entity).texts
    key = ("node", alias, dialect.variant)
    found: str | None = texts.get(key)
    if found is None:
        info = node_info(entity)
        dialect.check_class(info)
        found = dialect.node(alias, own_labels(info), info.labels)
        texts.put(key, found)
    return found


def own_labels(info: NodeInfo) -> tuple[str, ...]:
    """Return the labels that tell nodes of a class from others: its own, the primary one first.

    Those it inherits come with them and need not be looked for.
    """
    bases = {label for b in info.entity.__mro__[1:] for label in getattr(b, "__runic_labels__", ())}
    own = [label for label in info.labels if label not in bases or label == info.label]
    return tuple(sorted(own, key=lambda label: label != info.label))


def arrow_text(
    alias: str,
    relation: RelationInfo,
    dialect: Dialect,
    types: Sequence[str] = (),
    span: Span | None = None,
) -> str:
    """Return the pattern of a relation's edge, as ``-[r:`AUTHORED`]->``.

    `types` are those it may have where they are not just the relation's; with a `span` it stands
    for several edges and has no alias.
    """
    kinds = "|".join(dialect.quote(each) for each in types or (relation.type,))
    kinds = f":{kinds}" if len(types) < 2 or dialect.joins_types else ""
    edge = f"-[{alias}{kinds}]-" if span is None else f"-[{kinds}{span}]-"
    if relation.direction == "OUTGOING":
        return edge + ">"
    return "<" + edge if relation.direction == "INCOMING" else edge
