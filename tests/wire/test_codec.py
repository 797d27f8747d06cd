"""Values survive the wire: every field, presence, unknown fields, open enums."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings, strategies as st

from dwconf.wire import codec, pb, values
from dwconf.wire.pool import POOL
from dwconf.wire.rpc import DAPR
from dwconf.wire.values.shape import REGISTRY, Value

UNKNOWN = pb.StringValue(value="later").SerializeToString().replace(b"\x0a", b"\xfa\x3e", 1)  # field 1007
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_STRING: st.text(max_size=8),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: st.integers(0, 40),
}


@st.composite
def messages(draw: st.DrawFn, name: str, depth: int = 3) -> Message:
    """Any message of the wire: each field absent, or present with any content."""
    descriptor = POOL.FindMessageTypeByName(name)
    made = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if draw(st.booleans()):
            fill(draw, made, field, depth)
    if name in REGISTRY and draw(st.booleans()):
        made.MergeFromString(UNKNOWN)
    return made


def fill(draw: st.DrawFn, made: Message, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        getattr(made, field.name).update(draw(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3)))
    elif field.message_type is not None:
        content = draw(contents(field.message_type.full_name, depth))
        if codec.is_repeated(field):
            getattr(made, field.name).append(content)
        else:
            getattr(made, field.name).CopyFrom(content)
    elif codec.is_repeated(field):
        getattr(made, field.name).extend(draw(st.lists(scalars(field), max_size=3)))
    else:
        setattr(made, field.name, draw(scalars(field)))


def scalars(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    return SCALARS[field.cpp_type]


def contents(name: str, depth: int) -> st.SearchStrategy[Message]:
    if name == "google.protobuf.Timestamp":
        return st.builds(pb.Timestamp, seconds=st.integers(-(2**40), 2**40), nanos=st.integers(0, 999_999_999))
    if depth == 0:
        return st.builds(GetMessageClass(POOL.FindMessageTypeByName(name)))
    return messages(name, depth - 1)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_message_round_trips(name: str) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(messages(name))
    def round_trips(message: Message) -> None:
        data = message.SerializeToString(deterministic=True)
        value = codec.decode(REGISTRY[name], data)
        assert codec.to_message(value) == message
        assert codec.decode(REGISTRY[name], codec.encode(value)) == value
        assert len(codec.encode(value)) == len(data)

    round_trips()


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_default_value_is_the_empty_message(name: str) -> None:
    assert codec.encode(REGISTRY[name]()) == b""
    assert codec.decode(REGISTRY[name], b"") == REGISTRY[name]()


def test_every_task_hub_message_has_a_value() -> None:
    wanted = {
        message
        for file in ("orchestration", "history_events", "orchestrator_actions", "orchestrator_service")
        for message in POOL.FindFileByName(f"{file}.proto").message_types_by_name
    }
    assert wanted <= set(REGISTRY)


def test_every_message_of_the_dapr_api_has_a_value() -> None:
    named = {m.DESCRIPTOR.full_name for one in DAPR.methods.values() for m in (one.request, one.response)}
    assert named - {"google.protobuf.Empty"} <= set(REGISTRY)


def test_presence_is_kept() -> None:
    assert codec.decode(values.EventRaised, codec.encode(values.EventRaised(name="e", input=""))).input == ""
    assert codec.decode(values.EventRaised, codec.encode(values.EventRaised(name="e"))).input is None
    assert codec.decode(values.WorkItem, codec.encode(values.WorkItem(request=values.HealthPing()))).request is not None


def test_unknown_enum_numbers_are_kept() -> None:
    state = codec.decode(values.WorkflowState, pb.WorkflowState(workflowStatus=77).SerializeToString())  # type: ignore[arg-type]
    assert state.workflow_status == 77
    assert codec.to_message(state).workflowStatus == 77


def test_the_far_future_keeps_its_nanoseconds() -> None:
    nanos = 253402300799 * codec.NANOS + 999_999_999
    timer = values.CreateTimer(fire_at=nanos)
    assert codec.to_message(timer).fireAt.nanos == 999_999_999
    assert codec.decode(values.CreateTimer, codec.encode(timer)) == timer


def test_garbage_names_the_message_and_its_size() -> None:
    with pytest.raises(codec.WireError, match="3 bytes are not a WorkItem"):
        codec.decode(values.WorkItem, b"\xff\xff\xff")


@pytest.mark.parametrize("value_class", [REGISTRY[name] for name in sorted(REGISTRY)], ids=sorted(REGISTRY))
def test_values_are_frozen_and_equal_by_content(value_class: type[Value]) -> None:
    value = value_class()
    assert value == value_class()
    assert hash(value) == hash(value_class())
    with pytest.raises(AttributeError):
        setattr(value, fields(value)[0].name, b"x")
