"""What to say to one kind of database: quoting, stored forms, and the constructs that differ.

The base class speaks plain openCypher. A backend overrides what it says differently, in the file
of its driver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.model.comparison import EXACT_READS, Reads
from runic.ogm.model.converters import Codec
from runic.ogm.model.description import NodeInfo, PropertyInfo
from runic.ogm.model.fields import VectorIndex
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.kinds import Kind
from runic.ogm.query.capabilities import Capabilities, Feature, backends_with
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import (
    Constraint,
    Definition,
    FullTextIndex,
    Hazard,
    Host,
    Index,
    RangeIndex,
    RequiredConstraint,
    Stored,
    VectorSearchIndex,
)
from runic.ogm.query.elements import arrow_text
from runic.ogm.query.enclosed import enclosed
from runic.ogm.query.number_fields import NumberField
from runic.ogm.query.set_items import SetItem, plainly

if TYPE_CHECKING:
    from runic.ogm.query.hops import Span
    from runic.ogm.query.pattern import Hop
    from runic.ogm.query.plan import Found

# What openCypher, or what most of its databases have added to it, has words for.
_SHOWN: frozenset[Feature] = frozenset({"geo", "regex", "shortest_path", "subqueries"})


@lru_cache(maxsize=4096)
def _quoted(name: str) -> str:
    return f"`{checked_identifier(name, 'name')}`"


class Dialect:
    """How one backend writes what statements mean."""

    name: ClassVar[str] = "opencypher"
    capabilities: ClassVar[Capabilities] = Capabilities()

    # How many rows one statement writes at most, where a plan is several statements.
    batch_rows: ClassVar[int] = 10_000

    # Whether rows that are returned once can be sorted by what is not one of their columns.
    sorts_distinct: ClassVar[bool] = True

    # Whether MERGE has ON CREATE and ON MATCH.
    tells_created: ClassVar[bool] = True

    # Whether rows are still being read while others are written, and are asked about what was.
    reads_while_writing: ClassVar[bool] = False

    # Whether SET works a value out when it sets it, and so sees what was set for rows before.
    sets_by_row: ClassVar[bool] = False

    # Whether MERGE without a direction meets an edge from a node to itself once for each end.
    merges_loops_twice: ClassVar[bool] = False

    # Whether a unique value is refused as soon as a row has it that another row has still to lose.
    checks_unique_at_once: ClassVar[bool] = True

    # Functions whose values this database may fail to put in the place of an older one.
    sticky: ClassVar[frozenset[str]] = frozenset()

    # What this database gives back of values that it keeps more exactly, by their kind. Values that
    # are given back alike are no change of a field: writing one would wear down what is stored.
    reads: ClassVar[Reads] = EXACT_READS

    def has(self, feature: Feature) -> bool:
        """Tell whether the backend has the feature."""
        # Plain openCypher is for reading: it shows what the databases that can do it are asked.
        shown = type(self) is Dialect and feature in _SHOWN
        return shown or feature in self.capabilities

    def require(self, feature: Feature) -> None:
        """Raise unless the backend has the feature.

        Raises:
            UnsupportedFeatureError: It has not; names the backends of this package that do.
        """
        if not self.has(feature):
            self.refuse(feature.replace("_", " "), backends_with(feature))

    def refuse(self, what: str, others: Iterable[str] = ()) -> NoReturn:
        """Say that this backend cannot do something, and which can."""
        have = ", ".join(others)
        raise UnsupportedFeatureError(
            f"{self.name} has no {what}" + (f"; these have: {have}" if have else "")
        )

    def check_class(self, info: NodeInfo) -> None:
        """Raise where nodes of a class cannot be kept; asked before they are written or looked for.

        Raises:
            UnsupportedFeatureError: Its labels cannot be kept together.
        """

    def quote(self, name: str) -> str:
        """Return a label, type, property or alias as it stands in a query."""
        return _quoted(name)

    def column(self, name: str) -> str:
        """Return what a column of a query is called in its text."""
        return self.quote(name)

    def variable(self, name: str) -> str:
        """Return what an element or a value of a query is called in its text."""
        return name

    def codec(self, info: PropertyInfo) -> Codec:
        """Return the form in which a property is stored."""
        return info.portable_codec()

    def stored_through(self, info: PropertyInfo, codec: Codec) -> str | None:
        """Return the function of the database that makes the stored value from its parameter."""
        return codec.function

    def made_stored(self, function: str, operand: str) -> str:
        """Return what that function makes of a parameter, which may be null."""
        return f"{function}({operand})"

    def node_id(self, alias: str) -> str:
        """Return the expression of the database's own id of a node or relationship."""
        return f"id({alias})"

    def end_ids(self, edge: str) -> tuple[str, str]:
        """Return the expressions of the ids of the nodes that an edge leads from and to."""
        return self.node_id(f"startNode({edge})"), self.node_id(f"endNode({edge})")

    def directed(self, edge: str, one: str, other: str) -> tuple[str, str]:
        """Return the two nodes of an edge in its direction, which they were found against or in."""
        return f"startNode({edge})", f"endNode({edge})"

    def generated_key(self, alias: str) -> str:
        """Return the number that a new node gets as its primary key where nobody gave it one."""
        return f"id({alias})"

    def node(self, alias: str, own: Sequence[str], labels: Sequence[str]) -> str:
        """Return the pattern of the nodes of a class.

        `own` are the labels that tell them from others; `labels` are all of the class, those it
        inherits first.
        """
        return f"({alias}{''.join(f':{self.quote(label)}' for label in own)})"

    def keyed_node(self, alias: str, root: str, own: Sequence[str], labels: Sequence[str]) -> str:
        """Return the clause that matches a node of a class by its key, up to the criterion on it.

        `root` is the label under which the key is unique; the others are as for `node`.
        """
        return f"MATCH {self.node(alias, own, labels)} WHERE"

    def new_node(self, alias: str, labels: Sequence[str], cells: str) -> str:
        """Return the pattern that creates a node; `cells` are the items of its property map."""
        return f"({alias}{''.join(f':{self.quote(label)}' for label in labels)} {{{cells}}})"

    def has_label(self, alias: str, label: str) -> str:
        """Return the criterion that a node has a label."""
        return f"{alias}:{self.quote(label)}"

    def labels_of(self, alias: str) -> str:
        """Return the list of all labels of a node."""
        return f"labels({alias})"

    def assigned(self, alias: str, items: Sequence[SetItem], verb: str = "SET") -> str:
        """Return the clauses that give one node or relationship all of these values.

        `verb` is SET, or that of a MERGE: ON CREATE SET, ON MATCH SET.
        """
        return f"{verb} {plainly(alias, items)}"

    def merged(self, stored: str, value: str, numbers: NumberField) -> str:
        """Return what a merge gives a property of numbers that is there, from both their texts."""
        return value

    def relabelled(self, alias: str, added: Sequence[str], removed: Sequence[str]) -> str:
        """Return the clauses that give labels to a node and take some off it."""
        text = f" SET {alias}" + "".join(f":{self.quote(name)}" for name in added) if added else ""
        gone = "".join(f":{self.quote(name)}" for name in removed)
        return f"{text} REMOVE {alias}{gone}" if removed else text

    def found(self, alias: str, kind: Found, place: str, carried: str = "r") -> str:
        """Return the clauses that find one stored node, of which `place` is [id, key, …].

        `carried` names the variables that are used after it.
        """
        number, key = f"{place}[0]", f"{alias}.{self.quote(kind.key)} = {place}[1]"
        # Found by id and then compared by key: databases give the id of a deleted node to the next.
        return (
            f"WITH {carried}, {number} AS i MATCH ({alias}) WHERE {self.node_id(alias)} = i"
            f" WITH {carried}, i, {alias} WHERE {self.has_label(alias, kind.label)} AND {key}"
        )

    def matches(self, operand: str, pattern: str) -> str:
        """Return the predicate that a whole string matches a regular expression."""
        return f"{operand} =~ {pattern}"

    def alone(self, text: str) -> str:
        """Return an expression for a place where what stands beside it cannot get into it."""
        return text

    def check_text(self, text: str) -> None:
        """Raise UnsupportedFeatureError if a query is one that the database cannot take."""

    def compared(self, left: str, operator: str, right: str) -> str:
        """Return a comparison of two operands, each of which may be written twice."""
        return f"{left} {operator} {right}"

    def exclusive(self, text: str) -> str:
        """Return criteria joined by XOR as a criterion of its own."""
        return enclosed(text)

    def quantified(self, quantifier: str, variable: str, items: str, criterion: str) -> str:
        """Return the criterion that any, all, none or one of a list's items satisfy one."""
        return f"{quantifier}({variable} IN {items} WHERE {criterion})"

    def listed(self, items: str, text: str) -> str:
        """Return a comprehension, which is null where its list of items is."""
        return text

    def reduced(self, body: str) -> str:
        """Return what the items of a list add up to."""
        return f"reduce({body})"

    def called(self, function: str, operands: Sequence[str], kinds: Sequence[Kind | None]) -> str:
        """Return a call of a function on operands of these kinds, where they are known."""
        return f"{function}({', '.join(map(self.alone, operands))})"

    def aggregated(self, function: str, call: str) -> str:
        """Return the call of an aggregating function."""
        return call

    def unwound(self, items: str) -> str:
        """Return a list as UNWIND takes it, which makes no row where there is no list."""
        return items

    def item(self, variable: str) -> str:
        """Return what properties of a list's item are read of."""
        return variable

    # Whether what is asked of a list's items must not read values of the row outside of the list.
    closes_lists: ClassVar[bool] = False

    def closed(self, name: str, reads: Sequence[str], text: str) -> str:
        """Return an expression that reads values of the row as items of a list called `name`."""
        return f"[{name} IN [[{', '.join(reads)}]] | {text}][0]"

    def cut(self, order: str, page: Sequence[str]) -> str:
        """Return what sorts and cuts the rows of a stage that other clauses follow.

        `order` is its ORDER BY, empty where it has none; `page` are its SKIP and LIMIT.
        """
        return " ".join(([order] if order else []) + [*page])

    # What closes a stage that sorts or cuts, so that clauses after it see nothing but its rows.
    after_cut: ClassVar[str] = ""

    # What stands between a WHERE in a stage and aggregates of all its rows.
    before_aggregates: ClassVar[str] = ""

    def fulltext_hits(self, on: Host, label: str, question: str) -> str:
        """Return the clauses that bind what a full-text index finds as `n`, with its `score`.

        `label` and `question` are the parameters of the label or type, and of what is asked for.
        """
        self.refuse("full-text search", backends_with("fulltext"))

    def fulltext_words(self, words: Sequence[str], fields: Sequence[str]) -> str:
        """Return the question for all of these words, in the language of the full-text index.

        Words are letters, digits and _; `fields` are the properties to search, none for all.
        """
        self.refuse("full-text search", backends_with("fulltext"))

    def fulltext_raw(self, question: str, fields: Sequence[str]) -> str:
        """Return a question in the index's own language, kept to some properties if any."""
        self.refuse("full-text search", backends_with("fulltext"))

    def nearest_hits(
        self, on: Host, info: PropertyInfo, label: str, stored: str, rows: str, vector: str
    ) -> str:
        """Return the clauses that bind what a vector index finds as `n`, its distance as `score`.

        `info` is the property that has the index. `label` and `stored` are parameters with the
        label or type and the name of the property, `vector` one with the vector to be near to;
        `rows` is one with how many of the nearest to find.
        """
        self.refuse("vector search", backends_with("vector"))

    def vector_distance(self, index: VectorIndex, operand: str, vector: str) -> str:
        """Return the distance of a stored vector, as its index measures it."""
        self.refuse("vector search", backends_with("vector"))

    def index_missing(self, message: str) -> bool:
        """Tell whether an error of the database to `nearest_hits` means that there is no index."""
        return False

    def geo_distance(self, one: str, other: str) -> str:
        """Return the distance of two points in metres."""
        self.require("geo")
        return f"point.distance({one}, {other})"

    # The function that tells whether a point lies in a box, where an index of points can answer it.
    box_function: ClassVar[str | None] = None

    def checks(self, info: PropertyInfo) -> bool:
        """Return whether `check_stored` may refuse a value of the property."""
        return info.indexed

    def check_stored(self, info: PropertyInfo, value: Any) -> None:
        """Raise ValueError if this backend would lose or hide an encoded value of the property."""

    def check_all_stored(self, info: PropertyInfo, values: Sequence[Any]) -> None:
        """Do `check_stored` for a column of encoded values, among them None."""
        for value in values:
            if value is not None:
                self.check_stored(info, value)

    # Whether `hides` has to be asked.
    hides_values: ClassVar[bool] = False

    # Kinds whose values the database takes for one another where it looks for equal rows.
    confused: ClassVar[frozenset[Kind]] = frozenset()

    def require_apart(self, kind: Kind | None) -> None:
        """Raise where DISTINCT, a group or a union would lose rows with values of a kind.

        Raises:
            UnsupportedFeatureError: It would.
        """
        if kind in self.confused:
            self.refuse(
                f"distinct values, groups and unions of a {kind.value}, of which it keeps one;"
                " compare entities, or a text of it in a field beside it"
            )

    def hides(self, info: PropertyInfo, value: Any) -> bool:
        """Tell whether an index would hide nodes with this encoded value from a comparison."""
        return False

    def hides_any(self, info: PropertyInfo, values: Sequence[Any]) -> bool:
        """Tell the same of a column of encoded values."""
        return any(self.hides(info, value) for value in values)

    def doubts_index(self, info: PropertyInfo, operator: str) -> bool:
        """Tell whether an index of a property may find more by an operator than it should."""
        return False

    def unindexed(self, operand: str, info: PropertyInfo) -> str:
        """Return an operand of equal value that the planner will not look up in an index."""
        return operand

    def sortable(self, operand: str, info: PropertyInfo) -> str:
        """Return an operand of equal value that `<` and the like compare as `ORDER BY` sorts."""
        return operand

    # Whether `<` and the like compare text by UTF-16 code units where ORDER BY goes by code points.
    compares_code_units: ClassVar[bool] = False

    # Asked for a dozen times for each statement: of an instance it is an attribute.
    @cached_property
    def variant(self) -> object:
        """What tells texts apart: dialects of equal variant write the same text."""
        return type(self)

    def stored(self, alias: str, info: PropertyInfo) -> str:
        """Return a property of the node or relationship that has the (written) alias."""
        return f"{alias}.{self.quote(info.stored)}"

    def keeps_parallel(self, alias: str) -> str | None:
        """Return a criterion that is always true and makes parallel edges count each for itself."""
        return None

    def keeps_parallel_paths(self, alias: str, span: Span) -> str | None:
        """Return the same for the path of a repeated hop."""
        return None

    def followed(self, span: Span) -> Span:
        """Return the bounds to write for those meant; `keeps_parallel_paths` may narrow them."""
        return span

    def shortest_path(self, path: str, source: str, target: str, hop: Hop) -> str:
        """Return the clause that binds one or all shortest paths between two nodes."""
        arrow = arrow_text("", hop.relation, self, hop.types, hop.span)
        return f" MATCH {path} = {hop.function}(({source}){arrow}({target}))"

    # A MATCH may not come right after an OPTIONAL MATCH.
    parts_optional: ClassVar[bool] = False

    # Counts of patterns stand in stages of their own: WHERE and ORDER BY cannot have them.
    hoists_counts: ClassVar[bool] = False

    # Whether those inside of another count can stay where they are.
    nests_counts: ClassVar[bool] = False

    # Whether one arrow can be of several types.
    joins_types: ClassVar[bool] = True

    def typed(self, alias: str, types: Sequence[str], span: Span | None) -> str | None:
        """Return the criterion that an edge, or all of a path, is of a type of several."""
        return None

    def stands_apart(self, text: str) -> bool:
        """Tell whether rows cannot be sorted or grouped by a text, nor optional ones kept by it."""
        return False

    def sets(self, text: str) -> bool:
        """Tell whether SET can have an expression."""
        return True

    def count_pattern(self, pattern: str) -> str:
        """Return the number of matches of a pattern (with its WHERE) as an expression."""
        return f"size([{pattern} | 1])"

    def counted_from(self, alias: str, count: str) -> str:
        """Return how many matches of a pattern begin at a node: none where there is no node."""
        return count

    # Whether a path of any length may begin at a node that an optional hop did not find.
    repeats_from_nothing: ClassVar[bool] = True

    def check_definition(self, definition: Definition) -> None:
        """Raise unless the backend has this kind of index or constraint, on such names.

        Raises:
            UnsupportedFeatureError: It has no such kind.
            SchemaError: It has, but not under these names.
        """
        if isinstance(definition, FullTextIndex):
            self.require("fulltext")
        elif isinstance(definition, VectorSearchIndex):
            self.require("vector")
        elif isinstance(definition, RequiredConstraint):
            self.require("required_constraints")
        elif not isinstance(definition, RangeIndex):
            self.require("constraints")

    def inventory(self) -> tuple[Query, ...]:
        """Return the queries that list the indexes and constraints of the database."""
        self.refuse("list of indexes and constraints")

    def read_inventory(self, replies: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stored]:
        """Return the definitions in the replies to `inventory`: rows as maps, for each query."""
        self.refuse("list of indexes and constraints")

    # A property that is unique under a label needs an index under those of subclasses as well.
    indexes_each_label: ClassVar[bool] = True

    def supporting_index(self, constraint: Constraint) -> RangeIndex | None:
        """Return the index that has to be made before a constraint, if the backend wants one."""
        return None

    def create_index(self, index: Index, stored: Definition | None) -> list[Query]:
        """Return what makes an index, of which `stored` may already be a part."""
        self.refuse(index.kind)

    def drop_index(self, index: Index, stored: Definition) -> list[Query]:
        """Return what drops an index, of which `stored` is what the database has."""
        self.refuse(index.kind)

    def hazard(self, constraint: Constraint) -> Hazard | None:
        """Return a search for stored values that would harm the server, if there can be any."""
        return None
