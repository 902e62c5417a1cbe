"""Random expressions and criteria, each with what it is in plain Python.

A `Term` has the expression that runic gets and the function that Python calls with a row. A row
holds, by name, the node or edge that an alias of the pattern stands for (None where an optional hop
found nothing), and the values of stages. None is the database's null: of unknown values everything
is unknown.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from runic.ogm import query as q
from tests.behaviour.query_world import WAYS, Being, Item, Likes, Mood, Plain, Robot, Way, day

Row = dict[str, Any]
Value = Callable[[Row], Any]


@dataclass(frozen=True)
class Term:
    """An expression, its value in a row, and its kind."""

    made: Any
    value: Value
    kind: str

    def __repr__(self) -> str:
        return str(self.made)


@dataclass(frozen=True)
class View:
    """An element of the pattern: its class, its name in rows, and its alias where it needs one."""

    cls: type[Any]
    key: str
    alias: str | None = None

    def field(self, name: str, kind: str) -> Term:
        """Return a field of the element."""
        made = getattr(self.cls, name)
        return Term(made if self.alias is None else made.on(self.alias), self.read(name), kind)

    def read(self, name: str) -> Value:
        """Return what reads a field from a row."""
        return lambda row: None if row[self.key] is None else row[self.key].values[name]

    def relation(self, way: Way) -> Any:
        """Return the expression of a relation of the element."""
        made = getattr(self.cls, way.name)
        return made if self.alias is None else made.on(self.alias)


# Of the answers for each item of a list.
_QUANTIFIERS: dict[str, Callable[[Iterable[bool]], bool]] = {
    "any": any,
    "all": all,
    "no": lambda found: not any(found),
    "single": lambda found: sum(found) == 1,
}

_BEING = {
    "int": ["age"],
    "float": ["score"],
    "text": ["id", "name", "nick"],
    "bool": ["active"],
    "moment": ["born"],
    "mood": ["mood"],
    "list": ["tags"],
    "ints": ["numbers"],
}
FIELDS: dict[type[Any], dict[str, list[str]]] = {
    Being: _BEING,
    Robot: {**_BEING, "int": ["age", "volts"]},
    Item: {"int": ["weight"], "float": ["price"], "text": ["id", "title"]},
    Likes: {"int": ["since"], "text": ["how"]},
}
LITERALS: dict[str, Sequence[Any]] = {
    "int": [0, 1, 2, 20, 36, -3],
    "float": [0.0, 1.5, -2.25, 100.125, 0.5],
    "text": ["", "Ada", "ada", "x", "a", "日本", "a'b\"c\\`d", "b1", "i2", "ünï"],
    "bool": [True, False],
    "moment": [day(1), day(2), day(5), dt.datetime(2020, 1, 4, tzinfo=dt.UTC)],
    "mood": list(Mood),
    "list": [[], ["x"], ["x", "y"], ["日本"]],
    "ints": [[], [1, 2], [7]],
}
# Kinds that a value alone tells.
LITERAL = {"int", "float", "text", "bool"}
SORTED = ["int", "float", "text", "bool", "moment"]
_PATTERNS = ["A.*", ".*a", "[ab]\\d", "", "ada|Ada", ".*日.*", "x"]
_SIGNS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
          ">": operator.gt, ">=": operator.ge}  # fmt: skip
_SEARCHES: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def lifted(function: Callable[..., Any], *values: Value) -> Value:
    """Return what calls a function with values; None if one of them is None."""

    def of(row: Row) -> Any:
        found = [value(row) for value in values]
        return None if any(one is None for one in found) else function(*found)

    return of


def negated(value: Value) -> Value:
    """Return NOT: unknown stays unknown."""
    return lifted(operator.not_, value)


def both(one: Value, other: Value) -> Value:
    """Return AND of three-valued logic."""
    return lambda row: _least((one(row), other(row)), False)


def either(one: Value, other: Value) -> Value:
    """Return OR of three-valued logic."""
    return lambda row: _least((one(row), other(row)), True)


def _least(found: tuple[Any, Any], decisive: bool) -> Any:
    if decisive in found:
        return decisive
    return None if None in found else not decisive


class Asker:
    """Draws terms and criteria about the elements in view.

    `related` allows criteria on relations; `scope` tells apart what is inside of one of these.
    """

    def __init__(
        self, draw: Any, views: list[View], *, related: bool = True, depth: int = 2, scope: int = 0
    ) -> None:
        self.draw = draw
        self.views = views
        self.related = related
        self.depth = depth
        self.scope = scope
        # Values of stages, by kind.
        self.values: list[Term] = []

    def pick(self, options: Sequence[Any]) -> Any:
        """Draw one of several."""
        return self.draw(st.sampled_from(options))

    def deeper(self) -> Asker:
        """Return an asker for the parts of an expression."""
        made = Asker(
            self.draw, self.views, related=self.related, depth=self.depth - 1, scope=self.scope
        )
        made.values = self.values
        return made

    # Expressions

    def kind(self, options: Sequence[str]) -> str:
        """Draw one of several kinds that there are fields or plain literals of."""
        there = {kind for view in self.views for kind in FIELDS[view.cls]} | LITERAL
        return str(self.pick([kind for kind in options if kind in there]))

    def term(self, kind: str) -> Term:
        """Draw an expression of a kind."""
        makers = {
            "int": self._int,
            "float": self._float,
            "text": self._text,
            "list": self._list,
        }
        if self.depth > 0 and self.draw(st.integers(0, 2)) == 0:
            if kind in makers and self.draw(st.booleans()):
                return makers[kind]()
            return self._choice(kind)
        return self.field(kind)

    def field(self, kind: str) -> Term:
        """Draw a field of a kind, or a value of a stage, or a literal where there is neither."""
        found = [
            view.field(name, kind) for view in self.views for name in FIELDS[view.cls].get(kind, ())
        ]
        found += [value for value in self.values if value.kind == kind]
        return self.pick(found) if found else self.constant(kind)

    def literal(self, kind: str) -> Any:
        """Draw a plain value."""
        return self.pick(LITERALS[kind])

    def constant(self, kind: str) -> Term:
        """Draw a value that is an expression."""
        value = self.literal(kind)
        return Term(q.literal(value), lambda row: value, kind)

    def _choice(self, kind: str) -> Term:
        inner = self.deeper()
        one, spare = inner.field(kind), self.literal(kind)
        if self.draw(st.booleans()):
            other = inner.field(kind)
            return Term(
                q.coalesce(one.made, other.made, spare),
                lambda row: next(v for v in (one.value(row), other.value(row), spare)
                                 if v is not None),
                kind,
            )  # fmt: skip
        test = inner.criterion()
        made = q.case().when(test.made, one.made)
        if self.draw(st.booleans()):
            return Term(made, lambda row: one.value(row) if test.value(row) else None, kind)
        return Term(
            made.otherwise(spare),
            lambda row: one.value(row) if test.value(row) else spare,
            kind,
        )

    def _int(self) -> Term:
        inner = self.deeper()
        what = self.pick(["+", "-", "*", "%", "neg", "abs", "sign", "length", "year", "to_int"])
        if what == "length":
            kind = self.kind(["text", "list"])
            part = inner.term(kind)
            return Term(q.length(part.made), lifted(len, part.value), "int")
        if what == "year":
            return self._date_part()
        if what == "to_int":
            part = inner.term("float")
            return Term(q.to_int(part.made), lifted(math.trunc, part.value), "int")
        one = inner.term("int")
        unary: dict[str, tuple[Any, Any]] = {
            "neg": (operator.neg, operator.neg),
            "abs": (q.abs_, abs),
            "sign": (q.sign, lambda n: (n > 0) - (n < 0)),
        }
        if what in unary:
            made, of = unary[what]
            return Term(made(one.made), lifted(of, one.value), "int")
        if what == "%":
            by = self.pick([2, 7, -3])
            return Term(one.made % by, lifted(lambda n: int(math.fmod(n, by)), one.value), "int")
        sign = {"+": operator.add, "-": operator.sub, "*": operator.mul}[what]
        if self.draw(st.booleans()):
            number = self.literal("int")
            return Term(sign(number, one.made), lifted(lambda n: sign(number, n), one.value), "int")
        other = inner.term("int")
        return Term(sign(one.made, other.made), lifted(sign, one.value, other.value), "int")

    def _date_part(self) -> Term:
        part = self.field("moment")
        if isinstance(part.made, q.Attribute):
            name = self.pick(["year", "month", "day", "hour", "minute", "second"])
            value = lifted(lambda m: getattr(m.astimezone(dt.UTC), name), part.value)
            return Term(getattr(q, name)(part.made), value, "int")
        return self.field("int")

    def _float(self) -> Term:
        inner = self.deeper()
        what = self.pick(["+", "*", "/", "to_float", "ceil", "floor"])
        if what == "to_float":
            part = inner.term("int")
            return Term(q.to_float(part.made), lifted(float, part.value), "float")
        one = inner.term(self.pick(["float", "int"]) if what == "/" else "float")
        if what == "/":
            by = self.pick([2, 4, -0.5])
            return Term(one.made / by, lifted(lambda n: n / by, one.value), "float")
        if what in ("ceil", "floor"):
            of = getattr(math, what)
            return Term(
                getattr(q, what)(one.made), lifted(lambda n: float(of(n)), one.value), "float"
            )
        other = inner.term(self.pick(["float", "int"]))
        sign = operator.add if what == "+" else operator.mul
        return Term(sign(one.made, other.made), lifted(sign, one.value, other.value), "float")

    def _text(self) -> Term:
        one, what = self.deeper().term("text"), self.pick(["lower", "upper", "left", "right",
                                                           "substring", "replace", "+", "reverse",
                                                           "trim"])  # fmt: skip
        simple: dict[str, tuple[Any, Callable[[str], str]]] = {
            "lower": (q.lower, str.lower),
            "upper": (q.upper, str.upper),
            "trim": (q.trim, lambda t: t.strip(" ")),
            "reverse": (q.reverse, lambda t: t[::-1]),
        }
        if what in simple:
            made, of = simple[what]
            return Term(made(one.made), lifted(of, one.value), "text")
        if what == "+":
            other = self.deeper().term("text")
            return Term(one.made + other.made, lifted(operator.add, one.value, other.value), "text")
        if what == "replace":
            old, new = self.pick(["a", "A", "日", "x"]), self.literal("text")
            value = lifted(lambda t: t.replace(old, new), one.value)
            return Term(q.replace(one.made, old, new), value, "text")
        n = self.draw(st.integers(0, 3))
        cut: dict[str, Callable[[str], str]] = {
            "left": lambda t: t[:n],
            "right": lambda t: t[max(0, len(t) - n) :],
            "substring": lambda t: t[n:],
        }
        return Term(getattr(q, what)(one.made, n), lifted(cut[what], one.value), "text")

    def _list(self) -> Term:
        one = self.deeper().field("list")
        what = self.pick(["tail", "slice", "reverse", "+", "for_each", "split"])
        if what == "tail":
            return Term(q.tail(one.made), lifted(lambda x: x[1:], one.value), "list")
        if what == "slice":
            return Term(q.slice_(one.made, 0, 1), lifted(lambda x: x[:1], one.value), "list")
        if what == "reverse":
            return Term(q.reverse(one.made), lifted(lambda x: x[::-1], one.value), "list")
        if what == "+":
            more = self.literal("list")
            return Term(one.made + more, lifted(lambda x: x + more, one.value), "list")
        if what == "split":
            text = self.field("text")
            return Term(q.split(text.made, "a"), lifted(lambda t: t.split("a"), text.value), "list")
        return Term(
            q.for_each(one.made, q.upper, where=lambda t: t != "y"),
            lifted(lambda x: [t.upper() for t in x if t != "y"], one.value),
            "list",
        )

    # Criteria

    def criterion(self) -> Term:
        """Draw a criterion; its value is True, False or None."""
        shape = self.draw(st.integers(0, 5)) if self.depth > 0 else 0
        inner = self.deeper()
        if shape == 1:
            part = inner.criterion()
            return Term(~part.made, negated(part.value), "bool")
        if shape in (2, 3):
            one, other = inner.criterion(), inner.criterion()
            if shape == 2:
                return Term(one.made & other.made, both(one.value, other.value), "bool")
            return Term(one.made | other.made, either(one.value, other.value), "bool")
        if shape == 4 and self.related and (ways := self._ways()):
            return self._about_relation(*self.pick(ways))
        return self._comparison()

    def _comparison(self) -> Term:
        what = self.pick(["sign", "sign", "sign", "null", "in", "search", "items"])
        if what == "search":
            return self._search()
        if what == "items" and self.kind(["text", "list"]) == "list":
            return self._items()
        kind = self.kind([*SORTED, "mood", "list"])
        term = self.term(kind)
        if what == "null":
            missing = self.draw(st.booleans())
            made = term.made.is_null() if missing else term.made.is_not_null()
            return Term(made, lambda row: (term.value(row) is None) == missing, "bool")
        if what == "in" and kind != "list":
            return self._among(term)
        sign = self.pick(["==", "!="] if kind in ("mood", "list", "bool") else list(_SIGNS))
        return self._compared(term, sign)

    def _compared(self, term: Term, sign: str) -> Term:
        of = _SIGNS[sign]
        if self.draw(st.booleans()):
            other = self.term(term.kind)
            return Term(of(term.made, other.made), lifted(of, term.value, other.value), "bool")
        value = self.literal(term.kind)
        return Term(of(term.made, value), lifted(lambda v: of(v, value), term.value), "bool")

    def _among(self, term: Term) -> Term:
        options = self.draw(st.lists(st.sampled_from(LITERALS[term.kind]), max_size=3))
        if self.draw(st.booleans()):
            # Nothing is among no values: that is known even of an unknown value.
            among = lifted(lambda v: v in options, term.value)
            value = among if options else lambda row: False
            return Term(term.made.in_(options), value, "bool")
        return Term(
            term.made.not_in_(options),
            lambda row: (v := term.value(row)) is not None and v not in options,
            "bool",
        )

    def _search(self) -> Term:
        term = self.term("text")
        if self.draw(st.integers(0, 3)) == 0:
            pattern = self.pick(_PATTERNS)
            value = lifted(lambda t: re.fullmatch(pattern, t) is not None, term.value)
            return Term(term.made.matches(pattern), value, "bool")
        what = self.pick(list(_SEARCHES))
        wanted = self.literal("text")
        value = lifted(lambda t: _SEARCHES[what](t, wanted), term.value)
        return Term(getattr(term.made, what)(wanted), value, "bool")

    def _items(self) -> Term:
        kind, item = self.pick([("list", "text"), ("ints", "int")])
        term = self.field(kind)
        wanted = self.literal(item)
        if not isinstance(term.made, q.Attribute):
            return Term(
                term.made.contains(wanted), lifted(lambda x: wanted in x, term.value), "bool"
            )
        quantified = ["any_item", "all_items", "no_item", "single_item"]
        what = self.pick(["contains", "any_of", "all_of", *quantified])
        if what == "contains":
            return Term(
                term.made.contains(wanted), lifted(lambda x: wanted in x, term.value), "bool"
            )
        of = _QUANTIFIERS[what.split("_")[0]]
        if what.endswith("_of"):
            options = self.draw(st.lists(st.sampled_from(LITERALS[item]), min_size=1, max_size=2))
            value = lifted(lambda x: of(option in x for option in options), term.value)
            return Term(getattr(term.made, what)(options), value, "bool")
        made = getattr(q, what)(term.made, lambda each: each == wanted)
        return Term(made, lifted(lambda x: of(each == wanted for each in x), term.value), "bool")

    def _ways(self) -> list[tuple[View, Way]]:
        return [
            (view, way) for view in self.views for way in WAYS if issubclass(view.cls, way.source)
        ]

    def _about_relation(self, view: View, way: Way) -> Term:
        node, edge = f"t{self.scope}", f"e{self.scope}"
        views = [View(way.target, node)] + ([View(way.edge, edge)] if way.edge else [])
        # What is outside needs an alias to be told from what is inside.
        outside = [one for one in self.views if one.alias is not None]
        inner = Asker(self.draw, views + outside, depth=self.depth - 1, scope=self.scope + 1)
        asked = inner.criterion() if self.draw(st.booleans()) else None

        def number(row: Row) -> int:
            start: Plain | None = row[view.key]
            steps = [] if start is None else way.steps(start)
            return sum(
                asked is None or asked.value({**row, edge: e, node: n}) is True for e, n in steps
            )

        relation = view.relation(way)
        criteria = () if asked is None else (asked.made,)
        if self.draw(st.booleans()):
            return Term(relation.any(*criteria), lambda row: number(row) > 0, "bool")
        sign, wanted = self.pick(list(_SIGNS)), self.draw(st.integers(0, 2))
        made = _SIGNS[sign](relation.count(*criteria), wanted)
        return Term(made, lambda row: _SIGNS[sign](number(row), wanted), "bool")
