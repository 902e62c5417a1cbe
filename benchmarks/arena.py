"""One graph with everything a side needs to work on it, and what it holds.

Each side has an arena of its own on one server, so that a write of one is never in the way of the
other. Arenas are filled and read back with plain queries that belong to neither side.
"""

from __future__ import annotations

import asyncio
from typing import Any

import falkordb
import falkordb.asyncio

from benchmarks.models import FIELDS, LINKS, article_rows, user_rows
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.testing.recorder import QueryLog, recorded


class Arena:
    """A graph, its handles and drivers; `size` is how many users a full one has."""

    def __init__(self, server: EmbeddedServer, name: str, size: int) -> None:
        self.size = size
        self.links = max(1, size // LINKS)
        self.rows = user_rows(size)
        self.loop = asyncio.new_event_loop()
        handle: Any = server.handle()
        self.graph: Any = handle.select_graph(name)
        # What a user of the client writes; its default pool has no upper bound worth reaching.
        path = f"unix://{server.socket}"
        self.async_graph: Any = falkordb.asyncio.FalkorDB.from_url(path).select_graph(name)
        self.driver = FalkorDBDriver(self.graph)
        self.async_driver = AsyncFalkorDBDriver(self.graph, max_connections=64)
        self.filled = ""

    def counted(self) -> QueryLog:
        """Return a log of what the drivers send from now on."""
        log = QueryLog()
        self.driver = recorded(FalkorDBDriver(self.graph), log)
        self.async_driver = recorded(AsyncFalkorDBDriver(self.graph, max_connections=64), log)
        return log

    def empty(self) -> None:
        """Delete the graph."""
        self.filled = ""
        if self.graph.name in self.graph.client.list_graphs():
            self.graph.delete()

    def with_users(self) -> None:
        """Fill the graph with `size` users, unless it is."""
        if self.filled != "users":
            self.empty()
            self.graph.create_node_range_index("User", "id")
            self._create("User", self.rows)
            self.filled = "users"

    def with_authors(self, *, linked: bool) -> None:
        """Fill the graph with authors and ten articles for each, related or not."""
        wanted = f"authors {linked}"
        if self.filled == wanted:
            return
        self.empty()
        self._create("Author", self.rows[: self.links])
        self._create("Article", article_rows(self.links * LINKS if linked else self.links))
        if linked:
            pairs = [
                [f"u{i}", f"a{i * LINKS + j}"] for i in range(self.links) for j in range(LINKS)
            ]
            self.graph.create_node_range_index("Author", "id")
            self.graph.create_node_range_index("Article", "id")
            self.graph.query(
                "UNWIND $pairs AS p MATCH (u:Author {id: p[0]}), (a:Article {id: p[1]})"
                " CREATE (u)-[:AUTHORED]->(a)",
                {"pairs": pairs},
            )
        self.filled = wanted

    def changed(self) -> None:
        """Say that a workload has written, so that the next one starts afresh."""
        self.filled = ""

    def _create(self, label: str, rows: list[dict[str, Any]]) -> None:
        self.graph.query(f"UNWIND $rows AS r CREATE (n:{label}) SET n = r", {"rows": rows})

    def contents(self) -> list[Any]:
        """Return everything the graph holds, in an order of its own."""
        fields = ", ".join(f"n.{name}" for name in (*FIELDS, "title", "year"))
        nodes = self.graph.query(f"MATCH (n) RETURN labels(n), {fields}").result_set
        edges = self.graph.query("MATCH (s)-[r]->(t) RETURN s.id, type(r), t.id").result_set
        return sorted([*nodes, *edges], key=repr)

    def close(self) -> None:
        """Close what the arena opened."""
        self.loop.run_until_complete(self._close())
        self.loop.close()

    async def _close(self) -> None:
        self.driver.close()
        await self.async_driver.close()
        await self.async_graph.client.connection.connection_pool.disconnect()
        self.graph.client.connection.connection_pool.disconnect()
