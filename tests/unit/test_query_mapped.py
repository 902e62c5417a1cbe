"""`Mapped[T]`: for Pydantic the annotation T, for type checkers a descriptor."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from mypy import api
from pydantic import ValidationError

from runic.ogm.model import Field, Node, Registry, Relation
from runic.ogm.query import Attribute, Mapped, RelationAttribute, select
from tests.typing.checkers import once

REGISTRY = Registry()


class Post(Node, registry=REGISTRY):
    """What a person writes."""

    id: Mapped[str]


class Person(Node, registry=REGISTRY):
    """A model with exact annotations."""

    id: Mapped[str]
    age: Mapped[int | None] = Field(None, index=True)
    posts: Mapped[list[Post]] = Relation("WROTE")


def test_mapped_validates_as_its_type() -> None:
    """Pydantic sees the annotation inside."""
    assert Person(id="a", age=3).age == 3
    with pytest.raises(ValidationError):
        Person(id="a", age="x")  # type: ignore[arg-type]


def test_mapped_fields_are_expressions_on_the_class() -> None:
    """As every field is."""
    assert isinstance(Person.age, Attribute)
    assert isinstance(Person.posts, RelationAttribute)
    assert select(Person).where(Person.age > 3).build().params == {"p0": 3}


@once
def test_type_checker_knows_both_sides(tmp_path: Path) -> None:
    """On the class an expression of the type, on an instance the value."""
    source = tmp_path / "probe.py"
    source.write_text(
        dedent(
            """
            from tests.unit.test_query_mapped import Person
            from runic.ogm.query import select, col
            reveal_type(Person.age)
            reveal_type(Person.posts)
            reveal_type(Person(id="a", age=3).age)
            reveal_type(Person(id="a", age=1).posts)
            reveal_type(select(Person))
            reveal_type(Person.age > 3)
            """
        )
    )
    out, err, _ = api.run(["--strict", "--no-incremental", "--follow-imports=silent", str(source)])
    revealed = [line.split('"')[1] for line in out.splitlines() if "Revealed" in line]
    assert [name.replace("runic.ogm.query.", "") for name in revealed] == [
        "expressions.Attribute[int | None]",
        "expressions.RelationAttribute[tests.unit.test_query_mapped.Post]",
        "int | None",
        "list[tests.unit.test_query_mapped.Post]",
        "select.Select[tests.unit.test_query_mapped.Person]",
        "criteria.Criterion",
    ], out + err
