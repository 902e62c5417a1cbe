"""`AsyncSession`: a unit of work on one graph.

All the logic of sessions starts here; `Session` steps these same coroutines. Waiting happens in one
place, `_run`. What the session holds is in `unit_of_work`, how it is written in `flush`, how rows
become entities in `hydrator` and `result_rows`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from runic.ogm.driver.base import Driver
from runic.ogm.driver.blocks import AsyncBlock
from runic.ogm.driver.collector import collector_paused
from runic.ogm.driver.handles import checked_driver
from runic.ogm.errors import (
    AsyncNotSupportedError,
    EntityNotFoundError,
    MultipleResultsError,
    SessionError,
)
from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of
from runic.ogm.query import RowSelect, Select, Statement, select
from runic.ogm.query.habits import SessionHabits
from runic.ogm.query.statement import Yields
from runic.ogm.session.bound_query import AsyncBoundQuery
from runic.ogm.session.execute import Executing
from runic.ogm.session.labels import Labelling
from runic.ogm.session.loading.argument_errors import require_node_class, require_relations
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.refresh import Refresher
from runic.ogm.session.loading.relation_loader import RelationLoader, not_loaded, path_tree
from runic.ogm.session.loading.row_reader import Reader, column_names, limited, returns_rows
from runic.ogm.session.loading.search_reader import Searcher
from runic.ogm.session.paging import Paging
from runic.ogm.session.persistence.contradictions import refuse_doomed
from runic.ogm.session.persistence.dml_sync import Changer
from runic.ogm.session.persistence.flush import Flusher
from runic.ogm.session.persistence.merge import Merger
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.persistence.relate import EdgeWriter
from runic.ogm.session.repository_hook import provided_repository
from runic.ogm.session.search import Searching
from runic.ogm.session.state.guard import Guard, exclusive
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe
from runic.ogm.session.stream import chunks
from runic.ogm.session.transactions import Transacting

if TYPE_CHECKING:
    from runic.ogm.repository import AsyncRepository

E = TypeVar("E", bound=Node)
T = TypeVar("T")


class AsyncSession(Executing, Searching, Paging, Labelling, Transacting, SessionHabits, AsyncBlock):
    """A unit of work: loads entities, follows their changes, writes them all at once.

    Use one session for one task at a time, as `async with AsyncSession(driver) as session:`, which
    commits on success, rolls back on any exception, and always closes.

    Args:
        driver: An async driver, as `AsyncFalkorDBDriver(graph)`.
        echo: Log every query to the logger "runic.ogm" at INFO (parameters are never logged).
        timeout: Seconds that each query may take, unless a call says otherwise.
        read_only: Refuse whatever would write.

    Raises:
        AsyncNotSupportedError: The driver blocks: it would stop the event loop at every query.
        StatementError: It is not a driver, and not a session or manager that has one.
    """

    def __init__(
        self,
        driver: Driver,
        *,
        echo: bool = False,
        timeout: float | None = None,
        read_only: bool = False,
    ) -> None:
        driver = checked_driver(driver, "create_async_driver")
        if driver.blocks:
            raise AsyncNotSupportedError(
                f"{type(driver).__name__} blocks and cannot serve an AsyncSession: use"
                " AsyncFalkorDBDriver, or Session(driver) in a thread (FastAPI runs `def` endpoints"
                " in one)"
            )
        self._set_up(driver, echo, timeout, read_only)

    @classmethod
    def _blocking(cls, driver: Driver, echo: bool, timeout: float | None, read_only: bool) -> Self:
        """Return a core for a sync session: its driver never suspends."""
        core = object.__new__(cls)
        core._set_up(driver, echo, timeout, read_only)
        return core

    def _set_up(self, driver: Driver, echo: bool, timeout: float | None, read_only: bool) -> None:
        self._driver = driver
        self._guard = Guard()
        dialect = driver.dialect
        self._unit = UnitOfWork(self._relation_read, dialect)
        self._channel = Channel(
            driver, self._unit, self._guard, echo=echo, timeout=timeout, read_only=read_only
        )
        run = self._channel.run
        self._hydrator = Hydrator(self._unit.identity, self._unit, dialect)
        self._loader = RelationLoader(self._hydrator, dialect, run)
        self._reader = Reader(self._unit, self._hydrator, self._loader, dialect, run)
        self._flusher = Flusher(self._unit, dialect, self._channel)
        self._edges = EdgeWriter(self._unit, dialect, self._channel)
        self._merger = Merger(self._unit, self._hydrator, dialect, self._channel)
        self._refresher = Refresher(self._unit, self._hydrator, self._loader, dialect, run)
        self._searcher = Searcher(self._hydrator, self._loader, dialect, run)
        self._changer = Changer(self._unit, self._hydrator, dialect, run)

    # Staging

    def add(self, entity: Entity) -> None:
        """Stage an entity, and all that its relations hold, to be written at the next flush.

        Adding what the session already holds changes nothing.

        Raises:
            SessionError: It belongs to another session, or its key to another object of this one.
        """
        self._guard.check()
        self._unit.add(entity)

    def add_all(self, entities: Iterable[Entity]) -> None:
        """Stage several entities, as `add` does."""
        self._guard.check()
        staged = list(entities)
        with collector_paused(len(staged)):
            self._unit.add_all(staged)

    def delete(self, entity: Entity) -> None:
        """Stage a deletion; the relationships of a node go with it.

        Raises:
            SessionError: The entity is not in this session.
        """
        self._guard.check()
        self._unit.delete(entity)

    def expunge(self, entity: Entity) -> None:
        """Let an entity go without writing it: new ones are transient again, others detached."""
        self._guard.check(interrupted_too=False)
        self._unit.expunge(entity)

    def expunge_all(self) -> None:
        """Let every entity go without writing it; a rollback brings none of them back."""
        self._guard.check(interrupted_too=False)
        self._unit.expunge_all()
        self._channel.let_all_go()

    def expire(self, entity: Entity) -> None:
        """Forget what was loaded: the next query that meets the entity fills it anew.

        Its unwritten changes and its loaded relations are dropped.
        """
        self._guard.check()
        self._refresher.expire(self._held(entity))

    def __contains__(self, entity: object) -> bool:
        return entity in self._unit

    @property
    def driver(self) -> Driver:
        """The driver below it."""
        return self._driver

    @property
    def new(self) -> list[Entity]:
        """The entities that were added and are not written."""
        return list(self._unit.pending.values())

    @property
    def deleted(self) -> list[Entity]:
        """The entities whose deletion is not written."""
        return list(self._unit.doomed.values())

    @property
    def dirty(self) -> list[Entity]:
        """The stored entities with field changes that are not written."""
        return [entity for entity in self._unit.identity if self._unit.is_changed(entity)]

    # Reading

    @exclusive
    async def get(
        self, entity: type[E], pk: Any, fetch: Any = (), *, timeout: float | None = None
    ) -> E | None:
        """Return the entity with this primary key, or None.

        An entity the session already holds is returned without a query; `fetch` loads what is
        missing on it: names, dotted paths, `User.articles`, `User.articles.where(…).limit(5)`.

        Raises:
            FieldValidationError: The key is of another type than the class's primary key.
            StatementError: It is not a node class, or has no relation that `fetch` names.
        """
        require_node_class(entity)
        tree = path_tree(fetch) if fetch else None
        found = await self._reader.by_key(entity, pk, timeout)
        if found is not None and tree:
            await self._loader.load([found], tree)
        elif tree:
            require_relations(entity, tree)
        return found

    @exclusive
    async def scalars(
        self, statement: Yields[T], fetch: Any = (), *, timeout: float | None = None
    ) -> list[T]:
        """Return the entities of a statement, in its order.

        Raises:
            StatementError: The statement returns rows; use `all_rows`.
        """
        return await self._reader.entities(statement, fetch, timeout)

    @overload
    async def scalar(self, statement: Yields[T], *, timeout: float | None = None) -> T | None: ...

    @overload
    async def scalar(self, statement: RowSelect, *, timeout: float | None = None) -> Any: ...

    async def scalar(self, statement: Any, *, timeout: float | None = None) -> Any:
        """Return the first entity, or the first value of the first row; None without a row."""
        return await self._scalar(statement, timeout)

    @exclusive
    async def _scalar(self, statement: Any, timeout: float | None) -> Any:
        if returns_rows(statement):
            rows = await self._reader.tuples(limited(statement, 1), timeout)
            return rows[0][0] if rows else None
        found = await self._reader.entities(limited(statement, 1), (), timeout)
        return found[0] if found else None

    @exclusive
    async def first(
        self, statement: Yields[T], fetch: Any = (), *, timeout: float | None = None
    ) -> T | None:
        """Return the first entity of a statement, or None."""
        found = await self._reader.entities(limited(statement, 1), fetch, timeout)
        return found[0] if found else None

    @exclusive
    async def one(
        self, statement: Yields[T], fetch: Any = (), *, timeout: float | None = None
    ) -> T:
        """Return the only entity of a statement.

        Raises:
            EntityNotFoundError: There is none.
            MultipleResultsError: There are several.
        """
        found: list[T] = await self._reader.entities(limited(statement, 2), fetch, timeout)
        if not found:
            raise EntityNotFoundError(f"no row where one was asked for: {statement!r}")
        if len(found) > 1:
            raise MultipleResultsError(f"several rows where one was asked for: {statement!r}")
        return found[0]

    @exclusive
    async def count(self, statement: Statement, *, timeout: float | None = None) -> int:
        """Return the total of a statement: how many rows it has without its own skip and limit.

        `distinct` counts, and so does what is cut off inside of the statement; to count a page,
        make its cut a stage: `select(User).limit(10).with_("n")`. Groups count as one each.
        """
        return await self._reader.count(statement, timeout)

    @exclusive
    async def exists(self, statement: Statement, *, timeout: float | None = None) -> bool:
        """Tell whether a statement has any row."""
        return await self._reader.exists(statement, timeout)

    @exclusive
    async def all_rows(
        self, statement: Statement, *, timeout: float | None = None
    ) -> list[dict[str, Any]]:
        """Return each row as a dict, by the names of the statement's columns."""
        rows = await self._reader.tuples(statement, timeout)
        return [dict(zip(column_names(statement), row, strict=True)) for row in rows]

    @exclusive
    async def all_with_edges(
        self, statement: Statement, *, timeout: float | None = None
    ) -> list[tuple[Any, ...]]:
        """Return each row as a tuple: the entities, then the edges the statement goes over."""
        if isinstance(statement, Select):
            statement = statement.with_edges()
        return await self._reader.tuples(statement, timeout)

    async def stream(
        self, statement: Select[E], *, chunk_size: int = 1000, timeout: float | None = None
    ) -> AsyncIterator[E]:
        """Yield the entities of a statement, read `chunk_size` at a time and not tracked.

        Memory stays constant. Relations that the statement fetches are loaded for each chunk.
        Changes to these entities are not followed; `add` one to change it.
        """
        for part in chunks(statement, chunk_size):
            found = await self._untracked(part, timeout)
            for entity in found:
                yield entity
            if len(found) < chunk_size:
                return

    # Writing

    @overload
    async def merge(self, entities: E) -> E: ...

    @overload
    async def merge(self, entities: Sequence[E]) -> list[E]: ...

    async def merge(self, entities: Any) -> Any:
        """Write nodes whether or not their keys are in the database, at once; return them.

        A node that is not there is created. On one that is there only the fields that were given
        are set. What is returned is in the session and holds the stored values.

        Raises:
            EntityNotFoundError: The database makes the keys of the class, and has no such node.
        """
        if isinstance(entities, Node):
            return (await self._merge([entities]))[0]
        return await self._merge(list(entities))

    @exclusive
    async def _merge(self, entities: list[Any]) -> list[Any]:
        return await self._merger.merge(entities)

    async def relate(
        self, source: Node, relation: Any, target: Node, *, edge: Edge | None = None
    ) -> Edge | None:
        """Relate two entities at once, unless they are (MERGE); return the edge entity, if any.

        Unwritten changes are flushed first if an end is one of them. `relation` is an attribute of
        the source's class or its name; `edge` carries the properties of the relationship.

        Raises:
            EntityNotFoundError: An end is not in the database.
        """
        refuse_doomed(self._unit, (source, target))
        await self._flush_ends(source, target)
        return (await self._relate([(source, relation, target, edge)]))[0]

    async def relate_many(self, rows: Iterable[Sequence[Any]]) -> list[Edge | None]:
        """Relate many entities in one statement, all or none; return the edge entities.

        A row is `(source, relation, target)` or `(source, relation, target, edge)`, as in `relate`.

        Raises:
            EntityNotFoundError: One of the ends is not in the database; nothing was written.
        """
        listed = [tuple(row) for row in rows]
        ends = [end for row in listed for end in (row[0], row[2])]
        refuse_doomed(self._unit, ends)
        await self._flush_ends(*ends)
        return await self._relate(listed)

    @exclusive
    async def _relate(self, rows: list[tuple[Any, ...]]) -> list[Edge | None]:
        return await self._edges.relate(rows)

    async def unrelate(self, source: Node, relation: Any, target: Node) -> None:
        """Delete the relationships of a relation between two entities, at once.

        Raises:
            EntityNotFoundError: There is none.
        """
        await self._flush_ends(source, target)
        await self._unrelate(source, relation, target)

    @exclusive
    async def _unrelate(self, source: Node, relation: Any, target: Node) -> None:
        await self._edges.unrelate(source, relation, target)

    @exclusive
    async def refresh(self, entity: Entity) -> None:
        """Read an entity again, its loaded relations included; its unwritten changes are dropped.

        Raises:
            EntityNotFoundError: It is no longer in the database.
        """
        await self._refresher.refresh(self._held(entity))

    @exclusive
    async def load(self, entities: Node | Sequence[Node], *paths: Any) -> None:
        """Load relations of entities that the session holds: one query a relation and level."""
        many = [entities] if isinstance(entities, Node) else list(entities)
        for entity in many:
            self._held(entity)
        await self._loader.load(many, path_tree(paths))

    # Life cycle

    async def close(self) -> None:
        """Let every entity go and refuse further use. Unwritten changes are dropped."""
        if not self._guard.closed:
            self._guard.check(interrupted_too=False)
            await self._channel.rollback()
            self._unit.expunge_all()
            self._guard.closed = True

    async def __aenter__(self) -> Self:
        self._guard.check()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._guard.closed:
            return
        try:
            await self._end(error)
        finally:
            await self.close()

    def query(self, entity: type[E]) -> AsyncBoundQuery[E]:
        """Return a statement on a class that ends in `await ….all()` and the like."""
        return AsyncBoundQuery(self, select(entity))

    def repository(self, entity: type[E]) -> AsyncRepository[E]:
        """Return the entities of a class as a collection."""
        made: AsyncRepository[E] = provided_repository("async")(self, entity)
        return made

    # Shared steps

    @exclusive
    async def _untracked(self, statement: Select[E], timeout: float | None) -> list[E]:
        return await self._reader.untracked(statement, timeout)

    async def _flush_ends(self, *ends: Node) -> None:
        self._guard.check()
        for end in ends:
            notes = notes_of(self._held(end))
            if notes is not None and notes.status is State.PENDING:
                await self.flush()

    def _held(self, entity: Any) -> Any:
        if entity not in self._unit:
            what = describe(entity) if isinstance(entity, Entity) else repr(entity)
            raise SessionError(
                f"{what} is not in this session; add it, or get it from the database"
            )
        return entity

    def _relation_read(self, entity: Entity, name: str) -> Any:
        """Refuse to load a relation on being read: that would need an await."""
        raise not_loaded(entity, name, "await ")
