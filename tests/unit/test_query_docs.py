"""docs/statements.md says what the compiler does."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import types
from pathlib import Path

import runic.ogm
from runic.ogm.model import Registry

PAGE = Path(__file__).parents[2] / "docs" / "statements.md"
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)


def test_the_page_prints_what_it_shows(monkeypatch) -> None:
    """Its blocks run one after the other, and each prints the text that follows it."""
    registry = Registry()
    module = types.ModuleType("statements_page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(runic.ogm.Node, "__runic_registry__", registry)
    monkeypatch.setattr(runic.ogm.Edge, "__runic_registry__", registry)
    for source, shown in BLOCK.findall(PAGE.read_text()):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(source, module.__dict__)
        assert printed.getvalue() == shown
