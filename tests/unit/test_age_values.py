"""Values as AGE returns them, and the SQL around a text."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runic.ogm.driver.age.agtype import read_agtype
from runic.ogm.driver.age.sql import call_text, checked_graph
from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord
from runic.ogm.errors import StatementError

_ANN = '{"id": 1, "label": "P", "properties": {"a": "}::vertex"}}::vertex'
_BOB = '{"id": 2, "label": "P", "properties": {"_labels": ["P", "Q"]}}::vertex'
_KNOWS = '{"id": 3, "label": "K", "end_id": 2, "start_id": 1, "properties": {"x": 1.0}}::edge'
ANN, BOB = NodeRecord(1, ["P"], {"a": "}::vertex"}), NodeRecord(2, ["P", "Q"], {})
KNOWS = EdgeRecord(3, "K", 1, 2, {"x": 1.0})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-9223372036854775808", -(2**63)),
        ("1e+22", 1e22),
        ("-Infinity", float("-inf")),
        ("null", None),
        ("true", True),
        ('"a\\"::vertex"', 'a"::vertex'),
        ('"plain"', "plain"),
        ("1.50::numeric", Decimal("1.50")),
        (_ANN, ANN),
        (_BOB, BOB),
        (_KNOWS, KNOWS),
        (f'{{"n": [{_BOB}, null], "m": 2::numeric}}', {"n": [BOB, None], "m": Decimal(2)}),
        (f"[{_BOB}, {_KNOWS}, {_BOB}]::path", PathRecord([BOB, BOB], [KNOWS])),
        (f"[[{_ANN}, {_KNOWS}, {_BOB}]::path]", [PathRecord([ANN, BOB], [KNOWS])]),
        ("[]", []),
    ],
)
def test_values_are_read(text, value):
    """Records are made wherever they stand, and what looks like one inside of text stays text."""
    assert read_agtype(text) == value


_TRICKS = st.sampled_from(["}::vertex", "]::path", "1::numeric", '"', "\\", "::", "}::edge,"])


@given(st.lists(st.one_of(st.text(), _TRICKS)))
def test_any_text_comes_back(parts):
    """No text is taken for a suffix of AGE, alone or next to real ones."""
    text = "".join(parts).replace("\0", "").encode("utf-8", "ignore").decode()
    written = json.dumps(text, ensure_ascii=False)
    assert read_agtype(written) == text
    assert read_agtype(f"[{written}, {_BOB}]") == [text, BOB]


@given(st.lists(st.sampled_from(["$", "runic", "_", "$$", "\n", "//", "$runic$", "x"])))
def test_no_text_ends_its_quotes(parts):
    """The tag around a text is never in it, so the text cannot go on as SQL."""
    text = "".join(parts)
    sql = call_text("graph", text, 1, given=True)
    tag = sql[sql.index("$") : sql.index("$", sql.index("$") + 1) + 1]
    assert sql.count(tag) == 2
    assert sql.endswith(f"\n{tag}, $1) AS (c0 ag_catalog.agtype)")


@pytest.mark.parametrize("name", ["", "ab", "a b", "1ab", "a'b", "x" * 64, "abc-"])
def test_graph_names_are_checked(name):
    """What AGE or PostgreSQL would refuse or cut off is refused first."""
    with pytest.raises(StatementError, match="cannot name a graph"):
        checked_graph(name)
