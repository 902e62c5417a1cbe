"""Which packages to explore: this environment, this Debian machine, or a place on disk.

A fingerprint of the place tells at the next start whether what is stored still holds, without
reading every package again.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from examples.fastapi_app.sources import (
    Inventory,
    SourceError,
    read_debian,
    read_python_environment,
)
from examples.fastapi_app.sources.rows import Source

DPKG_STATUS = Path("/var/lib/dpkg/status")
EXTENDED_STATES = Path("/var/lib/apt/extended_states")


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that packages are read from."""

    source: Source
    name: str
    read: Callable[[], Inventory]
    fingerprint: str


def find_origin(given: str) -> Origin:
    """Return the origin that "python", "debian" or a path means.

    A directory is a Python environment or its site-packages; a file is a dpkg status file or an
    apt `Packages` file. Raises SourceError when there is nothing at that place.
    """
    if given == "python":
        return _python(None)
    if given == "debian":
        return _debian(DPKG_STATUS, EXTENDED_STATES if EXTENDED_STATES.is_file() else None)
    path = Path(given).expanduser()
    return _python(path) if path.is_dir() else _debian(path, None)


def _python(path: Path | None) -> Origin:
    roots = [path] if path else [Path(entry) for entry in sys.path if entry]
    patterns = (
        ("*.dist-info", "lib*/python*/site-packages/*.dist-info") if path else ("*.dist-info",)
    )
    found = {
        info.resolve() for root in roots for pattern in patterns for info in root.glob(pattern)
    }
    return Origin(
        source="python",
        name=str(path.resolve() if path else sys.prefix),
        read=lambda: read_python_environment(path),
        fingerprint=_fingerprint(found),
    )


def _debian(path: Path, extended_states: Path | None) -> Origin:
    if not path.is_file():
        raise SourceError(
            f"there is nothing to read at {path}; give python, debian, the directory of a Python"
            " environment, or a dpkg status or Packages file"
        )
    return Origin(
        source="debian",
        name=str(path.resolve()),
        read=lambda: read_debian(path, extended_states=extended_states),
        fingerprint=_fingerprint([path, *([extended_states] if extended_states else [])]),
    )


def _fingerprint(places: Iterable[Path]) -> str:
    """Return a text that changes with the names, sizes and times of these files."""
    states = sorted(((str(place), place.stat()) for place in places), key=lambda pair: pair[0])
    lines = [f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
