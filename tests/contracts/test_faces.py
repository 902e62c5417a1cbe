"""The async and the sync face are one API: same members, same signatures, same words."""

from __future__ import annotations

import inspect

import pytest

import runic.ogm

PAIRS = [
    (getattr(runic.ogm, name), getattr(runic.ogm, name.removeprefix("Async")))
    for name in getattr(runic.ogm, "__all__", [])
    if name.startswith("Async") and hasattr(runic.ogm, name.removeprefix("Async"))
]


def members(cls: type) -> set[str]:
    """Return the public attribute names of a class."""
    return {name for name in dir(cls) if not name.startswith("_")}


def parameters(cls: type, name: str) -> list[tuple[str, object, object]]:
    """Return name, kind and default of each parameter of a method."""
    signature = inspect.signature(getattr(cls, name))
    return [(p.name, p.kind, p.default) for p in signature.parameters.values()]


def test_sessions_and_repositories_are_compared() -> None:
    """The pairs below are found by name, and the important ones are among them."""
    names = {pair[0].__name__ for pair in PAIRS}
    assert {"AsyncSession", "AsyncRepository", "AsyncConnectionManager"} <= names


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1].__name__)
def test_both_faces_have_the_same_members(pair: tuple[type, type]) -> None:
    """Nothing exists on one face only."""
    assert members(pair[0]) == members(pair[1])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1].__name__)
def test_both_faces_take_the_same_arguments(pair: tuple[type, type]) -> None:
    """A call is ported between the faces by adding or removing `await`."""
    for name in members(pair[0]) & members(pair[1]):
        if callable(getattr(pair[0], name)):
            assert parameters(pair[0], name) == parameters(pair[1], name), name


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1].__name__)
def test_sync_face_has_no_coroutines(pair: tuple[type, type]) -> None:
    """A synchronous method never hands back something to await."""
    for name in members(pair[1]):
        assert not inspect.iscoroutinefunction(getattr(pair[1], name)), name
