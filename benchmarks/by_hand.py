"""The workloads as one writes them for the official client: the best Cypher, plain dataclasses.

List rows instead of dicts, columns instead of nodes, ids where an index would be slower, one
statement a batch. Each function has its twin of the same name in `with_runic`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from benchmarks.arena import Arena
from benchmarks.models import FIELDS, LINKS, PlainArticle, PlainAuthor, PlainUser

_COLUMNS = ", ".join(f"n.{name}" for name in FIELDS)
_CELLS = ", ".join(f"{name}: r[{i}]" for i, name in enumerate(FIELDS))
_ALL = f"MATCH (n:User) RETURN {_COLUMNS}"
_BY_KEY = f"MATCH (n:User {{id: $id}}) RETURN {_COLUMNS}"
_PAGE = f"MATCH (n:User) WHERE n.age > $age RETURN {_COLUMNS} ORDER BY n.score LIMIT 100"

Rows = Sequence[Sequence[Any]]


def create_users(arena: Arena, given: None) -> None:
    """Make users and store them."""
    users = [PlainUser(**row) for row in arena.rows]
    rows = [[u.id, u.name, u.email, u.age, u.city, u.score, u.active] for u in users]
    arena.graph.query(f"UNWIND $rows AS r CREATE (:User {{{_CELLS}}})", {"rows": rows})


def load_users(arena: Arena, given: None) -> list[PlainUser]:
    """Load every user."""
    return [PlainUser(*row) for row in arena.graph.ro_query(_ALL).result_set]


async def load_users_async(arena: Arena, given: None) -> list[PlainUser]:
    """Load every user over asyncio."""
    return [PlainUser(*row) for row in (await arena.async_graph.ro_query(_ALL)).result_set]


def load_authors(arena: Arena, given: None) -> list[PlainAuthor]:
    """Load authors without what they wrote."""
    text = f"MATCH (n:Author) RETURN {_COLUMNS}, id(n)"
    return [PlainAuthor(*row) for row in arena.graph.ro_query(text).result_set]


def get_users(arena: Arena, keys: Sequence[str]) -> list[PlainUser]:
    """Get users one by one."""
    query = arena.graph.ro_query
    return [PlainUser(*query(_BY_KEY, {"id": key}).result_set[0]) for key in keys]


async def get_users_async(arena: Arena, keys: Sequence[str]) -> list[PlainUser]:
    """Get users one by one over asyncio."""
    query = arena.async_graph.ro_query
    return [PlainUser(*(await query(_BY_KEY, {"id": key})).result_set[0]) for key in keys]


async def get_users_gathered(arena: Arena, keys: Sequence[str]) -> list[PlainUser]:
    """Get users one by one in fifty tasks at once."""
    parts = [get_users_async(arena, keys[start::50]) for start in range(50)]
    return [user for part in await asyncio.gather(*parts) for user in part]


def change_users(arena: Arena, count: int) -> None:
    """Load users, change one field of each, store that."""
    text = f"MATCH (n:User) RETURN {_COLUMNS}, id(n) LIMIT {count}"
    found = arena.graph.ro_query(text).result_set
    users = [(row[7], PlainUser(*row[:7])) for row in found]
    for _, user in users:
        user.age += 1
    arena.graph.query(
        "UNWIND $rows AS r WITH r, r[0] AS i MATCH (n) WHERE id(n) = i SET n.age = r[1]",
        {"rows": [[node, user.age] for node, user in users]},
    )


def stored_authors(arena: Arena) -> tuple[list[PlainAuthor], list[tuple[int, PlainArticle]]]:
    """Load authors and articles that are not related yet."""
    authors = load_authors(arena, None)
    text = "MATCH (a:Article) RETURN id(a), a.id, a.title, a.year"
    found = arena.graph.ro_query(text).result_set
    return authors, [(row[0], PlainArticle(*row[1:])) for row in found]


def create_edges(arena: Arena, given: Any) -> None:
    """Give each loaded author ten articles to read."""
    rows = []
    authors, articles = given
    for number, author in enumerate(authors):
        picked = [articles[(number + step) % len(articles)] for step in range(LINKS)]
        author.reads = [article for _, article in picked]
        rows += [[author.node, node] for node, _ in picked]
    _relate(arena, "CREATE (s)-[:READ]->(t)", rows)


def merge_edges(arena: Arena, given: Any) -> None:
    """Give each loaded author ten articles, once at most."""
    rows = []
    authors, articles = given
    for number, author in enumerate(authors):
        picked = [articles[(number + step) % len(articles)] for step in range(LINKS)]
        author.articles = [article for _, article in picked]
        rows += [[author.node, node] for node, _ in picked]
    _relate(arena, "MERGE (s)-[:AUTHORED]->(t)", rows)


def _relate(arena: Arena, made: str, rows: Rows) -> None:
    text = (
        "UNWIND $rows AS r WITH r[0] AS i, r[1] AS j"
        f" MATCH (s) WHERE id(s) = i MATCH (t) WHERE id(t) = j {made}"
    )
    arena.graph.query(text, {"rows": rows})


def fetch_articles(arena: Arena, given: None) -> list[PlainAuthor]:
    """Load authors with what they wrote."""
    authors = load_authors(arena, None)
    by_node = {author.node: author for author in authors}
    text = (
        "MATCH (u:Author)-[r:AUTHORED]->(a:Article)"
        " RETURN id(u), a.id, a.title, a.year ORDER BY id(r)"
    )
    for row in arena.graph.ro_query(text).result_set:
        by_node[row[0]].articles.append(PlainArticle(*row[1:]))
    return authors


def filter_users(arena: Arena, times: int) -> list[PlainUser]:
    """Read a page of a hundred, again and again."""
    found: list[PlainUser] = []
    for number in range(times):
        rows = arena.graph.ro_query(_PAGE, {"age": number % 80}).result_set
        found = [PlainUser(*row) for row in rows]
    return found


def loaded_users(arena: Arena, count: int) -> list[tuple[int, PlainUser]]:
    """Load the users that `delete_users` deletes."""
    text = f"MATCH (n:User) RETURN {_COLUMNS}, id(n) LIMIT {count}"
    return [(row[7], PlainUser(*row[:7])) for row in arena.graph.ro_query(text).result_set]


def delete_users(arena: Arena, users: list[tuple[int, PlainUser]]) -> None:
    """Delete users that are loaded."""
    text = "UNWIND $ids AS i MATCH (n) WHERE id(n) = i DETACH DELETE n"
    arena.graph.query(text, {"ids": [node for node, _ in users]})
