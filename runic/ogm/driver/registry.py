"""Find the driver for a name or a URL.

Drivers are imported when they are asked for, so a backend's client library is needed only by those
who use it. Packages add drivers with `register_driver` or an entry point in the group
``runic.drivers``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

from runic.ogm.driver.base import AsyncDriver, Driver, SyncDriver
from runic.ogm.driver.url import is_url, parse_url
from runic.ogm.errors import AsyncNotSupportedError, StatementError, UnsupportedFeatureError

ENTRY_POINT_GROUP = "runic.drivers"


@dataclass(frozen=True, slots=True)
class DriverRequest:
    """What a factory is asked for: the name that was used, the options, and which kind.

    With `asynchronous` the driver must not block; a backend without such a driver raises
    `AsyncNotSupportedError` (or returns a blocking one, which is refused the same way).
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    asynchronous: bool = False


DriverFactory = Callable[[DriverRequest], Driver]

_FALKORDB = "runic.ogm.driver.falkordb.factory"
_NEO4J = "runic.ogm.driver.neo4j.driver:create"
_MEMGRAPH = "runic.ogm.driver.memgraph.driver:create"
_factories: dict[str, str] = {
    "falkordb": f"{_FALKORDB}:create_on_network",
    "falkordbs": f"{_FALKORDB}:create_with_tls",
    "falkordb+embedded": f"{_FALKORDB}:create_embedded",
    **dict.fromkeys(("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"), _NEO4J),
    **dict.fromkeys(("memgraph", "memgraph+s", "memgraph+ssc"), _MEMGRAPH),
    "age": "runic.ogm.driver.age.factory:create",
    "arcadedb": "runic.ogm.driver.arcadedb.factory:create",
    "arcadedb+s": "runic.ogm.driver.arcadedb.factory:create_with_tls",
}


def register_driver(name: str, factory: str) -> None:
    """Make a driver known under a name, which is also its URL scheme.

    `factory` is ``"module:function"``, imported on first use; the function takes a `DriverRequest`
    and returns a `Driver` without any I/O. A later registration replaces an earlier one.
    """
    module, separator, function = factory.partition(":")
    if not (name and module and separator and function):
        raise StatementError(f"{factory!r} is not 'module:function', or the driver's name is empty")
    _factories[name] = factory


def create_driver(name_or_url: str, /, **options: Any) -> SyncDriver:
    """Return a driver that blocks, for `Session`; nothing is connected yet.

    Takes a name with options, ``create_driver("falkordb", host="localhost", graph="social")``, or
    a URL, ``create_driver("falkordb://localhost:6379/social")``; options win over the URL's.
    Raises `UnsupportedFeatureError` if the backend is unknown or its client is not installed.
    """
    return cast("SyncDriver", _create(name_or_url, options, asynchronous=False))


def create_async_driver(name_or_url: str, /, **options: Any) -> AsyncDriver:
    """Return a driver for `AsyncSession`, from the same names and URLs as `create_driver`.

    Raises `AsyncNotSupportedError` for a backend that has only a blocking client.
    """
    driver = _create(name_or_url, options, asynchronous=True)
    if driver.blocks:
        raise AsyncNotSupportedError(
            "this backend has only a blocking client, which would stop the event loop; use "
            "create_driver(...) with a sync Session, in FastAPI in a `def` endpoint, which runs in "
            "a worker thread. For AsyncSession there is falkordb"
        )
    return cast("AsyncDriver", driver)


def _create(name_or_url: str, options: dict[str, Any], *, asynchronous: bool) -> Driver:
    name, from_url = parse_url(name_or_url) if is_url(name_or_url) else (name_or_url, {})
    return _factory(name)(DriverRequest(name, {**from_url, **options}, asynchronous))


def _factory(name: str) -> DriverFactory:
    target = _factories.get(name) or _from_entry_points(name)
    if target is None:
        raise _unknown(name)
    module, _, function = target.partition(":")
    try:
        factory: DriverFactory = getattr(import_module(module), function)
    except ImportError as error:
        ours = target.startswith("runic.")
        hint = f'; try: pip install "runic-ogm[{name.partition("+")[0]}]"' if ours else ""
        raise UnsupportedFeatureError(
            f"the driver {name!r} needs a package that is not installed ({error}){hint}"
        ) from error
    return factory


def _from_entry_points(name: str) -> str | None:
    found = entry_points(group=ENTRY_POINT_GROUP, name=name)
    return next(iter(found)).value if found else None


# What the servers that runic drives are also called.
_ALSO_CALLED = {
    "redis": "falkordb", "rediss": "falkordbs", "falkor": "falkordb", "falkors": "falkordbs",
    "unix": "falkordb", "postgres": "age", "postgresql": "age",
}  # fmt: skip


def _unknown(name: str) -> UnsupportedFeatureError:
    known = sorted({*_factories, *entry_points(group=ENTRY_POINT_GROUP).names})
    close = _ALSO_CALLED.get(name) or next(iter(get_close_matches(name, known, 1)), None)
    hint = f"; did you mean {close}://?" if close else ""
    if ":" in name:  # a host and a port, not shown whole: there may be a password before them
        name, hint = "…:…", "; an address needs a scheme, as falkordb://localhost:6379"
    return UnsupportedFeatureError(
        f"there is no driver named {name!r}{hint}. Known are {', '.join(known)}. Others come from "
        "packages with a 'runic.drivers' entry point, or from register_driver(name, "
        "'module:function')"
    )
