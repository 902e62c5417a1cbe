"""Random expressions and criteria, each with what it is in plain Python."""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from runic.ogm.model import Node
from runic.ogm.query.variables import Variable
from tests.oracle.statements.functions import FUNCTIONS, Function
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.related import Related
from tests.oracle.statements.spelled import q, real, spell
from tests.oracle.statements.values import (
    FIELDS,
    LITERAL,
    LITERALS,
    SIGN_ROWS,
    SIGNS,
    SORTED,
    Row,
    Term,
    Value,
    View,
    all3,
    any3,
    both,
    either,
    lifted,
    negated,
    none3,
    single3,
)

# Of the answers for each item of a list.
_QUANTIFIERS: dict[str, tuple[str, Callable[[Iterable[bool | None]], bool | None]]] = {
    "any_item": ("any(…)", any3),
    "all_items": ("all(x IN list WHERE …)", all3),
    "no_item": ("none(…)", none3),
    "single_item": ("single(…)", single3),
}
_PATTERNS = ["A.*", ".*a", "[ab]\\d", "", "ada|Ada", ".*日.*", "x"]
_SEARCHES: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "contains": ("CONTAINS", operator.contains),
    "startswith": ("STARTS WITH", str.startswith),
    "endswith": ("ENDS WITH", str.endswith),
}
_PARTS = {"year": "date.year", "month": "date.month", "day": "date.day",
          "hour": "datetime.hour", "minute": "datetime.minute",
          "second": "datetime.second"}  # fmt: skip
_BOXES = [
    ((-20.0, -10.0), (50.0, 12.0)),
    ((-90.0, 179.0), (90.0, -179.0)),
    ((0.0, 0.0), (0.0, 0.0)),
]


