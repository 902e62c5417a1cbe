"""What is Neo4j's own."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import FieldValidationError
from runic.ogm.model import Field, Node, Registry

pytestmark = pytest.mark.backend("neo4j")


class Bag(Node, registry=Registry()):
    """Holds what a list may hold elsewhere."""

    id: str
    items: list[int | float | str] = Field(default_factory=list)


@pytest.mark.parametrize("items", [[1, "a"], [1, 2.5]])
async def test_a_list_of_several_types_is_refused(session: Any, items: list[Any]) -> None:
    """The server would refuse it at the end, or make floats of integers without a word."""
    session.add(Bag(id="a", items=items))
    with pytest.raises(FieldValidationError, match="list of several types"):
        await session.commit()
