"""`AsyncSchemaManager`: make the database have what models declare.

Each step reads what the database has and acts on the difference, so it may be repeated, and run by
several processes at once: a definition that somebody else made first counts as made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from runic.ogm.driver.base import Driver, Result
from runic.ogm.driver.handles import checked_driver
from runic.ogm.errors import (
    AsyncNotSupportedError,
    ConstraintViolationError,
    DriverError,
    SchemaError,
)
from runic.ogm.model.registry import DEFAULT_REGISTRY, Registry
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint, Definition, Index, UniqueConstraint
from runic.ogm.query.violations import violations
from runic.ogm.schema.declared import declared
from runic.ogm.schema.inventory import Inventory

# Seconds between two looks at what the database is still building.
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.25


class AsyncSchemaManager:
    """Creates, compares and drops the indexes and constraints that models ask for.

    Every method takes the classes it is about; without any it is about all classes of `registry`,
    which is the one that models share unless they name another. A node class brings the classes
    above it, whose labels its nodes carry.

    Args:
        driver: An async driver; `SchemaManager` takes any.

    Raises:
        AsyncNotSupportedError: The driver blocks.
    """

    def __init__(self, driver: Driver) -> None:
        driver = checked_driver(driver, "create_async_driver")
        if driver.blocks:
            raise AsyncNotSupportedError(
                f"{type(driver).__name__} blocks the event loop: use SchemaManager, or"
                " create_async_driver(…)"
            )
        self._driver = driver

    @classmethod
    def _blocking(cls, driver: Driver) -> Self:
        """Return a core for the sync face: its driver never suspends."""
        core = object.__new__(cls)
        core._driver = driver
        return core

    async def create_all(
        self, *entities: type[Any], registry: Registry | None = None
    ) -> list[Definition]:
        """Create what is missing, wait until the database relies on it, and return it.

        Indexes come from `index=`, `fulltext=` and `vector=`, constraints from `unique=`,
        `required=` and primary keys. Calling it again creates nothing and returns an empty list.
        The waiting takes as long as the database needs for the entities that are stored already.

        Raises:
            SchemaError: Stored values violate a constraint (which is dropped again; all others
                stay), would harm the server, or an index exists with other options.
            UnsupportedFeatureError: The backend has no such index or constraint.
            MetadataError: A class is abstract, incomplete or no entity at all.
            DriverError: The database could not be reached.
        """
        wanted = self._declared(entities, registry)
        inventory = await self._inventory()
        inventory.refuse_differences(wanted)
        missing = [definition for definition in wanted if inventory.lacks(definition)]
        for definition in missing:
            await self._refuse_hazard(definition)
        await self._create([d for d in missing if isinstance(d, Index)], inventory, wanted)
        await self._create([d for d in missing if isinstance(d, Constraint)], inventory, wanted)
        return missing

    async def missing(
        self, *entities: type[Any], registry: Registry | None = None
    ) -> list[Definition]:
        """Return what the classes ask for and the database does not have; changes nothing.

        Raises:
            UnsupportedFeatureError: The backend has no such index or constraint.
            SchemaError: A name does not suit the backend.
            MetadataError: A class is abstract, incomplete or no entity at all.
            DriverError: The database could not be reached.
        """
        wanted = self._declared(entities, registry)
        inventory = await self._inventory()
        return [definition for definition in wanted if inventory.lacks(definition)]

    async def drop_all(
        self, *entities: type[Any], registry: Registry | None = None
    ) -> list[Definition]:
        """Drop what the classes ask for, constraints first, and return what was there.

        Entities are not touched, nor are indexes and constraints that no class asks for.

        Raises:
            SchemaError: The database refused, for instance because a constraint that no class asks
                for needs an index.
            DriverError: The database could not be reached.
        """
        wanted = self._declared(entities, registry)
        inventory = await self._inventory()
        present = [definition for definition in reversed(wanted) if inventory.find(definition)]
        for definition in present:
            await self._drop(definition, inventory)
        return present

    def _declared(
        self, entities: Sequence[type[Any]], registry: Registry | None
    ) -> list[Definition]:
        chosen = DEFAULT_REGISTRY if registry is None else registry
        return declared(entities or chosen, self._driver.dialect)

    async def _inventory(self) -> Inventory:
        dialect = self._driver.dialect
        replies = [await self._driver.run(query) for query in dialect.inventory()]
        return Inventory(dialect.read_inventory([_maps(reply) for reply in replies]))

    async def _refuse_hazard(self, definition: Definition) -> None:
        """Raise if making the definition would meet values that harm the server."""
        if not isinstance(definition, Constraint):
            return
        hazard = self._driver.dialect.hazard(definition)
        if hazard is None:
            return
        rows = (await self._driver.run(hazard.query)).rows
        if rows and rows[0][0]:
            count, examples = rows[0]
            raise SchemaError(
                f"{definition} is not created because of {count} stored"
                f" value{'s' if count > 1 else ''} (such as {', '.join(map(repr, examples))}):"
                f" {hazard.reason}"
            )

    async def _create(
        self, missing: Sequence[Definition], before: Inventory, wanted: Sequence[Definition]
    ) -> None:
        refused = [
            one
            for one in missing
            if not await self._made(one, before) and isinstance(one, Constraint)
        ]
        failed = [*refused, *(await self._built(wanted)).failed(missing)]
        if failed:
            raise SchemaError("; ".join([await self._give_up(one) for one in failed]))

    async def _made(self, definition: Definition, before: Inventory) -> bool:
        """Make a definition; return False for a constraint that stored entities violate."""
        try:
            await self._make(definition, before)
        except DriverError as error:
            # Another process may have been faster.
            if not (await self._inventory()).lacks(definition):
                return True
            if isinstance(error, ConstraintViolationError) and isinstance(definition, Constraint):
                return False
            raise SchemaError(f"{definition} cannot be created: {error}") from error
        return True

    async def _make(self, definition: Definition, before: Inventory) -> None:
        if isinstance(definition, Constraint):
            await self._driver.constrain(definition)
        elif isinstance(definition, Index):
            stored = before.find(definition)
            await self._run_all(self._driver.dialect.create_index(definition, stored))

    async def _built(self, wanted: Sequence[Definition]) -> Inventory:
        """Wait until the database has finished what is wanted, and return what it has then."""
        seconds = _FIRST_PAUSE
        while (inventory := await self._inventory()).building(wanted):
            await self._driver.pause(seconds)
            seconds = min(2 * seconds, _LONGEST_PAUSE)
        return inventory

    async def _give_up(self, constraint: Constraint) -> str:
        """Drop a constraint that failed, and return what it failed at."""
        rows = (await self._driver.run(violations(constraint, self._driver.dialect))).rows
        await self._drop(constraint, await self._inventory())
        if isinstance(constraint, UniqueConstraint):
            return f"{constraint} cannot be created: {_duplicates(rows)}"
        return (
            f"{constraint} cannot be created: {rows[0][0]} stored without it; set the property on"
            " them, or drop required=True, and create it again"
        )

    async def _drop(self, definition: Definition, inventory: Inventory) -> None:
        stored = inventory.find(definition)
        if stored is None:
            return
        try:
            if isinstance(stored, Constraint):
                await self._driver.constrain(stored, drop=True)
            elif isinstance(definition, Index):
                await self._run_all(self._driver.dialect.drop_index(definition, stored))
        except DriverError as error:
            if (await self._inventory()).find(definition):
                raise SchemaError(f"{definition} cannot be dropped: {error}") from error

    async def _run_all(self, queries: Iterable[Query]) -> None:
        for query in queries:
            await self._driver.run(query)


def _maps(reply: Result) -> list[dict[str, Any]]:
    return [dict(zip(reply.columns, row, strict=True)) for row in reply.rows]


def _duplicates(rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return (
            "the database takes some stored values for equal (as 1, 1.0 and true, or integers"
            " beyond 2**53); store one type, and large numbers as str"
        )
    shown = ", ".join(f"{times} have {value!r}" for value, times in rows)
    return f"{shown}; make the values differ, or drop unique=True, and create it again"
