"""Put faults in on purpose and see whether the oracle finds them.

`python -m tests.oracle.mutate --seed 1 --count 20` draws mutations of the session, the query room
and FalkorDB's dialect, applies each in a copy of the tree, and lets the oracle look for two minutes
at most. It prints what was found how soon; the exit code is 1 when a mutant survived.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLACES = ["session/*.py", "query/**/*.py", "driver/falkordb/dialect.py"]
NEEDED = ["runic", "tests", "conftest.py", "pyproject.toml", "docs"]
PARTS = {"sessions": 45, "statements": 35}
_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Mutant:
    """One change of one file: what it was, and what it is now."""

    path: Path
    line: int
    kind: str
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        place = f"{self.path.relative_to(ROOT)}:{self.line}"
        return f"{place} {self.kind}: {_short(self.before)} -> {_short(self.after)}"


def _short(code: str) -> str:
    return " ".join(code.split())[:70] or "nothing"


# What is changed


def _compared(node: ast.Compare) -> None:
    node.ops[0] = _OTHER[type(node.ops[0])]()


def _joined(node: ast.BoolOp) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _negated(node: ast.If | ast.IfExp) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _stepped(node: ast.Constant) -> None:
    assert isinstance(node.value, int)
    node.value += 1


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """Return what can be done to a node itself."""
    match node:
        case ast.Compare(ops=[_]):
            yield "comparison", _compared
        case ast.BoolOp():
            yield "and/or", _joined
        case ast.If() | ast.IfExp():
            yield "condition", _negated
        case ast.Constant(value=int()) if not isinstance(node.value, bool):
            yield "off by one", _stepped
        case _:
            pass


def _droppable(node: ast.AST) -> list[tuple[list[ast.stmt], int]]:
    """Return the statements in a node's body that it can do without, as far as names go."""
    if isinstance(node, ast.Module | ast.ClassDef):
        return []
    bodies = [getattr(node, name, None) for name in ("body", "orelse")]
    return [
        (body, number)
        for body in bodies
        if isinstance(body, list)
        for number, statement in enumerate(body)
        if _has_effect(statement)
    ]


def _has_effect(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()):
            return False  # a docstring
        case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Raise():
            return True
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return True
        case _:
            return False


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a file."""
    tree = ast.parse(path.read_text())
    typing_only = {id(n) for each in ast.walk(tree) for n in _never_run(each)}
    nodes = [node for node in ast.walk(tree) if id(node) not in typing_only]
    return [
        made for node in nodes for made in (*_edited(path, tree, node), *_cut(path, tree, node))
    ]


def _never_run(node: ast.AST) -> Iterator[ast.AST]:
    """Return what stands in annotations, decorators and what only type checkers read."""
    parts: list[ast.AST | None] = []
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            parts = [node]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            parts = [*node.decorator_list, node.returns]
        case ast.arg() | ast.AnnAssign():
            parts = [node.annotation]
        case ast.Raise():
            parts = [node.exc]  # how an error is worded
        case _:
            pass
    for part in parts:
        if part is not None:
            yield from ast.walk(part)


def _edited(path: Path, tree: ast.Module, node: Any) -> Iterator[Mutant]:
    for kind, change in _changes(node):
        kept, before = copy.copy(vars(node)), ast.unparse(node)
        kept = {k: list(v) if isinstance(v, list) else v for k, v in kept.items()}
        change(node)
        yield Mutant(path, node.lineno, kind, before, ast.unparse(node), ast.unparse(tree))
        vars(node).update(kept)


def _cut(path: Path, tree: ast.Module, node: ast.AST) -> Iterator[Mutant]:
    for body, number in _droppable(node):
        statement = body[number]
        body[number] = ast.Pass()
        text = ast.unparse(ast.fix_missing_locations(tree))
        yield Mutant(path, statement.lineno, "dropped", ast.unparse(statement), "", text)
        body[number] = statement


def drawn(number: int, count: int) -> list[Mutant]:
    """Draw mutants: a file first, the long ones more often, then a kind, then a place."""
    chance = random.Random(number)
    paths = sorted({p for each in PLACES for p in (ROOT / "runic/ogm").glob(each)})
    sizes = [path.stat().st_size for path in paths]
    found: list[Mutant] = []
    while len(found) < count:
        several = mutants_of(chance.choices(paths, sizes)[0])
        if several:
            kind = chance.choice(sorted({each.kind for each in several}))
            found.append(chance.choice([each for each in several if each.kind == kind]))
    return found


# Looking for it


def look(mutant: Mutant, tree: Path) -> str | None:
    """Return how a mutant was found, or None."""
    path = tree / mutant.path.relative_to(ROOT)
    original = path.read_text()
    path.write_text(mutant.text)
    try:
        return next(filter(None, (_failing(part, tree) for part in PARTS)), None)
    finally:
        path.write_text(original)


def _failing(part: str, tree: Path) -> str | None:
    seconds = PARTS[part]
    command = [sys.executable, "-m", "tests.oracle", "--part", part, "--no-shrink"]
    command += ["--seconds", str(seconds), "--seed", "1"]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    quiet, piped = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(
        command, cwd=tree, env=environment, stdout=quiet, stderr=piped, text=True
    ) as child:
        try:
            _, said = child.communicate(timeout=seconds + 45)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)  # it stops its server
            child.communicate(timeout=20)
            return f"{part}: it hangs"
    lines = [line for line in said.splitlines() if "Error" in line]
    return f"{part}: {(lines or ['it fails'])[-1][:100]}" if child.returncode else None


def main() -> int:
    """Draw, look and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.mutate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    chosen = parser.parse_args()
    survived = 0
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory)
        for name in NEEDED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tree / name)
        for number, mutant in enumerate(drawn(chosen.seed, chosen.count), 1):
            began = time.monotonic()
            found = look(mutant, tree)
            survived += found is None
            said = "found    " if found else "SURVIVED "
            took = f"{time.monotonic() - began:3.0f} s"
            print(f"{number:3} {said} {took}  {mutant}", flush=True)  # noqa: T201
            print(f"{'':15} {found}" if found else "", flush=True)  # noqa: T201
    print(f"{chosen.count - survived} of {chosen.count} found")  # noqa: T201
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
