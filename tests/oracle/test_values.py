"""The oracle draws every kind of value that the documentation lists."""

from __future__ import annotations

from pathlib import Path

from tests.oracle.models import Valued
from tests.oracle.values import KINDS

PAGE = Path(__file__).parents[2] / "docs/values.md"
# By the first cell of each row of the table: the fields that hold such values.
DRAWN = {
    "`str`, `EmailStr`": ["text", "code", "slug", "mail"],
    "`int`": ["num", "rank"],
    "`float`": ["ratio"],
    "`bool`": ["flag"],
    "`datetime`, aware": ["at"],
    "`datetime`, naive": ["local"],
    "`date`, `time`": ["day", "hour"],
    "`timedelta`": ["took"],
    "`UUID`": ["uid"],
    "`Enum`, `Literal` of members": ["colour", "only"],
    "`Decimal`": ["price"],
    "`bytes`, `SecretBytes`": ["blob", "hidden"],
    "URLs, IP addresses, paths, `SecretStr`": ["url", "address", "place_of", "secret"],
    "`str | int | float | bool`": ["mixed"],
    "`list`, `set`, `tuple[X, …]` of these": ["tags", "nums", "days", "some", "row"],
    "`dict`, Pydantic models, dataclasses, `TypedDict`, `NamedTuple`, `Any`, `JsonValue` and other"
    " types that are defined by themselves (`type Tree = list[Tree] | int`), lists with `None`,"
    " lists of lists": [
        *("extra", "inner", "size", "entry", "span"),
        *("anything", "tree", "holes", "grid", "pair"),
    ],
    "`Vector`": ["shape"],
    "`GeoLocation`": ["place"],
    "your own": ["money"],
}


def test_every_kind_of_value_of_the_page_is_drawn() -> None:
    """A row that the page gains needs a field here."""
    assert rows() == [*DRAWN]
    fields = {name for names in DRAWN.values() for name in names}
    assert fields <= KINDS.keys()
    assert fields <= Valued.model_fields.keys()


def rows() -> list[str]:
    """Return the first cell of each row of the page's first table."""
    table = PAGE.read_text().split("## Stored forms on FalkorDB\n\n")[1].split("\n\n")[0]
    lines = [line.replace("\\|", "\0") for line in table.splitlines()[2:]]
    return [line.split("|")[1].strip().replace("\0", "|") for line in lines]
