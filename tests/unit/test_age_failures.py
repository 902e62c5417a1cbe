"""What errors of asyncpg mean, where its classes alone do not say it."""

from __future__ import annotations

import asyncpg

from runic.ogm.driver.age import failures
from runic.ogm.errors import ConnectionLostError


def test_a_server_that_goes_away_while_connecting_cannot_be_reached() -> None:
    """asyncpg calls that an answer of the server's, with a code."""
    error = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    meant = failures.unreachable(error, "localhost", "RETURN 1")
    assert isinstance(meant, ConnectionLostError)
    assert "nothing was run" in str(meant)
