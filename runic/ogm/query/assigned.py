"""Values that a statement stores: validated as the field is, encoded as the session stores them.

Called by the statements that write. A comparison takes what can be compared; a stored value must
be one that the model would load again, and that the backend keeps as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema
from typing_extensions import override

from runic.ogm.errors import FieldValidationError, StatementError
from runic.ogm.model.converters import LOST_NONE, PORTABLE, refused
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.meta import entity_info, fits
from runic.ogm.query.expressions import Attribute, Expression, of_kind
from runic.ogm.query.memory import codec_of
from runic.ogm.query.number_fields import number_field
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import field_named
from runic.ogm.query.quick import quick
from runic.ogm.query.stored_as_is import stored_as_is
from runic.ogm.query.values import REFUSALS, Coding, Form, Param, Value, coding_of
from runic.ogm.query.variables import check_asked

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect
    from runic.ogm.query.writer import Writer


def stored_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how values that are stored in a property are sent."""
    encode = codec_of(entity, info, dialect).encode

    def stored(raw: Any) -> Any:
        if raw is None:
            if info.loses_none:
                raise ValueError(LOST_NONE)
            return None
        made = raw if encode is None else encode(raw)
        dialect.check_stored(info, made)
        return made

    return Coding(stored)


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Assigned(Value):
    """A value to be stored in a property; None removes the property."""

    checked_early: ClassVar[bool] = True

    form: Form | None = stored_form

    @override
    def refused(self, error: Exception) -> Exception:
        """Return the error that says why the backend cannot keep the value as it is."""
        assert self.attribute is not None
        info = self.attribute.info
        return refused(self.raw, info.name, info.owner, error)

    @override
    def given(self, raw: Any) -> Value:
        assert self.attribute is not None
        return replace(self, raw=validated(self.attribute, raw))

    @override
    def write(self, writer: Writer) -> str:
        assert self.attribute is not None
        return through(self.attribute, writer.next_name(), writer.dialect)


def stored_value(attribute: Attribute[Any], value: Any, dialect: Dialect) -> Any:
    """Return what is stored for a validated value of a field; None stays None.

    Raises:
        FieldValidationError: The backend cannot keep it as it is.
    """
    return Assigned(value, attribute).encode(dialect)[0]


def stored_columns(
    attributes: Sequence[Attribute[Any]], rows: Sequence[Mapping[str, Any]], dialect: Dialect
) -> list[Sequence[Any]]:
    """Return what is stored of the rows, a column for each field.

    Raises:
        FieldValidationError: The backend cannot keep a value as it is; of the first such row.
    """
    try:
        return [
            _stored_column(each, [row[each.name] for row in rows], dialect) for each in attributes
        ]
    except REFUSALS:
        for row in rows:
            for each in attributes:
                stored_value(each, row[each.name], dialect)
        raise


def _stored_column(
    attribute: Attribute[Any], values: Sequence[Any], dialect: Dialect
) -> Sequence[Any]:
    info, codec = attribute.info, codec_of(attribute.entity, attribute.info, dialect)
    # Of a few values the look at the column costs more than it saves.
    many = len(values) > _FEW and codec is PORTABLE.get(info.kind)
    if many and stored_as_is(info.kind, values):
        if dialect.checks(info):
            dialect.check_all_stored(info, values)
        return values
    encode = coding_of(attribute, stored_form, dialect).encode or _as_it_is
    return [each if type(each) is Param else encode(each) for each in values]


_FEW = 4


def _as_it_is(value: Any) -> Any:
    return value


def function_of(attribute: Attribute[Any], dialect: Dialect) -> str | None:
    """Return the database function that makes the stored value, if there is one."""
    codec = codec_of(attribute.entity, attribute.info, dialect)
    return dialect.stored_through(attribute.info, codec)


def through(attribute: Attribute[Any], operand: str, dialect: Dialect) -> str:
    """Return the text of a stored value, from the text of its parameter."""
    function = function_of(attribute, dialect)
    return dialect.made_stored(function, operand) if function else operand


def may_equal(info: PropertyInfo, given: Sequence[Any]) -> bool:
    """Return whether other values of a field can be equal to one of these, as far as is known."""
    numbers = number_field(info)
    if numbers is None:
        return False
    if info.converter is not None:  # what is stored is not known yet
        return True
    if numbers.floats_only and set(map(type, given)) <= _SINGLE:  # a look in C
        return 0 in given
    return any(not isinstance(each, _PLAIN) or numbers.has_equals(each) for each in given)


