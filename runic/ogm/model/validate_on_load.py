"""The class option `validate_on_load`: what stored values are checked for when they are loaded.

`False`, the default: their types and constraints. `"types"`: their types alone, so that rows older
than a constraint can be read and repaired. `True`: everything, the class's own validators included.
"""

from __future__ import annotations

from typing import Any, Literal

from runic.ogm.errors import MetadataError

ValidateOnLoad = bool | Literal["types"]


def set_validate_on_load(cls: Any, value: ValidateOnLoad | None) -> None:
    """Note what a class statement says; None leaves what its parents say.

    Raises:
        MetadataError: The value is none of the three.
    """
    if value is None:
        return
    if not (isinstance(value, bool) or value == "types"):
        raise MetadataError(
            f'{cls.__name__}: validate_on_load is False, True or "types", not {value!r}'
        )
    cls.__runic_validate_on_load__ = value


def validates_on_load(cls: Any) -> ValidateOnLoad:
    """Return what stored values of a class are checked for."""
    found: ValidateOnLoad = getattr(cls, "__runic_validate_on_load__", False)
    return found
