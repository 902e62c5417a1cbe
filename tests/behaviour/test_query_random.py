"""Random statements find what plain Python finds in the same graph.

`RUNIC_QUERY_EXAMPLES=5000 pytest tests/behaviour/test_query_random.py` asks more of them.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runic.ogm.query import select
from tests.behaviour.query_terms import Asker, View
from tests.behaviour.query_world import Being, Item, Robot, entities, of_class

ask = settings(
    max_examples=int(os.environ.get("RUNIC_QUERY_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def world(session: Any) -> Any:
    """Return a session on the graph that is asked about."""
    session.add_all(entities())
    await session.commit()
    session.expunge_all()
    return session


@ask
@given(data=st.data())
async def test_criteria_keep_what_they_keep_in_python(world: Any, data: Any) -> None:
    """All operators, of unknown values too, on fields, computed values and relations."""
    cls = data.draw(st.sampled_from([Being, Robot, Item]))
    asked = Asker(data.draw, [View(cls, "n")], depth=3).criterion()
    stmt = select(cls).where(asked.made)
    found = sorted(each.id for each in await world.scalars(stmt))
    assert found == sorted(n.key for n in of_class(cls) if asked.value({"n": n}) is True), (
        stmt.build()
    )
