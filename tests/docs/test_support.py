"""What docs/support.md says of the backends is what their dialects and the last run say."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support import record, table


def test_the_page_has_the_tables_that_the_command_makes() -> None:
    """Nothing in them is written by hand: `python -m tests.support --write` makes them."""
    assert table.in_page() == table.tables(), "run: python -m tests.support --write"


def test_a_backend_without_a_run_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """No number stands where no server was."""
    monkeypatch.setattr(record, "read", dict)
    assert "| Memgraph | no live server was used |  |  |  |  |" in table.tables()
    assert "| Apache AGE | no run is recorded |  |  |  |  |" in table.tables()


def test_skips_are_counted_by_what_is_missing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is told from others in the same report, and its failures are counted."""
    report = ElementTree.fromstring(
        "<testsuite>"
        '<testcase name="test_a[age-x]"/><testcase name="test_b[age]"><failure/></testcase>'
        '<testcase name="test_c[age]"><skipped message="age has no vector"/></testcase>'
        '<testcase name="test_d[age]"><skipped message="for a reason"/></testcase>'
        '<testcase name="test_e[x-age]"/><testcase name="test_f"/>'
        "</testsuite>"
    )
    monkeypatch.setattr(record, "RECORD", tmp_path / "support.json")
    monkeypatch.setattr(record, "version_of", lambda backend: f"{backend} 1")
    monkeypatch.setattr(
        record, "_run_tests", lambda backend, file: ElementTree.ElementTree(report).write(file)
    )
    record.record("age")
    run = record.read()["age"]
    assert (run["server"], run["passed"], run["failed"]) == ("age 1", 1, 1)
    assert (run["missing"], run["other"]) == ({"vector": 1}, {"for a reason": 1})
