"""A plan of writes: what one flush has to do, as values.

The session fills a plan from entities; `writes` turns it into text. A step is many rows of one
shape, so that a plan of thousands of entities has a handful of steps. `subjects` of a step are what
its rows were made from, row by row; only the session looks inside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from runic.ogm.query.number_fields import NumberField

if TYPE_CHECKING:
    from runic.ogm.model.description import NodeInfo


@dataclass(frozen=True, slots=True)
class Column:
    """A property that a step writes, and the database function its value goes through.

    `numbers` says which values are equal to others of the field.
    """

    stored: str
    function: str | None = None
    numbers: NumberField | None = None
    # Of a unique property: whether numbers or texts are its values.
    unique: Literal["number", "text"] | None = None


Columns = tuple[Column, ...]


@dataclass(slots=True, kw_only=True)
class Step:
    """Rows of one shape. `counted` steps must carry out each of their rows."""

    counted: ClassVar[bool] = True

    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    subjects: list[Any] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class CreateNodes(Step):
    """Rows are the values of `columns`; the step returns the new ids in the order of the rows.

    `generated` names the property that takes a number of the database as its value: then it
    returns [id, key] for each.
    """

    counted: ClassVar[bool] = False

    labels: tuple[str, ...]
    columns: Columns
    generated: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """How stored nodes of a class are recognised, beside their ids.

    By their primary label and the property of their key; `labels` are all of the class, those it
    inherits first.
    """

    label: str
    key: str
    labels: tuple[str, ...]

    @classmethod
    def of(cls, info: NodeInfo) -> Self:
        """Return how nodes of a class are recognised; there is one for each class."""
        found: Self | None = info.memo.get(cls)
        if found is None:
            found = info.memo[cls] = cls(info.label, info.key.stored, info.labels)
        return found


@dataclass(slots=True, kw_only=True)
class UpdateNodes(Step):
    """Rows are id, key, version (where there is one), then the values of `columns`."""

    kind: Found
    version: str | None
    columns: Columns


@dataclass(slots=True, kw_only=True)
class VacateNodes(UpdateNodes):
    """Gives nodes values of their own for the time being, so that others can take theirs.

    Their final values come with an `UpdateNodes` after it, which checks and counts the version.
    """


@dataclass(slots=True, kw_only=True)
class DeleteNodes(Step):
    """Rows are id, key and version (where there is one). Relationships go with their nodes.

    In a statement that creates, too, their labels are taken off first, so that a new node can have
    a unique value of a deleted one.
    """

    kind: Found
    version: str | None


End = int | str | Found


@dataclass(slots=True, kw_only=True)
class CreateEdges(Step):
    """Rows are source, target, then the values of `columns`.

    The step returns the new ids in the order of the rows; with `merge` it returns triples of source
    id, target id and edge id, or where they are to be `told` the relationships whole, in any order.
    `bare` relationships are counted only.

    `source` and `target` say what the rows hold for that end: a `Found` node's [id, key], the row
    number of the `CreateNodes` step of that number (counting such steps), or a place in the list of
    that name. `merge` takes an existing relationship of the type between the two nodes for the new
    one: it takes the values at the positions `on_match`, and counts its `version` up. No two rows
    mean the same relationship.
    """

    type: str
    columns: Columns
    source: End
    target: End
    merge: bool
    directed: bool = True
    bare: bool = False
    on_match: tuple[int, ...] = ()
    version: str | None = None
    told: bool = False


@dataclass(slots=True, kw_only=True)
class UpdateEdges(Step):
    """Rows are source id, edge id, target id, version (if any), then the values of `columns`."""

    type: str
    version: str | None
    columns: Columns


@dataclass(slots=True, kw_only=True)
class VacateEdges(UpdateEdges):
    """Gives relationships values of their own for the time being; see `VacateNodes`."""


@dataclass(slots=True, kw_only=True)
class DeleteEdges(Step):
    """Rows are source id, edge id, target id and version (where there is one)."""

    type: str
    version: str | None


@dataclass(slots=True, kw_only=True)
class Unlink(Step):
    """Rows are source id and target id; every relationship of the type between them goes."""

    type: str
    directed: bool


@dataclass(slots=True, kw_only=True)
class UnlinkOthers(Step):
    """Rows are the id of a node and of the one neighbour it keeps, or None to keep no one.

    Matching nothing is right here: the neighbours were never loaded. Those without the
    `label` stay.
    """

    counted: ClassVar[bool] = False

    type: str
    outgoing: bool
    directed: bool
    label: str | None = None


@dataclass(slots=True, kw_only=True)
class MergeNodes(Step):
    """Rows are the key, then the values of `columns`, all of which a new node takes.

    A node that is there takes those at the positions `on_match`, and counts its version up. Returns
    pairs of key and node, in any order. No two rows have one key.
    """

    kind: Found
    key: Column
    columns: Columns
    on_match: tuple[int, ...]
    version: str | None


@dataclass(slots=True, kw_only=True)
class Together(Step):
    """Steps that are kept whole where the others are kept batch by batch; returns their answers.

    `rows` and `subjects` are those of its steps, one after the other.
    """

    steps: list[Step]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Self:
        """Return the step that carries out these."""
        written = [step for step in steps if not isinstance(step, VacateNodes | VacateEdges)]
        return cls(
            steps=list(steps),
            rows=[row for step in written for row in step.rows],
            subjects=[subject for step in written for subject in step.subjects],
        )


def single_steps(steps: Iterable[Step]) -> list[Step]:
    """Return steps in which none stands for several."""
    listed: list[Step] = []
    for step in steps:
        listed += step.steps if isinstance(step, Together) else [step]
    return listed


@dataclass(slots=True)
class Plan:
    """The steps of one flush, in an order the database accepts."""

    steps: list[Step] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def vacates(self) -> int:
        """How many values the plan frees for others of its entities."""
        steps = single_steps(self.steps)
        freeing = [step for step in steps if isinstance(step, VacateNodes | VacateEdges)]
        return sum(len(step.rows) * len(step.columns) for step in freeing)

    @property
    def handed(self) -> int:
        """How many rows are kept together, since their values change hands."""
        return sum(len(step.rows) for step in self.steps if isinstance(step, Together))

    @property
    def rows(self) -> int:
        """How many rows the plan writes, each counted once."""
        passing = VacateNodes | VacateEdges
        return sum(len(step.rows) for step in self.steps if not isinstance(step, passing))
