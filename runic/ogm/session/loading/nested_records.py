"""Make entities of the records inside of paths, lists and maps. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord
from runic.ogm.errors import HydrationError
from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.model.state import notes_of
from runic.ogm.query.path import Path, PathOf
from runic.ogm.query.shapes import NestedColumn, PathColumn
from runic.ogm.session.loading.hydrator import Hydrator


class Nested:
    """Reads the records of one result; what it made of nodes, edges get as their ends."""

    def __init__(self, hydrator: Hydrator) -> None:
        self._hydrator = hydrator
        self._batch: list[Entity] = []
        self._near: dict[Any, Node] = {}
        self._met_held = False

    def nodes(self, wanted: Any, cell: Any) -> Any:
        """Return a cell with entities in place of the nodes that are of a wanted class."""
        if isinstance(cell, NodeRecord):
            cls = wanted if _is(wanted, Node) else _node_class(_classes(wanted), cell)
            return cell if cls is None else self._node(cls, cell)
        if isinstance(cell, PathRecord):
            return PathRecord([self.nodes(_loose(wanted), node) for node in cell.nodes], cell.edges)
        if isinstance(cell, list):
            return [self.nodes(wanted, item) for item in cell]
        if isinstance(cell, dict):
            return {key: self.nodes(_loose(wanted), value) for key, value in cell.items()}
        return cell

    def edges(self, wanted: Any, cell: Any) -> Any:
        """Return a cell, of which the nodes are read, with entities in place of the edges.

        Raises:
            HydrationError: It holds something else than the wanted class says.
        """
        if isinstance(cell, EdgeRecord):
            return self._edge(wanted, cell)
        if isinstance(cell, PathRecord):
            edges = [self.edges(_loose(wanted), edge) for edge in cell.edges]
            return Path(tuple(cell.nodes), tuple(edges))
        if isinstance(cell, list):
            return [self.edges(wanted, item) for item in cell]
        if isinstance(cell, dict):
            return {key: self.edges(_loose(wanted), value) for key, value in cell.items()}
        _require(wanted, cell)
        return cell

    def meet(self, nodes: Iterable[Node | None]) -> None:
        """Take nodes that are read already for the ends of edges."""
        for node in nodes:
            notes = None if node is None else notes_of(node)
            if notes is not None and node is not None:
                self._near[notes.id] = node

    def path(self, classes: tuple[type[Any], ...], record: PathRecord) -> Path:
        """Return a path whose nodes and edges may be of the classes."""
        made: Path = self.edges(PathOf(classes), self.nodes(PathOf(classes), record))
        return made

    def _node(self, cls: type[Node], record: NodeRecord) -> Node:
        node: Node = self._hydrator.from_node(cls, record, self._batch)
        self._near[record.id] = node
        return node

    def _edge(self, wanted: Any, record: EdgeRecord) -> Any:
        cls = wanted if _is(wanted, Edge) else _edge_class(_classes(wanted), record)
        if cls is None:
            _require(wanted, record)
            return record
        ends = (self._end(record.source), self._end(record.target))
        return self._hydrator.from_edge(cls, record, *ends)

    def _end(self, node_id: Any) -> Node | None:
        """Return the node at an end of an edge: of the result, or one that the session holds."""
        if node_id not in self._near and not self._met_held:
            self._met_held = True
            near, self._near = self._near, {}
            self.meet(self._hydrator.held())
            self._near.update(near)
        return self._near.get(node_id)


def _is(wanted: Any, base: type[Any]) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, base)


def _classes(wanted: Any) -> Sequence[type[Any]]:
    return wanted.classes if isinstance(wanted, PathOf) else ()


def _loose(wanted: Any) -> PathOf:
    """Return what is wanted inside of a path or map, which may hold other things, too."""
    if isinstance(wanted, PathOf):
        return wanted
    return PathOf((wanted,) if _is(wanted, Entity) else ())


def _node_class(classes: Iterable[type[Any]], record: NodeRecord) -> type[Node] | None:
    """Return the class that covers most of a node's labels."""
    fitting = [c for c in classes if _is(c, Node) and {*record.labels} >= {*c.__runic_labels__}]
    return max(fitting, key=lambda c: len(c.__runic_labels__), default=None)


def _edge_class(classes: Iterable[type[Any]], record: EdgeRecord) -> type[Edge] | None:
    fitting = (c for c in classes if _is(c, Edge) and c.__runic_type__ == record.type)
    return next(fitting, None)


def _require(wanted: Any, cell: Any) -> None:
    if _is(wanted, Entity) and cell is not None and not isinstance(cell, Node):
        raise _unexpected(wanted, cell)


def _unexpected(wanted: type[Any], cell: Any) -> HydrationError:
    return HydrationError(
        f"a column that should hold {wanted.__name__} holds {cell!r}; correct returns=, or return"
        " the node or edge itself"
    )


def read_paths(column: PathColumn, rows: Sequence[Sequence[Any]], nested: Nested) -> list[Any]:
    """Return a column of paths; None where an optional hop found none."""
    pairs = [(row[column.start], row[column.start + 1]) for row in rows]
    return [
        None if path is None else nested.path(column.classes, _forward(column, start, path))
        for start, path in pairs
    ]


def _forward(column: PathColumn, start: Any, path: PathRecord) -> PathRecord:
    """Return a path from its start to its end: a planner may have gone the other way."""
    if not path.edges:
        return path
    first, last = path.nodes[0].id, path.nodes[-1].id
    backward = first != start
    if first == last:
        edge = path.edges[0]
        backward = first != (edge.target if column.incoming else edge.source)
    return PathRecord(path.nodes[::-1], path.edges[::-1]) if backward else path


def read_inside(column: NestedColumn, cells: Sequence[Any], nested: Nested) -> list[Any]:
    """Return a column of values whose nodes are read, with entities for the edges in them."""
    wanted, decode = PathOf(column.classes), column.decode
    made = [nested.edges(wanted, cell) for cell in cells]
    if decode is None:
        return made
    return [None if cell is None else decode(cell) for cell in made]
