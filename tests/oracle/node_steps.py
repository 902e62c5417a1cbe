"""Steps on nodes: add, change, delete, let go, read again, merge, labels."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from pydantic import ValidationError

from runic.ogm.errors import FieldValidationError, SessionError
from runic.ogm.model import State, state_of
from runic.ogm.query import select
from tests.oracle.differences import MOVED_BY_LABELS, REPLACES_A_KEY_ONCE
from tests.oracle.graph import SIDES, Values
from tests.oracle.models import EDGES, NODES
from tests.oracle.values import fields_of, own, some_fields
from tests.oracle.walk import CLASSES, Walk

DATA = st.data()
SLUGS = st.sampled_from(["s1", "s2", "s3", None])
PEOPLE = st.sampled_from(["Person", "Employee", "Manager"])
GIVEN = ("employer", "leads", "friends", "follows", "followers", "visits", "mentors")


class NodeSteps(Walk):
    """What a session does to nodes."""

    def given(self, data: Any, cls: str, *, least: int = 0) -> Values:
        """Return some fields of a class."""
        drawn: Values = data.draw(some_fields(self.offered(fields_of(cls)), least))
        return drawn

    @rule(data=DATA, cls=PEOPLE)
    def add_person(self, data: Any, cls: str) -> None:
        """Add a person whose constructor is given some fields and relations."""
        self.tell("add")
        self.session.add(self.new_person(data, cls))
        self.clean = False

    def new_person(self, data: Any, cls: str) -> Any:
        key, values = f"p{self.next_number()}", self.given(data, cls)
        self.wanted.nodes[key] = self.new_row(cls, values)
        given: dict[str, Any] = {}
        for relation in data.draw(st.lists(st.sampled_from(GIVEN), max_size=2, unique=True)):
            side = SIDES[relation]
            keys = [each for each in self.wanted.keys(side.other) if each != key]
            if (other := self.pick(data, keys)) is not None:
                given[relation] = [self.entity(other)] if side.many else self.entity(other)
                self.join(relation, key, other)
        if data.draw(st.booleans()) and (firm := self.pick(data, self.wanted.keys("f"))):
            tag = self.next_number()
            given["shifts"] = [EDGES["SHIFT"](tag=tag, target=self.entity(firm))]
            self.wanted.edges["SHIFT", key, firm, tag] = self.new_edge("SHIFT", {})
        return NODES[cls](id=key, **own(values), **given)

    def join(self, relation: str, owner: str, other: str) -> None:
        """Relate two nodes in what is wanted."""
        self.wanted.join(relation, owner, other, self.new_edge("MENTORS", {}))

    @rule(data=DATA)
    def add_firm(self, data: Any) -> None:
        """Add a firm, perhaps with staff and a boss."""
        self.tell("add")
        self.session.add(self.new_firm(data))
        self.clean = False

    def new_firm(self, data: Any) -> Any:
        key, values = f"f{self.next_number()}", self.given(data, "Firm")
        self.wanted.nodes[key] = self.new_row("Firm", values)
        given: dict[str, Any] = {}
        for relation in data.draw(st.lists(st.sampled_from(["staff", "boss"]), unique=True)):
            if (other := self.pick(data, self.wanted.keys("p"))) is not None:
                person = self.entity(other)
                given[relation] = [person] if relation == "staff" else person
                self.join(relation, key, other)
        return NODES["Firm"](id=key, **own(values), **given)

    @rule(data=DATA, cls=PEOPLE)
    def add_all(self, data: Any, cls: str) -> None:
        """Add several at once."""
        self.tell("add_all")
        person = self.new_person(data, cls)
        firm = NODES["Firm"](id=(key := f"f{self.next_number()}"), staff=[person])
        self.wanted.nodes[key] = self.new_row("Firm", {})
        self.join("staff", key, person.id)
        self.session.add_all([firm, person])
        self.clean = False

    # Fields

    @rule(data=DATA)
    def set_fields(self, data: Any) -> None:
        """Assign several fields of a node."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        self.tell("set fields")
        entity = self.entity(key)
        for name, value in self.given(data, self.wanted.nodes[key].cls, least=1).items():
            setattr(entity, name, own({"v": value})["v"])
            self.put(self.wanted, key, {name: value})
        self.clean = False

    @rule(data=DATA, kind=st.sampled_from("pf"), passed=st.lists(SLUGS, min_size=2, max_size=3))
    def hand_slugs_round(self, data: Any, kind: str, passed: list[str | None]) -> None:
        """Unique values change hands: one is freed and taken, two are swapped, more passed on."""
        keys = [self.pick(data, self.wanted.keys(kind)) for _ in passed]
        if None in keys:
            return
        self.tell("hand unique values on")
        for key, slug in zip(keys, passed, strict=True):
            self.entity(key).slug = slug
            self.put(self.wanted, key, {"slug": slug})
        self.clean = False

    @rule(data=DATA, most=st.integers(2, 6))
    def clear_fields(self, data: Any, most: int) -> None:
        """Take several fields away at once."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        self.tell("clear fields")
        entity, row = self.entity(key), self.wanted.nodes[key]
        there = [n for n in fields_of(row.cls) if row.values[n] is not None and n != "days"]
        for name in there[:most]:
            setattr(entity, name, None)
            self.put(self.wanted, key, {name: None})
        self.clean = False

    @rule(data=DATA, name=st.sampled_from(["tags", "nums", "days", "extra", "inner"]))
    def change_in_place(self, data: Any, name: str) -> None:
        """Change a list, a dict or a nested model without assigning it."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        entity = self.entity(key)
        if (value := getattr(entity, name)) is None:
            return
        self.tell("change in place")
        if name == "extra":
            value["k"] = data.draw(st.sampled_from([1, True, None, [1.0]]))
        elif name == "inner":
            value.marks.append(data.draw(st.integers(0, 2)))
        elif value and data.draw(st.booleans()):
            value.pop(0)
        else:
            value.extend(self.given_value(data, name))
        self.put(self.wanted, key, own({name: value}))
        self.clean = False

    def given_value(self, data: Any, name: str) -> Any:
        """Return a drawn value of a field that is a list."""
        return data.draw(some_fields([name], 1))[name] or []

    @rule(data=DATA)
    def refused_assignment(self, data: Any) -> None:
        """An assignment that the model refuses changes nothing."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        self.tell("assignment refused")
        entity = self.entity(key)
        for name, value in (("num", "x"), ("days", None), ("at", "never"), ("colour", 1)):
            try:
                setattr(entity, name, value)
            except ValidationError:
                continue
            raise AssertionError(f"{name} took {value!r}")

    @rule(data=DATA)
    def refused_value(self, data: Any) -> None:
        """A value that cannot be stored is refused by the commit, which then writes nothing."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None or self.expected():
            return
        self.tell("commit refused: FieldValidationError")
        entity = self.entity(key)
        before = entity.extra
        entity.extra = {"t": (1, 2)}
        try:
            self.call(self.session.commit)
        except FieldValidationError:
            entity.extra = before
        else:
            raise AssertionError("a tuple was stored as JSON")

    # Deleted, let go, read again

    @rule(data=DATA)
    def delete_node(self, data: Any) -> None:
        """Stage the deletion of a node, with all its relationships."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return
        if self.touched(key):
            self.write()
        if key not in self.wanted.nodes:
            return
        self.tell("delete")
        self.session.delete(self.entity(key))
        self.doomed_nodes.add(key)
        self.clean = False

    @rule(data=DATA)
    def take_back_a_deletion(self, data: Any) -> None:
        """Add what was to be deleted: it stays, with its relationships."""
        if self.doomed_nodes:
            key = data.draw(st.sampled_from(sorted(self.doomed_nodes)))
            (entity,) = [each for each in self.session.deleted if getattr(each, "id", 0) == key]
            self.tell("add again")
            self.session.add(entity)
            self.doomed_nodes.discard(key)

    @rule(data=DATA, cls=PEOPLE)
    def delete_and_add_another_of_the_key(self, data: Any, cls: str) -> None:
        """Delete a stored node and add a new one with its key, in one commit."""
        keys = [each for each in self.stored.keys("p") if each not in self.doomed_nodes]
        if not keys:
            return
        if type(self).backend in REPLACES_A_KEY_ONCE:
            self.commit_all()
        self.write()
        if (key := self.pick(data, self.stored.keys("p"))) is None:
            return
        self.tell("delete and add")
        self.call(self.session.refresh, self.entity(key))
        values = self.free_slug(self.given(data, cls), key)
        self.session.delete(self.entity(key))
        self.session.add(NODES[cls](id=key, **own(values)))
        self.call(self.session.flush)
        self.wrote()
        self.stored = self.stored.without({key}, set())
        self.stored.nodes[key] = self.new_row(cls, values)
        self.base.pop(key, None)
        behind = {other: self.values_of(self.wanted, other) for other in self.base}
        self.wanted = self.stored.copy()
        for other, held in behind.items():
            if held is not None and self.values_of(self.wanted, other) is not None:
                self.put(self.wanted, other, held)

    @rule(data=DATA)
    def refresh(self, data: Any) -> None:
        """Read a node again, with the relations it has loaded; its changes are dropped."""
        if (key := self.stored_key(data)) is not None:
            self.tell("refresh")
            self.call(self.session.refresh, self.entity(key))
            self.reread(key)

    @rule(data=DATA)
    def expire(self, data: Any) -> None:
        """Forget what a node holds; the next query fills it."""
        if (key := self.stored_key(data)) is not None:
            entity = self.entity(key)
            self.tell("expire")
            self.session.expire(entity)
            cls = CLASSES[key[0]]
            assert self.call(self.session.one, select(cls).where(cls.id == key)) is entity
            self.reread(key)

    def stored_key(self, data: Any) -> str | None:
        """Return a stored node whose relations have nothing to be written."""
        if (key := self.pick(data, list(self.wanted.nodes))) is None:
            return None
        if self.touched(key):
            self.write()
        return key if key in self.stored.nodes else None

    @rule(data=DATA, back=st.booleans())
    def expunge(self, data: Any, back: bool) -> None:
        """Let one node go with its changes, or take it up again as it is."""
        if (key := self.stored_key(data)) is None:
            return
        entity = self.entity(key)
        if self.is_in_a_relation(entity):
            self.write()
            self.let_all_go()
            entity = self.entity(key) if key in self.stored.nodes else None
        if entity is None:
            return
        self.tell("expunge and add" if back else "expunge")
        if back and self.own_changes(key):
            return
        self.session.expunge(entity)
        assert state_of(entity) is State.DETACHED
        assert entity not in self.session
        if back:
            self.session.add(entity)
        self.sync()

    def is_in_a_relation(self, entity: Any) -> bool:
        """Tell whether a loaded relation holds a node, or it has one, or an edge ends at it."""
        if any(vars(entity).get(each) for each in type(entity).__runic_relations__):
            return True
        if any(entity in (edge.source, edge.target) for edge in self.held_edges()):
            return True
        for node in self.held_nodes():
            for name in vars(node).keys() & type(node).__runic_relations__:
                value = vars(node)[name]
                if any(each is entity for each in (value if isinstance(value, list) else [value])):
                    return True
        return False

    @rule(write=st.booleans())
    def expunge_all(self, write: bool) -> None:
        """Let everything go, with or without what was not written, and meet it again."""
        self.tell("expunge_all")
        if write:
            self.write()
        self.let_all_go()

    @rule(data=DATA)
    def add_a_twin(self, data: Any) -> None:
        """Another object with the key of one that the session holds is refused."""
        if (key := self.pick(data, self.wanted.keys("f"))) is None:
            return
        self.tell("twin refused")
        self.entity(key)
        try:
            self.session.add(NODES["Firm"](id=key))
        except SessionError:
            return
        raise AssertionError("two objects of one key")

    # At once

    @rule(data=DATA, many=st.booleans())
    def merge(self, data: Any, many: bool) -> None:
        """Write nodes whether or not they are there, one or several, twins too."""
        self.tell("merge many" if many else "merge")
        keys = [self.pick(data, self.mergeable()) or f"p{self.next_number()}" for _ in range(2)]
        if data.draw(st.booleans()):
            keys[1] = f"f{self.next_number()}"
        objects, given = [], {}
        for key in keys[: 2 if many else 1]:
            cls = (
                self.stored.nodes[key].cls if key in self.stored.nodes else CLASSES[key[0]].__name__
            )
            values = self.free_slug(self.given(data, cls), key)
            if key in given or many:
                values.pop("slug", None)
            objects.append(NODES[cls](id=key, **own(values)))
            given[key] = {**given.get(key, {}), **values}
        found = self.call(self.session.merge, objects if many else objects[0])
        assert [each.id for each in (found if many else [found])] == [o.id for o in objects]
        self.wrote()
        for key, values in given.items():
            self.merged(key, values)

    def mergeable(self) -> list[str]:
        """Return the stored nodes that nobody is about to delete."""
        return [key for key in self.stored.nodes if key in self.wanted.nodes]

    def merged(self, key: str, values: Values) -> None:
        """Note that a node was merged: what is held takes what is stored, but for its own."""
        if key not in self.stored.nodes:
            row = self.new_row(CLASSES[key[0]].__name__, values)
            self.stored.nodes[key] = self.wanted.nodes[key] = row
            return
        mine = self.own_changes_or_none(key)
        self.written(key, values)
        self.base.setdefault(key, self.stored.nodes[key].values)
        self.reread(key)
        self.put(self.wanted, key, {n: v for n, v in mine.items() if n not in values})

    def written(self, key: Any, values: Values) -> None:
        """Note that fields of something stored were written at once, and counted."""
        self.put(self.stored, key, values)
        version = self.version_of(key)
        if values and version:
            now = self.values_of(self.stored, key)[version]  # type: ignore[index]
            self.put(self.stored, key, {version: now + 1})

    @rule(data=DATA, label=st.sampled_from(["Extra", "Ünï x"]), add=st.booleans())
    def labels(self, data: Any, label: str, add: bool) -> None:
        """Add or remove a label that no model has."""
        if (key := self.stored_key(data)) is None:
            return
        if type(self).backend in MOVED_BY_LABELS:
            self.commit_all()
            if key not in self.stored.nodes:
                return
        entity, row = self.entity(key), self.stored.nodes[key]
        self.tell("add_labels" if add else "remove_labels")
        self.call(self.session.add_labels if add else self.session.remove_labels, entity, label)
        labels = row.labels | {label} if add else row.labels - {label}
        self.stored.nodes[key] = type(row)(row.cls, row.values, labels)
        now = self.wanted.nodes[key]
        self.wanted.nodes[key] = type(row)(now.cls, now.values, labels)
        self.wrote()
        if type(self).backend in MOVED_BY_LABELS:
            self.commit_all()
            self.let_all_go()
