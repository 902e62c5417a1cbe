"""The application: routers, sessions from one manager, errors as responses."""

from __future__ import annotations

from fastapi import FastAPI

from examples.fastapi_app import endpoints, threaded
from examples.fastapi_app.models import ENTITIES
from runic.ogm import AsyncConnectionManager, ConnectionManager
from runic.ogm.contrib.fastapi import add_exception_handlers, lifespan


def create_app(manager: AsyncConnectionManager | ConnectionManager) -> FastAPI:
    """Return the application on the graph of a manager, which it closes at the end.

    Its endpoints await an `AsyncSession` where the database has an async driver, and run in threads
    with a `Session` elsewhere.
    """
    app = FastAPI(title="Package explorer", lifespan=lifespan(manager, entities=ENTITIES))
    app.state.manager = manager
    add_exception_handlers(app)
    awaits = isinstance(manager, AsyncConnectionManager)
    for router in endpoints.ROUTERS if awaits else threaded.ROUTERS:
        app.include_router(router)
    return app
