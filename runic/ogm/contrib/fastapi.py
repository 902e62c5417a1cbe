"""Sessions in FastAPI: a session for each request, the manager's life, errors as responses.

Needs the extra `runic-ogm[fastapi]`. An application calls `lifespan`, `session_dependency` and
`add_exception_handlers` once, where it is put together, and `get_or_404` in its endpoints.

The dependency never commits: FastAPI ends dependencies after the response was sent, when a commit
that fails could no longer be told to the client. Endpoints commit, so their errors become
responses.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, overload

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.encoders import jsonable_encoder
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from runic.ogm.errors import (
    ConnectionLostError,
    EntityNotFoundError,
    FieldValidationError,
    OgmError,
    QueryTimeoutError,
    StaleEntityError,
    TransientError,
    UniqueViolationError,
)
from runic.ogm.model import Edge, Node
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from runic.ogm.session import AsyncConnectionManager, AsyncSession, ConnectionManager, Session

__all__ = [
    "add_exception_handlers",
    "get_or_404",
    "lifespan",
    "session_dependency",
    "sync_session_dependency",
]

E = TypeVar("E", bound=Node)
Entities = Iterable[type[Node] | type[Edge]]
AsyncDependency = Callable[[HTTPConnection], AsyncIterator[AsyncSession]]
SyncDependency = Callable[[HTTPConnection], Iterator[Session]]

_logger = logging.getLogger("runic.ogm")

# What a client may know. The errors' own texts are for developers (they name statements and
# servers) and go to the log.
_ANSWERS: dict[type[OgmError], tuple[int, str]] = {
    EntityNotFoundError: (404, "Not Found"),
    UniqueViolationError: (409, "A value that must be unique is taken"),
    StaleEntityError: (409, "Changed or deleted by somebody else meanwhile: load it again"),
    TransientError: (503, "The database is busy: try again later"),
    ConnectionLostError: (503, "The database cannot be reached: try again later"),
    QueryTimeoutError: (504, "The database did not answer in time"),
}


def session_dependency(
    manager: AsyncConnectionManager | Callable[[HTTPConnection], AsyncConnectionManager],
) -> AsyncDependency:
    """Return a dependency that opens a session for each request and closes it afterwards.

    ```python
    manager = AsyncConnectionManager(create_async_driver("falkordb://localhost/social"))
    GraphSession = Annotated[AsyncSession, Depends(session_dependency(manager))]

    @app.post("/users", status_code=201)
    async def create(user: User, session: GraphSession) -> User:
        session.add(user)
        await session.commit()
        return user
    ```

    What the endpoint does not commit is dropped; it is rolled back when the endpoint raises.

    Args:
        manager: The manager, or a function that returns the one for a request, as
            `lambda request: request.app.state.manager`.
    """

    async def graph_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
        found = manager(connection) if callable(manager) else manager
        session = found.session()
        try:
            yield session
        except BaseException:
            await session.rollback()
            raise
        finally:
            await session.close()

    return graph_session


def sync_session_dependency(
    manager: ConnectionManager | Callable[[HTTPConnection], ConnectionManager],
) -> SyncDependency:
    """Return the dependency for `def` endpoints, which FastAPI runs in threads.

    As `session_dependency`, with a `ConnectionManager` and its `Session`s.
    """

    def graph_session(connection: HTTPConnection) -> Iterator[Session]:
        found = manager(connection) if callable(manager) else manager
        session = found.session()
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    return graph_session


def lifespan(
    manager: AsyncConnectionManager | ConnectionManager, *, entities: Entities | None = None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return a lifespan that closes the manager when the application ends.

    ```python
    app = FastAPI(lifespan=lifespan(manager, entities=[User, Article]))
    ```

    In a lifespan of your own: `async with lifespan(manager)(app): yield`.

    Args:
        manager: The manager whose driver is closed at the end.
        entities: Classes whose missing indexes and constraints are created at the start; an empty
            list means those of every class, None (the default) creates nothing.

    Raises:
        SchemaError: At the start, when the stored data does not allow a constraint.
    """

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        try:
            if entities is not None:
                await _create_schema(manager, entities)
            yield
        finally:
            await _close(manager)

    return run


