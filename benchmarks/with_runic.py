"""The workloads with runic: the twins of `by_hand`, as one writes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from benchmarks.arena import Arena
from benchmarks.models import LINKS, Article, Author, User
from runic.ogm import AsyncSession, Session, select


def create_users(arena: Arena, given: None) -> None:
    """Make users and store them."""
    with Session(arena.driver) as session:
        session.add_all([User(**row) for row in arena.rows])
        session.commit()


def load_users(arena: Arena, given: None) -> list[User]:
    """Load every user."""
    with Session(arena.driver) as session:
        return session.scalars(select(User))


async def load_users_async(arena: Arena, given: None) -> list[User]:
    """Load every user over asyncio."""
    async with AsyncSession(arena.async_driver) as session:
        return await session.scalars(select(User))


def load_authors(arena: Arena, given: None) -> list[Author]:
    """Load authors without what they wrote."""
    with Session(arena.driver) as session:
        return session.scalars(select(Author))


def get_users(arena: Arena, keys: Sequence[str]) -> list[User | None]:
    """Get users one by one."""
    with Session(arena.driver) as session:
        return [session.get(User, key) for key in keys]


async def get_users_async(arena: Arena, keys: Sequence[str]) -> list[User | None]:
    """Get users one by one over asyncio."""
    async with AsyncSession(arena.async_driver) as session:
        return [await session.get(User, key) for key in keys]


async def get_users_gathered(arena: Arena, keys: Sequence[str]) -> list[User | None]:
    """Get users one by one in fifty tasks at once, each with its session."""
    parts = [get_users_async(arena, keys[start::50]) for start in range(50)]
    return [user for part in await asyncio.gather(*parts) for user in part]


def change_users(arena: Arena, count: int) -> None:
    """Load users, change one field of each, store that."""
    with Session(arena.driver) as session:
        for user in session.scalars(select(User).limit(count)):
            user.age += 1
        session.commit()


def stored_authors(arena: Arena) -> tuple[Session, list[Author], list[Article]]:
    """Load authors and articles that are not related yet."""
    session = Session(arena.driver)
    authors = session.scalars(select(Author), fetch=["articles", "reads"])
    return session, authors, session.scalars(select(Article))


def create_edges(arena: Arena, given: Any) -> None:
    """Give each loaded author ten articles to read."""
    session, authors, articles = given
    with session:
        for number, author in enumerate(authors):
            author.reads = [articles[(number + step) % len(articles)] for step in range(LINKS)]
        session.commit()


def merge_edges(arena: Arena, given: Any) -> None:
    """Give each loaded author ten articles, once at most."""
    session, authors, articles = given
    with session:
        for number, author in enumerate(authors):
            author.articles = [articles[(number + step) % len(articles)] for step in range(LINKS)]
        session.commit()


def fetch_articles(arena: Arena, given: None) -> list[Author]:
    """Load authors with what they wrote."""
    with Session(arena.driver) as session:
        return session.scalars(select(Author), fetch=["articles"])


def filter_users(arena: Arena, times: int) -> list[User]:
    """Read a page of a hundred, again and again, each time in a session of its own."""
    found: list[User] = []
    for number in range(times):
        page = select(User).where(User.age > number % 80).order_by(User.score).limit(100)
        with Session(arena.driver) as session:
            found = session.scalars(page)
    return found


def loaded_users(arena: Arena, count: int) -> tuple[Session, list[User]]:
    """Load the users that `delete_users` deletes."""
    session = Session(arena.driver)
    return session, session.scalars(select(User).limit(count))


def delete_users(arena: Arena, given: tuple[Session, list[User]]) -> None:
    """Delete users that are loaded."""
    session, users = given
    with session:
        for user in users:
            session.delete(user)
        session.commit()
