"""What `runic.ogm.contrib.fastapi` promises to endpoints and to their clients."""

# No `from __future__ import annotations`: FastAPI could not see what a test's own function holds.

from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from runic.ogm import (
    AsyncConnectionManager,
    AsyncSession,
    ConnectionLostError,
    ConnectionManager,
    EntityNotFoundError,
    HydrationError,
    QueryTimeoutError,
    Session,
    SessionClosedError,
    TransientError,
    UniqueViolationError,
    select,
)
from runic.ogm.contrib.fastapi import (
    get_or_404,
    lifespan,
    session_dependency,
    sync_session_dependency,
)
from runic.ogm.schema import AsyncSchemaManager
from tests.contrib.shelf import Book, Shelf


@pytest.fixture
def opened(app: FastAPI, manager: AsyncConnectionManager) -> list[AsyncSession]:
    """Add endpoints to the application; return the sessions they were given."""
    sessions: list[AsyncSession] = []
    graph_session = session_dependency(manager)

    @app.post("/shelves", status_code=201)
    async def add_shelf(
        shelf: Shelf, session: Annotated[AsyncSession, Depends(graph_session)]
    ) -> Shelf:
        session.add(shelf)
        await session.commit()
        return shelf

    @app.get("/shelves/{key}")
    async def read_shelf(
        key: str, session: Annotated[AsyncSession, Depends(graph_session)], fetch: str = ""
    ) -> Shelf:
        sessions.append(session)
        return await get_or_404(session, Shelf, key, fetch=[fetch] if fetch else [])

    @app.post("/forgetful")
    async def forgets_to_commit(
        shelf: Shelf, session: Annotated[AsyncSession, Depends(graph_session)]
    ) -> None:
        session.add(shelf)

    @app.put("/books/{isbn}")
    async def set_pages(
        isbn: str, pages: int, session: Annotated[AsyncSession, Depends(graph_session)]
    ) -> Book:
        book = await get_or_404(session, Book, isbn)
        book.pages = pages
        await session.commit()
        return book

    return sessions


async def test_endpoint_commits_and_returns_the_entity(opened: Any, client: Any) -> None:
    """An entity is request and response model; what the endpoint commits is there afterwards."""
    async with client() as http:
        created = await http.post("/shelves", json={"id": "a"})
        assert (created.status_code, created.json()["id"]) == (201, "a")
        assert (await http.get("/shelves/a")).json() == {"id": "a"}


async def test_what_the_endpoint_does_not_commit_is_dropped(
    opened: Any, client: Any, manager: AsyncConnectionManager
) -> None:
    """The dependency never commits by itself."""
    async with client() as http:
        assert (await http.post("/forgetful", json={"id": "a"})).status_code == 200
    assert await manager.session().count(select(Shelf)) == 0


async def test_session_is_closed_after_the_response(
    opened: list[AsyncSession], client: Any
) -> None:
    """A request leaves no open session behind, found or not."""
    async with client() as http:
        await http.get("/shelves/missing")
    with pytest.raises(SessionClosedError):
        await opened[0].get(Shelf, "a")


async def test_each_request_has_a_session_of_its_own(
    opened: list[AsyncSession], client: Any
) -> None:
    """Sessions are never shared between requests."""
    async with client() as http:
        await http.get("/shelves/a")
        await http.get("/shelves/a")
    assert opened[0] is not opened[1]


async def test_manager_may_be_found_by_the_request(
    app: FastAPI, client: Any, manager: AsyncConnectionManager
) -> None:
    """An application that is made by a function keeps its manager in its state."""
    graph_session = session_dependency(lambda request: request.app.state.manager)
    app.state.manager = manager

    @app.get("/count")
    async def number(session: Annotated[AsyncSession, Depends(graph_session)]) -> int:
        return await session.count(select(Shelf))

    async with client() as http:
        assert (await http.get("/count")).json() == 0


async def test_sync_endpoints_get_a_blocking_session(
    app: FastAPI, client: Any, sync_manager: ConnectionManager
) -> None:
    """`def` endpoints run in threads, with a Session that is closed afterwards."""
    sessions: list[Session] = []

    @app.post("/shelves", status_code=201)
    def add_shelf(
        shelf: Shelf, session: Annotated[Session, Depends(sync_session_dependency(sync_manager))]
    ) -> Shelf:
        sessions.append(session)
        session.add(shelf)
        session.commit()
        return get_or_404(session, Shelf, shelf.id)

    async with client() as http:
        assert (await http.post("/shelves", json={"id": "a"})).status_code == 201
    with pytest.raises(SessionClosedError):
        sessions[0].get(Shelf, "a")


