"""`Session`: the sync face of `AsyncSession`. No logic of its own."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from runic.ogm.driver.base import Driver
from runic.ogm.driver.blocks import SyncBlock
from runic.ogm.driver.bridge import step
from runic.ogm.driver.handles import blocking_driver
from runic.ogm.errors import LazyLoadWarning, StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import notes_of, values_of
from runic.ogm.query import select
from runic.ogm.query.habits import SessionHabits
from runic.ogm.query.search import Mode
from runic.ogm.session.async_session import AsyncSession
from runic.ogm.session.blocking import blocking, blocking_context, blocking_iter, passing
from runic.ogm.session.bound_query import BoundQuery
from runic.ogm.session.loading.relation_loader import Branch, not_loaded
from runic.ogm.session.repository_hook import provided_repository
from runic.ogm.session.search import Search

if TYPE_CHECKING:
    from runic.ogm.repository import Repository

E = TypeVar("E", bound=Node)
T = TypeVar("T")
# Edges are searched, too.
N = TypeVar("N", bound=Entity)


OnLazyLoad = Literal["load", "warn", "raise"]

# From the warning up to the line that reads the relation: this method and two of the entity's.
_FRAMES_TO_READER = 4


class _Core(AsyncSession):
    """The session a `Session` steps. It may load a relation when it is read: nobody awaits."""

    on_lazy_load: OnLazyLoad = "load"
    lazy_batch = True

    # The end of a block calls these on the core. They go round by the face, for a subclass of
    # `Session` may override them; its own are made from the methods of `AsyncSession` themselves.

    async def flush(self) -> None:
        self._face.flush()

    async def commit(self, **options: Any) -> None:
        self._face.commit(**options)

    async def rollback(self) -> None:
        self._face.rollback()

    async def close(self) -> None:
        self._face.close()

    # A cycle of strong references would keep every session until the collector runs.
    _find_face: weakref.ref[Session]

    @property
    def _face(self) -> Session:
        face = self._find_face()
        assert face is not None, "whatever ends a block holds the session"
        return face

    def _relation_read(self, entity: Entity, name: str) -> Any:
        lazy = node_info(type(entity)).relations[name].options.lazy
        if self.on_lazy_load == "raise" or not lazy:
            raise not_loaded(entity, name)
        if self.on_lazy_load == "warn":
            message = f"{type(entity).__name__}.{name} is loaded by being read; name it in fetch="
            warnings.warn(message, LazyLoadWarning, stacklevel=_FRAMES_TO_READER)
        # Not `exclusive`: a validator may read a relation in the middle of a call of this session.
        step(self._loader.load(self._batch_of(entity, name), {name: Branch()}))
        return values_of(entity)[name]

    def _batch_of(self, entity: Entity, name: str) -> list[Entity]:
        notes = notes_of(entity)
        if not self.lazy_batch or notes is None or notes.batch is None:
            return [entity]
        others = (e for e in notes.batch if e is not entity and e in self and _lacks(e, name))
        return [entity, *others]


def _lacks(entity: Entity, name: str) -> bool:
    # One that was loaded in part stays as it is: it was not read.
    return name in type(entity).__runic_relations__ and name not in values_of(entity)


class Session(SessionHabits, SyncBlock):
    """A unit of work for code that cannot await: the methods of `AsyncSession`, blocking.

    It needs no event loop and works where one is running. With an async driver the queries run on
    an event loop of the driver's own, in another thread.

    Args:
        driver: Any driver.
        echo: Log every query to the logger "runic.ogm" at INFO.
        timeout: Seconds that each query may take, unless a call says otherwise.
        read_only: Refuse whatever would write.
        on_lazy_load: What reading a relation that is not loaded does: "load" it, "warn" and load
            it (a `LazyLoadWarning` at the line that read it), or "raise" a `LazyLoadError`.
        lazy_batch: Load it for all the entities that came with this one, in one query.
    """

    def __init__(
        self,
        driver: Driver,
        *,
        echo: bool = False,
        timeout: float | None = None,
        read_only: bool = False,
        on_lazy_load: OnLazyLoad = "load",
        lazy_batch: bool = True,
    ) -> None:
        if on_lazy_load not in ("load", "warn", "raise"):
            raise StatementError(f'on_lazy_load is "load", "warn" or "raise", not {on_lazy_load!r}')
        self._core = _Core._blocking(blocking_driver(driver), echo, timeout, read_only)
        self._core._find_face = weakref.ref(self)
        self._core.on_lazy_load = on_lazy_load
        self._core.lazy_batch = lazy_batch

    add = passing(AsyncSession.add)
    add_all = passing(AsyncSession.add_all)
    delete = passing(AsyncSession.delete)
    expunge = passing(AsyncSession.expunge)
    expunge_all = passing(AsyncSession.expunge_all)
    expire = passing(AsyncSession.expire)
    __contains__ = passing(AsyncSession.__contains__)

    get = blocking(AsyncSession.get)
    scalars = blocking(AsyncSession.scalars)
    scalar = blocking(AsyncSession.scalar)
    first = blocking(AsyncSession.first)
    one = blocking(AsyncSession.one)
    count = blocking(AsyncSession.count)
    exists = blocking(AsyncSession.exists)
    all_rows = blocking(AsyncSession.all_rows)
    all_with_edges = blocking(AsyncSession.all_with_edges)
    stream = blocking_iter(AsyncSession.stream)
    execute = blocking(AsyncSession.execute)
    explain = blocking(AsyncSession.explain)
    page = blocking(AsyncSession.page)
    scalars_with_total = blocking(AsyncSession.scalars_with_total)

    flush = blocking(AsyncSession.flush)
    commit = blocking(AsyncSession.commit)
    rollback = blocking(AsyncSession.rollback)
    merge = blocking(AsyncSession.merge)
    relate = blocking(AsyncSession.relate)
    relate_many = blocking(AsyncSession.relate_many)
    unrelate = blocking(AsyncSession.unrelate)
    labels = blocking(AsyncSession.labels)
    add_labels = blocking(AsyncSession.add_labels)
    remove_labels = blocking(AsyncSession.remove_labels)
    refresh = blocking(AsyncSession.refresh)
    load = blocking(AsyncSession.load)
    close = blocking(AsyncSession.close)
    begin = blocking_context(AsyncSession.begin)
    begin_nested = blocking_context(AsyncSession.begin_nested)

    @property
    def driver(self) -> Driver:
        """The driver below it, as one that blocks."""
        return self._core.driver

    @property
    def new(self) -> list[Entity]:
        """The entities that were added and are not written."""
        return self._core.new

    @property
    def deleted(self) -> list[Entity]:
        """The entities whose deletion is not written."""
        return self._core.deleted

    @property
    def dirty(self) -> list[Entity]:
        """The stored entities with field changes that are not written."""
        return self._core.dirty

    def query(self, entity: type[E]) -> BoundQuery[E]:
        """Return a statement on a class that ends in `.all()` and the like."""
        return BoundQuery(self, select(entity))

    def fulltext_search(
        self,
        entity: type[N],
        query: str,
        *,
        fields: Iterable[Any] | None = None,
        mode: Mode = "plain",
    ) -> Search[N]:
        """Return a search of a class's full-text index; see `AsyncSession.fulltext_search`."""
        asked = self._core.fulltext_search(entity, query, fields=fields, mode=mode)
        return Search(self, asked.search)

    def vector_search(
        self, entity: type[N], *, field: Any, vector: Sequence[float], k: int = 10
    ) -> Search[N]:
        """Return a search for the nearest vectors; see `AsyncSession.vector_search`."""
        asked = self._core.vector_search(entity, field=field, vector=vector, k=k)
        return Search(self, asked.search)

    def hybrid_search(
        self,
        entity: type[N],
        query: str,
        *,
        field: Any,
        vector: Sequence[float],
        k: int = 10,
        fields: Iterable[Any] | None = None,
        rank_constant: int = 60,
    ) -> Search[N]:
        """Return a search by words and by nearness; see `AsyncSession.hybrid_search`."""
        asked = self._core.hybrid_search(
            entity,
            query,
            field=field,
            vector=vector,
            k=k,
            fields=fields,
            rank_constant=rank_constant,
        )
        return Search(self, asked.search)

    def run_in_transaction(
        self, work: Callable[[Self], T], *, attempts: int = 5, backoff: float = 0.05
    ) -> T:
        """Call `work(session)` in a `begin` block, again when the database asks for that.

        See `AsyncSession.run_in_transaction`.
        """

        async def call(core: AsyncSession) -> T:
            return work(self)

        return step(self._core.run_in_transaction(call, attempts=attempts, backoff=backoff))

    def repository(self, entity: type[E]) -> Repository[E]:
        """Return the entities of a class as a collection."""
        made: Repository[E] = provided_repository("sync")(self, entity)
        return made

    def __enter__(self) -> Self:
        step(self._core.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        step(self._core.__aexit__(kind, error, traceback))
