"""Make the AGE driver from its name or a URL, for the registry; does no I/O."""

from __future__ import annotations

from runic.ogm.driver.age.driver import AGEDriver
from runic.ogm.driver.registry import DriverRequest


def create(request: DriverRequest) -> AGEDriver:
    """Return a driver for `AGEDriver`'s options; there is none that does not block."""
    return AGEDriver(**request.options)
