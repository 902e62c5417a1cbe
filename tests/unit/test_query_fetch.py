"""The text of relations that are loaded in part, and what a fetch refuses to be built of."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.query import Dialect, Fetch, load_relation, select
from runic.ogm.query.memory import memory_of
from tests.unit.query_models import Article, Authored, Place, User

PLAIN = Dialect()
START = "UNWIND $ids AS i MATCH (s) WHERE id(s) = i WITH i, s MATCH (s)"
ARTICLE = "id(t), t.id, t.title, t.published, t.at"


def built(fetch: Fetch) -> tuple[str, dict[str, Any]]:
    """Return the plain text and the parameters of a fetch for the entity 7."""
    query = load_relation(fetch.relation.info, PLAIN, fetch).query([7])
    return query.text.replace("`", ""), dict(query.params)


def test_criteria_stand_beside_the_pattern() -> None:
    """Values are parameters; the order is given, the edge's id last.

    The stage before the pattern keeps the server from starting at everything that satisfies.
    """
    part = Article.author.where(User.age > 3, User.city != None)  # noqa: E711
    text, params = built(part.order_by(User.name, desc=True).order_by("age"))
    assert text.startswith(
        f"{START}<-[r:AUTHORED]-(t:User) WHERE t.age > $p0 AND t.city IS NOT NULL RETURN i, id(t)"
    )
    assert text.endswith(" ORDER BY t.name DESC, t.age, id(r)")
    assert params == {"ids": [7], "p0": 3}


def test_a_limit_is_of_each_entity() -> None:
    """Targets are collected by entity and cut; the limit is a parameter as well."""
    text, params = built(User.authored.where(Authored.year > 2000).limit(5))
    assert text == (
        f"{START}-[r:AUTHORED]->(t:Article) WHERE r.year > $p0 WITH i, r, t ORDER BY id(r)"
        " WITH i, collect([r, t])[0..$p1] AS found UNWIND found AS pair"
        f" WITH i, pair[0] AS r, pair[1] AS t RETURN i, r, {ARTICLE}"
    )
    assert params == {"ids": [7], "p0": 2000, "p1": 5}


def test_fields_of_the_owners_class_are_the_targets() -> None:
    """Where a relation leads to its owner's class, criteria are of what it leads to."""
    text, _ = built(User.friends.where((User.age > 3) | ~(User.name == "x")))
    assert "(t:User) WHERE (t.age > $p0 OR NOT (t.name = $p1)) RETURN" in text


def test_one_text_serves_every_value() -> None:
    """Texts are kept by shape: other values and limits are other parameters only."""
    plans = memory_of(User).plans
    built(User.articles.where(Article.title == "a").limit(1))
    known = len(plans)
    built(User.articles.where(Article.title == "b").limit(2))
    assert len(plans) == known
    built(User.articles.where(Article.title != "b").limit(2))
    assert len(plans) == known + 1


def test_fetches_are_values() -> None:
    """Every method returns a new fetch; two of equal criteria select the same."""
    part = User.articles.where(Article.published == True)
    longer = part.where(Article.title == "x").limit(3)
    assert len(part.criteria) == 1
    assert part.selects_as(User.articles.where(Article.published == True))
    assert not part.selects_as(longer)
    assert not longer.selects_as(longer.limit(4))


def test_a_fetch_prints_as_it_is_written() -> None:
    """Errors and logs show a fetch as the program has it."""
    part = User.articles.where(Article.title == "x").order_by("-at").limit(3).fetch("author")
    assert str(part) == (
        "User.articles.where(Article.title == 'x').order_by(Article.at, desc=True).limit(3)"
        ".fetch(author)"
    )


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: User.articles.where(Place.area == 3), "Place.area cannot be asked of User.art"),
        (lambda: User.articles.where(User.age == 3), "use fields of Article or of the edge Auth"),
        (lambda: Article.author.where(Authored.year == 3), "Authored.year cannot be asked"),
        (lambda: User.articles.where(Article.title.on("t") == "x"), "without an alias"),
        (lambda: User.articles.where(True), "is not a criterion"),
        (lambda: User.articles.order_by("nothing"), "Article has no field 'nothing'"),
        (lambda: User.articles.order_by(3), "order_by takes a field"),
        (lambda: User.articles.order_by(User.age), "User.age cannot be asked of User.articles"),
        (lambda: User.articles.limit(0), "whole number ≥ 1, not 0"),
        (lambda: User.articles.fetch("friends"), "Article has no relation 'friends'"),
        (lambda: User.articles.fetch(User.friends.limit(1)), "not of Article"),
        (lambda: select(User).fetch(Article.author.limit(1)), "of Article, not of User"),
        (lambda: select(User).traverse(User.articles.limit(1)), "traverse follows a relation"),
        (lambda: built(Article.author.order_by(User.extra)), "does not sort as the values do"),
    ],
)
def test_misuse_is_refused_where_it_is_written(build: Any, says: str) -> None:
    """The error names the field, the relation and what is there instead."""
    with pytest.raises(StatementError) as caught:
        build()
    assert says in str(caught.value)