async def test_get_or_404_says_what_is_missing(opened: Any, client: Any) -> None:
    """A missing entity answers 404 with its class and key."""
    async with client() as http:
        response = await http.get("/shelves/b")
    assert response.status_code == 404
    assert response.json() == {"detail": "Shelf 'b' not found"}


async def test_sync_get_or_404_raises_as_well(sync_manager: ConnectionManager) -> None:
    """The same function serves a Session, without an await."""
    with sync_manager.session() as session, pytest.raises(HTTPException) as caught:
        get_or_404(session, Shelf, "b")
    assert caught.value.status_code == 404


async def test_response_leaves_out_relations_that_are_not_loaded(
    opened: Any, client: Any, manager: AsyncConnectionManager
) -> None:
    """A response never queries: loaded relations are in it, others are not, cycles end."""
    async with manager.session() as session:
        session.add(Shelf(id="a", books=[Book(isbn="1", pages=9)]))
    async with client() as http:
        assert (await http.get("/shelves/a")).json() == {"id": "a"}
        loaded = (await http.get("/shelves/a", params={"fetch": "books"})).json()
        assert loaded == {"id": "a", "books": [{"isbn": "1", "pages": 9, "revision": 0}]}
        both = (await http.get("/shelves/a", params={"fetch": "books.shelf"})).json()
        assert [book["isbn"] for book in both["books"]] == ["1"]


async def test_openapi_describes_entities(opened: Any, client: Any) -> None:
    """Relations stand in the schema as optional, fields with their constraints."""
    async with client() as http:
        schemas = (await http.get("/openapi.json")).json()["components"]["schemas"]
    shelf = next(schema for name, schema in schemas.items() if name.startswith("Shelf"))
    book = next(schema for name, schema in schemas.items() if name.startswith("Book"))
    assert shelf["required"] == ["id"]
    assert shelf["properties"]["books"]["type"] == "array"
    assert book["properties"]["pages"]["minimum"] == 1


