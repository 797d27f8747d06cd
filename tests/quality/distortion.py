"""Ways to spoil a message on its way: from no message at all to one with a single field that means nothing.

A distortion takes a random source, the message's class and its bytes, and gives other bytes. What it gives is the same
for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

Field = Any
"""A field's descriptor: the stubs know two classes of them, of which each may stand anywhere."""
Distortion = Callable[[Random, type[Message], bytes], bytes]

NUMBERS = (0, 1, -1, 7, 1000, 2**31 - 1, -(2**31))
LARGE = (2**63 - 1, -(2**63), 253402300799, -62135596801)
TEXTS = ("", "x", "\x00\x1b[31m", "<script>alert(1)</script>", "\U0001f600" * 3, '"', "{", "null", "::", "y" * 3000)


def nothing(_random: Random, _kind: type[Message], _data: bytes) -> bytes:
    """An empty message."""
    return b""


def noise(random: Random, _kind: type[Message], _data: bytes) -> bytes:
    """Bytes that are no message, mostly."""
    return random.randbytes(random.randrange(1, 80))


def torn(random: Random, _kind: type[Message], data: bytes) -> bytes:
    """The beginning of a message."""
    return data[: random.randrange(len(data))] if data else b"\x0a"


def one_field(random: Random, kind: type[Message], data: bytes) -> bytes:
    """One field somewhere has another value, or none, or its elements are in another order, or there twice."""
    return _spoilt(random, kind, data, times=1)


def many_fields(random: Random, kind: type[Message], data: bytes) -> bytes:
    """Several fields are spoilt."""
    return _spoilt(random, kind, data, times=6)


def now_and_then(random: Random, kind: type[Message], data: bytes) -> bytes:
    """Most messages are whole: a conversation gets far before it goes wrong."""
    return one_field(random, kind, data) if random.random() < 0.15 else data


DISTORTIONS: tuple[Distortion, ...] = (nothing, noise, torn, one_field, many_fields, now_and_then)


def _spoilt(random: Random, kind: type[Message], data: bytes, *, times: int) -> bytes:
    message = kind()
    try:
        message.MergeFromString(data)
    except DecodeError:
        return data
    for _ in range(times):
        _spoil(random, message)
    return message.SerializePartialToString()


def _spoil(random: Random, message: Message) -> None:
    """Go down from a message to one of its fields, and spoil that."""
    field = random.choice(message.DESCRIPTOR.fields or [None])
    present = [found for found, _ in message.ListFields()]
    if present and random.random() < 0.8:
        field = random.choice(present)
    if field is None:
        return
    if field.message_type is not None and not field.is_repeated and random.random() < 0.7:
        _spoil(random, getattr(message, field.name))
    elif field.is_repeated:
        _spoil_list(random, message, field)
    elif random.random() < 0.3:
        message.ClearField(field.name)
    elif field.message_type is None:
        setattr(message, field.name, _value(random, field))


def _spoil_list(random: Random, message: Message, field: Field) -> None:
    if field.message_type is None or field.message_type.GetOptions().map_entry:
        return
    elements = getattr(message, field.name)
    match random.randrange(4):
        case 0 if len(elements):
            _spoil(random, random.choice(elements))
        case 1 if len(elements):
            elements.append(random.choice(list(elements)))
        case 2:
            random.shuffle(whole := list(elements))
            del elements[:]
            elements.extend(whole)
        case _:
            del elements[: random.randrange(len(elements) + 1)]


def _value(random: Random, field: Field) -> object:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            text = random.choice(TEXTS)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            return random.random() < 0.5
        case FieldDescriptor.CPPTYPE_INT64:
            return random.choice((*NUMBERS, *LARGE))
        case FieldDescriptor.CPPTYPE_INT32 | FieldDescriptor.CPPTYPE_ENUM:
            return random.choice(NUMBERS)
        case FieldDescriptor.CPPTYPE_UINT32 | FieldDescriptor.CPPTYPE_UINT64:
            return abs(random.choice(NUMBERS))
        case _:
            return float(random.choice(NUMBERS))