_PLAIN = (str, int, float, list, tuple, type(None))
_SINGLE = {int, float, type(None)}


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """A property and what it is set to: a value, or an expression of the database."""

    attribute: Attribute[Any]
    to: Part

    @property
    def removes(self) -> bool:
        """Whether it may remove the property: what it is set to is null, or may turn out to be."""
        if not isinstance(self.to, Assigned):
            return True
        info = self.attribute.info
        if type(self.to.raw) is Param:
            return info.takes_none or info.converter is not None
        return self.to.raw is None or info.converter is not None

    @property
    def sticks(self) -> bool:
        """Whether the database may hold an equal number and take it for what is set."""
        return may_equal(
            self.attribute.info, [self.to.raw if isinstance(self.to, Assigned) else ...]
        )

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text, and its values."""
        shape += (self.attribute.shape, self.removes, self.sticks)
        self.to.outline(shape, values)


def outline_all(assigned: Sequence[Assignment], shape: list[Any], values: list[Value]) -> None:
    """Append what decides the texts of assignments, and their values."""
    shape.append(len(assigned))
    for each in assigned:
        each.outline(shape, values)


def assignments(entity: type[Any], fields: Mapping[str, Any]) -> tuple[Assignment, ...]:
    """Return the assignments of fields by name, each checked.

    Raises:
        StatementError: There is no such field, or it is not set by statements.
        FieldValidationError: The model would refuse a value.
    """
    return tuple(_assignment(entity, name, value) for name, value in fields.items())


def defaults(entity: type[Any], values: Mapping[str, Any]) -> tuple[Assignment, ...]:
    """Return the assignments of values that the model made itself, that of its version included."""
    attributes: list[Attribute[Any]] = [Attribute(entity, name) for name in values]
    return tuple(Assignment(each, Assigned(values[each.name], each)) for each in attributes)


def _assignment(entity: type[Any], name: str, value: Any) -> Assignment:
    attribute: Attribute[Any] = Attribute(entity, field_named(entity, name))
    info = attribute.info
    if info.primary_key or info.version:
        what = "identifies the entity" if info.primary_key else "counts its writes"
        raise StatementError(f"{attribute} {what} and is not set by statements; leave it out")
    if type(value) is Param:
        return Assignment(attribute, Assigned(value, attribute))
    if isinstance(value, Expression):
        return Assignment(attribute, _computed(attribute, value))
    return Assignment(attribute, Assigned(validated(attribute, value), attribute))


def _computed(attribute: Attribute[Any], value: Expression[Any]) -> Expression[Any]:
    info = attribute.info
    check_asked(value, {})
    for read in value.attributes:
        if not fits(attribute.entity, read.entity):
            raise StatementError(
                f"{attribute} can be set from fields of {attribute.entity.__name__}, not {read}"
            )
    if isinstance(value, Attribute) and value.info.kind is not info.kind:
        raise StatementError(
            f"{attribute} is {of_kind(info.kind)} and cannot be set to {value},"
            f" {of_kind(value.info.kind)}"
        )
    if info.unique and info.kind.value not in ("int", "float"):
        raise StatementError(
            f"{attribute} is unique: give it a value, which is checked before it is sent, instead"
            f" of {value}"
        )
    return value


def validated(attribute: Attribute[Any], value: Any) -> Any:
    """Return a value as the model keeps it in a field.

    Raises:
        FieldValidationError: The model refuses it.
    """
    cls: Any = attribute.entity
    name = attribute.name
    try:
        if cls.__pydantic_decorators__.model_validators:
            # They want the whole entity, which is not known here.
            validator = _field_validator(cls, name)
            return validator.validate_python({name: value}, by_name=True)[0][name]
        probe = cls.model_construct()
        cls.__pydantic_validator__.validate_assignment(probe, name, value)
    except ValidationError as error:
        raise invalid(cls, error) from error
    return probe.__dict__[name]


def _field_validator(cls: Any, name: str) -> SchemaValidator:
    """Return what validates one field of a class with all its validators, and none of the model."""
    found: dict[str, SchemaValidator] | None = cls.__dict__.get("__runic_field_validators__")
    if found is None:
        found = cls.__runic_field_validators__ = {}
    if name not in found:
        found[name] = _made_validator(cls.__pydantic_core_schema__, name)
    return found[name]


def _made_validator(schema: Any, name: str) -> SchemaValidator:
    definitions, config = None, None
    while schema["type"] != "model-fields":
        definitions = schema.get("definitions", definitions)
        config = schema.get("config", config)
        schema = schema["schema"]
    alone: Any = {"type": "model-fields", "fields": {name: schema["fields"][name]}}
    if definitions is not None:
        alone = core_schema.definitions_schema(alone, definitions)
    return SchemaValidator(alone, config)


def invalid(cls: type[Any], error: ValidationError, where: str = "") -> FieldValidationError:
    """Return the error that names the field the model refuses; `where` says of which row."""
    problem = error.errors()[0]
    field = ".".join(map(str, problem["loc"]))
    return FieldValidationError(
        f"{cls.__name__}.{field}{where}: {problem['msg'].lower()}",
        entity=cls.__name__,
        field=field,
    )


def entity_values(cls: type[Any], given: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Return the values of every field of a new entity that is given some of them.

    What is given as a parameter or an expression is known to the database only, and not checked
    here.

    Raises:
        StatementError: A name is no field.
        FieldValidationError: The model refuses a value, or lacks one.
    """
    for name in given:
        field_named(cls, name)
    if any(isinstance(value, Param | Expression) for value in given.values()):
        return _beside(cls, given)
    try:
        made = cls.model_validate(dict(given), by_name=True)
    except ValidationError as error:
        raise invalid(cls, error, where) from error
    return {name: made.__dict__[name] for name in entity_info(cls).properties}


def _beside(cls: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, and the defaults of the other fields."""
    made = {}
    for name in entity_info(cls).properties:
        field = cls.__pydantic_fields__[name]
        if name not in given and field.is_required():
            raise FieldValidationError(
                f"{cls.__name__}.{name}: field required", entity=cls.__name__, field=name
            )
        default = field.get_default(call_default_factory=True, validated_data={})
        made[name] = given.get(name, default)
    return made