class Asker(Related):
    """Draws terms and criteria about the elements in view.

    `related` allows criteria on relations; `scope` tells apart what is inside of one of these.
    """

    def __init__(
        self, pen: Pen, views: list[View], *, related: bool = True, depth: int = 2, scope: int = 0
    ) -> None:
        self.pen = pen
        self.views = views
        self.related = related
        self.depth = depth
        self.scope = scope
        # Values of stages, by kind.
        self.values: list[Term] = []
        # Whether an expression can mean a whole element: in columns, or where there is but one.
        self.whole = False

    def deeper(self, views: list[View] | None = None, scope: int = 0) -> Asker:
        """Return an asker for the parts of an expression, or for what is inside of a relation."""
        depth, inside = self.depth - 1, self.scope + scope
        made = Asker(self.pen, views or self.views, related=self.related, depth=depth, scope=inside)
        made.values = [] if views else self.values
        made.whole = self.whole and not views
        return made

    # Expressions

    def kind(self, options: Sequence[str]) -> str:
        """Draw one of several kinds that there are fields or plain literals of."""
        there = {kind for view in self.views for kind in FIELDS[view.cls]} | {*LITERAL}
        return self.pen.pick([kind for kind in options if kind in there])

    def term(self, kind: str) -> Term:
        """Draw an expression of a kind."""
        if self.depth > 0 and self.pen.one_in(3):
            return self.pen.pick(self._makers(kind))()
        return self.field(kind)

    def _makers(self, kind: str) -> list[Callable[[], Term]]:
        """Return what draws computed terms of a kind."""
        made: list[Callable[[], Term]] = [partial(self._choice, kind)] * 2
        made += [partial(self.function, f) for f in FUNCTIONS if f.gives == kind
                 and self._possible(f)]  # fmt: skip
        if kind in ("int", "text") and self.whole:
            made += [partial(self._known, kind)] * 2
        return (
            [*made, *[partial(self._date_part, each) for each in _PARTS]] if kind == "int" else made
        )

    def any_function(self) -> Term:
        """Draw some function, each as often as any other."""
        made = [partial(self.function, f) for f in FUNCTIONS if self._possible(f)]
        parts = [partial(self._date_part, name) for name in _PARTS]
        known = [partial(self._known, kind) for kind in ("int", "text")]
        more = [partial(self._choice, kind) for kind in ("int", "mood", "date", "list")]
        return self.pen.pick([*made, *parts, *known, *more])()

    def _possible(self, function: Function) -> bool:
        there = {kind for view in self.views for kind in FIELDS[view.cls]} | {*LITERAL}
        kinds = {each for each in function.takes if isinstance(each, str)}
        return kinds <= there and self.pen.has(function.row)

    def function(self, function: Function) -> Term:
        """Draw a function of terms."""
        self.pen.tell(function.row)
        inner = self.deeper()
        parts: list[Term] = []
        for each in function.takes:
            if isinstance(each, str):
                parts.append(inner.term(each))
            else:
                value = self.pen.pick(each)
                parts.append(Term(value, lambda row, value=value: value, ""))
        values = [part.value for part in parts]
        of = function.of
        if function.differs and self.pen.differs(function.differs[0]):
            value: Value = _total(function.differs[1], values)
        else:
            value = _total(of, values) if function.total else lifted(of, *values)
        return Term(function.build(*(part.made for part in parts)), value, function.gives)

    def made(self, kind: str) -> Term:
        """Draw a function of a kind that is only returned."""
        return self.function(
            self.pen.pick([f for f in FUNCTIONS if f.gives == kind and self._possible(f)])
        )

    def field(self, kind: str) -> Term:
        """Draw a field of a kind, or a value of a stage, or a literal where there is neither."""
        found = [
            view.field(name, kind) for view in self.views for name in FIELDS[view.cls].get(kind, ())
        ]
        found += [value for value in self.values if value.kind == kind]
        return self.pen.pick(found) if found else self.constant(kind)

    def literal(self, kind: str) -> Any:
        """Draw a plain value."""
        return self.pen.pick(LITERALS[kind])

    def constant(self, kind: str) -> Term:
        """Draw a value that is an expression."""
        value = self.literal(kind)
        self.pen.tell("literal")
        return Term(q.literal(value), lambda row: value, kind)

    def _choice(self, kind: str) -> Term:
        inner = self.deeper()
        one, spare = inner.field(kind), self.literal(kind)
        if self.pen.flag():
            self.pen.tell("coalesce()")
            other = inner.field(kind)
            return Term(
                q.coalesce(one.made, other.made, spare),
                lambda row: next(v for v in (one.value(row), other.value(row), spare)
                                 if v is not None),
                kind,
            )  # fmt: skip
        return self._case(inner, one, spare)

    def _case(self, inner: Asker, one: Term, spare: Any) -> Term:
        tests = [inner.criterion()]
        made = q.case().when(tests[0].made, one.made)
        answers: list[tuple[Value, Value]] = [(tests[0].value, one.value)]
        if self.pen.flag():
            self.pen.tell("CASE x WHEN v THEN … END")
            more, other = inner.criterion(), self.literal(one.kind)
            made = made.when(more.made, other)
            answers.append((more.value, lambda row: other))
        last = None
        if self.pen.flag():
            self.pen.tell("CASE WHEN … THEN … ELSE … END")
            last, made = spare, made.otherwise(spare)
        return Term(
            made,
            lambda row: next((v(row) for test, v in answers if test(row) is True), last),
            one.kind,
        )

    def _known(self, kind: str) -> Term:
        """Draw a field, out of all that the database has of an element."""
        names = [(view, name) for view in self.views for name in FIELDS[view.cls].get(kind, ())]
        if not names:
            return self.field(kind)
        view, name = self.pen.pick(names)
        self.pen.tell("properties()")
        return Term(q.at(q.properties_of(self.element(view)), name), view.read(name), kind)

    def element(self, view: View) -> Any:
        """Return a whole element, as functions of one take it."""
        return spell(view.cls) if view.alias is None else q.var(view.alias)

    def _date_part(self, name: str) -> Term:
        kinds = ["date", "moment"] if name in ("year", "month", "day") else ["moment"]
        kind = self.kind([*kinds, "int"])
        part = self.field(kind)
        if kind == "int" or not self.is_field(part):
            return self.field("int")
        self.pen.tell(_PARTS[name])
        value = lifted(
            lambda m: getattr(m.astimezone(dt.UTC) if kind == "moment" else m, name), part.value
        )
        return Term(getattr(q, name)(part.made), value, "int")

    @staticmethod
    def is_field(term: Term) -> bool:
        """Tell whether a term is a field, and no more."""
        return isinstance(real(term.made), real(q.Attribute))

    # Criteria

    def criterion(self) -> Term:
        """Draw a criterion; its value is True, False or None."""
        shape = self.pen.number(0, 6) if self.depth > 0 else 0
        if shape == 1:
            self.pen.tell("NOT")
            part = self.deeper().criterion()
            return Term(~part.made, negated(part.value), "bool")
        if shape in (2, 3, 4):
            return self._combined(shape)
        if shape == 5 and self.related and (ways := self.ways()):
            return self.about_relation(*self.pen.pick(ways))
        if shape == 6:
            return self._certain()
        return self._comparison()

    def _combined(self, shape: int) -> Term:
        inner = self.deeper()
        one, other = inner.criterion(), inner.criterion()
        if shape == 2:
            self.pen.tell("AND")
            return Term(one.made & other.made, both(one.value, other.value), "bool")
        if shape == 3:
            self.pen.tell("OR")
            return Term(one.made | other.made, either(one.value, other.value), "bool")
        self.pen.tell("XOR")
        return Term(one.made ^ other.made, lifted(operator.ne, one.value, other.value), "bool")

    def _certain(self) -> Term:
        """Draw what is asked of a whole element, or is so of every row."""
        views = self.views if self.whole else []
        what = self.pen.pick(
            ["timestamp()", "rand()", "n:L", "id()", "labels()", "keys()", "any Cypher"]
        )
        if what in ("timestamp()", "rand()") or not views:
            self.pen.tell(rand := "rand()" if what == "rand()" else "timestamp()")
            made = q.random() < 1 if rand == "rand()" else q.timestamp() > 1_700_000_000_000
            return Term(made, lambda row: True, "bool")
        view = self.pen.pick(views)
        return self._of_element(what, view)

    def _of_element(self, what: str, view: View) -> Term:
        element, key = self.element(view), view.key
        if what == "keys()" or not issubclass(view.cls, Node):
            name = self.pen.pick(sorted(view.cls.model_fields.keys() & {"age", "weight", "since"}))
            self.pen.tell("keys()", "any(…)")
            made = q.any_item(q.keys_of(element), lambda key: key == name)
            return Term(made, lambda row: row[key] and row[key].values[name] is not None, "bool")
        if what == "id()":
            self.pen.tell("id()", "IS NOT NULL")
            made = q.id_of(element).is_not_null()
            return Term(made, lambda row: row[key] is not None, "bool")
        if what == "any Cypher" and (names := FIELDS[view.cls].get("int")):
            self.pen.tell("any Cypher")
            least, name = self.literal("int"), names[0]
            made = q.text(f"{view.alias or key}.{name} > $than", than=least)
            return Term(made, lifted(lambda v: v > least, view.read(name)), "bool")
        if what == "n:L" and self.pen.has("n:L"):
            self.pen.tell("n:L", "any Cypher")
            made = q.text(f"{view.alias or view.key}:Robot")
        else:
            self.pen.tell("labels()", "any(…)")
            made = q.any_item(q.labels_of(element), lambda label: label == "Robot")
        return Term(made, lambda row: row[key] and row[key].cls.__name__ == "Robot", "bool")

    def _comparison(self) -> Term:
        what = self.pen.pick(["sign", "sign", "null", "in", "search", "items", "between", "place"])
        if what == "search":
            return self._search()
        if what == "items" and (kinds := self._listed()):
            return self._items(*self.pen.pick(kinds))
        if what == "place" and self.kind(["text", "place"]) == "place":
            return self._place()
        kind = self.kind([*SORTED, "mood", "list", "ints"])
        term = self.term(kind)
        if what == "null":
            missing = self.pen.flag()
            self.pen.tell("IS NULL" if missing else "IS NOT NULL")
            made = term.made.is_null() if missing else term.made.is_not_null()
            return Term(made, lambda row: (term.value(row) is None) == missing, "bool")
        if what == "in" and kind not in ("list", "ints"):
            return self._among(term)
        if what == "between" and kind in SORTED and kind != "bool":
            return self._between(term)
        equal = kind in ("mood", "list", "ints", "bool")
        return self._compared(term, self.pen.pick(["==", "!="] if equal else [*SIGNS]))

    def _between(self, term: Term) -> Term:
        self.pen.tell("a < b < c", "AND")
        low, high = self.literal(term.kind), self.literal(term.kind)
        made = (term.made > low) & (term.made < high)
        return Term(made, lifted(lambda v: low < v < high, term.value), "bool")

    def _compared(self, term: Term, sign: str) -> Term:
        of = SIGNS[sign]
        self.pen.tell(SIGN_ROWS[sign])
        if self.pen.flag():
            self.pen.tell("n.p = n.q")
            other = self.term(term.kind)
            return Term(of(term.made, other.made), lifted(of, term.value, other.value), "bool")
        value = self.literal(term.kind)
        return Term(of(term.made, value), lifted(lambda v: of(v, value), term.value), "bool")

    def _among(self, term: Term) -> Term:
        options = self.pen.some(LITERALS[term.kind])
        if self.pen.flag():
            self.pen.tell("IN")
            # Nothing is among no values: that is known even of an unknown value.
            among = lifted(lambda v: v in options, term.value)
            value = among if options else lambda row: False
            return Term(term.made.in_(options), value, "bool")
        self.pen.tell("NOT … IN")
        return Term(
            term.made.not_in_(options),
            lambda row: (v := term.value(row)) is not None and v not in options,
            "bool",
        )

    def _search(self) -> Term:
        term = self.term("text")
        if self.pen.one_in(4) and self.pen.has("=~"):
            self.pen.tell("=~")
            pattern = self.pen.pick(_PATTERNS)
            value = lifted(lambda t: re.fullmatch(pattern, t) is not None, term.value)
            return Term(term.made.matches(pattern), value, "bool")
        what = self.pen.pick([*_SEARCHES])
        row, of = _SEARCHES[what]
        self.pen.tell(row)
        wanted = self.literal("text")
        value = lifted(lambda t: of(t, wanted), term.value)
        return Term(getattr(term.made, what)(wanted), value, "bool")

    def _listed(self) -> list[tuple[str, str]]:
        there = {kind for view in self.views for kind in FIELDS[view.cls]}
        return [each for each in (("list", "text"), ("ints", "int")) if each[0] in there]

    def _items(self, kind: str, item: str) -> Term:
        term = self.term(kind) if self.pen.flag() else self.field(kind)
        wanted = self.literal(item)
        what = self.pen.pick(["contains", "any_of", "all_of", *_QUANTIFIERS])
        if what in ("contains", "any_of", "all_of") and not self.is_field(term):
            # What a variable holds is not known where it is asked about: `in` would be of text.
            what = "any_item" if isinstance(real(term.made), Variable) else "contains"
        if what == "contains":
            self.pen.tell("x IN n.list")
            contains = lifted(lambda x: wanted in x, term.value)
            return Term(term.made.contains(wanted), contains, "bool")
        if what.endswith("_of"):
            options = self.pen.some(LITERALS[item], 1, 2)
            of = any if what == "any_of" else all
            value = lifted(lambda x: of(option in x for option in options), term.value)
            return Term(getattr(term.made, what)(options), value, "bool")
        return self._quantified(what, term, item)

    def _quantified(self, what: str, term: Term, item: str) -> Term:
        row, of = _QUANTIFIERS[what]
        self.pen.tell(row)
        sign = SIGNS[self.pen.pick(["==", "!=", "<", ">="])]
        if self.pen.flag():
            other = self.deeper().field(item)
        else:
            wanted = self.literal(item)
            other = Term(wanted, lambda row: wanted, item)

        def value(row: Row) -> Any:
            items, than = term.value(row), other.value(row)
            if items is None:
                return None
            return of(None if than is None else sign(each, than) for each in items)

        made = getattr(q, what)(term.made, lambda each: sign(each, other.made))
        return Term(made, value, "bool")

    def _place(self) -> Term:
        """Draw a criterion on where something is; far from where rounding matters."""
        term = self.field("place")
        if self.pen.flag():
            self.pen.tell("point.withinBBox()")
            (south, west), (north, east) = self.pen.pick(_BOXES)
            place = type(self.literal("place"))
            corners = [place(latitude=y, longitude=x) for y, x in ((south, west), (north, east))]

            def inside(p: Any) -> bool:
                within = p.longitude >= west, p.longitude <= east
                around = any(within) if west > east else all(within)
                return south <= p.latitude <= north and around

            return Term(q.within_box(term.made, *corners), lifted(inside, term.value), "bool")
        self.pen.tell("point.distance()")
        here, most = self.literal("place"), self.pen.pick([1_000.0, 3_000_000.0])
        value = lifted(lambda p: metres(p, here) < most, term.value)
        return Term(q.distance(term.made, here) < most, value, "bool")


def _total(of: Callable[..., Any], values: list[Value]) -> Value:
    return lambda row: of(*(value(row) for value in values))


def metres(one: Any, other: Any) -> float:
    """Return the distance of two places on a sphere."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    d = math.radians(one.longitude - other.longitude)
    h = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(d / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(h))
