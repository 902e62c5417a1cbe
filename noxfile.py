"""Every check of the project by name: `nox --list`, `nox -s tests`, `nox -s lint types`.

The README's two commands need no nox; these sessions are for working on one thing at a time.
"""

from __future__ import annotations

import os

import nox

PYTHONS = ["3.11", "3.12", "3.13"]
EVERYWHERE = "falkordb,neo4j,arcadedb,age,memgraph"

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.default_venv_backend = "venv"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite; arguments after -- go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-m", "not static", *session.posargs)


@nox.session(python=PYTHONS[0])
def behaviour(session: nox.Session) -> None:
    """Run the behaviour tests on every database that can be started here.

    RUNIC_BACKENDS chooses others, RUNIC_REQUIRE_BACKENDS makes one that cannot start a failure.
    """
    session.install("-e", ".[test]")
    chosen = {"RUNIC_BACKENDS": os.environ.get("RUNIC_BACKENDS", EVERYWHERE)}
    session.run("python", "-m", "pytest", "tests/behaviour", *session.posargs, env=chosen)


@nox.session(python=PYTHONS[0])
def oracle(session: nox.Session) -> None:
    """Explore at random: `nox -s oracle -- --seconds 600 --backend neo4j`; see tests/oracle."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.oracle", *session.posargs)


@nox.session(python=PYTHONS[0])
def lint(session: nox.Session) -> None:
    """Check style, format and the order of the rooms."""
    session.install("-e", ".[test]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session(python=PYTHONS[0])
def types(session: nox.Session) -> None:
    """Check types with mypy --strict and pyright."""
    session.install("-e", ".[test]")
    session.run("mypy")
    session.run("pyright")


@nox.session(python=PYTHONS[0])
def docs(session: nox.Session) -> None:
    """Execute every snippet of the README, the docs and the guide."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/docs", *session.posargs)


@nox.session(python=PYTHONS[0])
def bench(session: nox.Session) -> None:
    """Print the table of docs/performance.md, measured here."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=PYTHONS[0])
def kill(session: nox.Session) -> None:
    """Kill each server twenty times in a commit; `nox -s kill -- age --kills 5` for some of it."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.backends.kill_mid_commit", *session.posargs)


@nox.session(python=PYTHONS[0])
def support(session: nox.Session) -> None:
    """Make the tables of docs/support.md; `-- --record age` runs the tests on age before."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.support", "--write", *session.posargs)


@nox.session(python=PYTHONS[0])
def demo(session: nox.Session) -> None:
    """Run the package explorer; `nox -s demo -- --serve` keeps it running."""
    session.install("-e", ".[demo]")
    session.run("python", "-m", "examples.fastapi_app", *session.posargs)
