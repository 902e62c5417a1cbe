"""What fields say when they are read from their class: each operator's text, and its misuse."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import StatementError
from runic.ogm.model import Field, GeoLocation, Node, Registry
from runic.ogm.model.kinds import Kind
from runic.ogm.query import Dialect, col, count, select
from tests.unit.query_models import Article, Authored, Role, User

NAN = float("nan")
ID = UUID("12345678-1234-5678-1234-567812345678")


def where(criterion: Any, dialect: Dialect | None = None) -> tuple[str, list[Any]]:
    """Return the WHERE text of a criterion, without quotes, and its parameters."""
    query = select(User).where(criterion).build(dialect)
    text = query.text.split(" WHERE ", 1)[1].split(" RETURN ")[0].replace("`", "")
    return text, list(query.params.values())


@pytest.mark.parametrize(
    ("criterion", "text", "values"),
    [
        (lambda: User.name == "Ada", "n.name = $p0", ["Ada"]),
        (lambda: User.name != "Ada", "n.name <> $p0", ["Ada"]),
        (lambda: User.full_name == "A", "n.fullName = $p0", ["A"]),
        (lambda: User.age < 3, "n.age < $p0", [3]),
        (lambda: User.age <= 3, "n.age <= $p0", [3]),
        (lambda: User.age > 3, "n.age > $p0", [3]),
        (lambda: User.age >= 2.5, "n.age >= $p0", [2.5]),
        (lambda: User.score == 1, "n.score = $p0", [1.0]),
        (lambda: User.city == None, "n.city IS NULL", []),  # noqa: E711
        (lambda: User.city != None, "n.city IS NOT NULL", []),  # noqa: E711
        (User.city.is_null, "n.city IS NULL", []),
        (User.city.is_not_null, "n.city IS NOT NULL", []),
        (lambda: User.name.contains("d"), "n.name CONTAINS $p0", ["d"]),
        (lambda: User.name.startswith("A"), "n.name STARTS WITH $p0", ["A"]),
        (lambda: User.name.endswith("a"), "n.name ENDS WITH $p0", ["a"]),
        (lambda: User.age.in_([1, 2]), "n.age IN $p0", [[1, 2]]),
        (lambda: User.age.in_(i for i in (1, 2)), "n.age IN $p0", [[1, 2]]),
        (
            lambda: User.age.not_in_([1]),
            "(NOT (n.age IN $p0) AND n.age IS NOT NULL)",
            [[1]],
        ),
        (lambda: User.tags.contains("x"), "$p0 IN n.tags", ["x"]),
        (lambda: User.days.contains(dt.date(2026, 1, 2)), "$p0 IN n.days", ["2026-01-02"]),
        (lambda: User.tags.any_of(["x"]), "any(x IN $p0 WHERE x IN n.tags)", [["x"]]),
        (lambda: User.tags.all_of(["x"]), "all(x IN $p0 WHERE x IN n.tags)", [["x"]]),
        (lambda: User.tags == ["x"], "n.tags = $p0", [["x"]]),
        (lambda: User.name == User.city, "n.name = n.city", []),
        (lambda: User.age > User.score, "n.age > n.score", []),
        (lambda: User.tags.contains(User.name), "n.name IN n.tags", []),
        (lambda: User.active == True, "n.active = $p0", [True]),
        (lambda: User.role == Role.EDITOR, "n.role = $p0", ["editor"]),
        (lambda: User.role == "editor", "n.role = $p0", ["editor"]),
        (lambda: User.born < dt.date(2000, 1, 1), "n.born < $p0", ["2000-01-01"]),
        (lambda: User.born < "2000-01-01", "n.born < $p0", ["2000-01-01"]),
        (lambda: User.worked > dt.timedelta(seconds=1), "n.worked > $p0", [1_000_000]),
        (lambda: User.token == ID, "n.token = $p0", [str(ID)]),
        (lambda: User.balance == Decimal("1.10"), "n.balance = $p0", ["1.10"]),
        (
            lambda: User.home == GeoLocation(latitude=1, longitude=2),
            "n.home = point($p0)",
            [{"latitude": 1.0, "longitude": 2.0}],
        ),
        (
            lambda: (User.age > 3) & (User.name == "x") | ~(User.city == "y"),
            "((n.age > $p0 AND n.name = $p1) OR NOT (n.city = $p2))",
            [3, "x", "y"],
        ),
    ],
)
def test_operator_text(criterion: Any, text: str, values: list[Any]) -> None:
    """Each operator has its Cypher, and its value goes into a parameter in the stored form."""
    assert where(criterion()) == (text, values)


def test_regex_matches_whole_text() -> None:
    """Plain openCypher has =~; FalkorDB searches between both ends, and not in missing values."""
    assert where(User.name.matches("A.*"), _WithRegex()) == ("n.name =~ $p0", ["A.*"])
    text, _ = where(User.name.matches("A.*"), FalkorDBDialect())
    assert text == (
        "CASE WHEN n.name IS NULL THEN null ELSE"
        " size(string.matchRegEx(n.name, '\\\\A(?:' + $p0 + ')\\\\z')) > 0 END"
    )


class _WithRegex(Dialect):
    capabilities = FalkorDBDialect.capabilities


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    """A misspelt field is an AttributeError, as Python has it, and lists the class's fields."""
    with pytest.raises(AttributeError, match="Article has no field or attribute 'titel'; its.*tit"):
        Article.titel  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(Article, "titel")


