"""Type checkers know what a session returns for each kind of statement."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from mypy import api

from tests.typing.checkers import once

MODELS = """
    from dataclasses import dataclass
    from runic.ogm import (
        AsyncSession, Edge, Mapped, Node, Relation, Session, select, shortest_path,
    )

    class Wrote(Edge):
        year: int

    class Article(Node):
        id: str

    class User(Node):
        id: str
        articles: Mapped[list[Article]] = Relation("WROTE", edge_model=Wrote)

    @dataclass
    class Card:
        id: str
"""


def revealed(tmp_path: Path, body: str) -> list[str]:
    """Return the types and the errors that mypy finds in the body of a function of sessions."""
    source = tmp_path / "probe.py"
    head = "async def probe(s: AsyncSession, t: Session) -> None:\n"
    inner = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
    source.write_text(f"{dedent(MODELS)}\n{head}{inner}")
    out, err, _ = api.run(["--strict", "--no-incremental", "--follow-imports=silent", str(source)])
    lines = [line for line in out.splitlines() if "Revealed" in line or "error:" in line]
    found = [line.split('"')[1] if "Revealed" in line else line for line in lines]
    assert found, out + err
    return [name.replace("probe.", "").replace("runic.ogm.query.", "") for name in found]


@once
def test_results_have_the_types_of_their_statements(tmp_path: Path) -> None:
    """Entities, tuples of them, objects, paths, on both faces; rows of values are no entities."""
    body = """
        reveal_type(await s.scalars(select(User)))
        reveal_type(await s.scalars(select(User, Wrote, Article).traverse(User.articles)))
        reveal_type(t.one(select(User, Article)))
        reveal_type(t.scalars(select(User).into(Card)))
        reveal_type(t.first(shortest_path(select(User), select(User), User.articles)))
        reveal_type(await s.one(select(User).where(~User.articles.any())))
        reveal_type(User.articles.count() > 3)
        await s.scalars(select(User).project(User.id))
    """
    *types, error = revealed(tmp_path, body)
    assert "RowSelect" in error
    assert types == [
        "list[User]",
        "list[tuple[User, Wrote, Article]]",
        "tuple[User, Article]",
        "list[Card]",
        "path.Path | None",
        "User",
        "criteria.Criterion",
    ]
