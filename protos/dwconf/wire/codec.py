"""The codec between values and bytes.

It is driven by the descriptors, not by hand: a value's field is named as its protobuf field in snake_case, so one plan
per message class, made on first use, says how each field crosses. What must survive a round trip is presence (None
against empty), unknown fields at every level, and unknown enum numbers; what does not is a map's order and the split
of a non-canonical timestamp. Encoding is deterministic: equal values give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from dwconf.wire import values
from dwconf.wire.pool import POOL
from dwconf.wire.values.shape import REGISTRY, OpenEnum, Value

V = TypeVar("V", bound=Value)
Take = Callable[[Any], Any]
"""From what a protobuf message holds in a field to what a value holds there."""
NANOS = 1_000_000_000
WRAPPERS = {f"google.protobuf.{kind}Value" for kind in ("String", "Bool", "Int32")}
TIMESTAMP = "google.protobuf.Timestamp"


@dataclass(eq=False)
class WireError(ValueError):
    """Bytes that are not the message they should be. Whose fault that is, the caller knows."""

    message: str
    reason: str
    size: int

    def __str__(self) -> str:
        return f"{self.size} bytes are not a {self.message}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Crossing:
    """How one field, or one oneof, crosses: what is there is `take`n from a message, by field number; `write` puts it.

    `implicit` says that an empty content is not on the wire at all, so that there is nothing to write.
    """

    name: str
    take: Mapping[int, Take]
    write: Callable[[Message, Any], None]
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How one message class crosses."""

    value_class: type[Value]
    message_class: type[Message]
    crossings: tuple[Crossing, ...]
    fields: Mapping[int, tuple[str, Take]]
    """By field number: the value's field, and how a content becomes its."""


def encode(value: Value) -> bytes:
    """Serialise a value; equal values give equal bytes."""
    data: bytes = to_message(value).SerializeToString(deterministic=True)
    return data


def decode(value_class: type[V], data: bytes) -> V:
    """Parse bytes as the message of `value_class`. Raises WireError."""
    message_class = _PLANS[value_class].message_class
    try:
        parsed = message_class.FromString(data)
    except DecodeError as error:
        raise WireError(value_class.MESSAGE, str(error), len(data)) from error
    return from_message(value_class, parsed)


def to_message(value: Value) -> Any:  # noqa: ANN401  (the class depends on the value: pb.<value.MESSAGE>)
    """A new protobuf message of the private pool with the value's content."""
    plan = _PLANS[type(value)]
    made = plan.message_class()
    _fill(plan, made, value)
    return made


def from_message(value_class: type[V], message: Message) -> V:
    """The value of a protobuf message of the private pool."""
    wanted = _PLANS[value_class].fields
    read: dict[str, Any] = {}
    for field, content in message.ListFields():
        name, take = wanted[field.number]
        read[name] = take(content)
    if len(UnknownFieldSet(message)):
        read["unknown"] = _unknown(message)
    return value_class(**read)


def _fill(plan: Plan, message: Message, value: Value) -> None:
    message.SetInParent()
    for crossing in plan.crossings:
        content = getattr(value, crossing.name)
        if content or (content is not None and not crossing.implicit):
            crossing.write(message, content)
    if value.unknown:
        message.MergeFromString(value.unknown)


def _unknown(message: Message) -> bytes:
    rest = type(message)()
    rest.CopyFrom(message)
    for field, _ in message.ListFields():
        rest.ClearField(field.name)
    return rest.SerializeToString(deterministic=True)


