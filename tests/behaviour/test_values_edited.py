"""What is put into a list, set or dict in place is held to the field's type before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Len
from pydantic import AnyUrl, BaseModel, PositiveInt, StringConstraints

from runic.ogm import Edge, FieldValidationError, Node, Registry

REGISTRY = Registry()


class Colour(Enum):
    """Members that are stored by their values."""

    RED = "r"


class Values(BaseModel):
    """Fields that both a node and an edge have."""

    colours: list[Colour] = []
    members: set[Colour] = set()
    letters: list[Literal["a"]] = []
    counts: list[PositiveInt] = []
    words: list[Annotated[str, StringConstraints(pattern="^a")]] = []
    few: Annotated[list[str], Len(0, 1)] = []
    small: Annotated[dict[str, int], Len(0, 1)] = {}
    links: list[AnyUrl] = []
    mixed: list[str | int] = []


class Thing(Node, Values, registry=REGISTRY):
    """A node with values that can be edited."""

    id: str


class Tie(Edge, Values, registry=REGISTRY):
    """An edge with the same values."""


EDITS: dict[str, Callable[[Any], Any]] = {
    "no member": lambda o: o.colours.append("zz"),
    "no member of a set": lambda o: o.members.add("zz"),
    "no literal": lambda o: o.letters.append("zz"),
    "not positive": lambda o: o.counts.append(-1),
    "another pattern": lambda o: o.words.append("zz"),
    "too many": lambda o: o.few.extend("ab"),
    "too many keys": lambda o: o.small.update(a=1, b=2),
    "no address": lambda o: o.links.append("nourl"),
    "of no member of the union": lambda o: o.mixed.append(1.5),
    "taken for another member": lambda o: o.mixed.append(True),
}
RIGHT: dict[str, Callable[[Any], Any]] = {
    "member": lambda o: o.colours.append(Colour.RED),
    "member of a set": lambda o: o.members.add(Colour.RED),
    "positive": lambda o: o.counts.append(1),
    "pattern": lambda o: o.words.append("abc"),
    "few": lambda o: o.few.append("a"),
    "key": lambda o: o.small.update(a=1),
    "address": lambda o: o.links.append(AnyUrl("https://a.example/")),
    "union": lambda o: o.mixed.extend(["a", 1]),
}


async def stored(session: Any, kind: str) -> Any:
    """Return a stored node, or a stored edge."""
    one, other = Thing(id="a"), Thing(id="b")
    entity: Any = one if kind == "node" else Tie(source=one, target=other)
    session.add_all([one, other, entity])
    await session.commit()
    return entity


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("edit", EDITS)
async def test_what_could_not_be_read_is_refused(session: Any, kind: str, edit: str) -> None:
    """The commit names the field, writes nothing, and a rollback restores the value."""
    entity = await stored(session, kind)
    before = entity.model_dump()
    EDITS[edit](entity)
    with pytest.raises(FieldValidationError):
        await session.commit()
    await session.rollback()
    assert entity.model_dump() == before
    await session.refresh(entity)
    assert entity.model_dump() == before


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("edit", RIGHT)
async def test_what_fits_is_written(session: Any, kind: str, edit: str) -> None:
    """Edits that the type allows are read back as they were made."""
    entity = await stored(session, kind)
    if edit == "union" and not session.driver.dialect.has("mixed_lists"):
        pytest.skip("this database has no lists of several types")
    RIGHT[edit](entity)
    wanted = entity.model_dump()
    await session.commit()
    await session.refresh(entity)
    assert entity.model_dump() == wanted