class Team(Node, registry=Registry()):
    """Lists whose items are converted."""

    id: str
    roles: list[Role] = Field(default_factory=list)
    days: list[dt.date] = Field(default_factory=list)


@pytest.mark.parametrize("role", [Role.EDITOR, "editor"])
def test_an_item_of_a_list_may_be_an_enum(role: Any) -> None:
    """The member and its value ask for the same."""
    query = select(Team).where(col(Team.roles).contains(role)).build()
    assert query.params == {"p0": "editor"}


def test_an_item_is_checked_as_the_list_would() -> None:
    """A moment is no date, and no other enum's member is one of this list's."""
    with pytest.raises(StatementError, match="Team.days is"):
        col(Team.days).contains(dt.datetime(2026, 1, 1, 12))
    with pytest.raises(StatementError, match="Team.roles is"):
        col(Team.roles).any_of([Kind.INT])


def test_values_that_an_index_hides_are_looked_up_without_it() -> None:
    """FalkorDB's index misses padded strings and rounds large integers; only then it is avoided.

    What it finds for other texts is compared again: it strips those that are stored.
    """
    dialect = FalkorDBDialect()
    assert where(User.name == "Ada", dialect)[0] == "n.name = $p0 AND coalesce(n.name) = $p0"
    assert where(~(User.name != "Ada"), dialect)[0] == "NOT (coalesce(n.name) <> $p0)"
    assert where(User.name == " Ada", dialect)[0] == "coalesce(n.name) = $p0"
    assert where(User.name.in_(["Ada", ""]), dialect)[0] == "coalesce(n.name) IN $p0"
    assert where(User.big > 2**53 + 1, dialect)[0] == "coalesce(n.big) > $p0"
    # An index may be there without being declared.
    assert where(User.city == " Ada", dialect)[0] == "coalesce(n.city) = $p0"


def test_the_order_of_text_is_never_asked_of_an_index() -> None:
    """FalkorDB's index answers < and > of strings wrongly; that of numbers is right."""
    dialect = FalkorDBDialect()
    assert where(User.name < "Ada", dialect)[0] == "coalesce(n.name) < $p0"
    assert where(User.city < "Ada", dialect)[0] == "n.city < $p0"
    assert where(User.big < 3, dialect)[0] == "n.big < $p0"
    assert where(User.name < "Ada")[0] == "n.name < $p0"


