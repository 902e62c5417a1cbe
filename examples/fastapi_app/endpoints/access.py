"""How every endpoint gets its session and its page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from runic.ogm import AsyncSession
from runic.ogm.contrib.fastapi import session_dependency

# The manager is known when the application is made: tests make one on a graph of their own.
GraphSession = Annotated[
    AsyncSession, Depends(session_dependency(lambda request: request.app.state.manager))
]
Skip = Annotated[int, Query(ge=0, description="How many to leave out")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many to return at most")]
