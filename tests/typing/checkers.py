"""What mypy --strict and pyright say of files: for the tests of what they infer and refuse."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

# The messages of each line of each file, by name.
Found = dict[str, dict[int, list[str]]]

ONCE = [
    pytest.mark.static,
    pytest.mark.skipif(
        bool(os.environ.get("RUNIC_SKIP_STATIC")),
        reason="RUNIC_SKIP_STATIC is set: the result does not depend on the interpreter",
    ),
]


def once(test: Callable[..., Any]) -> Callable[..., Any]:
    """Mark one test as `ONCE` marks a module."""
    for mark in ONCE:
        test = mark(test)
    return test


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


def mypy(*files: Path) -> Found:
    """Return what mypy says of files."""
    output = printed("mypy", "--strict", *map(str, files))
    found: Found = {file.name: defaultdict(list) for file in files}
    for name, line, message in re.findall(r"^(.+?):(\d+): error: (.*)$", output, re.MULTILINE):
        found[Path(name).name][int(line)].append(message)
    assert f"{len(files)} source file" in output, output
    return found


def pyright(*files: Path) -> Found:
    """Return what pyright says of files."""
    with tempfile.TemporaryDirectory() as directory:
        # The project's own settings leave the tests out.
        settings = {"extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
        (Path(directory) / "pyrightconfig.json").write_text(json.dumps(settings))
        for file in files:
            shutil.copy(file, directory)
        options = ("--outputjson", "--pythonpath", sys.executable, "--project", directory)
        output = json.loads(printed("pyright", *options))
    found: Found = {file.name: defaultdict(list) for file in files}
    for each in output["generalDiagnostics"]:
        if each["severity"] == "error":
            line = each["range"]["start"]["line"] + 1
            found[Path(each["file"]).name][line].append(each["message"])
    assert output["summary"]["filesAnalyzed"] == len(files)
    return found
