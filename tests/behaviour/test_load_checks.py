"""Loading gives back what was stored: no validator runs, by whichever way it loads."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from runic.ogm.errors import HydrationError
from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import select
from tests.behaviour.graphs import cypher
from tests.behaviour.watched import NODE_PLACES, Watched, relation_between, watched
from tests.faces import call

REGISTRY = Registry()


async def _get(session: Any, case: Watched, owner: Any) -> Any:
    return await session.get(case.entity, "x")


async def _scalars(session: Any, case: Watched, owner: Any) -> Any:
    return (await session.scalars(select(case.entity)))[0]


async def _stream(session: Any, case: Watched, owner: Any) -> Any:
    [entity] = [each async for each in session.stream(select(case.entity))]
    return entity


async def _refresh(session: Any, case: Watched, owner: Any) -> Any:
    entity = await session.get(case.entity, "x")
    await session.refresh(entity)
    return entity


async def _expire(session: Any, case: Watched, owner: Any) -> Any:
    entity = await session.get(case.entity, "x")
    await call(session.expire, entity)
    return await session.get(case.entity, "x")


async def _merge(session: Any, case: Watched, owner: Any) -> Any:
    entity = case.made(id="x")
    case.calls.clear()
    return await session.merge(entity)


async def _fetch(session: Any, case: Watched, owner: Any) -> Any:
    return (await session.get(owner, "o", fetch=["parts"])).parts[0]


async def _load(session: Any, case: Watched, owner: Any) -> Any:
    found = await session.get(owner, "o")
    await session.load(found, "parts")
    return found.parts[0]


async def _raw(session: Any, case: Watched, owner: Any) -> Any:
    text = "MATCH (:Owner)-[:PART]->(n) RETURN n"
    return (await session.execute(text, returns=[case.entity])).scalar()


async def _rows(session: Any, case: Watched, owner: Any) -> Any:
    [row] = await session.all_rows(select(case.entity).project(case.entity))
    return row["n"]


async def _with_edges(session: Any, case: Watched, owner: Any) -> Any:
    rows = await session.all_with_edges(select(owner).traverse(owner.parts).return_target())
    return rows[0][0]


WAYS = [
    _get, _scalars, _stream, _refresh, _expire, _merge, _fetch, _load, _raw, _rows, _with_edges,
]  # fmt: skip


@pytest.mark.parametrize("kind", ["annotated after", "field wrap", "model before"])
@pytest.mark.parametrize("place", NODE_PLACES)
async def test_no_way_of_loading_a_node_runs_a_validator(session, new_session, place, kind):
    """Every way gives the value that was written, and calls no validator."""
    case = watched(place, kind)
    owner = relation_between(case.entity)
    made = case.made(id="x")
    session.add(owner(id="o", parts=[made]))
    case.calls.clear()
    await session.commit()
    assert case.calls == []
    for way in WAYS:
        found = await way(new_session(), case, owner)
        assert (way, case.calls) == (way, [])
        assert getattr(found, case.field) == getattr(made, case.field)


@pytest.mark.parametrize("kind", ["annotated after", "field wrap", "model before"])
@pytest.mark.parametrize("place", NODE_PLACES)
async def test_a_field_that_is_read_by_itself_runs_no_validator(session, new_session, place, kind):
    """A projection gives the value that the entity has."""
    case = watched(place, kind)
    session.add(made := case.made(id="x"))
    await session.commit()
    case.calls.clear()
    field = getattr(case.entity, case.field)
    [row] = await new_session().all_rows(select(case.entity).project(field.as_("value")))
    assert row["value"] == getattr(made, case.field)
    assert case.calls == []


@pytest.mark.parametrize("mode", ["before", "after", "wrap"])
@pytest.mark.parametrize("what", ["annotated", "field", "model"])
async def test_no_way_of_loading_an_edge_runs_a_validator(session, new_session, what, mode):
    """Edges are read with a relation, by raw Cypher, along a statement, and again."""
    case = watched("edge", f"{what} {mode}")
    owner = relation_between(case.entity)
    edge = case.made(source=owner(id="a"), target=owner(id="b"))
    session.add(edge)
    case.calls.clear()
    await session.commit()
    reading = new_session()
    first = await reading.get(owner, "a", fetch=["parts"])
    assert first.parts[0].text == "a"
    await reading.refresh(first.parts[0])
    result = await new_session().execute("MATCH ()-[e]->() RETURN e", returns=[case.entity])
    assert result.scalar().text == "a"
    traversed = select(owner).traverse(owner.parts, edge_alias="e").return_edge("e")
    [row] = await new_session().all_with_edges(traversed)
    assert row[-1].text == "a"
    assert case.calls == []


class Address(BaseModel):
    """Part of an account."""

    zip: Annotated[str, Field(max_length=5)]


class Account(Node, registry=REGISTRY):
    """A node with what loading leaves out, and a constraint."""

    id: str
    password: Annotated[str, AfterValidator(lambda text: f"hash({text})")] = ""
    login: Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True)] = ""
    age: Annotated[int, Field(ge=0)] = 0
    address: Address | None = None
    since: list[Since] = Relation("SINCE", target="Account")


class Since(Edge, registry=REGISTRY):
    """An edge with a constraint."""

    year: Annotated[int, Field(ge=2000)] = 2000


class LenientRoot(Node, abstract=True, registry=Registry(), validate_on_load="types"):
    """What is below leaves constraints out."""


class Lenient(LenientRoot, labels=["Account"]):
    """An account that is read whatever its constraints say."""

    id: str
    age: Annotated[int, Field(ge=0)] = 0
    address: Address | None = None


class Checking(Node, registry=Registry(), labels=["Account"], validate_on_load=True):
    """An account whose validators only check, and run on load."""

    id: str
    age: int = 0

    @model_validator(mode="after")
    def _grown_up(self) -> Any:
        if self.age < 18:
            raise ValueError("is a child")
        return self


async def test_a_validator_that_hashes_hashes_once(session, new_session):
    """What is written back after a load is the hash that was stored."""
    session.add(Account(id="a", password="secret", login=" ADA "))
    await session.commit()
    other = new_session()
    ada = await other.get(Account, "a")
    assert (ada.password, ada.login) == ("hash(secret)", "ada")
    assert other.dirty == []
    ada.age = 5
    await other.commit()
    assert await new_session().scalar(select(Account).project(Account.password)) == "hash(secret)"


async def test_text_is_read_as_another_program_wrote_it(session, driver):
    """White space and case stay, and are no change."""
    await cypher(driver, "CREATE (:Account {id: 'a', login: ' ADA '})")
    assert (await session.get(Account, "a")).login == " ADA "
    assert session.dirty == []


async def test_a_broken_constraint_names_entity_key_and_field(session, driver):
    """The error says where to look, in its text and in its attributes."""
    await cypher(driver, "CREATE (:Account {id: 'a', age: -1})")
    with pytest.raises(HydrationError, match=r"Account \('a'\).*Account\.age: .*greater") as told:
        await session.get(Account, "a")
    assert (told.value.entity, told.value.key, told.value.field) == ("Account", "a", "age")


async def test_a_broken_constraint_inside_json_is_named(session, driver):
    """The path leads into the nested model."""
    await cypher(driver, "CREATE (:Account {id: 'a', address: $a})", a='{"zip": "123456"}')
    with pytest.raises(HydrationError, match=r"Account\.address\.zip: .*5 characters") as told:
        await session.scalars(select(Account))
    assert told.value.field == "address"


async def test_a_broken_constraint_of_an_edge_names_its_nodes(session, driver):
    """An edge has no key of its own: the keys of both nodes say which one it is."""
    await cypher(driver, "CREATE (:Account {id: 'a'})-[:SINCE {year: 1}]->(:Account {id: 'b'})")
    with pytest.raises(HydrationError, match=r"Since \('a' to 'b'\).*Since\.year") as told:
        await session.get(Account, "a", fetch=["since"])
    assert (told.value.entity, told.value.key, told.value.field) == ("Since", ("a", "b"), "year")


async def test_rows_older_than_a_constraint_can_be_repaired(session, new_session, driver):
    """`validate_on_load="types"` reads them; what is assigned is checked as ever."""
    text = "CREATE (:Account {id: 'a', age: -1, address: $a})"
    await cypher(driver, text, a='{"zip": "123456"}')
    old = await session.get(Lenient, "a")
    assert (old.age, old.address.zip) == (-1, "123456")
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        old.age = -2
    old.age, old.address = 1, Address(zip="12345")
    await session.commit()
    assert (await new_session().get(Account, "a")).age == 1


async def test_validators_that_only_check_can_run_on_load(session, driver):
    """`validate_on_load=True` is as a construction; its errors are HydrationErrors."""
    await cypher(driver, "CREATE (:Account {id: 'a', age: 20}), (:Account {id: 'b', age: 5})")
    assert (await session.get(Checking, "a")).age == 20
    with pytest.raises(HydrationError, match="is a child"):
        await session.get(Checking, "b")


async def test_a_field_of_another_type_is_told_by_a_projection(session, driver):
    """The error of a field that is read by itself names it."""
    await cypher(driver, "CREATE (:Account {id: 'a', address: '{}'})")
    with pytest.raises(HydrationError, match=r"Account\.address.*field required") as told:
        await session.all_rows(select(Account).project(Account.address))
    assert (told.value.entity, told.value.field) == ("Account", "address")
