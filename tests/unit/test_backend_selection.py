"""Which databases a run of the behaviour tests uses, as the environment says."""

from __future__ import annotations

import pytest

from tests import backends
from tests.backends.running import RunningBackends


class Absent:
    """A backend that cannot start."""

    def available(self) -> str:
        return "no such server"


def test_falkordb_alone_by_default() -> None:
    """Without settings the tests need nothing but the embedded server."""
    assert backends.selected({}) == ["falkordb"]


def test_chosen_and_required_backends_add_up() -> None:
    """RUNIC_BACKENDS replaces the default; what is required is run as well."""
    assert backends.selected({"RUNIC_BACKENDS": "age, arcadedb"}) == ["arcadedb", "age"]
    assert backends.selected({"RUNIC_REQUIRE_BACKENDS": "neo4j"}) == ["falkordb", "neo4j"]


def test_an_unknown_backend_is_refused() -> None:
    """A misspelt name would leave a database untested in silence."""
    with pytest.raises(ValueError, match="RUNIC_BACKENDS has neo5j; known are falkordb, neo4j"):
        backends.selected({"RUNIC_BACKENDS": "neo5j"})


@pytest.mark.parametrize(
    ("needed", "outcome"), [("", pytest.skip.Exception), ("age", pytest.fail.Exception)]
)
def test_a_missing_server_skips_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, needed: str, outcome: type[BaseException]
) -> None:
    """The reason is in the summary either way."""
    monkeypatch.setenv("RUNIC_REQUIRE_BACKENDS", needed)
    monkeypatch.setattr("tests.backends.running.create", lambda name: Absent())
    with pytest.raises(outcome, match="age cannot be tested here: no such server"):
        RunningBackends().get("age")
