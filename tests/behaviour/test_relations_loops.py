"""Edge entities in relations: the owner is the end that is missing, also of a loop."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import Edge, Node, Registry, Relation
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Rates(Edge, type="RATES", registry=REGISTRY):
    """What one thinks of another, or of oneself."""

    stars: int = 0


class Critic(Node, registry=REGISTRY):
    """Holds the same edges in three directions."""

    id: str
    given: list[Rates] = Relation("RATES", "OUTGOING", target="Critic")
    taken: list[Rates] = Relation("RATES", "INCOMING", target="Critic")
    any_way: list[Rates] = Relation("RATES", "BOTH", target="Critic")
    one: Rates | None = Relation("RATES", "OUTGOING", target="Critic")


FAR_END = {"given": "target", "taken": "source", "any_way": "target", "one": "target"}
RELATIONS = list(FAR_END)


def put(owner, relation, edge):
    """Put an edge into a relation of one or of many."""
    if relation == "one":
        owner.one = edge
    else:
        getattr(owner, relation).append(edge)


@pytest.fixture(params=["pending", "stored"])
async def ada(request, session):
    """A critic that is added, or that is stored with nothing in its relations."""
    ada = Critic(id="ada")
    session.add(ada)
    if request.param == "stored":
        await session.commit()
    return ada


@pytest.mark.parametrize("ends", [("source",), ("target",), ("source", "target")])
@pytest.mark.parametrize("relation", RELATIONS)
async def test_a_loop_may_name_either_end_or_both(
    session, new_session, ada, driver, relation, ends
):
    """The owner is the missing end of an edge that starts or ends at the owner itself."""
    edge = Rates(stars=5, **dict.fromkeys(ends, ada))
    put(ada, relation, edge)
    if FAR_END[relation] not in ends:
        with pytest.raises(StatementError, match="leads nowhere"):
            await session.commit()
        return
    await session.commit()
    assert (edge.source, edge.target) == (ada, ada)
    assert await links(driver, "RATES") == [("ada", "ada")]
    fresh = await new_session().get(Critic, "ada", fetch=RELATIONS)
    assert [edge.stars for edge in fresh.given] == [5]
    assert fresh.given == fresh.taken == fresh.any_way == [fresh.one]


@pytest.mark.parametrize(
    ("relation", "end", "expected"),
    [
        ("given", "target", ("ada", "bob")),
        ("one", "target", ("ada", "bob")),
        ("taken", "source", ("bob", "ada")),
        ("any_way", "target", ("ada", "bob")),
        ("any_way", "source", ("bob", "ada")),
    ],
)
async def test_the_owner_is_the_missing_end(session, ada, driver, relation, end, expected):
    """An edge in a relation needs its other end only."""
    put(ada, relation, Rates(**{end: Critic(id="bob")}))
    await session.commit()
    assert await links(driver, "RATES") == [expected]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_an_edge_without_ends_leads_nowhere(session, ada, relation):
    """The owner alone is no relationship; a refused edge stays as it was given."""
    edge = Rates()
    put(ada, relation, edge)
    with pytest.raises(StatementError, match="leads nowhere"):
        await session.commit()
    assert (edge.source, edge.target) == (None, None)
