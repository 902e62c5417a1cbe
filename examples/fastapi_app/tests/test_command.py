"""The command, and every request of the README, run as a reader runs them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "examples" / "fastapi_app" / "README.md").read_text(encoding="utf-8")
SAMPLE = "examples/fastapi_app/sample"
PRINTED_ADDRESS = "http://127.0.0.1:8000"


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of the application in this environment."""
    return [sys.executable, "-m", "examples.fastapi_app", *map(str, arguments)]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the application to its end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def requests_of_the_readme() -> list[tuple[str, str]]:
    """Return every curl line with the answer that is printed below it."""
    pairs = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", README, re.DOTALL)
    assert len(pairs) == README.count("```sh\ncurl "), "a curl line has no answer below it"
    return pairs


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Run the server as the README says, on a free port; return its address."""
    arguments = ("--source", SAMPLE, "--database", tmp_path / "sample.rdb", "--serve")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield printed_address(server)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def printed_address(server: subprocess.Popen[str]) -> str:
    """Return the address that the server prints when it can be asked."""
    assert server.stdout is not None
    for line in server.stdout:
        if found := re.search(r"Serving on (http://\S+)", line):
            return found[1]
    pytest.fail("the server ended without printing its address")


def test_command_answers_three_questions_and_ends(tmp_path: Path) -> None:
    """The tables are printed, the exit code is 0, and a second start reuses the database."""
    arguments = ("--source", SAMPLE, "--database", tmp_path / "sample.rdb")
    first = run(*arguments)
    assert first.returncode == 0, first.stderr
    for expected in (
        "Which licences do I carry?",
        "BSD-3-Clause",
        "Why is python:typing-bits installed?",
        "bookshop → webframe → typing-bits",
        "What breaks if I remove python:typing-bits?",
        "21 of 21 packages kept",
    ):
        assert expected in first.stdout
    second = run(*arguments)
    assert second.returncode == 0, second.stderr
    assert "Reusing 21 packages" in second.stdout
    assert "Loading" not in second.stdout


def test_command_explores_its_own_environment(tmp_path: Path) -> None:
    """Without a source it reads the packages it runs with: pydantic is among them."""
    done = run("--database", tmp_path / "own.rdb")
    assert done.returncode == 0, done.stderr
    assert "What breaks if I remove python:" in done.stdout


def test_command_explains_a_wrong_source(tmp_path: Path) -> None:
    """A place with no packages ends with 1 and says what can be given."""
    done = run("--source", tmp_path / "nothing", "--database", tmp_path / "x.rdb")
    assert done.returncode == 1
    assert "there is nothing to read" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_requests_of_the_readme_answer_what_is_printed(address: str) -> None:
    """Each curl line, in order, gives the answer below it."""
    for line, printed in requests_of_the_readme():
        request = shlex.split(line.replace(PRINTED_ADDRESS, address).replace("\\\n", " "))
        done = subprocess.run(request, capture_output=True, text=True, check=True, timeout=30)
        assert json.loads(done.stdout) == json.loads(printed), line


def test_server_of_the_readme_is_the_one_tested() -> None:
    """The README serves the sample on the address of its requests."""
    [line] = re.findall(r"<!-- server -->\n```sh\n(.*)\n```", README)
    assert line.startswith("python -m examples.fastapi_app --source examples/fastapi_app/sample ")
    assert line.endswith("--serve --port 8000")
    assert all(PRINTED_ADDRESS in line for line, _ in requests_of_the_readme())


def test_every_endpoint_is_in_the_readme() -> None:
    """What can be asked is shown with its answer."""
    shown = " ".join(line for line, _ in requests_of_the_readme())
    for part in ("dependencies", "dependents", "why", "breaks", "reviews", "licences"):
        assert f"/{part}" in shown
    for part in ("maintainers", "needed", "-X PATCH", "-X DELETE"):
        assert part in shown
