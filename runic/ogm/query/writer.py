"""Write one query: aliases, parameters and property names, as the dialect wants them.

Used by the compiler once for every shape of statement. Criteria and expressions ask it for the
text of what they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import PropertyInfo
from runic.ogm.query.computed import walk
from runic.ogm.query.counted import Counts
from runic.ogm.query.criteria import ORDERING, Comparison, FieldComparison
from runic.ogm.query.element import Element
from runic.ogm.query.elements import node_text
from runic.ogm.query.enclosed import Enclosed, enclosed
from runic.ogm.query.expressions import Attribute, of_kind
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import ROOT, Pattern, Place
from runic.ogm.query.planned import Hidden, parameter_name
from runic.ogm.query.related import EveryEdge, Hoist, Related
from runic.ogm.query.values import Value, many_form
from runic.ogm.query.variables import Variable

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect

_WORDS = (
    "all and any as asc ascending by call case contains count create csv delete desc descending"
    " detach distinct drop else end ends exists false for foreach from in index is limit load match"
    " merge none not null on optional or order remove return set single skip starts then true union"
    " unwind using when where with xor yield"
)
_RESERVED = frozenset(_WORDS.split())
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

_PARAMETERS = tuple([f"${parameter_name(number)}" for number in range(64)])


class Writer:
    """The text of one query in the making.

    `hidden` has the numbers of the values whose equals an index would hide.
    """

    def __init__(
        self, pattern: Pattern, dialect: Dialect, hidden: Hidden, written: int = 0
    ) -> None:
        self.pattern = pattern
        self.dialect = dialect
        self._hidden = hidden
        self._written = written
        self._place: Place | None = None
        self._known = len(pattern.nodes)
        # Its fields can belong to nothing else, which spares looking for what they belong to.
        self._only = None if pattern.hops else pattern.nodes[0].entity
        self._root = self.name(pattern.nodes[0].alias)
        self._aliases: dict[Place, str] = {ROOT: self._root}
        self._pieces = pattern.memory.pieces(self._root, dialect)
        self._counts: Counts | None = None
        # What values of the row are called inside of an expression that may not read the row.
        self._closed: dict[str, str] = {}

    @property
    def counts(self) -> Counts:
        """The counts of this query; few have any."""
        if self._counts is None:
            self._counts = Counts(self)
        return self._counts

    def taken(self) -> list[Hoist]:
        """Return the counts that wait for a stage, and forget them."""
        return [] if self._counts is None else self._counts.taken()

    @property
    def counting(self) -> bool:
        """Whether something of the rows is a count: they ask about each other."""
        return self._counts is not None and self._counts.any

    @property
    def reads_first(self) -> bool:
        """Whether all rows have to be read before one is written."""
        return self.dialect.reads_while_writing and self.counting

    @property
    def written(self) -> int:
        """How many parameters there are so far."""
        return self._written

    def inside(self, pattern: Pattern) -> Writer:
        """Return a writer for a subquery, which goes on counting the same parameters."""
        return Writer(pattern, self.dialect, self._hidden, self._written)

    def skip_to(self, written: int) -> None:
        """Go on after the parameters of a subquery."""
        self._written = written

    def alone(self, part: Part) -> str:
        """Return the text of a part where what stands beside it cannot get into it."""
        return self.dialect.alone(part.write(self))

    def apart(self, text: str) -> str:
        """Return an expression, or what a stage before calls it that has a place for it."""
        return self.counts.apart(text) if self.dialect.stands_apart(text) else text

    def assigned(self, part: Part) -> str:
        """Return what a property is set to, worked out before where SET has no place for it."""
        text = self.alone(part)
        return text if self.dialect.sets(text) else self.counts.apart(text)

    def focus(self, place: Place | None, known: int) -> None:
        """Set what the fields of the next expression may belong to."""
        self._place, self._known = place, known

    def alias(self, place: Place) -> str:
        """Return the alias of an element as it stands in a query."""
        found = self._aliases.get(place)
        if found is None:
            found = self._aliases[place] = self.name(self.pattern.alias(place))
        return found

    def whole(self, place: Place) -> str:
        """Return an element as an operand."""
        return self._read(self.alias(place))

    def root(self) -> str:
        """Return the node that the pattern starts from, as ``(n:`User`)``."""
        found: str | None = self._pieces.get(ROOT)
        if found is None:
            found = node_text(self._root, self.pattern.nodes[0].entity, self.dialect)
            self._pieces[ROOT] = found
        return found

    def name(self, alias: str) -> str:
        """Return an alias, quoted if the database would take it for one of its own words."""
        if alias.lower() in _RESERVED:
            return self.dialect.quote(alias)
        return self.dialect.variable(alias)

    def value(self, name: str) -> str:
        """Return the name of a value that a stage made, as it is called within the query.

        One that would need quotes gets another: FalkorDB takes a quoted name for a new one when
        rows are sorted twice by it.
        """
        simple = _SIMPLE.match(name) and name.lower() not in _RESERVED
        called = self.dialect.variable(name if simple else f"v_{name.encode().hex()}")
        return self._read(self.counts.value(called))

    def attribute(self, attribute: Attribute[Any]) -> str:
        """Return a property of an element of the pattern, or of what is counted right now."""
        if self._is_alone(attribute):
            return self.dialect.stored(self._root, attribute.info)
        return self._read(self.dialect.stored(self.counts.alias_of(attribute), attribute.info))

    def _read(self, text: str) -> str:
        """Return what is called by a text, unless it must not be read in this place."""
        return self._closed.get(text, text) if self._closed else text

    def closed(self, parts: Sequence[Part], asked: Sequence[Part], write: Callable[[], str]) -> str:
        """Return what `write` writes: an expression of a list, made of `parts`.

        `asked` are those of them that are worked out for each item.
        """
        closes = self.dialect.closes_lists and not self._closed
        if not closes or not any(True for part in asked for _ in self._reads(part)):
            return write()
        reads = list(dict.fromkeys(text for part in parts for text in self._reads(part)))
        name = self.counts.fresh("o")
        self._closed = {text: f"{name}[{number}]" for number, text in enumerate(reads)}
        text = write()
        reads, self._closed = list(self._closed), {}
        return self.dialect.closed(name, reads, text)

    def made(self, name: str) -> str:
        """Return a column that a stage before makes, as it is read in this place."""
        if self._closed and name not in self._closed:
            list_name = next(iter(self._closed.values())).partition("[")[0]
            self._closed[name] = f"{list_name}[{len(self._closed)}]"
        return self._read(name)

    def _reads(self, part: Part) -> Iterator[str]:
        """Yield what a part reads of the row, as it is written."""
        yield from map(self.attribute, part.attributes)
        for inner in walk(part):
            if isinstance(inner, Variable | Element):
                yield inner.write(self)

    def element(self, attribute: Attribute[Any]) -> str:
        """Return the alias of the element of the pattern that a field is read of."""
        return self.alias(self.pattern.place_of(attribute, self._place, self._known))

    def related(self, related: Related) -> str:
        """Return the number of edges that lead to what satisfies the criteria."""
        return self.counts.write(related)

    def every_edge(self, every: EveryEdge) -> str:
        """Return the criterion that every edge of a path satisfies criteria."""
        return self.counts.every_edge(every)

    def parameter(self, value: Value) -> str:
        """Return the next parameter, made into the stored value where a function does that."""
        name = self.next_name()
        if value.attribute is None:
            return name
        function = value.attribute.codec(self.dialect).function
        if function is None:
            return name
        if value.form is many_form:
            return f"[v IN {name} | {self.dialect.made_stored(function, 'v')}]"
        return self.dialect.made_stored(function, name)

    @property
    def hides_next(self) -> bool:
        """True when an index would hide what is equal to the next parameter."""
        return self._written in self._hidden

    def next_name(self) -> str:
        """Return the next parameter as it stands in a query."""
        number = self._written
        self._written = number + 1
        return _PARAMETERS[number] if number < len(_PARAMETERS) else f"${parameter_name(number)}"

    def ordered(self, attribute: Attribute[Any]) -> str:
        """Return a field to sort by, of which the database has an order."""
        if not self._is_alone(attribute):
            self.require_order(attribute)
            return self.attribute(attribute)
        found: str | None = self._pieces.get(attribute.name)
        if found is None:
            self.require_order(attribute)
            found = self._pieces[attribute.name] = self.attribute(attribute)
        return found

    def _is_alone(self, attribute: Attribute[Any]) -> bool:
        """Tell whether a field can be of nothing but the one node there is."""
        own = attribute.entity is self._only and attribute.alias is None
        return own and not self._closed and (self._counts is None or not self._counts.scopes)

    def compared(self, comparison: FieldComparison) -> str:
        """Return a comparison of a field with a value, as `sides` would have it."""
        attribute, number = comparison.left, self._written
        if number in self._hidden or not self._is_alone(attribute):
            return self._compared(comparison)
        key = (comparison.operator, attribute.name)
        pieces: tuple[list[str], bool] | None = self._pieces.get(key)
        if pieces is not None:
            around, in_parentheses = pieces
            text = self.next_name().join(around)
            return enclosed(text) if in_parentheses else text
        text = self._compared(comparison)
        inner = text.inner if isinstance(text, Enclosed) else text
        # The one parameter in it, which a database may have to be told twice.
        self._pieces[key] = inner.split(f"${parameter_name(number)}"), inner is not text
        return text

    def _compared(self, comparison: FieldComparison) -> str:
        attribute, operator = comparison.left, comparison.operator
        text = self.attribute(attribute)
        if operator in ORDERING:
            text = self._by_size(attribute, text)
        hides = self.hides_next
        value = self.parameter(comparison.right)
        if hides:
            return self.dialect.compared(
                self.dialect.unindexed(text, attribute.info), operator, value
            )
        plain = self.dialect.compared(text, operator, value)
        if not self._doubts(attribute, operator):
            return plain
        around = self.dialect.unindexed(text, attribute.info)
        return proven(plain, operator, self.dialect.compared(around, operator, value))

    def comparison(self, comparison: Comparison) -> str:
        """Return a comparison of any two operands, kept from an index that answers it wrongly."""
        left, right, operator = comparison.left, comparison.right, comparison.operator
        # A value on either side is the parameter that is written next.
        hides = self.hides_next
        one = left.write(self)
        if isinstance(left, Attribute) and operator in ORDERING:
            one = self._by_size(left, one)
        other = right.write(self)
        plain = self.dialect.compared(one, operator, other)
        around = self.dialect.compared(
            self._around(left, one), operator, self._around(right, other)
        )
        if around == plain:
            return plain
        if isinstance(left, Value) or isinstance(right, Value):
            field = left if isinstance(left, Attribute) else right
            doubts = isinstance(field, Attribute) and self._doubts(field, operator)
        else:
            hides, doubts = _of_unknown([p for p in (left, right) if isinstance(p, Attribute)])
        return around if hides else proven(plain, operator, around) if doubts else plain

    def _doubts(self, field: Attribute[Any], operator: str) -> bool:
        return self.dialect.doubts_index(field.info, operator)

    def _around(self, part: Part, written: str) -> str:
        """Return a side of a comparison as it is not looked up in an index."""
        return (
            self.dialect.unindexed(written, part.info) if isinstance(part, Attribute) else written
        )

    def _by_size(self, attribute: Attribute[Any], text: str) -> str:
        self.require_order(attribute)
        return self.dialect.sortable(text, attribute.info)

    def require_order(self, attribute: Attribute[Any]) -> None:
        """Raise unless the database sorts the stored form as Python sorts the values."""
        if not attribute.codec(self.dialect).ordered:
            raise unordered(attribute, attribute.info, self.dialect)


def _of_unknown(fields: Sequence[Attribute[Any]]) -> tuple[bool, bool]:
    """Tell whether an index may hide what is equal, or find more, where no side is a value.

    In a unique field nothing is stored that an index hides; what it is compared with may be.
    """
    if not any(field.info.indexed for field in fields):
        return False, False
    if not all(field.info.constrained for field in fields):
        return True, False
    return False, len(fields) == 1


def proven(plain: str, operator: str, around: str) -> str:
    """Return a comparison whose index finds what is equal and more, with what leaves the rest out.

    No index finds what is not equal; but where that is negated, one is asked.
    """
    return around if operator == "<>" else enclosed(f"{plain} AND {around}")


def unordered(attribute: Attribute[Any], info: PropertyInfo, dialect: Dialect) -> StatementError:
    """Return the error that says why values of a property cannot be sorted or compared by size."""
    return StatementError(
        f"{attribute} is {of_kind(info.kind)}, which {dialect.name} stores in a form that does not"
        " sort as the values do: it knows == and != only. Keep a number or text beside it for that"
    )
