"""One rule for all kinds of statements: criteria, names and parameters mean the same everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import FieldValidationError, OgmError, StatementError
from runic.ogm.model import Edge, Field, Registry
from runic.ogm.query import (
    any_item,
    call,
    collect,
    count,
    insert,
    length,
    param,
    select,
    shortest_path,
    text,
    union,
    update,
    var,
    within,
)
from runic.ogm.query.search import text_search
from tests.unit.statement_kinds import (
    DIALECT,
    KINDS,
    STORES,
    Article,
    Authored,
    Stranger,
    User,
    compiled,
)

every_kind = pytest.mark.parametrize("kind", KINDS)
OPEN = User.name == param("p")


@every_kind
def test_a_parameter_is_bound_wherever_it_stands(kind: str) -> None:
    """`bind` gives it its value, and `build` shows it before it has one."""
    stmt = KINDS[kind](OPEN)
    assert "Ada" in compiled(stmt.bind(p="Ada"))
    if kind != "hybrid search":
        assert stmt.build(DIALECT).text == stmt.bind(p="Ada").build(DIALECT).text


@every_kind
def test_a_parameter_without_a_value_is_one_error(kind: str) -> None:
    """It is told before anything is sent, and names the fix."""
    with pytest.raises(StatementError) as raised:
        compiled(KINDS[kind](OPEN))
    assert str(raised.value) == "the parameter 'p' has no value; bind it: .bind(p=…)"


@every_kind
def test_an_unknown_parameter_is_one_error(kind: str) -> None:
    """`bind` lists the parameters there are."""
    with pytest.raises(StatementError) as raised:
        KINDS[kind](OPEN).bind(q=1)
    assert str(raised.value) == "the statement has no parameter 'q'; it has p"


@every_kind
def test_binding_again_gives_the_new_value(kind: str) -> None:
    """The statement that was bound before stays as it is."""
    first = KINDS[kind](OPEN).bind(p="Ada")
    sent = compiled(first.bind(p="Bob"))
    assert "Bob" in sent
    assert "Ada" not in sent
    assert "Ada" in compiled(first)


@every_kind
def test_one_name_stands_for_one_value(kind: str) -> None:
    """A parameter that stands twice is bound once."""
    criterion = OPEN | (User.id == param("p"))
    sent = compiled(KINDS[kind](criterion).bind(p="Ada"))
    assert sent.count("Ada") >= 2


@every_kind
def test_a_value_of_another_type_is_refused(kind: str) -> None:
    """What cannot be compared with the field is told before anything is sent."""
    with pytest.raises(StatementError, match="cannot be compared with 5"):
        compiled(KINDS[kind](OPEN).bind(p=5))


@every_kind
def test_a_parameter_cannot_be_bound_to_another(kind: str) -> None:
    """`bind` gives values."""
    with pytest.raises(StatementError, match=r"bind gives 'p' a value, and param\('q'\)"):
        KINDS[kind](OPEN).bind(p=param("q"))


@every_kind
@pytest.mark.parametrize(
    "criterion",
    [
        lambda: var("x") == 1,
        lambda: (User.age == 1) & (var("x") == 1),
        lambda: any_item([1, 2], lambda item: item == var("x")),
        lambda: User.friends.any(var("x") == 1),
        lambda: text("$x > 1", x=var("x")),
    ],
)
def test_a_name_that_nothing_made_is_one_error(kind: str, criterion: Any) -> None:
    """`var` reads what a stage made; elsewhere it is refused in the same words."""
    with pytest.raises(StatementError, match="no value is called 'x' here; there are: "):
        KINDS[kind](criterion())


@every_kind
@pytest.mark.parametrize(
    "criterion",
    [
        lambda: length(collect(User.name)) > 3,
        lambda: any_item(collect(User.name), lambda name: name == "Ada"),
        lambda: (User.age == 1) | ~(length(collect(User.name)) > 3),
        lambda: User.friends.any(length(collect(User.name)) > 3),
    ],
)
def test_an_aggregate_among_criteria_is_one_error(kind: str, criterion: Any) -> None:
    """A row is not asked about many rows."""
    with pytest.raises(StatementError, match="is a value of many rows; make it a column first"):
        KINDS[kind](criterion())


@every_kind
def test_a_field_of_another_class_is_refused(kind: str) -> None:
    """The error names the field."""
    with pytest.raises(StatementError, match=r"Stranger\.id"):
        KINDS[kind](Stranger.id == "x")


@every_kind
@pytest.mark.parametrize("criterion", ["n.name = 'Ada'", True, None, User, lambda u: u, 5, [OPEN]])
def test_what_is_no_criterion_is_one_error(kind: str, criterion: Any) -> None:
    """Text, functions, classes and plain values are refused in the same words."""
    with pytest.raises(StatementError, match="is not a criterion; "):
        KINDS[kind](criterion)


@pytest.mark.parametrize("kind", STORES)
def test_values_to_store_follow_the_same_rules(kind: str) -> None:
    """Parameters are bound and checked, unknown names and aggregates refused."""
    stmt = STORES[kind](param("p"))
    assert "Ada" in compiled(stmt.bind(p="Ada"))
    stmt.build()
    with pytest.raises(StatementError, match="'p' has no value; bind it"):
        compiled(stmt)
    with pytest.raises(StatementError, match="no parameter 'q'; it has p"):
        stmt.bind(q=1)
    with pytest.raises(FieldValidationError):
        stmt.bind(p=5)
    with pytest.raises(StatementError, match="no value is called 'x' here"):
        STORES[kind](var("x"))
    with pytest.raises(StatementError, match="is a value of many rows"):
        STORES[kind](collect(User.name))


LEFT = select(User).where(OPEN)
RIGHT = select(User).where(User.id == param("p"))
INNER = within(User, "n").where(User.id == param("p")).aggregate(count("*").as_("c"))

# Each puts two parts together that hold one parameter.
PAIRS: dict[str, Any] = {
    "union": (union, LEFT, RIGHT),
    "call": (call, LEFT, INNER),
    "shortest path": (lambda a, b: shortest_path(a, b, User.friends), LEFT, RIGHT),
    "fetch": (lambda a, b: a.fetch(b), LEFT, User.friends.where(User.id == param("p"))),
    "two fetches": (
        lambda a, b: select(User).fetch(a, b),
        User.friends.where(OPEN),
        User.articles.where(Article.title == param("p")),
    ),
    "fetch below": (
        lambda a, b: select(User).fetch(a.fetch(b)),
        User.friends.where(OPEN),
        User.articles.where(Article.title == param("p")),
    ),
    "fetch of a search": (
        lambda a, b: a.fetch(b),
        text_search(User, "x").where(OPEN),
        User.friends.where(User.id == param("p")),
    ),
}
every_pair = pytest.mark.parametrize("pair", PAIRS)


@every_pair
def test_parts_that_bind_one_name_differently_are_refused(pair: str) -> None:
    """The error names the parameter, and both places; the values stay out of it."""
    join, first, second = PAIRS[pair]
    with pytest.raises(
        StatementError, match="'p' is bound to different values in .+ and in .+"
    ) as raised:
        join(first.bind(p="secret one"), second.bind(p="secret two"))
    assert "secret" not in str(raised.value)


@every_pair
def test_parts_that_bind_one_name_alike_agree(pair: str) -> None:
    """Both mean the same value."""
    join, first, second = PAIRS[pair]
    sent = compiled(join(first.bind(p="Ada"), second.bind(p="Ada")))
    assert sent.count("Ada") == 2


@every_pair
@pytest.mark.parametrize("bound", ["neither", "first", "second"])
def test_parts_are_bound_from_the_whole(pair: str, bound: str) -> None:
    """A name stands for one value, given to the whole or by the part that was bound before."""
    join, first, second = PAIRS[pair]
    whole = join(
        first.bind(p="Ada") if bound == "first" else first,
        second.bind(p="Ada") if bound == "second" else second,
    )
    if bound == "neither":
        with pytest.raises(StatementError, match="'p' has no value"):
            compiled(whole)
        whole = whole.bind(p="Ada")
    assert compiled(whole).count("Ada") == 2
    assert compiled(whole.bind(p="Bob")).count("Bob") == 2


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1, 1.0), ([1], [True]), ((1,), (2,))])
def test_values_are_told_apart_by_type(one: Any, other: Any) -> None:
    """To Python some of these are equal; a database tells them apart."""
    first, second = (select(User).where(text("$x", x=param("p"))) for _ in range(2))
    with pytest.raises(StatementError, match="different values"):
        union(first.bind(p=one), second.bind(p=other))


def test_limits_of_fetches_are_parameters_too() -> None:
    """They are checked when they are bound."""
    stmt = select(User).fetch(User.friends.limit(param("k")))
    assert compiled(stmt.bind(k=3)) == [3]
    for wrong in (0, -1, True, "3", None):
        with pytest.raises(StatementError, match="'k' is a whole number ≥ 1"):
            stmt.bind(k=wrong)


def test_pages_of_searches_are_parameters_too() -> None:
    """They mean what they mean in a select."""
    stmt = text_search(User, "x").skip(param("s")).limit(param("l"))
    assert compiled(stmt.bind(s=1, l=2))[-2:] == [1, 2]
    with pytest.raises(StatementError, match="'l' takes a whole number"):
        stmt.bind(l=-1)


DEAD = select(User).traverse(User.articles, edge_alias="w").with_("n")


@pytest.mark.parametrize(
    "use",
    [
        lambda s: s.where(Article.title == "x"),
        lambda s: s.where(Authored.year == 1, on="w"),
        lambda s: s.order_by(Article.title),
        lambda s: s.return_target("n2"),
        lambda s: s.return_nodes("n", "n2"),
        lambda s: s.return_edge("w"),
        lambda s: s.return_edge(),
        lambda s: s.project(Article.title),
        lambda s: s.project(User.id).return_edge("w"),
        lambda s: s.project(User.id).where(Article.title == "x"),
        lambda s: s.project(User.id).order_by(Article.title),
        lambda s: s.aggregate(collect(Article).as_("all")),
        lambda s: s.with_("n2"),
        lambda s: s.with_edges(),
    ],
)
def test_what_a_stage_left_out_is_refused_everywhere(use: Any) -> None:
    """Criteria, orders, columns and returned elements say how to carry it."""
    with pytest.raises(StatementError, match=r"'(w|n2)' is left out by with_"):
        use(DEAD)


def test_ends_of_a_shortest_path_have_no_stages() -> None:
    """What a stage makes is not there on the way."""
    listed = select(User).unwind(["a"], "x").where(User.id == var("x"))
    for ends in ((listed, select(User)), (select(User), listed)):
        with pytest.raises(StatementError, match="is one node with criteria, without hops, stages"):
            shortest_path(*ends, User.friends)


@pytest.mark.parametrize("first", ["search", "update"])
def test_a_search_and_an_update_of_one_edge_class_do_not_meet(first: str) -> None:
    """What one of them remembers of the class says nothing to the other."""

    class Said(Edge, registry=Registry()):
        """An edge that nothing has asked about yet."""

        note: str = Field("", fulltext=True)

    asked = {
        "search": lambda: text_search(Said, "x").build(DIALECT).text,
        "update": lambda: update(Said).values(note="y").build(DIALECT).text,
    }
    order = [first, *(each for each in asked if each != first)]
    made = {each: asked[each]() for each in order}
    assert "queryRelationships" in made["search"]
    assert "(source)-[edge:" in made["update"]
    assert made == {each: asked[each]() for each in order}


def test_inserts_have_no_criteria() -> None:
    """Insert is a statement without where, and says so as one of runic's errors."""
    with pytest.raises(OgmError, match="Insert has no 'where'"):
        insert(User).where(User.id == "a")  # type: ignore[attr-defined]


@every_kind
@pytest.mark.parametrize("given", [{"p": "Ada"}, {}, "Ada", 5, None])
def test_bind_takes_values_by_name(kind: str, given: Any) -> None:
    """A dict, or a value without a name, is answered with how it is written."""
    with pytest.raises(StatementError, match=r"\.bind\(\*\*values\) for a dict"):
        KINDS[kind](OPEN).bind(given)
