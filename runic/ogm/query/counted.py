"""Write counts of what relations lead to, wherever the database can work them out.

A count is an expression to most databases. Some cannot evaluate it inside WHERE or ORDER BY: for
these it is hoisted, that is, a stage before makes a column of it. So is what
else some have no place for there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runic.ogm.query.criteria import Criterion, Junction, Negation
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.pattern import Place
from runic.ogm.query.related import EveryEdge, Hoist, Related, Scope, hoisted

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute
    from runic.ogm.query.writer import Writer


class Counts:
    """The counts of one query in the making."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        # What is being counted, the innermost last.
        self.scopes: list[Scope] = []
        self._hoists: list[list[Hoist]] = [[]]
        self._made = 0

    @property
    def any(self) -> bool:
        """Whether something has been counted."""
        return self._made > 0

    def alias_of(self, attribute: Attribute[Any]) -> str:
        """Return the alias a field is read of: of the innermost count that has its class."""
        if not self.scopes:
            return self._writer.element(attribute)
        passed: list[Scope] = []
        found = None
        for scope in reversed(self.scopes):
            found = scope.alias_of(attribute)
            if found is not None:
                break
            passed.append(scope)
        alias = self._writer.element(attribute) if found is None else found
        for scope in passed:
            scope.reads(alias)
        return alias

    def value(self, name: str) -> str:
        """Return the name of a value of a stage, which counts that read it have to import."""
        for scope in self.scopes:
            scope.reads(name)
        return name

    def write(self, related: Related) -> str:
        """Return the number of edges that lead to what satisfies the criteria."""
        info = related.relation.info
        source = self.alias_of(related.relation.anchor)
        edge, node = self.fresh("e"), self.fresh("t")
        scope = Scope(((info.target, node), (info.edge, edge)), [source])
        self._hoists.append([])
        self.scopes.append(scope)
        plain, late = self.split(related.criteria)
        self.scopes.pop()
        hoists = self._hoists.pop()
        dialect = self._writer.dialect
        target = node_text(node, info.target, dialect)
        path = f"({source}){arrow_text(edge, info, dialect)}{target}"
        found = path + (f" WHERE {' AND '.join(plain)}" if plain else "")
        counted = dialect.count_pattern(found)
        if not self.scopes:  # inside of another count there always is a node to begin at
            counted = dialect.counted_from(source, counted)
        if not dialect.hoists_counts or (dialect.nests_counts and self.scopes):
            return counted
        made = Hoist(self.fresh("k"), counted)
        constant = not dialect.nests_counts and any(map(_has_constant, related.criteria))
        if hoists or constant:
            dialect.require("subqueries")
            made.call = _subquery(scope, f"MATCH {found}{hoisted(hoists, late)}", edge, made.name)
        self._hoists[-1].append(made)
        return self._writer.made(made.name)

    def apart(self, text: str) -> str:
        """Return the name of a column that a stage before makes of an expression."""
        # Counts in it are made by that stage as well, so they have no names there yet.
        if any(hoist.name in text for hoist in self._hoists[-1]):
            return text
        made = Hoist(self.fresh("k"), text)
        self._hoists[-1].append(made)
        return made.name

    def every_edge(self, every: EveryEdge) -> str:
        """Return the criterion that every edge of a path satisfies criteria."""
        edge = self.fresh("e")
        return self._writer.closed((every,), (every,), lambda: self._every_edge(every, edge))

    def _every_edge(self, every: EveryEdge, edge: str) -> str:
        item = self._writer.dialect.item(edge)
        self.scopes.append(Scope(((every.edge, item),), []))
        kept = " AND ".join(criterion.write(self._writer) for criterion in every.criteria)
        self.scopes.pop()
        path = self._writer.alias(Place(True, every.number))
        edges = f"relationships({path})"
        return self._writer.dialect.quantified("all", edge, edges, kept)

    def split(self, criteria: tuple[Criterion, ...]) -> tuple[list[str], list[str]]:
        """Return the texts of criteria: those that stand alone, and those that need a hoist."""
        plain: list[str] = []
        late: list[str] = []
        for criterion in criteria:
            known = len(self._hoists[-1])
            text = criterion.write(self._writer)
            (late if len(self._hoists[-1]) > known else plain).append(text)
        return plain, late

    def taken(self) -> list[Hoist]:
        """Return the counts that wait for a stage, and forget them."""
        waiting, self._hoists[-1] = self._hoists[-1], []
        return waiting

    def fresh(self, letter: str) -> str:
        """Return a name that nothing else in the query has."""
        taken = self._writer.pattern.aliases
        while True:
            self._made += 1
            name = f"{letter}_{self._made}"
            if name not in taken:
                return name


def _has_constant(criterion: Criterion) -> bool:
    """Tell whether a part of a criterion reads nothing.

    FalkorDB works such a part out beforehand: where it is false inside a pattern comprehension,
    the whole query finds nothing.
    """
    if isinstance(criterion, Junction):
        return any(map(_has_constant, criterion.parts))
    if isinstance(criterion, Negation):
        return _has_constant(criterion.part)
    return not criterion.attributes


def _subquery(scope: Scope, matches: str, edge: str, name: str) -> str:
    """Return the clause that counts the edges that some clauses find."""
    imported = ", ".join(scope.outside)
    return f"CALL {{ WITH {imported} {matches} RETURN count({edge}) AS {name} }}"
