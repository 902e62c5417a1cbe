"""mypy --strict and pyright infer what the docs promise, and refuse what is wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ACCEPTED, REJECTED = HERE / "accepted.py", HERE / "rejected.py"

pytestmark = [
    pytest.mark.static,
    pytest.mark.skipif(
        bool(os.environ.get("RUNIC_SKIP_STATIC")),
        reason="RUNIC_SKIP_STATIC is set: the result does not depend on the interpreter",
    ),
]


def printed(tool: str, *arguments: str) -> str:
    """Return what a tool of this environment prints."""
    scripts = Path(sys.executable).parent
    path = shutil.which(tool, path=str(scripts))
    assert path, f"{tool} is missing: python -m pip install --editable '.[test]'"
    env = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [path, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.stdout


def mypy(*files: Path) -> dict[str, dict[int, str]]:
    """Return what mypy says of files, by name and line."""
    output = printed("mypy", "--strict", *map(str, files))
    found: dict[str, dict[int, str]] = {file.name: {} for file in files}
    for name, line, message in re.findall(r"^(.+?):(\d+): error: (.*)$", output, re.MULTILINE):
        found[Path(name).name][int(line)] = message
    return found


def pyright(*files: Path) -> dict[str, dict[int, str]]:
    """Return what pyright says of files, by name and line."""
    with tempfile.TemporaryDirectory() as directory:
        # The project's own settings leave the tests out.
        settings = {"extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
        (Path(directory) / "pyrightconfig.json").write_text(json.dumps(settings))
        for file in files:
            shutil.copy(file, directory)
        options = ("--outputjson", "--pythonpath", sys.executable, "--project", directory)
        output = json.loads(printed("pyright", *options))
    found: dict[str, dict[int, str]] = {file.name: {} for file in files}
    for each in output["generalDiagnostics"]:
        if each["severity"] == "error":
            line = each["range"]["start"]["line"] + 1
            found[Path(each["file"]).name][line] = each["message"]
    assert output["summary"]["filesAnalyzed"] == len(files)
    return found


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_types_are_inferred_and_mistakes_refused(checker: object) -> None:
    """No line of the one file has an error; of the other, exactly those that are marked have."""
    assert callable(checker)
    found = checker(ACCEPTED, REJECTED)
    assert found[ACCEPTED.name] == {}
    lines = REJECTED.read_text().splitlines()
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("# error")]
    assert sorted(found[REJECTED.name]) == marked, found[REJECTED.name]
