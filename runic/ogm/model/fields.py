"""`Field` and the metadata that says how a field is stored.

Every option of `Field` also exists as `Annotated` metadata: `name: Annotated[str, Index()]`.
The metadata objects travel in Pydantic's own `FieldInfo.metadata`, which it keeps in order and
hands to subclasses.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, overload, runtime_checkable

from pydantic import Field as PydanticField
from pydantic.fields import FieldInfo

from runic.ogm.errors import MetadataError
from runic.ogm.model.keys import GeneratedKey
from runic.ogm.model.options import refuse_unknown

IndexType = Literal["RANGE", "FULLTEXT", "VECTOR"]
Similarity = Literal["cosine", "euclidean"]
INDEX_TYPES = ("RANGE", "FULLTEXT", "VECTOR")

# What `pydantic.Field` takes. The last are its old names, about which it has words of its own.
PYDANTIC_OPTIONS = frozenset(inspect.signature(PydanticField).parameters) - {"extra"} | {
    "allow_mutation", "const", "include", "max_items", "min_items", "regex", "unique_items",
}  # fmt: skip


@runtime_checkable
class TypeConverter(Protocol):
    """How a field's value is stored, where the built-in forms do not fit.

    `to_graph` returns what the database stores (str, int, float, bool or a list of one of these);
    `from_graph` gets that back and returns what Pydantic accepts for the field. `cypher_fn`, when
    not None, names a function of the database that every written and compared value goes through.
    Neither is called for None.
    """

    cypher_fn: str | None

    def to_graph(self, value: Any) -> Any:
        """Return what is stored for a value."""
        ...

    def from_graph(self, value: Any) -> Any:
        """Return the value of what is stored."""
        ...


class Metadata:
    """Base of what may stand in `Annotated` to say how a field is stored."""


@dataclass(frozen=True, slots=True)
class PrimaryKey(Metadata):
    """The field identifies the entity. `generated` makes a key when none is given."""

    generated: bool = False


@dataclass(frozen=True, slots=True)
class Index(Metadata):
    """The property has a range index."""


@dataclass(frozen=True, slots=True)
class Unique(Metadata):
    """No two nodes of the label have the same value."""


@dataclass(frozen=True, slots=True)
class Required(Metadata):
    """Every node of the label has the property; the database refuses others."""


@dataclass(frozen=True, slots=True)
class Interned(Metadata):
    """Equal strings are kept once by the server (FalkorDB)."""


@dataclass(frozen=True, slots=True)
class Version(Metadata):
    """The field counts the writes of the entity; a write from an older count is refused."""


@dataclass(frozen=True, slots=True)
class Property(Metadata):
    """The name of the property in the database, where it is not the field's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Convert(Metadata):
    """The converter that stores and restores the field."""

    converter: TypeConverter


@dataclass(frozen=True, slots=True)
class FullText(Metadata):
    """The property takes part in the label's full-text index."""

    language: str | None = None
    weight: float | None = None
    stopwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorIndex(Metadata):
    """The property has a vector index of this dimension.

    `m`, `ef_construction` and `ef_runtime` are the parameters of the HNSW graph
    (Malkov and Yashunin, 2016); None leaves them to the database.
    """

    dimension: int
    similarity: Similarity = "cosine"
    m: int | None = None
    ef_construction: int | None = None
    ef_runtime: int | None = None

    def __post_init__(self) -> None:
        if type(self.dimension) is not int or self.dimension < 1:
            raise MetadataError(f"a vector index needs dimension ≥ 1, not {self.dimension!r}")
        if self.similarity not in ("cosine", "euclidean"):
            raise MetadataError(f"similarity is 'cosine' or 'euclidean', not {self.similarity!r}")


# `init=False` in the first overload tells type checkers that the argument may be left out.
@overload
def Field(
    *,
    primary_key: Literal[True],
    generated: Literal[True],
    init: Literal[False] = False,
    property: str | None = None,
    **pydantic: Any,
) -> Any: ...


