"""The servers of one run: each started when a test first needs it, all stopped at the end."""

from __future__ import annotations

import pytest

from tests.backends import Backend, create, required


class RunningBackends:
    """Starts each backend once, and remembers of those that cannot start why."""

    def __init__(self) -> None:
        self._running: dict[str, Backend] = {}
        self._reasons: dict[str, str] = {}

    def get(self, name: str) -> Backend:
        """Return a started backend; skips the test where it cannot start, or fails if it must."""
        if name not in self._running and name not in self._reasons:
            self._start(name)
        if name in self._reasons:
            refuse = pytest.fail if name in required() else pytest.skip
            refuse(f"{name} cannot be tested here: {self._reasons[name]}")
        return self._running[name]

    def _start(self, name: str) -> None:
        try:
            backend = create(name)
            if reason := backend.available():
                self._reasons[name] = reason
                return
            backend.start()
        except Exception as error:
            # Said once, in full: the other tests of this backend only repeat the reason.
            self._reasons[name] = f"{type(error).__name__}: {error}"
            raise
        self._running[name] = backend

    def stop(self) -> None:
        """Stop every server that was started."""
        while self._running:
            self._running.popitem()[1].stop()
