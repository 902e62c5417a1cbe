"""How every endpoint gets its session and its page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from examples.fastapi_app.endpoints.access import Limit, Skip
from runic.ogm import Session
from runic.ogm.contrib.fastapi import sync_session_dependency

__all__ = ["GraphSession", "Limit", "Skip"]

GraphSession = Annotated[
    Session, Depends(sync_session_dependency(lambda request: request.app.state.manager))
]