async def _create_schema(
    manager: AsyncConnectionManager | ConnectionManager, entities: Entities
) -> None:
    if isinstance(manager, AsyncConnectionManager):
        await AsyncSchemaManager(manager.driver).create_all(*entities)
    else:
        await run_in_threadpool(SchemaManager(manager.driver).create_all, *entities)


async def _close(manager: AsyncConnectionManager | ConnectionManager) -> None:
    if isinstance(manager, AsyncConnectionManager):
        await manager.close()
    else:
        await run_in_threadpool(manager.close)


@overload
def get_or_404(
    session: AsyncSession, entity: type[E], pk: Any, fetch: Any = ()
) -> Awaitable[E]: ...


@overload
def get_or_404(session: Session, entity: type[E], pk: Any, fetch: Any = ()) -> E: ...


def get_or_404(
    session: AsyncSession | Session, entity: type[E], pk: Any, fetch: Any = ()
) -> Awaitable[E] | E:
    """Return the entity with this primary key; to be awaited with an `AsyncSession`.

    Raises:
        HTTPException: Status 404, "User 'ada' not found", when there is none.
    """
    if isinstance(session, Session):
        return _found(session.get(entity, pk, fetch), entity, pk)
    return _get_or_404(session, entity, pk, fetch)


async def _get_or_404(session: AsyncSession, entity: type[E], pk: Any, fetch: Any) -> E:
    return _found(await session.get(entity, pk, fetch), entity, pk)


def _found(found: E | None, entity: type[E], pk: Any) -> E:
    if found is None:
        raise HTTPException(404, f"{entity.__name__} {str(pk)!r} not found")
    return found


def add_exception_handlers(app: FastAPI) -> None:
    """Answer runic's errors, raised in any endpoint, with the status that fits them.

    | error | status |
    |---|---|
    | `EntityNotFoundError` | 404 |
    | `UniqueViolationError`, `StaleEntityError` | 409 |
    | `FieldValidationError`, and values that an entity refuses | 422 |
    | `ConnectionLostError`, `TransientError` | 503 |
    | `QueryTimeoutError` | 504 |

    Bodies are FastAPI's: `{"detail": "…"}`, a list of problems for 422. Other errors of runic are
    mistakes in the program and stay 500. The errors themselves go to the logger "runic.ogm".
    """
    for error in _ANSWERS:
        app.add_exception_handler(error, _answer)
    app.add_exception_handler(FieldValidationError, _answer_unstorable)
    app.add_exception_handler(ValidationError, _answer_invalid)


async def _answer(request: Request, error: Exception) -> Response:
    status, detail = next(_ANSWERS[cls] for cls in type(error).__mro__ if cls in _ANSWERS)
    level = logging.ERROR if status >= 500 else logging.INFO
    _logger.log(level, "%s %s: %s", request.method, request.url.path, error)
    return JSONResponse({"detail": detail}, status)


async def _answer_unstorable(request: Request, error: Exception) -> Response:
    assert isinstance(error, FieldValidationError)
    place = [part for part in (error.entity, error.field) if part]
    problem = {"type": "unstorable", "loc": place, "msg": str(error)}
    return JSONResponse({"detail": [problem]}, 422)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    """Answer values that an entity refused on construction or assignment.

    Of other models it is a mistake in the program, which stays 500.
    """
    assert isinstance(error, ValidationError)
    if not _is_entity(error.title):
        raise error
    problems = error.errors(include_url=False, include_context=False)
    located = [{**problem, "loc": [error.title, *problem["loc"]]} for problem in problems]
    return JSONResponse({"detail": jsonable_encoder(located)}, 422)


def _is_entity(name: str) -> bool:
    classes: list[type[Any]] = [Node, Edge]
    for cls in classes:
        classes.extend(cls.__subclasses__())
    return any(cls.__name__ == name for cls in classes)
