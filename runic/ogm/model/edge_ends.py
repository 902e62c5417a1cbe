"""Between nodes of which classes an edge may run: what the relations of the models say. No I/O.

Asked when an edge entity comes into a session. An edge between other nodes would be stored, and no
relation would ever lead over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from runic.ogm.errors import MetadataError, StatementError
from runic.ogm.model.description import RelationInfo, relation_options
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.meta import edge_info, node_info


def require_fitting_ends(edge: Edge) -> None:
    """Raise where the ends of an edge contradict every relation that declares its class.

    Raises:
        StatementError: They do; names the relations.
    """
    source, target = ends_of(edge)
    problem = _problem(type(edge), type(source), type(target))
    if problem:
        raise StatementError(problem)


def require_type_of(relation: RelationInfo, edges: Iterable[type[Any]]) -> None:
    """Raise where edges of these classes are of another type than the relation.

    A subclass of the relation's edge class has a type of its own: it would be stored under that
    type, where the relation never looks.

    Raises:
        StatementError: One is; names both types.
    """
    for edge in edges:
        if edge.__runic_type__ != relation.type:
            raise StatementError(
                f"{relation} leads over {relation.type!r}, and {edge.__name__} is of type"
                f" {edge.__runic_type__!r}; declare a relation over {edge.__name__}"
            )


def _problem(edge: type[Any], source: type[Any], target: type[Any]) -> str:
    # A class that is defined later may have the relation that was missing.
    generation = (
        edge.__runic_registry__.generation,
        source.__runic_registry__.generation,
        target.__runic_registry__.generation,
    )
    memo = edge_info(edge).memo
    known: tuple[Any, str] | None = memo.get((source, target))
    if known is None or known[0] != generation:
        known = memo[source, target] = generation, _told(edge, source, target)
    return known[1]


def _told(edge: type[Any], source: type[Any], target: type[Any]) -> str:
    relations = list(_relations_over(edge, source, target))
    declaring = [relation for relation in relations if relation is None or relation.edge is edge]
    if not declaring or any(r is None or _fits(r, source, target) for r in relations):
        return ""
    swapped = any(r is not None and _fits(r, target, source) for r in relations)
    remedy = "swap source= and target=" if swapped else f"declare edge_model={edge.__name__} there"
    return (
        f"{edge.__name__} cannot run from {source.__name__} to {target.__name__}:"
        f" {', '.join(dict.fromkeys(map(_course, declaring)))}; {remedy}"
    )


def _relations_over(
    edge: type[Any], source: type[Any], target: type[Any]
) -> Iterator[RelationInfo | None]:
    """Yield the relations over edges of a class; None for one that is not fully known yet."""
    registries = {cls.__runic_registry__: None for cls in (edge, source, target)}
    for cls in (cls for registry in registries for cls in registry):
        if cls.__runic_entity__ == "node" and not cls.__runic_abstract__:
            yield from _relations_of(cls, edge.__runic_type__)


def _relations_of(cls: type[Any], type_: str) -> Iterator[RelationInfo | None]:
    declared = map(relation_options, cls.__pydantic_fields__.values())
    if not any(options is not None and options.type == type_ for options in declared):
        return
    try:
        relations = node_info(cls).relations.values()
    except MetadataError:
        yield None
        return
    yield from (relation for relation in relations if relation.type == type_)


def _fits(relation: RelationInfo, source: type[Any], target: type[Any]) -> bool:
    near, far = _owner(relation), relation.target
    leaves = issubclass(source, near) and issubclass(target, far)
    enters = issubclass(target, near) and issubclass(source, far)
    if relation.direction == "BOTH":
        return leaves or enters
    return leaves if relation.direction == "OUTGOING" else enters


def _owner(relation: RelationInfo) -> type[Any]:
    """Return the class that declares a relation, which may be an abstract base."""
    return relation.options.owner or relation.owner


def _course(relation: RelationInfo | None) -> str:
    assert relation is not None
    near, far = _owner(relation).__name__, relation.target.__name__
    one, other = (far, near) if relation.direction == "INCOMING" else (near, far)
    joint = "between {} and {}" if relation.direction == "BOTH" else "from {} to {}"
    return f"{near}.{relation.name} has it run {joint.format(one, other)}"
