"""Programs that type checkers refuse: each line marked `# error` has an error, and no other has."""

from __future__ import annotations

from runic.ogm import AsyncSession, Field, Mapped, Node, Relation, Session, col, select


class Company(Node):
    """Has exact annotations."""

    id: Mapped[str]
    size: Mapped[int | None] = Field(None)
    staff: Mapped[list[User]] = Relation("WORKS_AT", direction="INCOMING")


class User(Node):
    """Has plain annotations."""

    id: str
    age: int = 0


def blocking(session: Session) -> None:
    """Results are of the class that was selected."""
    users: list[Company] = session.scalars(select(User))  # error
    user: User = session.first(select(User))  # error
    key: int = session.one(select(User)).id  # error
    session.scalars(select(User).project(User.id))  # error
    session.scalars(User)  # error
    assert [users, user, key]


async def asynchronous(session: AsyncSession) -> None:
    """What is not awaited is no result."""
    users: list[User] = session.scalars(select(User))  # error
    age = (await session.get(User, "ada")).age  # error
    assert [users, age]


def building() -> None:
    """Statements take criteria, and classes that are nodes."""
    select(User).where("age > 3")  # error
    select(User).where(User.age)  # error
    select(User).limit("10")  # error
    select(User).nowhere()  # error
    select(int)  # error
    Company.size.shout()  # error
    Company.staff.startswith("A")  # error
    col(User.age).any()  # error
    select(User).where(User.wage > 3)  # error


def instances(company: Company) -> None:
    """Values of instances are of the annotated types."""
    name: str = company.size  # error
    company.size = "large"  # error
    assert name
