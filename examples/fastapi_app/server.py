"""A web server in this process, for as long as a block runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

HOST = "127.0.0.1"


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """Serve an application on this machine; gives its address and the running server.

    Port 0 takes a free one. The socket is open before the server is: the first request waits for
    it. Raises OSError when the port is in use.
    """
    with socket.create_server((HOST, port)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}", task
        finally:
            server.should_exit = True
            await task
