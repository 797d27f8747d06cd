"""What every value type is made of: frozen dataclasses bound to a protobuf message, and enums that keep unknown numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Self, TypeVar, dataclass_transform

Nanos = int
"""A point in time: nanoseconds since 1970-01-01T00:00:00Z."""

V = TypeVar("V", bound="Value")
REGISTRY: dict[str, type[Value]] = {}
"""Value class by full name of its protobuf message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One protobuf message as a frozen value. `unknown` keeps the encoded fields that our protos do not name."""

    MESSAGE: ClassVar[str] = ""
    unknown: bytes = b""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def message(name: str) -> Callable[[type[V]], type[V]]:
    """Make a class the value type of protobuf message `name`.

    A field with metadata {"oneof": GROUP} holds the set member of that oneof.
    """

    def bind(cls: type[V]) -> type[V]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.MESSAGE = name
        REGISTRY[name] = made
        return made

    return bind


class OpenEnum(IntEnum):
    """An enum of the wire: proto3 enums are open, so a number without a name is kept, not refused."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member
