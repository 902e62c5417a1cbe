"""Carry requests through a cluster's or sentinel's own client, which knows where the server is now.

These clients have no connection that stays the right one, so each command goes through
`execute_command` with the client's own retries and timeouts. Untested against a real cluster or
sentinel.
"""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

import redis.asyncio
import redis.exceptions as client

from runic.ogm.driver.falkordb import failures
from runic.ogm.driver.falkordb.wire import Command, Request


def is_async_client(candidate: object) -> bool:
    """Tell whether the client must be awaited."""
    return isinstance(candidate, redis.asyncio.Redis | redis.asyncio.RedisCluster)


class ClientTransport:
    """Sends through a client that was given; closing leaves that client open."""

    def __init__(self, through: Any) -> None:
        self._client = through
        self._closed = False

    async def send(self, request: Request, statement: str, timeout: float | None) -> Any:
        """Return the reply, or the list of replies where the request has several commands."""
        if self._closed:
            raise failures.closed(statement)
        try:
            replies = [await self._reply(command) for command in request.commands]
        except client.ResponseError:
            raise
        except UnicodeDecodeError as error:
            raise failures.no_text(error, statement, read=request.repeatable) from error
        except (client.RedisError, OSError) as error:
            read = request.repeatable
            raise failures.connection_lost(error, "the cluster", statement, read=read) from error
        return replies if len(replies) > 1 else replies[0]

    async def _reply(self, command: Command) -> Any:
        verb, *arguments = command
        reply = self._client.execute_command(verb.decode(), *arguments)
        return await reply if isawaitable(reply) else reply

    async def close(self) -> None:
        """Refuse later use; the client belongs to who made it."""
        self._closed = True
