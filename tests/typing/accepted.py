"""What type checkers infer of every form of statement; `assert_type` is checked, nothing runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

from pydantic import BaseModel

from runic.ogm import (
    AsyncRepository,
    AsyncSession,
    Attribute,
    Criterion,
    Edge,
    Field,
    KeysetPage,
    Mapped,
    Node,
    Page,
    Path,
    QueryResult,
    Relation,
    RelationAttribute,
    Repository,
    RowSelect,
    Select,
    Session,
    avg,
    col,
    collect,
    count,
    delete,
    insert,
    max_,
    min_,
    select,
    shortest_path,
    sum_,
    union,
    update,
)
from runic.ogm.query import upper
from runic.ogm.query.functions import Aggregate


class Authored(Edge):
    """Has a field."""

    year: int


class Article(Node):
    """Is written."""

    id: str
    title: str


class User(Node):
    """Has plain annotations."""

    id: str
    name: str
    age: int | None = None
    articles: list[Article] = Relation("AUTHORED", edge_model=Authored)
    employer: Company | None = Relation("WORKS_AT")


class Company(Node):
    """Has exact annotations."""

    id: Mapped[str]
    name: Mapped[str]
    size: Mapped[int | None] = Field(None)
    staff: Mapped[list[User]] = Relation("WORKS_AT", direction="INCOMING")


class Summary(BaseModel):
    """Is made of rows."""

    id: str
    name: str


def plain_annotations(user: User) -> None:
    """Instances have values; `col` makes expressions of what classes have."""
    assert_type(user.name, str)
    assert_type(user.age, int | None)
    assert_type(user.articles, list[Article])
    assert_type(col(User.name), Attribute[str])
    assert_type(col(User.age), Attribute[int | None])
    assert_type(col(User.articles), RelationAttribute[Article])
    assert_type(col(User.employer), RelationAttribute[Company])
    assert_type(col(User.age) > 3, Criterion)
    assert_type(col(User.name).startswith("A") & ~col(User.age).in_([1, 2]), Criterion)
    assert_type(col(User.articles).any(col(Article.title) == "x"), Criterion)
    assert_type(col(User.articles).count() > 2, Criterion)


def exact_annotations(company: Company) -> None:
    """With `Mapped`, instances have values and classes expressions."""
    assert_type(company.name, str)
    assert_type(company.size, int | None)
    assert_type(company.staff, list[User])
    assert_type(Company.name, Attribute[str])
    assert_type(Company.size, Attribute[int | None])
    assert_type(Company.staff, RelationAttribute[User])
    assert_type(Company.size > 3, Criterion)
    assert_type(Company.staff.any(), Criterion)


def statements() -> None:
    """Building keeps the type of the rows."""
    stmt = select(User)
    assert_type(stmt, Select[User])
    assert_type(stmt.where(col(User.age) > 3).order_by(User.name).skip(1).limit(2), Select[User])
    assert_type(stmt.where(User.name == "Ada").distinct().alias("u"), Select[User])
    assert_type(stmt.fetch(User.articles), Select[User])
    assert_type(stmt.traverse(User.articles).return_target(), Select[Any])
    assert_type(stmt.project(User.name), RowSelect)
    assert_type(stmt.aggregate(count("*"), avg(User.age), group_by=User.name), RowSelect)
    assert_type(stmt.aggregate(min_(User.age), max_(User.age), sum_(User.age)), RowSelect)
    assert_type(stmt.aggregate(collect(User.name).as_("names")), RowSelect)
    assert_type(collect(upper(User.name)), Aggregate[list[str]])
    assert_type(max_(upper(User.name)), Aggregate[str])


async def asynchronous(session: AsyncSession) -> None:
    """An `AsyncSession` is awaited."""
    assert_type(await session.get(User, "ada"), User | None)
    assert_type(await session.scalars(select(User)), list[User])
    assert_type(await session.first(select(User)), User | None)
    assert_type(await session.one(select(User)), User)
    assert_type(await session.count(select(User)), int)
    assert_type(await session.exists(select(User)), bool)
    assert_type(await session.all_rows(select(User).project(User.name)), list[dict[str, Any]])
    assert_type(
        await session.scalars(select(User, Article).traverse(User.articles)),
        list[tuple[User, Article]],
    )
    assert_type(
        await session.scalars(select(User, Authored, Article).traverse(User.articles)),
        list[tuple[User, Authored, Article]],
    )
    assert_type(await session.scalars(select(User).into(Summary)), list[Summary])
    assert_type(await session.first(select(User).project(User.name).into(Summary)), Summary | None)
    assert_type(await session.page(select(User)), KeysetPage[User])
    assert_type(await session.scalars_with_total(select(User)), tuple[list[User], int])
    assert_type(await session.execute("RETURN 1"), QueryResult)
    assert_type(session.stream(select(User)), AsyncIterator[User])
    ada, bob = select(User).where(User.id == "ada"), select(User).where(User.id == "bob")
    assert_type(await session.first(shortest_path(ada, bob, User.articles)), Path | None)


async def writing(session: AsyncSession) -> None:
    """Statements that write give a result with counts."""
    assert_type(
        await session.execute(update(User).where(col(User.age) > 1).values(age=2)), QueryResult
    )
    assert_type(await session.execute(delete(User).where(User.name == "Ada")), QueryResult)
    assert_type(await session.execute(insert(User).values([{"id": "a", "name": "A"}])), QueryResult)


def blocking(session: Session) -> None:
    """A `Session` gives the same without `await`."""
    assert_type(session.get(User, "ada"), User | None)
    assert_type(session.scalars(select(User)), list[User])
    assert_type(session.first(select(User)), User | None)
    assert_type(session.one(select(User)), User)
    assert_type(session.scalars(select(User, Article)), list[tuple[User, Article]])
    assert_type(session.scalars(select(User).into(Summary)), list[Summary])
    assert_type(session.page(select(User)), KeysetPage[User])
    assert_type(session.stream(select(User)), Iterator[User])
    assert_type(session.scalars(union(select(User), select(User))), list[Any])


async def repositories(session: AsyncSession, blocked: Session) -> None:
    """A repository knows its class."""
    users = AsyncRepository(session, User)
    assert_type(await users.get("ada"), User | None)
    assert_type(await users.find_all(), list[User])
    assert_type(await users.find_by(name="Ada"), list[User])
    assert_type(await users.page(), Page[User])
    assert_type(Repository(blocked, User).get("ada"), User | None)
    assert_type(Repository(blocked, User).find_all(), list[User])


def blocks_and_endings(session: Session) -> None:
    """What is opened on a session, and what ends a query or a search of it, knows its class."""
    with session.begin() as inside:
        assert_type(inside, Session)
    assert_type(session.query(User).all(), list[User])
    assert_type(session.query(User).first(), User | None)
    assert_type(session.fulltext_search(User, "x").scored(), list[tuple[User, float]])
