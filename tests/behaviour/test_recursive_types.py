"""Type aliases that have themselves inside of them: fields of such types hold what JSON holds."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from pydantic import JsonValue, ValidationError
from typing_extensions import TypeAliasType

from runic.ogm import Edge, Node, Registry, Relation, select, update

# As text: checkers of code know neither an alias that names itself, nor, before Python 3.12, the
# syntax of the others.
_BY_HAND = """
Tree = TypeAliasType("Tree", list["Tree"] | int)
Maps = TypeAliasType("Maps", dict[str, "Maps"] | list["Maps"])
Nest = TypeAliasType("Nest", list["Nest"])
"""
_BY_SYNTAX = """
type Tree = list[Tree] | int
type Maps = dict[str, Maps] | list[Maps]
type Nest = list[Nest]
type Even = list[Odd] | None
type Odd = dict[str, Even]
"""


def _made(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"TypeAliasType": TypeAliasType, "__name__": __name__}
    exec(source, made)
    return {name: made[name] for name in VALUES if name in made}


def _aliases() -> dict[str, Any]:
    by_hand = {**_made(_BY_HAND), "JsonValue": JsonValue}
    if sys.version_info < (3, 12):
        return by_hand
    return by_hand | {f"type {name}": alias for name, alias in _made(_BY_SYNTAX).items()}


VALUES: dict[str, list[Any]] = {
    "Tree": [3, 0, [], [1, [2]]],
    "Maps": [{}, [], {"a": [{}]}, [[], {"b": {}}]],
    "Nest": [[], [[]], [[], [[]]]],
    "JsonValue": ["a", 1, 1.5, True, None, [None, {"a": [1]}], {"a": None}],
    "Even": [None, [], [{"a": None}], [{"a": [{}]}]],
}
ALIASES = _aliases()
META: Any = type(Node)
PLACES: dict[str, tuple[Any, Any]] = {
    "alone": (lambda alias: alias, lambda value: value),
    "in a dict": (lambda alias: types.GenericAlias(dict, (str, alias)), lambda value: {"k": value}),
    "in a list": (lambda alias: types.GenericAlias(list, alias), lambda value: [value]),
    "in a tuple": (lambda alias: types.GenericAlias(tuple, (alias, int)), lambda value: (value, 1)),
    "optional": (lambda alias: alias | None, lambda value: value),
}
CASES = [(alias, place) for alias in ALIASES for place in PLACES]


def _classes(annotation: Any) -> tuple[Any, Any]:
    registry = Registry()
    space: dict[str, Any] = {"__annotations__": {"v": annotation}, "__module__": __name__}
    edge = META("Leads", (Edge,), dict(space), type="LEADS", registry=registry)
    hints = {"id": int, "v": annotation, "leads": types.GenericAlias(list, edge)}
    space["__annotations__"] = hints
    space["leads"] = Relation("LEADS", target="Holder")
    return META("Holder", (Node,), space, registry=registry), edge


@pytest.mark.parametrize(("name", "place"), CASES, ids=[" ".join(case) for case in CASES])
async def test_values_come_back(session: Any, new_session: Any, name: str, place: str) -> None:
    """What nodes and edges hold is read back, found by its value, and replaced."""
    of, put = PLACES[place]
    node, edge = _classes(of(ALIASES[name]))
    values = [put(value) for value in VALUES[name.removeprefix("type ")]]
    nodes = [node(id=number, v=value) for number, value in enumerate(values)]
    edges = [edge(source=each, target=each, v=each.v) for each in nodes]
    session.add_all([*nodes, *edges])
    await session.commit()
    read = new_session()
    found = await read.scalars(select(node).order_by(node.id).fetch(node.leads))
    assert [each.v for each in found] == values
    assert [[lead.v for lead in each.leads] for each in found] == [[value] for value in values]
    for number, value in enumerate(values):
        if value is not None:
            same = await read.scalars(select(node).where(node.v == value))
            assert [each.id for each in same] == [number]
    await session.execute(update(node).where(node.id == 0).values(v=values[-1]))
    await session.commit()
    assert (await new_session().get(node, 0)).v == values[-1]


@pytest.mark.parametrize("name", ALIASES)
async def test_changes_inside_are_seen(session: Any, new_session: Any, name: str) -> None:
    """A change in place, deep inside, is written."""
    node, _ = _classes(PLACES["in a dict"][0](ALIASES[name]))
    first, *_, last = [v for v in VALUES[name.removeprefix("type ")] if v is not None]
    session.add(node(id=1, v={"k": first}))
    await session.commit()
    found = await session.get(node, 1)
    found.v["more"] = last
    await session.commit()
    assert (await new_session().get(node, 1)).v == {"k": first, "more": last}


@pytest.mark.parametrize("name", [name for name in ALIASES if "Json" not in name])
def test_values_are_checked(name: str) -> None:
    """What the type does not have is refused, as ever."""
    node, _ = _classes(ALIASES[name])
    with pytest.raises(ValidationError):
        node(id=1, v="text")


def test_an_alias_that_only_shares_a_part_is_no_recursive_one() -> None:
    """An alias used twice, or in another one, keeps its stored form."""
    word = TypeAliasType("word", str)
    pair = TypeAliasType("pair", list[word])
    node, _ = _classes(pair)
    more = TypeAliasType("more", word)
    twice, _ = _classes(more)
    assert node.v.info.kind.value == "list"
    assert twice.v.info.kind.value == "str"
