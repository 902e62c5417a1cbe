"""Steps that enter and leave blocks: `begin`, savepoints, work that is repeated.

Between them any other step can come. A block that fails takes back what it says it takes back; a
commit or a rollback leaves all blocks first, as the end of a `with` would.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from runic.ogm.errors import SessionError, TransientError, UnsupportedFeatureError
from tests.oracle.graph import Graph, Values
from tests.oracle.models import NODES
from tests.oracle.node_steps import DATA
from tests.oracle.search_steps import SearchSteps
from tests.oracle.walk import CLASSES

# Steps that end no block, with what they draw fixed.
INSIDE: dict[str, dict[str, Any]] = {
    "set_fields": {},
    "delete_node": {},
    "take_back_a_deletion": {},
    "refresh": {},
    "delete": {},
    "add_person": {"cls": "Employee"},
    "merge": {"many": False},
    "relate": {"name": "follows", "by_name": True, "many": False},
    "put_in": {"name": "friends", "how": "append"},
    "change_in_place": {"name": "tags"},
    "change_edge_in_place": {"text": "x"},
    "update": {"kind": "p", "returning": False},
}


class FailingError(Exception):
    """What makes a block fail."""


@dataclass
class Block:
    """A block that is open; a savepoint knows what it goes back to."""

    manager: Any
    nested: bool
    spoilt: bool
    stored: Graph
    base: dict[Any, Values]


class BlockSteps(SearchSteps):
    """A stack of blocks, over which all other steps go."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        super().__init__()

    def teardown(self) -> None:
        """Leave what is open, whatever became of it, and end the session."""
        while self.blocks:
            with suppress(Exception):  # a step before this failed, and says so
                self.end(self.blocks.pop().manager, FailingError())
        super().teardown()

    @rule()
    def begin(self) -> None:
        """Enter a block, or join the one that is open."""
        if not any(block.nested for block in self.blocks):
            self.tell("begin, joined" if self.blocks else "begin")
            self.enter(self.session.begin(), nested=False)

    @rule()
    def begin_nested(self) -> None:
        """Enter a block that is undone alone, where the database can do that."""
        if self.has("savepoints"):
            self.write()
            self.wrote()
            self.tell("begin_nested")
            self.enter(self.session.begin_nested(), nested=True)
            return
        self.tell("begin_nested refused")
        with pytest.raises(UnsupportedFeatureError):
            self.enter(self.session.begin_nested(), nested=True)

    @rule(
        data=DATA,
        nested=st.booleans(),
        fail=st.booleans(),
        steps=st.lists(st.sampled_from(sorted(INSIDE)), min_size=1, max_size=3),
    )
    def block(self, data: Any, nested: bool, fail: bool, steps: list[str]) -> None:
        """Enter a block, take some steps that end none, and leave it."""
        depth = len(self.blocks)
        (self.begin_nested if nested and self.has("savepoints") else self.begin)()
        for step in steps:
            getattr(self, step)(data=data, **INSIDE[step])
            self.check_all()
        if len(self.blocks) > depth:
            self.leave(fail=fail)

    @precondition(lambda self: self.blocks)
    @rule(fail=st.booleans())
    def leave(self, fail: bool) -> None:
        """Leave the innermost block."""
        if not fail:
            self.write()  # what is refused is put right before, or has all blocks fail
        if self.blocks:
            self.tell(f"{'fail' if fail else 'leave'} a block")
            self.leave_one(fail=fail)

    def enter(self, manager: Any, *, nested: bool) -> None:
        """Enter a block of either face."""
        is_async = hasattr(manager, "__aenter__")
        self.call(manager.__aenter__ if is_async else manager.__enter__)
        self.sync()
        before = self.stored.copy(), dict(self.base)
        self.blocks.append(Block(manager, nested, spoilt=False, stored=before[0], base=before[1]))

    def end(self, manager: Any, error: Exception | None) -> None:
        """Leave a block of either face, by an error if there is one."""
        leave = manager.__aexit__ if hasattr(manager, "__aexit__") else manager.__exit__
        assert not self.call(leave, type(error) if error else None, error, None)

    def leave_one(self, *, fail: bool) -> None:
        """Leave the innermost block, and note what that means."""
        block = self.blocks.pop()
        if block.spoilt and not fail:
            with pytest.raises(SessionError):
                self.end(block.manager, None)
            self.forget()
        elif fail:
            self.end(block.manager, FailingError())
            self.undone(block)
        else:
            self.end(block.manager, None)
            self.ended(block)

    def undone(self, block: Block) -> None:
        """Note what a failing block takes back: its own, or all that is not committed."""
        if block.nested:
            self.go_back(block.stored, block.base)
            self.drop_unwritten()
            return
        self.forget()
        for outer in self.blocks:
            outer.spoilt = True

    def ended(self, block: Block) -> None:
        """Note what a block writes at its end, and keeps."""
        self.settle()
        if not block.nested and not self.blocks:
            self.writing = False
            self.committed = self.stored.copy()

    # What ends all blocks

    def leave_all(self) -> None:
        """Have every open block fail, from the innermost one."""
        while self.blocks:
            self.leave_one(fail=True)

    def commit_all(self, **options: Any) -> None:
        """Leave all blocks well and commit."""
        while self.blocks:
            self.write()
            if self.blocks:
                self.leave_one(fail=False)
        super().commit_all(**options)

    def rolled_back(self) -> None:
        """Leave all blocks by an error and roll back."""
        self.leave_all()
        super().rolled_back()

    def let_all_go(self) -> None:
        """Let everything go; no block brings it back."""
        super().let_all_go()
        for block in self.blocks:
            block.base = {}

    def busy(self) -> bool:
        """Tell whether another session would have to wait for this one, or it for another."""
        return self.writing or bool(self.blocks)

    # Work that is repeated

    @rule(
        data=DATA,
        rank=st.integers(5, 7),
        ends=st.sampled_from(["well", "with a conflict", "badly"]),
    )
    def run_in_transaction(self, data: Any, rank: int, ends: str) -> None:
        """Work is done once, again after a conflict, or not at all."""
        self.commit_all()
        self.let_all_go()  # or what it works on may be behind
        if (key := self.pick(data, list(self.stored.nodes))) is None:
            return
        self.tell(f"run_in_transaction, {ends}")
        new, conflicts = f"f{self.next_number()}", [TransientError("a conflict")]
        errors = {"well": [], "with a conflict": conflicts, "badly": [FailingError()]}[ends]
        work = self.work(key, rank, new, list(errors))
        if ends == "badly":
            with pytest.raises(FailingError):
                self.call(self.session.run_in_transaction, work, backoff=0)
            self.forget()
            self.let_all_go()
            return
        found = self.call(self.session.run_in_transaction, work, backoff=0)
        assert found == rank
        self.stored.nodes[new] = self.new_row("Firm", {})
        self.let_all_go()
        before = self.values_of(self.stored, key) or {}
        if before["rank"] != rank:
            self.written(key, {"rank": rank})
        self.wanted, self.committed = self.stored.copy(), self.stored.copy()

    def work(self, key: str, rank: int, new: str, errors: list[Exception]) -> Any:
        """Return what changes a node, adds another, and may fail at its end."""

        def steps(entity: Any, session: Any) -> int:
            entity.rank = rank
            session.add(NODES["Firm"](id=new))
            if errors:
                raise errors.pop()
            return rank

        async def waiting(session: Any) -> int:
            return steps(await session.get(CLASSES[key[0]], key), session)

        def working(session: Any) -> int:
            return steps(session.get(CLASSES[key[0]], key), session)

        return working if hasattr(self.session, "_core") else waiting
