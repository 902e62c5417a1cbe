"""Run the behaviour and compliance tests on a backend, and keep what came of it in support.json."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.backends import FALKORDB, Target, faces_of
from tests.support.versions import version_of

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "support.json"
_SUITES = ("tests/behaviour", "tests/compliance")
_MISSING = re.compile(r"^\w+ has no ([\w, ]+)$")

Run = dict[str, Any]


def read() -> dict[str, Run]:
    """Return the last run of each backend and face, by the name that its tests have."""
    found: dict[str, Run] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return found


def record(backend: str) -> None:
    """Run the tests on a backend and write the outcome over that of the run before."""
    server = version_of(backend)
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        _run_tests(backend, report)
        cases = list(ElementTree.parse(report).iter("testcase"))
    runs = read()
    for face in faces_of(backend):
        name = str(Target(backend, face))
        outcome = _outcome([case for case in cases if _is_about(case, name)])
        runs[name] = {"server": server, "date": dt.date.today().isoformat(), **outcome}
    RECORD.write_text(json.dumps(runs, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def _run_tests(backend: str, report: Path) -> None:
    settings = {"RUNIC_BACKENDS": backend, "RUNIC_REQUIRE_BACKENDS": backend}
    if backend == FALKORDB:
        settings["RUNIC_REQUIRE_BACKENDS"] = ""
    command = [sys.executable, "-m", "pytest", *_SUITES, "-q", f"--junitxml={report}"]
    # Failed tests are part of what is recorded.
    subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=False)


def _is_about(case: ElementTree.Element, name: str) -> bool:
    """Tell whether a test ran on the backend: its name is the first of the parameters."""
    return re.search(rf"\[{re.escape(name)}[\]-]", case.get("name", "")) is not None


def _outcome(cases: list[ElementTree.Element]) -> Run:
    skipped = [case.find("skipped") for case in cases]
    reasons = [each.get("message", "") for each in skipped if each is not None]
    failed = sum(case.find(kind) is not None for case in cases for kind in ("failure", "error"))
    return {
        "passed": len(cases) - len(reasons) - failed,
        "failed": failed,
        "missing": dict(Counter(_missing(r) for r in reasons if _MISSING.match(r))),
        "other": dict(Counter(reason for reason in reasons if not _MISSING.match(reason))),
    }


def _missing(reason: str) -> str:
    found = _MISSING.match(reason)
    assert found is not None
    return found[1]
