"""What every step stands on: a session under test, a graph of its own, and what must be there.

`stored` is the graph as it is in the database, `wanted` as it is after the next flush (and, of what
the session holds, in memory), `committed` as it is after a rollback where there are transactions.
`base` has the fields of each node and edge that the session holds as it last read or wrote them:
what differs from it in `wanted` is what the session has to write.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from runic.ogm.errors import OgmError, StaleEntityError, UniqueViolationError
from runic.ogm.model import Node, State, state_of
from runic.ogm.model.state import notes_of
from runic.ogm.query.capabilities import Capabilities
from tests.oracle.counted import Counted
from tests.oracle.graph import ONE, SIDES, EdgeKey, Graph, Row, Values
from tests.oracle.models import EDGE_VERSIONS, EDGES, NODES, VERSIONS, Firm, Person
from tests.oracle.values import EDGE_FIELDS, fields_of, form

CLASSES: dict[str, Any] = {"p": Person, "f": Firm}
# In the order of their priority: a stale entity is found before the database refuses a value.
Expected = tuple[type[OgmError], ...]


def edge_key(edge: Any) -> EdgeKey:
    """Return what the graph knows an edge by."""
    type_ = next(name for name, cls in EDGES.items() if isinstance(edge, cls))
    return type_, edge.source.id, edge.target.id, getattr(edge, "tag", 0)


def defaults_of(cls: Any, names: list[str]) -> Values:
    """Return the fields of an entity that is given none."""
    return {n: cls.model_fields[n].get_default(call_default_factory=True) for n in names}


class Walk(RuleBasedStateMachine):
    """One session after another on one graph; a backend's subclass fills in the first eight."""

    backend = "falkordb"
    open_session: Callable[..., Any]
    wait: Callable[[Any], Any]
    empty: Callable[[], None]
    # The rows of a query, as the database holds them for the session.
    read: Callable[[Any, str], list[Any]]
    # Words Cypher of a step as the database needs it.
    worded: Callable[[str], str]
    features: Capabilities = Capabilities()
    left_out: frozenset[str] = frozenset()
    counts: ClassVar[Counter[str]] = Counter()
    calls: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        type(self).empty()
        self.session = self.opened()
        self.committed, self.stored, self.wanted = Graph(), Graph(), Graph()
        self.base: dict[Any, Values] = {}
        self.doomed_nodes: set[str] = set()
        self.doomed_edges: set[EdgeKey] = set()
        self.clean = True
        # Whether a transaction is open that has written something.
        self.writing = False
        # What `base` was before it did, to which a rollback goes back.
        self.recalled: dict[Any, Values] = {}
        self.count = 0

    def opened(self, **options: Any) -> Any:
        """Return another session on the graph, whose calls are counted."""
        return Counted(type(self).open_session(**options), type(self).calls)

    def has(self, *features: str) -> bool:
        """Tell whether the database has some features."""
        return all(feature in type(self).features for feature in features)

    def teardown(self) -> None:
        """End the session, whatever became of it."""
        self.call(self.session.close)

    def tell(self, step: str) -> None:
        """Count a step, for the table of what was tried."""
        type(self).counts[step] += 1

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of either face to its end."""
        result = function(*args, **kwargs)
        return type(self).wait(result) if inspect.isawaitable(result) else result

    def form(self, value: Any) -> Any:
        """Return what tells whether two values are stored alike here."""
        return form(value, type(self).backend)

    # Choosing

    def pick(self, data: Any, keys: list[Any]) -> Any:
        """Return one of these ids that nobody is deleting, or None."""
        there = sorted(set(keys) - self.doomed_nodes)
        return data.draw(st.sampled_from(there)) if there else None

    def pair(self, data: Any, name: str) -> tuple[str | None, str | None]:
        """Return ids for both ends of a relation; they may be the same."""
        side = SIDES[name]
        first, second = (
            self.pick(data, self.wanted.keys(kind)) for kind in (side.owner, side.other)
        )
        return first, second

    def next_number(self) -> int:
        """Return a number that no id and no tag has."""
        self.count += 1
        return self.count

    def offered(self, names: list[str]) -> list[str]:
        """Return the fields that this backend can store."""
        return [name for name in names if name not in type(self).left_out]

    # The session's entities

    def entity(self, key: str) -> Any:
        """Return the session's object of an id, read when it has to be."""
        found = self.call(self.session.get, CLASSES[key[0]], key)
        assert found is not None, f"{key} is not in the database"
        self.sync()
        return found

    def loaded(self, key: str, name: str) -> Any:
        """Return an entity with a relation loaded."""
        entity = self.entity(key)
        if name not in vars(entity) and state_of(entity) is not State.PENDING:
            self.call(self.session.load, entity, name)
            self.sync()
        return entity

    def held_nodes(self) -> list[Any]:
        """Return the nodes that the session holds, stored and new."""
        core = getattr(self.session, "_core", self.session)
        return list(core._unit.identity.nodes.values())

    def held_edges(self) -> list[Any]:
        """Return the stored edges that the session holds, and both ends of them."""
        core = getattr(self.session, "_core", self.session)
        held = core._unit.identity.edges.values()
        return [edge for edge in held if edge.source is not None and edge.target is not None]

    def filled(self, entities: list[Any]) -> list[Any]:
        """Return those that show what was read; the others are filled when they are next met."""
        return [e for e in entities if (n := notes_of(e)) is None or not n.expired]

    def sync(self) -> None:
        """Note what the session has loaded since, and what it has let go."""
        held: dict[Any, Values] = {}
        for node in self.filled(self.held_nodes()):
            if state_of(node) is State.PERSISTENT and node.id in self.stored.nodes:
                held[node.id] = self.base.get(node.id, self.stored.nodes[node.id].values)
        for edge in self.filled(self.held_edges()):
            key = edge_key(edge)
            if key in self.stored.edges:
                held[key] = self.base.get(key, self.stored.edges[key])
        for key in self.base.keys() - held.keys():
            if isinstance(key, str) and key in self.wanted.nodes and key in self.stored.nodes:
                self.wanted.nodes[key] = self.stored.nodes[key]
            elif key in self.wanted.edges and key in self.stored.edges:
                self.wanted.edges[key] = self.stored.edges[key]
        self.base = held

    def values_of(self, graph: Graph, key: Any) -> Values | None:
        """Return the fields of a node or an edge, or None where it is not there."""
        if isinstance(key, str):
            row = graph.nodes.get(key)
            return None if row is None else row.values
        return graph.edges.get(key)

    def put(self, graph: Graph, key: Any, values: Values) -> None:
        """Set some fields of a node or an edge."""
        if isinstance(key, str):
            graph.nodes[key] = graph.nodes[key].having(values)
        else:
            graph.edges[key] = {**graph.edges[key], **values}

    def version_of(self, key: Any) -> str | None:
        """Return the name of the field that counts writes."""
        if isinstance(key, str):
            row = self.stored.nodes.get(key) or self.wanted.nodes[key]
            return VERSIONS.get(row.cls)
        return EDGE_VERSIONS.get(key[0])

    def own_changes(self, key: Any) -> Values:
        """Return what the session has changed in something that it holds and did not write."""
        base, now = self.base[key], self.values_of(self.wanted, key)
        if now is None:
            return {}
        return {n: v for n, v in now.items() if self.form(v) != self.form(base[n])}

    # What a flush comes to

    def after_flush(self) -> Graph:
        """Return the graph that the next flush leaves."""
        after = self.wanted.without(self.doomed_nodes, self.doomed_edges)
        for key in [*after.nodes, *after.edges]:
            stored = self.values_of(self.stored, key)
            if stored is None:
                continue
            changed = self.own_changes(key) if key in self.base else {}
            written = {**stored, **changed}
            if changed and (version := self.version_of(key)):
                written[version] = stored[version] + 1
            self.put(after, key, written)
        return after

    def stale(self) -> list[Any]:
        """Return what the session would write over a version that it has not seen."""
        found = []
        for key, base in self.base.items():
            dying = key in self.doomed_nodes or key in self.doomed_edges or self.taken_out(key)
            if not dying and not self.own_changes(key):
                continue
            if not isinstance(key, str) and not self.doomed_nodes.isdisjoint(key[1:3]):
                continue  # it goes with its node, and nothing of it is written
            stored, version = self.values_of(self.stored, key), self.version_of(key)
            if stored is None or (version and stored[version] != base[version]):
                found.append(key)
        return found

    def taken_out(self, key: Any) -> bool:
        """Tell whether a stored edge was taken out of its relation, which deletes it."""
        return (
            not isinstance(key, str) and key in self.stored.edges.keys() - self.wanted.edges.keys()
        )

    def taken_twice(self) -> list[str]:
        """Return the slugs that two nodes of one class would have."""
        rows = self.after_flush().nodes.items()
        slugs = Counter((k[0], r.values["slug"]) for k, r in rows if r.values["slug"] is not None)
        return [each for each, count in slugs.items() if count > 1]

    def expected(self) -> Expected:
        """Return the errors that the next flush may raise; none if it must succeed."""
        stale = (StaleEntityError,) if self.stale() else ()
        taken = (UniqueViolationError,) if self.taken_twice() else ()
        return (*stale, *taken)

    def write(self, how: Callable[..., Any] | None = None, **options: Any) -> None:
        """Flush in some way, or be refused, put it right and flush."""
        for _ in range(9):
            if not (expected := self.expected()):
                break
            self.refused(expected)
        self.call(how or self.session.flush, **options)
        self.settle()

    def refused(self, expected: Expected) -> None:
        """Commit what must be refused, then put right what was wrong."""
        self.tell("commit refused: " + "/".join(each.__name__ for each in expected))
        try:
            self.call(self.session.commit)
        except expected:
            pass
        else:
            raise AssertionError(f"the commit went through; expected {expected}")
        if self.has("transactions") and self.writing:
            self.rolled_back()
            return
        self.check_all()
        self.put_right()

    def put_right(self) -> None:
        """Take what is stale as it is now, and leave slugs to those who have them."""
        for key in self.stale():
            if key in self.base:
                self.take_as_it_is(key)
        for kind, slug in self.taken_twice():
            for key, row in list(self.wanted.nodes.items()):
                if key in self.doomed_nodes:
                    continue
                new = key not in self.stored.nodes or "slug" in self.own_changes_or_none(key)
                if new and key[0] == kind and row.values["slug"] == slug:
                    self.entity(key).slug = None
                    self.put(self.wanted, key, {"slug": None})

    def own_changes_or_none(self, key: Any) -> Values:
        """Return the unwritten changes of something that may not be held."""
        return self.own_changes(key) if key in self.base else {}

    def take_as_it_is(self, key: Any) -> None:
        """Drop what the session wants of something stale; a relation of it can be waiting."""
        if self.doomed_nodes or self.doomed_edges or not isinstance(key, str) or self.touched(key):
            self.rolled_back()
            self.let_all_go()
            return
        self.call(self.session.refresh, self.entity(key))
        self.reread(key)

    def reread(self, key: Any) -> None:
        """Note that the session has taken something as it is stored."""
        values = self.values_of(self.stored, key)
        assert values is not None
        self.base[key] = values
        self.put(self.wanted, key, values)

    def settle(self) -> None:
        """Note that everything pending has been written."""
        after = self.after_flush()
        behind = {}
        for key, base in self.base.items():
            changed, now = self.own_changes(key), self.values_of(after, key)
            if now is None:
                continue
            version = self.version_of(key)
            names = [*changed, *([version] if changed and version else [])]
            behind[key] = {**base, **{name: now[name] for name in names}}
        self.wrote()
        self.stored = after
        self.wanted = after.copy()
        for key, values in behind.items():
            self.put(self.wanted, key, values)
        self.base = behind
        self.doomed_nodes, self.doomed_edges, self.clean = set(), set(), True
        self.sync()

    def rolled_back(self) -> None:
        """Roll back: what is not written is gone, and in a transaction what is not committed."""
        self.call(self.session.rollback)
        self.forget()

    def wrote(self) -> None:
        """Note that something is written now that a rollback takes back."""
        if self.has("transactions") and not self.writing:
            self.writing, self.recalled = True, dict(self.base)

    def busy(self) -> bool:
        """Tell whether another session would have to wait for this one."""
        return self.writing

    def leave_all(self) -> None:
        """Leave the blocks that are open, as one does that fails; see `BlockSteps`."""

    def forget(self) -> None:
        """Note that everything that is not kept yet is gone."""
        if self.has("transactions") and self.writing:
            self.go_back(self.committed, self.recalled)
        self.writing = False
        self.drop_unwritten()

    def go_back(self, stored: Graph, base: dict[Any, Values]) -> None:
        """Note that the database and what the session held are as they were.

        What the session has read again meanwhile it may show as it was then, or as it is.
        """
        self.stored = stored.copy()
        there = [key for key in base if self.values_of(self.stored, key) is not None]
        self.base = {key: self.values_of(self.stored, key) or {} for key in there}
        held = {e.id if isinstance(e, Node) else edge_key(e): e for e in self.held()}
        for key in there:
            shown = held.get(key)
            if shown is not None and not self.shows(shown, self.base[key]):
                self.base[key] = base[key]

    def held(self) -> list[Any]:
        """Return everything stored that the session holds and shows."""
        return self.filled([*self.held_nodes(), *self.held_edges()])

    def shows(self, entity: Any, values: Values) -> bool:
        """Tell whether an entity has some values."""
        return all(self.form(getattr(entity, n)) == self.form(v) for n, v in values.items())

    def drop_unwritten(self) -> None:
        """Note that memory has what it last read or wrote, and nothing waits."""
        self.wanted = self.stored.copy()
        for key, values in self.base.items():
            if self.values_of(self.wanted, key) is not None:
                self.put(self.wanted, key, values)
        self.doomed_nodes, self.doomed_edges, self.clean = set(), set(), True
        self.sync()

    def commit_all(self, **options: Any) -> None:
        """Commit: a rollback does not go back beyond this."""
        self.write(self.session.commit, **options)
        self.writing = False
        self.committed = self.stored.copy()

    def touched(self, key: str) -> bool:
        """Tell whether relationships of a node are not written, or it is not itself."""
        before, now = self.stored, self.wanted
        bare = (+before.bare - now.bare) + (+now.bare - before.bare)
        edges = before.edges.keys() ^ now.edges.keys()
        dirty = {k for k in self.base if not isinstance(k, str) and self.own_changes(k)}
        return (
            key not in before.nodes
            or any(key in each[1:3] for each in (*bare, *edges, *dirty, *self.doomed_edges))
            or self.assigned_blindly()
        )

    def assigned_blindly(self) -> bool:
        """Tell whether a to-one relation was assigned without being loaded."""
        return any(
            name in vars(each) and name not in notes_of(each).relations  # type: ignore[union-attr]
            for each in self.held_nodes()
            if isinstance(each, Node)
            for name in ONE
            if name in type(each).__runic_relations__
        )

    def new_row(self, cls: str, given: Values) -> Row:
        """Return a new node of a class as it is stored."""
        names = [*fields_of(cls), *([VERSIONS[cls]] if cls in VERSIONS else [])]
        return Row(cls, {**defaults_of(NODES[cls], names), **given})

    def new_edge(self, type_: str, given: Values) -> Values:
        """Return the fields of a new edge as they are stored."""
        names = [*EDGE_FIELDS, *([EDGE_VERSIONS[type_]] if type_ in EDGE_VERSIONS else [])]
        return {**defaults_of(EDGES[type_], names), **given}

    def free_slug(self, given: Values, key: str = "") -> Values:
        """Return fields without a slug that another node has, or gives up, or waits for."""
        slug = given.get("slug")
        kind = key[:1]
        used = {
            row.values["slug"]
            for graph in (self.stored, self.wanted)
            for other, row in graph.nodes.items()
            if other != key and other[0] == kind
        }
        return {n: v for n, v in given.items() if n != "slug" or slug is None or slug not in used}

    def let_all_go(self) -> None:
        """Let go of everything that the session holds, and of what it did not write."""
        self.call(self.session.expunge_all)
        self.base, self.recalled, self.wanted = {}, {}, self.stored.copy()
        self.doomed_nodes, self.doomed_edges, self.clean = set(), set(), True

    def check_all(self) -> None:
        """Compare memory and database with what must be there; see `Checks`."""
        raise NotImplementedError