def snake(name: str) -> str:
    """The value's field name of a protobuf field: instanceId and instanceID both become instance_id."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class _Plans(dict[type[Value], Plan]):
    """Plans by value class, each made on first use."""

    def __missing__(self, value_class: type[Value]) -> Plan:
        made = self[value_class] = _make_plan(value_class)
        return made


_PLANS = _Plans()


def _make_plan(value_class: type[Value]) -> Plan:
    descriptor = POOL.FindMessageTypeByName(value_class.MESSAGE)
    unions = {f.metadata["oneof"]: f.name for f in fields(value_class) if "oneof" in f.metadata}
    crossings = [_oneof(name, descriptor.oneofs_by_name[group]) for group, name in unions.items()]
    crossings += [_field(f) for f in descriptor.fields if _group(f) not in unions]
    declared = {f.name for f in fields(value_class)} - {"unknown"}
    planned = {crossing.name for crossing in crossings}
    if declared != planned:
        raise TypeError(f"{value_class.__name__} and {descriptor.full_name} differ in {sorted(declared ^ planned)}")
    by_number = {number: (crossing.name, take) for crossing in crossings for number, take in crossing.take.items()}
    return Plan(value_class, GetMessageClass(descriptor), tuple(crossings), by_number)


def _group(field: FieldDescriptor) -> str | None:
    return field.containing_oneof.name if field.containing_oneof is not None else None


def _oneof(name: str, oneof: OneofDescriptor) -> Crossing:
    by_message = {member.message_type.full_name: member.name for member in oneof.fields if member.message_type}
    take = {member.number: _content(member.message_type)[0] for member in oneof.fields if member.message_type}

    def write(message: Message, value: Value) -> None:
        _fill(_PLANS[type(value)], getattr(message, by_message[value.MESSAGE]), value)

    return Crossing(name, take, write)


def _field(field: FieldDescriptor) -> Crossing:
    if is_repeated(field):
        return _map(field) if _is_map(field) else _repeated(field)
    if field.message_type is not None:
        return _message(field, field.message_type)
    return _scalar(field)


def is_repeated(field: FieldDescriptor) -> bool:
    """Whether a field is a list or a map (protobuf 7 deprecates `label`, older ones have nothing else)."""
    known: bool | None = getattr(field, "is_repeated", None)
    return known if known is not None else bool(getattr(field, "label") == FieldDescriptor.LABEL_REPEATED)  # noqa: B009


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _scalar(field: FieldDescriptor) -> Crossing:
    name, optional = field.name, field.has_presence

    def write(message: Message, content: Any) -> None:  # noqa: ANN401
        setattr(message, name, content)

    return Crossing(snake(name), {field.number: _enum(field)}, write, implicit=not optional)


def _enum(field: FieldDescriptor) -> Take:
    if field.enum_type is None:
        return lambda content: content
    enum: type[OpenEnum] = getattr(values, field.enum_type.name)
    return enum


def _message(field: FieldDescriptor, content_type: Descriptor) -> Crossing:
    name = field.name
    take, put = _content(content_type)

    def write(message: Message, content: Any) -> None:  # noqa: ANN401
        put(getattr(message, name), content)

    return Crossing(snake(name), {field.number: take}, write)


def _repeated(field: FieldDescriptor) -> Crossing:
    name = field.name
    if field.message_type is None:
        convert = _enum(field)
        return Crossing(
            snake(name),
            {field.number: lambda items: tuple(map(convert, items))},
            lambda message, content: getattr(message, name).extend(content),
            implicit=True,
        )
    take, put = _content(field.message_type)

    def write(message: Message, content: Iterable[Value]) -> None:
        for item in content:
            put(getattr(message, name).add(), item)

    return Crossing(snake(name), {field.number: lambda items: tuple(map(take, items))}, write, implicit=True)


def _map(field: FieldDescriptor) -> Crossing:
    name = field.name
    return Crossing(
        snake(name),
        {field.number: lambda entries: tuple(sorted(entries.items()))},
        lambda message, content: getattr(message, name).update(dict(content)),
        implicit=True,
    )


def _content(descriptor: Descriptor) -> tuple[Take, Callable[[Any, Any], None]]:
    """How a message-typed field's content is taken and put: a time, a wrapped scalar, or a value of ours."""
    if descriptor.full_name == TIMESTAMP:
        return lambda time: time.seconds * NANOS + time.nanos, _put_time
    if descriptor.full_name in WRAPPERS:
        return lambda wrapper: wrapper.value, _put_wrapped
    value_class = REGISTRY[descriptor.full_name]
    return (
        lambda message: from_message(value_class, message),
        lambda message, value: _fill(_PLANS[value_class], message, value),
    )


def _put_time(time: Any, nanos: int) -> None:  # noqa: ANN401
    time.SetInParent()
    time.seconds, time.nanos = divmod(nanos, NANOS)


def _put_wrapped(wrapper: Any, content: Any) -> None:  # noqa: ANN401
    wrapper.SetInParent()
    wrapper.value = content