async def test_wrong_request_body_is_422(opened: Any, client: Any) -> None:
    """FastAPI validates entities in requests as any model."""
    async with client() as http:
        response = await http.post("/shelves", json={"id": "a", "colour": "red"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "colour"]


async def test_value_that_an_entity_refuses_is_422(
    opened: Any, client: Any, manager: AsyncConnectionManager
) -> None:
    """Assigning a wrong value answers with the field and what is wrong with it."""
    async with manager.session() as session:
        session.add(Book(isbn="1", pages=9))
    async with client() as http:
        response = await http.put("/books/1", params={"pages": 0})
    assert response.status_code == 422
    problem = response.json()["detail"][0]
    assert (problem["loc"], problem["type"]) == (["Book", "pages"], "greater_than_equal")


async def test_value_that_cannot_be_stored_is_422(opened: Any, client: Any) -> None:
    """A NUL in text would be cut off by the database: it is refused and said where."""
    async with client() as http:
        response = await http.post("/shelves", json={"id": "a\0b"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["Shelf", "id"]


async def test_unique_violation_is_409(
    opened: Any, client: Any, manager: AsyncConnectionManager
) -> None:
    """A second entity with a unique value is a conflict."""
    await AsyncSchemaManager(manager.driver).create_all(Shelf)
    async with client() as http:
        await http.post("/shelves", json={"id": "a"})
        response = await http.post("/shelves", json={"id": "a"})
    assert response.status_code == 409
    assert set(response.json()) == {"detail"}


async def test_lost_race_is_409(app: FastAPI, client: Any, manager: AsyncConnectionManager) -> None:
    """A commit over somebody else's change is a conflict."""
    async with manager.session() as session:
        session.add(Book(isbn="1", pages=9))

    @app.post("/race")
    async def race(
        session: Annotated[AsyncSession, Depends(session_dependency(manager))],
    ) -> None:
        mine = await get_or_404(session, Book, "1")
        async with manager.session() as other:
            (await get_or_404(other, Book, "1")).pages = 10
        mine.pages = 11
        await session.commit()

    async with client() as http:
        response = await http.post("/race")
    assert response.status_code == 409


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (EntityNotFoundError("no row: select(Shelf)"), 404),
        (UniqueViolationError("CREATE (n:Shelf)"), 409),
        (TransientError("at 10.0.0.7"), 503),
        (ConnectionLostError("at 10.0.0.7"), 503),
        (QueryTimeoutError("MATCH (n)"), 504),
        (HydrationError("a stored Shelf"), 500),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_error_has_its_status_and_keeps_its_secrets(
    app: FastAPI, client: Any, error: Exception, status: int
) -> None:
    """Each error answers with its status; statements and addresses stay in the log."""

    @app.get("/")
    async def fail() -> None:
        raise error

    async with client() as http:
        response = await http.get("/")
    assert response.status_code == status
    assert str(error) not in response.text


async def test_errors_go_to_the_log(
    app: FastAPI, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What the client is not told, the operator is."""

    @app.get("/")
    async def fail() -> None:
        raise ConnectionLostError("nobody answers at 10.0.0.7")

    async with client() as http:
        await http.get("/")
    assert "GET /: nobody answers at 10.0.0.7" in caplog.text


async def test_invalid_model_that_is_no_entity_stays_a_server_error(
    app: FastAPI, client: Any
) -> None:
    """A mistake in the program is not blamed on the client."""

    class Setting(BaseModel):
        size: int

    @app.get("/")
    async def fail() -> None:
        Setting.model_validate({"size": "big"})

    async with client() as http:
        assert (await http.get("/")).status_code == 500


async def test_lifespan_creates_the_schema_and_closes_the_manager(
    app: FastAPI, manager: AsyncConnectionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indexes and constraints are there when requests come; afterwards connections are closed."""
    closed: list[bool] = []
    close = manager.close

    async def noted() -> None:
        closed.append(True)
        await close()

    monkeypatch.setattr(manager, "close", noted)
    async with lifespan(manager, entities=[Shelf])(app):
        assert await AsyncSchemaManager(manager.driver).missing(Shelf) == []
        assert closed == []
    assert closed == [True]


async def test_lifespan_of_a_sync_manager(app: FastAPI, sync_manager: ConnectionManager) -> None:
    """The blocking manager is served in threads."""
    async with lifespan(sync_manager, entities=[Shelf])(app):
        pass


async def test_streamed_response_has_a_session_of_its_own(
    app: FastAPI, client: Any, manager: AsyncConnectionManager
) -> None:
    """The generator opens its session itself: the request's one may be closed when it runs."""
    async with manager.session() as session:
        session.add_all([Shelf(id=str(number)) for number in range(5)])
    given: list[AsyncSession] = []
    graph_session = Depends(session_dependency(manager), scope="function")

    @app.get("/shelves")
    async def export(session: Annotated[AsyncSession, graph_session]) -> StreamingResponse:
        given.append(session)

        async def lines() -> Any:
            with pytest.raises(SessionClosedError):
                await given[0].count(select(Shelf))
            async with manager.session() as own:
                async for shelf in own.stream(select(Shelf).order_by("id"), chunk_size=2):
                    yield shelf.model_dump_json() + "\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    async with client() as http:
        text = (await http.get("/shelves")).text
    assert text.splitlines() == [f'{{"id":"{number}"}}' for number in range(5)]


async def test_background_task_has_a_session_of_its_own(
    app: FastAPI, client: Any, manager: AsyncConnectionManager
) -> None:
    """Work after the response opens its own session, which commits at the end of its block."""

    async def note(key: str) -> None:
        async with manager.session() as session:
            session.add(Shelf(id=key))

    @app.post("/notes", status_code=202)
    async def later(key: str, tasks: BackgroundTasks) -> None:
        tasks.add_task(note, key)

    async with client() as http:
        await http.post("/notes", params={"key": "a"})
    assert await manager.session().count(select(Shelf)) == 1


async def test_dependency_can_be_overridden(
    app: FastAPI, client: Any, manager: AsyncConnectionManager
) -> None:
    """A test gives an application that stands in a module a manager of its own."""
    get_session = session_dependency(lambda request: request.app.state.none)

    @app.get("/count")
    async def number(session: Annotated[AsyncSession, Depends(get_session)]) -> int:
        return await session.count(select(Shelf))

    app.dependency_overrides[get_session] = session_dependency(manager)
    async with client() as http:
        assert (await http.get("/count")).json() == 0
