"""What stands for a driver where one is expected, and what is refused with the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import (
    AsyncConnectionManager,
    AsyncNotSupportedError,
    AsyncSchemaManager,
    AsyncSession,
    ConnectionManager,
    SchemaManager,
    Session,
    StatementError,
    create_async_driver,
    create_driver,
)
from runic.ogm.driver.falkordb import FalkorDBDriver

EMBEDDED = "falkordb+embedded://"
BLOCKING: list[Callable[[Any], Any]] = [Session, SchemaManager, ConnectionManager]
ASYNC: list[Callable[[Any], Any]] = [AsyncSession, AsyncSchemaManager, AsyncConnectionManager]


@pytest.mark.parametrize("take", BLOCKING)
@pytest.mark.parametrize("holder", BLOCKING[::2])
def test_a_blocking_session_or_manager_stands_for_its_driver(
    take: Callable[[Any], Any], holder: Callable[[Any], Any]
) -> None:
    """`SchemaManager(session)` works on the session's driver."""
    driver = create_driver(EMBEDDED)
    assert take(holder(driver)) is not None
    assert holder(holder(driver)).driver is driver


@pytest.mark.parametrize("take", ASYNC)
@pytest.mark.parametrize("holder", ASYNC[::2])
def test_an_async_session_or_manager_stands_for_its_driver(
    take: Callable[[Any], Any], holder: Callable[[Any], Any]
) -> None:
    """`AsyncSchemaManager(session)` works on the session's driver."""
    driver = create_async_driver(EMBEDDED)
    assert take(holder(driver)) is not None
    assert holder(holder(driver)).driver is driver


def test_a_blocking_session_on_an_async_manager_uses_the_drivers_blocking_twin() -> None:
    """What a `Session` does with an async driver it also does with whatever holds one."""
    driver = create_async_driver(EMBEDDED)
    assert Session(AsyncConnectionManager(driver)).driver is driver.blocking()


@pytest.mark.parametrize(
    ("take", "maker"),
    [*((take, "create_driver") for take in BLOCKING), *((t, "create_async_driver") for t in ASYNC)],
)
def test_a_url_is_refused_with_the_function_that_makes_a_driver_of_it(
    take: Callable[[Any], Any], maker: str
) -> None:
    """The URL is not shown: it may hold a password."""
    with pytest.raises(StatementError, match=rf"{maker}\(…\)") as refused:
        take("falkordb://ada:secret@localhost/social")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("take", [*BLOCKING, *ASYNC])
@pytest.mark.parametrize("given", [None, 7, {}, FalkorDBDriver, object()])
def test_anything_else_is_refused(take: Callable[[Any], Any], given: Any) -> None:
    """A class, None or a number is an error of runic's that says what is expected."""
    with pytest.raises(StatementError, match="expected a driver"):
        take(given)


@pytest.mark.parametrize("take", ASYNC)
def test_a_blocking_driver_is_refused_by_what_is_async(take: Callable[[Any], Any]) -> None:
    """Also where a session or a manager holds it."""
    driver = create_driver(EMBEDDED)
    for given in (driver, Session(driver), ConnectionManager(driver)):
        with pytest.raises(AsyncNotSupportedError):
            take(given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Session(create_driver(EMBEDDED)),
        lambda: ConnectionManager(create_driver(EMBEDDED)),
        lambda: create_driver(EMBEDDED),
    ],
)
async def test_async_with_on_what_blocks_names_the_right_block(make: Callable[[], Any]) -> None:
    """Not a TypeError about protocols."""
    with pytest.raises(StatementError, match="enter it with `with`"):
        async with make():
            pass


@pytest.mark.parametrize(
    "make",
    [
        lambda: AsyncSession(create_async_driver(EMBEDDED)),
        lambda: AsyncConnectionManager(create_async_driver(EMBEDDED)),
        lambda: create_async_driver(EMBEDDED),
    ],
)
def test_with_on_what_is_async_names_the_right_block(make: Callable[[], Any]) -> None:
    """Not a TypeError about protocols."""
    with pytest.raises(StatementError, match="enter it with `async with`"), make():
        pass
