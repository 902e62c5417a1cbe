"""Read the code blocks of a Markdown page, and run them as a reader would.

A page's Python blocks run in order in one namespace, as typed into `python -m asyncio`: `await`
works outside of functions. Two notations on the page say more:

- a `text` block right after a Python block is what that block prints;
- a block whose first line is `# conftest.py` or `# test_….py` is a file of a pytest suite.

Blocks of a page that hold tests are one test file, all together.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
import types
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
README = DOCS.parent / "README.md"

_FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (conftest|test_\w+)\.py\n")
_TEST = re.compile(r"^(async )?def test_", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A Python block: where it stands, its text, and what the page says that it prints."""

    page: Path
    line: int
    source: str
    printed: str | None = None

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, None for code to run."""
        found = _FILE.match(self.source)
        return f"{found[1]}.py" if found else None

    def parsed(self) -> ast.Module:
        """Return the code, in which line numbers are those of the page."""
        return ast.parse("\n" * (self.line - 1) + self.source)

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def pages() -> list[Path]:
    """Return the README and every page of the docs."""
    return [README, *sorted(DOCS.glob("**/*.md"))]


def blocks_of(page: Path) -> list[Block]:
    """Return the Python blocks of a page, in order."""
    text = page.read_text()
    fences = list(_FENCED.finditer(text))
    return [
        Block(page, _line(text, fence), fence[2], _printed(text, fence, after))
        for fence, after in zip(fences, [*fences[1:], None], strict=False)
        if fence[1] == "python"
    ]


def _line(text: str, fence: re.Match[str]) -> int:
    return text.count("\n", 0, fence.start(2)) + 1


def _printed(text: str, fence: re.Match[str], after: re.Match[str] | None) -> str | None:
    follows = after is not None and not text[fence.end() : after.start()].strip()
    return after[2] if after is not None and follows and after[1] == "text" else None


def is_suite(blocks: list[Block]) -> bool:
    """Tell whether the blocks are, all together, one file of tests."""
    return any(_TEST.search(block.source) for block in blocks)


class Reader:
    """Somebody who types blocks, one after the other, at a prompt that knows `await`."""

    def __init__(self, module: types.ModuleType) -> None:
        self.names = module.__dict__
        self._runner = asyncio.Runner()

    def read(self, block: Block) -> str:
        """Run a block, at its line of its page, and return what it printed."""
        return self.run(block.parsed(), block.page)

    def run(self, tree: ast.Module, page: Path) -> str:
        """Run parsed code of a page and return what it printed."""
        code = _compiled(tree, page)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if code.co_flags & inspect.CO_COROUTINE:
                self._runner.run(self._awaited(code))
            else:
                # Without a running loop, so that a block may call asyncio.run().
                exec(code, self.names)
        return printed.getvalue()

    async def typed(self, block: Block) -> None:
        """Run a block on the loop that is running."""
        await self._awaited(_compiled(block.parsed(), block.page))

    async def _awaited(self, code: types.CodeType) -> None:
        await eval(code, self.names)

    def close(self) -> None:
        """Close the drivers that the blocks left open, and the event loop."""
        for value in list(self.names.values()):
            self._runner.run(_close(value))
        self._runner.close()


def _compiled(tree: ast.Module, page: Path) -> types.CodeType:
    code: types.CodeType = compile(tree, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


async def _close(value: object) -> None:
    close = getattr(value, "close", None)
    # A method of an object: a class, and an alias as Annotated[AsyncSession, …], has the function.
    if inspect.ismethod(close) and inspect.iscoroutinefunction(close):
        await close()
