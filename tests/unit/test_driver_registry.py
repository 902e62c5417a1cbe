"""Drivers are found by name; nothing is connected by asking for one."""

from __future__ import annotations

import pytest

from runic.ogm.driver import (
    Driver,
    DriverRequest,
    create_async_driver,
    create_driver,
    register_driver,
    registry,
)
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.errors import AsyncNotSupportedError, StatementError, UnsupportedFeatureError


def blocking_only(request: DriverRequest) -> Driver:
    """Make a driver that blocks, whatever is asked for."""
    return create_driver("falkordb", graph=request.options["graph"])


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_factories", dict(registry._factories))


def test_names_and_urls_give_the_same_driver() -> None:
    """A URL and a name with options lead to one graph; an unreachable server is not noticed yet."""
    by_name = create_driver("falkordb", host="203.0.113.1", graph="social")
    by_url = create_driver("falkordb://203.0.113.1/social")
    assert isinstance(by_name, FalkorDBDriver)
    assert isinstance(by_url, FalkorDBDriver)
    assert by_name.graph_name == by_url.graph_name == "social"
    assert by_name.blocks


def test_async_names_give_async_drivers() -> None:
    """The same name gives the other kind of driver, without a running loop."""
    driver = create_async_driver("falkordbs://203.0.113.1/social", graph="other")
    assert isinstance(driver, AsyncFalkorDBDriver)
    assert driver.graph_name == "other"
    assert not driver.blocks


def test_a_blocking_backend_is_refused_for_async() -> None:
    """A loop is never blocked silently; the error says what to use."""
    register_driver("mine", f"{__name__}:blocking_only")
    assert create_driver("mine", graph="g").blocks
    with pytest.raises(
        AsyncNotSupportedError, match=r"create_driver\(\.\.\.\) with a sync Session"
    ):
        create_async_driver("mine", graph="g")


def test_unknown_names_list_the_known_ones() -> None:
    """A misspelled name shows what could have been meant."""
    with pytest.raises(UnsupportedFeatureError, match="falkordb, falkordb\\+embedded, falkordbs"):
        create_driver("falcordb")


def test_missing_packages_name_the_extra() -> None:
    """A driver of runic's whose client is not installed says what to install."""
    register_driver("mine", "runic.ogm.driver.no_such_room:create")
    with pytest.raises(UnsupportedFeatureError, match=r'pip install "runic-ogm\[mine\]"'):
        create_driver("mine")


def test_missing_packages_of_others_are_named() -> None:
    """runic has no extra for them: the error says what could not be imported."""
    register_driver("mine", "no_such_package_here:create")
    with pytest.raises(UnsupportedFeatureError, match=r"no_such_package_here'\)$"):
        create_driver("mine")


@pytest.mark.parametrize("target", ["", "module", "module:", ":function"])
def test_malformed_registrations_are_refused(target: str) -> None:
    """A registration that could never be imported fails at once."""
    with pytest.raises(StatementError, match="module:function"):
        register_driver("mine", target)


@pytest.mark.parametrize("url", ["falkordb://h/g?colour=red", "falkordb+embedded://?colour=red"])
def test_unknown_options_are_refused(url: str) -> None:
    """A misspelled option is not ignored."""
    with pytest.raises(StatementError, match="colour"):
        create_driver(url)
