"""What the tests of the pages share: a reader, and a way to run the suites that pages show."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import runic.ogm
from runic.ogm.model import Registry
from runic.ogm.testing.server import RunServer
from tests.docs.pages import Reader

ROOT = Path(__file__).parents[2]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Return a reader at a new prompt, whose models nobody else knows."""
    registry = Registry()
    monkeypatch.setattr(runic.ogm.Node, "__runic_registry__", registry)
    monkeypatch.setattr(runic.ogm.Edge, "__runic_registry__", registry)
    # Models look their names up in their module: it has to be found.
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    reader = Reader(module)
    yield reader
    reader.close()


@pytest.fixture
def run_files(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, runic_server: RunServer
) -> Callable[..., pytest.RunResult]:
    """Return a function that runs files as a suite of their own, in a process of its own."""
    settings = runic_server.client.connection.connection_pool.connection_kwargs
    monkeypatch.setenv("RUNIC_FALKORDB_URL", f"unix://{settings['path']}")
    for directory in (ROOT, pytester.path):
        monkeypatch.setenv("PYTHONPATH", str(directory), prepend=os.pathsep)

    def run(files: dict[str, str], *options: str) -> pytest.RunResult:
        for name, source in files.items():
            (pytester.path / name).write_text(source)
        scope = "asyncio_default_fixture_loop_scope=function"
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", scope, *options)

    return run