def test_an_aware_datetime_is_compared_by_its_instant() -> None:
    """The stored text is that of UTC."""
    noon = dt.datetime(2026, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    query = select(Article).where(Article.at > noon).build()
    assert query.params == {"p0": "2026-01-01T10:00:00.000000Z"}


def test_an_instant_without_a_utc_form_cannot_be_compared() -> None:
    """The first day of the calendar, east of Greenwich, is before the first in UTC."""
    first = dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with pytest.raises(StatementError, match="cannot be compared with Article.at: it date value"):
        select(Article).where(Article.at > first).build()


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        (lambda: bool(User.age > 3), r"User.age > 3 has no truth value; combine criteria with &"),
        (lambda: (User.age > 3) and True, "combine criteria"),
        (lambda: 1 < User.age < 3, "combine criteria"),
        (lambda: bool(User.active), "User.active has no truth value"),
        (lambda: "x" in User.tags, r"User.tags.contains\(…\)"),
        (lambda: list(User.tags), "cannot be iterated"),
        (lambda: list(User.age > 3), "one criterion"),
        (lambda: (User.age > 3) & True, "not a criterion"),
        (lambda: User.age > "x", "User.age is int | None and cannot be compared with 'x'"),
        (lambda: User.age == True, "User.age"),
        (lambda: User.name == 5, "User.name is str"),
        (lambda: User.born == 5.5, "User.born"),
        (lambda: User.born == dt.datetime(2026, 1, 1, 5), "User.born"),
        (lambda: User.role == "boss", "User.role"),
        (lambda: User.token == "no", "User.token"),
        (lambda: User.age > None, r"User.age.is_null\(\)"),
        (lambda: User.age.in_([1, None]), r"add \| User.age.is_null\(\)"),
        (lambda: User.age.in_("12"), "takes a list"),
        (lambda: User.age.in_(5), "takes a list"),
        (lambda: User.age.contains("1"), "User.age is an int"),
        (lambda: User.tags.startswith("x"), "use any_of or contains"),
        (lambda: User.tags.contains(5), "User.tags"),
        (lambda: User.tags.any_of("ab"), "list of values"),
        (lambda: User.name.any_of(["a"]), "use in_"),
        (lambda: User.name.matches(5), "pass a str"),
        (lambda: User.name == User.age, "stored differently"),
        (lambda: User.articles == [], "traverse"),
        (lambda: bool(User.articles), "traverse"),
        (lambda: count() > 3, "only fields are compared"),
        (lambda: col("name"), r"col\(User.name\)"),
        (lambda: col(User.name).as_("a`b"), "cannot be the name of a column"),
    ],
)
def test_misuse_is_refused_where_it_is_written(mistake: Any, says: str) -> None:
    """Each mistake is a StatementError that names the field and the fix."""
    with pytest.raises(StatementError, match=says.replace("|", r"\|") if "int |" in says else says):
        mistake()


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        (lambda: User.extra < {"a": 1}, "User.extra is a json"),
        (lambda: User.balance < Decimal(1), "User.balance is a decimal"),
        (lambda: User.tags > ["a"], "User.tags is a list"),
        (lambda: User.name == "a\x00", "NUL"),
        (lambda: User.age == 2**64, "64 bits"),
        (lambda: User.score == NAN, "NaN"),
    ],
)
def test_what_has_no_answer_is_refused_before_it_is_sent(criterion: Any, says: str) -> None:
    """Order on unordered forms and values without a stored form are StatementErrors."""
    with pytest.raises(StatementError, match=says):
        select(User).where(criterion()).build()


def test_expressions_are_hashable_values() -> None:
    """They can be kept in sets and dicts although == builds a criterion."""
    assert len({User.name, User.age, User.articles}) == 3


def test_an_instance_still_reads_its_value() -> None:
    """The expression is the class's; an instance has the value."""
    assert User(id="a", name="Ada").name == "Ada"


def test_attribute_of_an_edge_class() -> None:
    """Edge classes answer with expressions too."""
    assert str(Authored.year > 2000) == "Authored.year > 2000"
