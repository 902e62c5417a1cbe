"""`AsyncRepository`: the entities of one class as a collection over a session."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.query import Select, select
from runic.ogm.query.criteria import Criterion
from runic.ogm.session import AsyncBoundQuery, AsyncSession

E = TypeVar("E", bound=Node)


@dataclass(frozen=True, slots=True)
class Page(Generic[E]):
    """A part of a collection: `items` begin after `skip` of the `total` entities."""

    items: list[E]
    total: int
    skip: int
    limit: int

    @property
    def has_next(self) -> bool:
        """True when there are entities after this page."""
        return self.skip + len(self.items) < self.total


class AsyncRepository(Generic[E]):
    """The entities of one class, through a session.

    ```python
    users = AsyncRepository(session, User)

    class UserRepository(AsyncRepository[User]):
        async def active(self) -> list[User]:
            return await self.query().where(User.active == True).all()

    users = UserRepository(session)
    ```

    Args:
        session: The session that loads and tracks the entities.
        entity: The class; a subclass of `AsyncRepository[User]` knows it already.

    Raises:
        StatementError: No class is given and the repository's own class names none.
    """

    def __init__(self, session: AsyncSession, entity: type[E] | None = None) -> None:
        self.session = session
        self.entity: type[E] = named_entity(type(self)) if entity is None else entity

    async def get(self, pk: Any, fetch: Any = ()) -> E | None:
        """Return the entity with this primary key, or None."""
        return await self.session.get(self.entity, pk, fetch)

    async def find_all(
        self, *, skip: int = 0, limit: int | None = None, order_by: Any = None, fetch: Any = ()
    ) -> list[E]:
        """Return all entities, or a part of them, sorted by a field ("-name" reverses)."""
        return await self.session.scalars(self._part(self._all(), skip, limit, order_by), fetch)

    async def find_by(
        self,
        /,
        *criteria: Criterion | bool,
        skip: int = 0,
        limit: int | None = None,
        order_by: Any = None,
        fetch: Any = (),
        **equal: Any,
    ) -> list[E]:
        """Return the entities that satisfy every criterion and have these field values."""
        found = self._where(criteria, equal)
        return await self.session.scalars(self._part(found, skip, limit, order_by), fetch)

    async def count(self, /, *criteria: Criterion | bool, **equal: Any) -> int:
        """Return how many entities there are, or how many satisfy every criterion."""
        return await self.session.count(self._where(criteria, equal))

    async def exists(self, pk: Any) -> bool:
        """Tell whether there is an entity with this primary key."""
        info = node_info(self.entity)
        return await self.session.exists(
            self._all().where(getattr(self.entity, info.key.name) == pk)
        )

    def query(self) -> AsyncBoundQuery[E]:
        """Return a statement on the class that ends in `await ….all()` and the like."""
        return self.session.query(self.entity)

    async def cypher(self, text: str, params: Mapping[str, Any] | None = None) -> list[E]:
        """Return the entities in the only column of a raw query."""
        result = await self.session.execute(text, params, returns=[self.entity])
        found: list[E] = result.scalars()
        return found

    async def page(
        self,
        /,
        *criteria: Criterion | bool,
        skip: int = 0,
        limit: int = 20,
        order_by: Any = None,
        fetch: Any = (),
        **equal: Any,
    ) -> Page[E]:
        """Return a page of entities with the total; sorted by the primary key unless told."""
        found = self._where(criteria, equal)
        by = order_by if order_by is not None else node_info(self.entity).key.name
        part = self._part(found, skip, limit, by)
        items, total = await self.session.scalars_with_total(part, fetch)
        return Page(items, total, skip, limit)

    def _all(self) -> Select[E]:
        return select(self.entity)

    def _where(self, criteria: Sequence[Criterion | bool], equal: Mapping[str, Any]) -> Select[E]:
        properties = node_info(self.entity).properties
        for name in equal:
            if name not in properties:
                raise StatementError(
                    f"{self.entity.__name__} has no field {name!r}; its fields:"
                    f" {', '.join(properties)}"
                )
        matches = [getattr(self.entity, name) == value for name, value in equal.items()]
        return self._all().where(*criteria, *matches)

    def _part(self, statement: Select[E], skip: int, limit: int | None, order_by: Any) -> Select[E]:
        if order_by is not None:
            statement = statement.order_by(order_by)
        statement = statement.skip(skip) if skip else statement
        return statement if limit is None else statement.limit(limit)


def named_entity(repository: type[Any]) -> Any:
    """Return the class that a repository class names: User for `Repository[User]`."""
    for cls in repository.__mro__:
        for base in cls.__dict__.get("__orig_bases__", ()):
            for argument in typing.get_args(base):
                if isinstance(argument, type) and issubclass(argument, Node):
                    return argument
    raise StatementError(
        f"which entities is {repository.__name__} for? Give it the class,"
        f" {repository.__name__}(session, User), or derive from {repository.__name__}[User]"
    )
