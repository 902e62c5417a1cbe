"""The databases that behaviour tests run on, and how a run chooses among them.

FalkorDB is started by the pytest plugin; each of the others is a class in a module here, imported
only when it is asked for. tests/conftest.py starts what is chosen, once a run.

RUNIC_BACKENDS           the backends to run on, by name, instead of falkordb alone
RUNIC_REQUIRE_BACKENDS   more of them; here a server that cannot start fails the tests
RUNIC_<BACKEND>_URL      the server to use, whose graph the tests empty, instead of one of the run
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from runic.ogm.driver.base import Driver

FALKORDB = "falkordb"

BACKENDS: dict[str, str] = {
    "neo4j": "tests.backends.neo4j:Neo4jBackend",
    "arcadedb": "tests.backends.arcadedb:ArcadeDBBackend",
    "age": "tests.backends.age:AgeBackend",
    "memgraph": "tests.backends.memgraph:MemgraphBackend",
}


class Backend(Protocol):
    """A server of one kind, started for a run of the tests, or found at its URL."""

    name: str

    def available(self) -> str | None:
        """Return why it cannot be started here, or None if it can."""
        ...

    def start(self) -> None:
        """Start the server and wait until it answers."""
        ...

    def fresh_driver(self) -> Driver:
        """Return a blocking driver on a graph without nodes, indexes and constraints."""
        ...

    def reset(self, driver: Driver) -> None:
        """Empty what a test left; the driver came from `fresh_driver` and is closed after."""
        ...

    def stop(self) -> None:
        """Stop the server if `start` started one."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What one run of a behaviour test uses: a backend through one session face."""

    backend: str
    face: str

    def __str__(self) -> str:
        return f"{self.backend}-{self.face}" if self.backend == FALKORDB else self.backend


def faces_of(backend: str) -> tuple[str, ...]:
    """Return the session faces that a backend has."""
    return ("async", "sync") if backend == FALKORDB else ("sync",)


def required(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the backends that must start."""
    return _named(environ, "RUNIC_REQUIRE_BACKENDS")


def selected(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the backends of this run, in the order of their names here."""
    chosen = {*(_named(environ, "RUNIC_BACKENDS") or [FALKORDB]), *required(environ)}
    return [name for name in (FALKORDB, *BACKENDS) if name in chosen]


def _named(environ: Mapping[str, str], variable: str) -> list[str]:
    names = [name.strip() for name in environ.get(variable, "").split(",") if name.strip()]
    if unknown := sorted({*names} - {FALKORDB, *BACKENDS}):
        raise ValueError(
            f"{variable} has {', '.join(unknown)}; known are {', '.join((FALKORDB, *BACKENDS))}"
        )
    return names


def url_of(backend: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the URL of a running server that the tests are to use, if one is given."""
    return environ.get(f"RUNIC_{backend.upper()}_URL") or None


def create(name: str) -> Backend:
    """Return a backend that is not started yet."""
    module, _, kind = BACKENDS[name].partition(":")
    backend: Backend = getattr(import_module(module), kind)()
    return backend
