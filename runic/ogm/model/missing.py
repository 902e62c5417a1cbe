"""Say which field an entity lacks that was made, or changed, past its own validation.

An entity has all of its fields: `del` is refused, and only `model_construct` and writes to its
`__dict__` can leave one out. So nobody looks for it; what comes upon it asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runic.ogm.errors import FieldValidationError
from runic.ogm.model.description import EntityInfo


def refuse_missing(
    info: EntityInfo, entities: Iterable[Mapping[str, Any]], found: KeyError
) -> None:
    """Raise if the values of an entity, which a `KeyError` came from, lack a field.

    Raises:
        FieldValidationError: Names the field.
    """
    for values in entities:
        for name in info.properties:
            if name not in values:
                raise FieldValidationError(
                    f"{info.name}.{name} has no value, not even its default: model_construct needs"
                    " one for every field; assign it, or roll back",
                    entity=info.name,
                    field=name,
                ) from found
