"""Labels of stored nodes beyond those of their class: read, added and removed at once."""

from __future__ import annotations

from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.errors import EntityNotFoundError, SessionError, StatementError
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of
from runic.ogm.query.plan import Found
from runic.ogm.query.writes import compile_labels
from runic.ogm.session.loading.row_reader import Reader
from runic.ogm.session.state.guard import Guard, exclusive
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe


class Labelling:
    """The part of a session that sees to labels; see `AsyncSession`."""

    _guard: Guard
    _driver: Driver
    _unit: UnitOfWork
    _reader: Reader

    @exclusive
    async def labels(self, node: Node) -> list[str]:
        """Return the labels of a stored node, sorted: those of its class and any others.

        Raises:
            EntityNotFoundError: The node is no longer in the database.
        """
        return await self._label(node, (), ())

    @exclusive
    async def add_labels(self, node: Node, *labels: str) -> list[str]:
        """Give a stored node further labels, at once; return all it has then.

        Raises:
            StatementError: A label stands for a model: make an entity of that class instead.
            EntityNotFoundError: The node is no longer in the database.
        """
        return await self._label(node, labels, ())

    @exclusive
    async def remove_labels(self, node: Node, *labels: str) -> list[str]:
        """Take further labels off a stored node, at once; return those it has then.

        Raises:
            StatementError: A label stands for a model, as those of the node's own class do.
            EntityNotFoundError: The node is no longer in the database.
        """
        return await self._label(node, (), labels)

    async def _label(
        self, node: Node, added: tuple[str, ...], removed: tuple[str, ...]
    ) -> list[str]:
        notes = notes_of(node)
        if notes is None or notes.owner is not self._unit or notes.status is not State.PERSISTENT:
            raise SessionError(f"{describe(node)} is not stored in this session; flush() first")
        for label in (*added, *removed):
            _refuse_model(node, checked_identifier(label, "label"))
        info = node_info(type(node))
        place: list[Any] = [notes.id, notes.key[1]]
        query = compile_labels(Found.of(info), place, added, removed, self._driver.dialect)
        rows = (await self._reader.raw(query, (), None)).rows
        if not rows:
            raise EntityNotFoundError(f"{describe(node)} is no longer in the database")
        found, notes.id = rows[0]  # some databases give it another id
        return sorted(found)


def _refuse_model(node: Node, label: str) -> None:
    # The labels of a model decide the class an entity is loaded as, and this object has one.
    for cls in type(node).__runic_registry__:
        if label in getattr(cls, "__runic_labels__", ()):
            raise StatementError(
                f"{label!r} is a label of {cls.__name__}, and an entity keeps its class: add a"
                f" {cls.__name__} and delete this {type(node).__name__}"
            )
