"""The application: routers, sessions from one manager, errors as responses."""

from __future__ import annotations

from fastapi import FastAPI

from examples.fastapi_app.endpoints import packages, questions, reviews, statistics
from examples.fastapi_app.models import ENTITIES
from runic.ogm import AsyncConnectionManager
from runic.ogm.contrib.fastapi import add_exception_handlers, lifespan


def create_app(manager: AsyncConnectionManager) -> FastAPI:
    """Return the application on the graph of a manager, which it closes at the end."""
    app = FastAPI(title="Package explorer", lifespan=lifespan(manager, entities=ENTITIES))
    app.state.manager = manager
    add_exception_handlers(app)
    for part in (packages, questions, reviews, statistics):
        app.include_router(part.router)
    return app