@overload
def Field(
    default: Any = ...,
    *,
    default_factory: Callable[..., Any] | None = None,
    primary_key: bool = False,
    generated: bool = False,
    index: bool = False,
    index_type: IndexType | None = None,
    unique: bool = False,
    required: bool = False,
    interned: bool = False,
    converter: TypeConverter | None = None,
    property: str | None = None,
    version: bool = False,
    vector: VectorIndex | None = None,
    fulltext: bool | FullText = False,
    **pydantic: Any,
) -> Any: ...


def Field(  # noqa: PLR0913 - each is an option of its own, as in pydantic.Field
    default: Any = ...,
    *,
    primary_key: bool = False,
    generated: bool = False,
    index: bool = False,
    index_type: IndexType | None = None,
    unique: bool = False,
    required: bool = False,
    interned: bool = False,
    converter: TypeConverter | None = None,
    property: str | None = None,
    version: bool = False,
    vector: VectorIndex | None = None,
    fulltext: bool | FullText = False,
    **pydantic: Any,
) -> Any:
    """Declare how a field is validated and stored.

    Args:
        default: The value when none is given; without one the field is required.
        primary_key: The field identifies the entity (a field called `id` does by itself).
        generated: Make the key: a time-ordered UUID (RFC 9562, version 7) at construction for
            str and UUID; for int the database's own id, known after the flush.
        index: Ask for an index of `index_type` ("RANGE" unless told; "FULLTEXT").
        unique: Ask for a uniqueness constraint.
        required: Ask for a constraint that the property exists.
        interned: Let the server keep equal strings once.
        converter: A `TypeConverter` for a type that has no stored form of its own.
        property: The property's name in the database.
        version: Count writes in this int field and refuse a write over a newer one.
        vector: Ask for a vector index.
        fulltext: Ask for a full-text index.
        **pydantic: Everything `pydantic.Field` takes.

    Raises:
        MetadataError: The options contradict each other, or one is unknown.
    """
    if generated and not primary_key:
        raise MetadataError("generated=True belongs to a primary key: add primary_key=True")
    if index_type is not None and index_type not in INDEX_TYPES:
        raise MetadataError(f"index_type is one of {', '.join(INDEX_TYPES)}, not {index_type!r}")
    if index_type == "VECTOR" and vector is None:
        raise MetadataError('index_type="VECTOR" needs vector=VectorIndex(dimension=…)')
    if generated:
        default = _in_place_of_key(default)
        pydantic.setdefault("default_factory", GeneratedKey())
    elif version and default is ...:
        default = 0
    options: list[Metadata | None] = [
        PrimaryKey(generated) if primary_key else None,
        Index() if index and index_type in (None, "RANGE") else None,
        Unique() if unique else None,
        Required() if required else None,
        Interned() if interned else None,
        Version() if version else None,
        Property(property) if property is not None else None,
        Convert(converter) if converter is not None else None,
        vector,
        _fulltext(fulltext or index_type == "FULLTEXT"),
    ]
    return _pydantic_field(default, pydantic, [option for option in options if option])


def _in_place_of_key(default: Any) -> Any:
    """Let a default go that stands for "no key yet", which type checkers ask for."""
    if default is ... or default is None or default in ("", 0):
        return ...
    raise MetadataError(
        f"generated=True makes the key, so it cannot be {default!r} by default; drop one of them"
    )


def _fulltext(option: bool | FullText) -> FullText | None:
    return option if isinstance(option, FullText) else FullText() if option else None


def _pydantic_field(default: Any, kwargs: dict[str, Any], metadata: list[Metadata]) -> FieldInfo:
    refuse_unknown(kwargs, _OPTIONS, "Field", _ADVICE)
    if default is not ...:
        kwargs["default"] = default
    info: FieldInfo = PydanticField(**kwargs)
    info.metadata.extend(metadata)
    return info


_OPTIONS = PYDANTIC_OPTIONS | set(inspect.signature(Field).parameters) - {"pydantic"}
_ADVICE = "what belongs into the JSON schema goes into json_schema_extra={…}"
