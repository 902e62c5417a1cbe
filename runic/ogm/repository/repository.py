"""`Repository`: the sync face of `AsyncRepository`. No logic of its own."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from runic.ogm.model.node import Node
from runic.ogm.repository.async_repository import AsyncRepository, named_entity
from runic.ogm.session import BoundQuery, Session
from runic.ogm.session.blocking import blocking

E = TypeVar("E", bound=Node)


class Repository(Generic[E]):
    """The entities of one class, through a `Session`; see `AsyncRepository`.

    Args:
        session: The session that loads and tracks the entities.
        entity: The class; a subclass of `Repository[User]` knows it already.
    """

    def __init__(self, session: Session, entity: type[E] | None = None) -> None:
        self.session = session
        self.entity: type[E] = named_entity(type(self)) if entity is None else entity
        self._core: AsyncRepository[Any] = AsyncRepository(session._core, self.entity)

    get = blocking(AsyncRepository[E].get)
    find_all = blocking(AsyncRepository[E].find_all)
    find_by = blocking(AsyncRepository[E].find_by)
    count = blocking(AsyncRepository[E].count)
    exists = blocking(AsyncRepository[E].exists)
    cypher = blocking(AsyncRepository[E].cypher)
    page = blocking(AsyncRepository[E].page)

    def query(self) -> BoundQuery[E]:
        """Return a statement on the class that ends in `.all()` and the like."""
        return self.session.query(self.entity)
