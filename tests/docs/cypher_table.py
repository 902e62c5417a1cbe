"""The tables of docs/cypher.md as values: the page itself is the list of what is supported."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from tests.docs.pages import DOCS

PAGE = DOCS / "cypher.md"
DATABASES = ("falkordb", "neo4j", "memgraph", "arcadedb", "age")
MARKS = ("yes", "reworded", "no")
HEAD = ("openCypher", "you write", "the text has", "gives")

_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Row:
    """One construct: how it is built, a piece of its text, and what comes back.

    `says` is empty where the row asks the session itself. A `gives` in words is not compared.
    """

    cypher: str
    build: str
    says: str
    gives: str
    marks: dict[str, str]

    @property
    def expected(self) -> Any:
        """What comes back; None where the page says it in words."""
        return ast.literal_eval(code(self.gives)) if self.gives.startswith("`") else None


def rows() -> list[Row]:
    """Return the rows of all tables of the page."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return [_row(line) for line in lines]


def _row(line: str) -> Row:
    cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]]
    cypher, build, says, gives, *marks = cells
    return Row(
        code(cypher), code(build), code(says), gives, dict(zip(DATABASES, marks, strict=True))
    )


def code(cell: str) -> str:
    """Return what stands between backticks, of which there are two where it holds one."""
    marks = "``" if cell.startswith("``") else "`"
    return cell.removeprefix(marks).removesuffix(marks).strip()
