"""A refused assignment changes nothing: value, other fields, dirtiness, later assignments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Self

import pytest
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    WrapValidator,
    field_validator,
    model_validator,
)

from runic.ogm.model import Edge, Field, Node, Registry, Relation
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Refusing:
    """Validators of a whole entity. `meddle` is what they do before they raise."""

    meddle: ClassVar[Callable[[Any], None] | None] = None

    @classmethod
    def refuse(cls, entity: Any) -> None:
        """Raise if the entity has the value that is refused."""
        values = entity if isinstance(entity, dict) else vars(entity)
        if cls.meddle is not None and not isinstance(entity, dict):
            cls.meddle(entity)
        if values.get("start", 0) > values.get("end", 0):
            raise ValueError("start is after end")


def _after(cls: type[Any]) -> dict[str, Any]:
    @model_validator(mode="after")
    def check(self: Any) -> Any:
        self.refuse(self)
        return self

    return {"check": check}


def _wrap(cls: type[Any]) -> dict[str, Any]:
    @model_validator(mode="wrap")  # type: ignore[arg-type]
    @classmethod
    def check(cls: Any, data: Any, handler: Any) -> Any:
        made = handler(data)
        cls.refuse(made)
        return made

    return {"check": check}


def _field(mode: Any) -> Callable[[type[Any]], dict[str, Any]]:
    def check(cls: Any, value: Any) -> Any:
        return _nine(value)

    def wrapped(cls: Any, value: Any, handler: Callable[[Any], Any]) -> Any:
        return _nine(handler(value))

    chosen = wrapped if mode == "wrap" else check
    return lambda cls: {"check": field_validator("start", mode=mode)(classmethod(chosen))}


def _annotated(marker: Any) -> Callable[[type[Any]], dict[str, Any]]:
    return lambda cls: {"__annotations__": {"start": Annotated[int, marker]}}


def _nine(value: Any) -> Any:
    if value == 9:
        raise ValueError("start is after end")
    return value


MODES: dict[str, Callable[[type[Any]], dict[str, Any]]] = {
    "model_after": _after,
    "model_wrap": _wrap,
    "field_before": _field("before"),
    "field_after": _field("after"),
    "field_wrap": _field("wrap"),
    "field_plain": _field("plain"),
    "annotated_before": _annotated(BeforeValidator(_nine)),
    "annotated_after": _annotated(AfterValidator(_nine)),
    "annotated_wrap": _annotated(WrapValidator(lambda value, handler: _nine(handler(value)))),
    "annotated_plain": _annotated(PlainValidator(_nine)),
}


def _made(base: type[Any], name: str, mode: str) -> type[Any]:
    more = MODES[mode](base)
    fields = {"start": int, "end": int, "tags": list[str], "options": dict[str, Any]}
    fields |= more.pop("__annotations__", {})
    if base is Node:
        fields = {"id": str, **fields}
    space = {"__module__": __name__, "__annotations__": {**fields, "_seen": int}, **more}
    space |= {"start": 1, "end": 5, "_seen": PrivateAttr(0)}
    space |= {"tags": Field(default_factory=list), "options": Field(default_factory=dict)}
    return type(Node)(f"{name}_{mode}", (Refusing, base), space, registry=REGISTRY)


NODES = {mode: _made(Node, "RefusingNode", mode) for mode in MODES}
EDGES = {mode: _made(Edge, "RefusingEdge", mode) for mode in MODES}


class End(Node, registry=REGISTRY):
    """An end of the edges."""

    id: str


@pytest.fixture
async def stored(session) -> Callable[..., Any]:
    """Return a function that stores a node, or an edge, with a validator of a mode."""

    async def store(kind: str, mode: str) -> Any:
        values = {"start": 1, "end": 5, "tags": ["a"], "options": {"a": [1]}}
        if kind == "node":
            entity = NODES[mode](id="a", **values)
        else:
            entity = EDGES[mode](source=End(id="s"), target=End(id="t"), **values)
        session.add(entity)
        await session.commit()
        return entity

    return store


def held(entity: Any) -> Any:
    """Return all that an assignment could change."""
    values = {name: repr(value) for name, value in vars(entity).items()}
    return values, sorted(entity.model_fields_set), repr(entity.__pydantic_private__)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["node", "edge"])
async def test_a_refused_assignment_changes_nothing(
    session, assert_query_count, stored, kind, mode
):
    """Whichever validator refuses, nothing is changed, dirty or written, and others still work."""
    entity = await stored(kind, mode)
    before = held(entity)
    for _ in range(2):
        with pytest.raises(ValidationError, match="start is after end"):
            entity.start = 9
    assert (held(entity), session.dirty) == (before, [])
    with assert_query_count(0):
        await session.flush()
    entity.end = 8
    entity.start = 6
    assert (entity.start, entity.end, session.dirty) == (6, 8, [entity])
    await session.commit()
    await session.refresh(entity)
    assert (entity.start, entity.end) == (6, 8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["node", "edge"])
def test_of_a_new_entity_nothing_is_changed(kind, mode):
    """An entity that no session knows is left alone as well, with the fields that were given."""
    entity = NODES[mode](id="a", end=5) if kind == "node" else EDGES[mode](end=5)
    before = held(entity)
    with pytest.raises(ValidationError):
        entity.start = 9
    assert held(entity) == before


def _assigns(entity: Any) -> None:
    entity.__dict__["end"] = entity.__dict__["end"] + 1
    object.__setattr__(entity, "_seen", 7)


def _grows(entity: Any) -> None:
    entity.tags.append("x")
    entity.options["a"].append(2)


def _replaces(entity: Any) -> None:
    entity.__dict__["tags"] = ["other"]
    entity.__pydantic_fields_set__.add("tags")


MEDDLING = {"assigns": _assigns, "grows": _grows, "replaces": _replaces}


@pytest.mark.parametrize("meddling", MEDDLING)
@pytest.mark.parametrize("mode", ["model_after", "model_wrap"])
@pytest.mark.parametrize("kind", ["node", "edge"])
async def test_what_a_validator_did_before_it_raised_is_undone(
    session, stored, monkeypatch, kind, mode, meddling
):
    """Other fields, in place or not, and private attributes are what they were."""
    entity = await stored(kind, mode)
    before = held(entity)
    monkeypatch.setattr(type(entity), "meddle", MEDDLING[meddling])
    with pytest.raises(ValidationError):
        entity.start = 99
    assert (held(entity), session.dirty) == (before, [])


@pytest.mark.parametrize("mode", ["model_after", "model_wrap"])
@pytest.mark.parametrize("kind", ["node", "edge"])
async def test_what_a_validator_that_agrees_does_stays(session, stored, monkeypatch, kind, mode):
    """Validators go on normalising other fields."""
    entity = await stored(kind, mode)
    monkeypatch.setattr(type(entity), "meddle", _grows)
    entity.start = 2
    assert (entity.start, entity.tags, entity.options) == (2, ["a", "x"], {"a": [1, 2]})
    assert session.dirty == [entity]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("kind", ["node", "edge"])
async def test_any_exception_leaves_it_alone(session, stored, monkeypatch, kind, error):
    """An error of the validator itself, or Ctrl-C in it, is no half assignment either."""
    entity = await stored(kind, "model_after")
    before = held(entity)

    def fail(entity: Any) -> None:
        raise error

    monkeypatch.setattr(type(entity), "meddle", fail)
    with pytest.raises(error):
        entity.start = 2
    assert (held(entity), session.dirty) == (before, [])


class Frozen(Node, registry=REGISTRY):
    """A field that stays, beside a validator of the whole."""

    id: str
    name: str = Field("a", frozen=True)
    friend: Frozen | None = Relation("FRIEND", frozen=True)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        return self


@pytest.mark.parametrize(("name", "value"), [("name", "b"), ("friend", None)])
def test_frozen_fields_stay(name, value):
    """A frozen field or relation is refused as ever."""
    entity = Frozen(id="a")
    before = held(entity)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(entity, name, value)
    assert held(entity) == before


class Team(Node, registry=REGISTRY):
    """Has at most two members, and counts them."""

    model_config = ConfigDict(validate_default=True)

    id: str
    size: int = 0
    members: list[Member] = Relation("MEMBER", "INCOMING")
    rivals: list[Team] = Relation("RIVAL", "BOTH")
    meddle: ClassVar[bool] = False

    @model_validator(mode="after")
    def _at_most_two(self) -> Self:
        held = vars(self).get("members")
        if held is None:  # not loaded
            return self
        if self.meddle:
            held[0].team = None
            raise ValueError("meddled")
        if len(held) > 2:
            raise ValueError("a team has two members at most")
        vars(self)["size"] = len(held)
        return self


class Member(Node, registry=REGISTRY):
    """Belongs to a team."""

    id: str
    team: Team | None = Relation("MEMBER")

    @model_validator(mode="after")
    def _not_banned(self) -> Self:
        team = vars(self).get("team")
        if team is not None and team.id == "banned":
            raise ValueError("this team is banned")
        return self


@pytest.fixture
async def team(session) -> Team:
    """Return a stored team of two."""
    team = Team(id="a", members=[Member(id="x"), Member(id="y")])
    session.add(team)
    await session.commit()
    return team


def sides(*members: Member) -> list[Any]:
    """Return which team each member thinks it belongs to."""
    return [member.team and member.team.id for member in members]


REFUSED_LISTS: dict[str, Callable[[Team], Any]] = {
    "too_many": lambda team: [*team.members, Member(id="z")],
    "other_members": lambda team: [Member(id=name) for name in "uvw"],
    "no_member": lambda team: [Team(id="b")],
    "no_list": lambda team: "members",
    "none": lambda team: None,
}


@pytest.mark.parametrize("case", REFUSED_LISTS)
async def test_a_refused_relation_changes_neither_side(session, assert_query_count, team, case):
    """The relation, its other sides and the other fields stay, whoever refuses it."""
    members, given = list(team.members), REFUSED_LISTS[case](team)
    before = held(team)
    with pytest.raises(ValidationError):
        team.members = given
    assert team.members == members
    assert (held(team), sides(*members), session.dirty) == (before, ["a", "a"], [])
    come = [each for each in given or () if isinstance(each, Member) and each not in members]
    assert sides(*come) == [None] * len(come)
    with assert_query_count(0):
        await session.flush()


async def test_a_refused_relation_to_one_changes_neither_side(session, team):
    """The member stays where it is, and the refused team does not have it."""
    member, banned = team.members[0], Team(id="banned")
    with pytest.raises(ValidationError, match="banned"):
        member.team = banned
    assert (member.team, team.members[0], banned.members) == (team, member, [])
    assert session.dirty == []


async def test_relations_that_a_validator_changed_come_back(session, team, monkeypatch):
    """What a validator did to the relations of others' sides is undone as far as it is ours."""
    members = list(team.members)
    monkeypatch.setattr(Team, "meddle", True)
    with pytest.raises(ValidationError, match="meddled"):
        team.members = [*members, Member(id="z")]
    assert (team.members, sides(*members)) == (members, ["a", "a"])


async def test_validators_see_the_entity_itself(session, driver, team):
    """On success the other side is told, and what a validator normalised stays."""
    x, y = team.members
    team.members = [x]
    assert (team.size, sides(x, y), session.dirty) == (1, ["a", None], [team])
    await session.commit()
    query = "MATCH (t:Team)<-[:MEMBER]-(m:Member) RETURN t.size, m.id"
    assert await cypher(driver, query) == [[1, "x"]]


async def test_an_entity_can_lead_to_itself(session, team):
    """A validated class can be assigned a relation that leads back to the entity."""
    team.rivals = [team]
    assert (team.rivals, team.size) == ([team], 2)
    with pytest.raises(ValidationError):
        team.rivals = [team, Member(id="z")]
    assert team.rivals == [team]


@pytest.mark.face("sync")
async def test_a_relation_that_a_refused_assignment_loads_is_as_stored(new_session, team):
    """Reading it afterwards gives what is stored, not what was refused."""
    fresh = new_session()
    member = await fresh.get(Member, "x")
    with pytest.raises(ValidationError):
        member.team = Team(id="banned")
    assert (member.team.id, fresh.dirty) == ("a", [])
