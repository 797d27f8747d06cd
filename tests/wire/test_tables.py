"""The protos say what docs/protocol/wire.md says: every message, field, number, type, enum value and RPC."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from dwconf.wire import codec
from dwconf.wire.pool import POOL
from dwconf.wire.rpc import DAPR, TASK_HUB

PAGE = (Path(__file__).parents[2] / "docs" / "protocol" / "wire.md").read_text("utf-8")
SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


def in_words(field: FieldDescriptor) -> str:
    """A field as the page writes it."""
    named = field.message_type or field.enum_type
    kind = SCALARS[field.type] if named is None else named.full_name
    words = f"{field.number} {field.name}: {kind.removeprefix('google.protobuf.')}"
    group = field.containing_oneof
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        words = f"{field.number} {field.name}: map<string, string>"
    elif codec.is_repeated(field):
        words = f"{field.number} {field.name}: repeated {kind}"
    elif group is not None and group.name.startswith("_"):
        words += "?"
    elif group is not None:
        words += f" (oneof {group.name})"
    return words + (" (deprecated)" if field.GetOptions().deprecated else "")


def told() -> dict[str, set[str]]:
    found = {}
    for name, text in re.findall(r"^- \*\*([\w.]+)\*\* — (.*)$", PAGE, flags=re.MULTILINE):
        parts = set() if text == "no fields" else set(text.split("; "))
        found[name] = {part for part in parts if not part.startswith("reserved")}
    return found


def messages() -> dict[str, Descriptor]:
    files = {m.request.DESCRIPTOR.file for service in (TASK_HUB, DAPR) for m in service.methods.values()}
    names = {file.name for file in files} | {"backend_service.proto", "runtime_state.proto", "attestation.proto"}
    names |= {"orchestration.proto", "history_events.proto", "orchestrator_actions.proto"}
    names -= {"google/protobuf/empty.proto"}
    return {m.full_name: m for n in names for m in POOL.FindFileByName(n).message_types_by_name.values()}


def test_every_message_is_in_the_tables_and_the_tables_hold_no_other() -> None:
    assert set(told()) == set(messages())


def test_every_field_is_as_the_tables_say() -> None:
    ours = {name: {in_words(field) for field in message.fields} for name, message in messages().items()}
    assert ours == told()


def test_every_enum_is_as_the_tables_say() -> None:
    for name, text in re.findall(r"^\*\*enum ([\w.]+)\*\*: (.*)$", PAGE, flags=re.MULTILINE):
        enum: EnumDescriptor = POOL.FindEnumTypeByName(name)
        assert {f"{value.name}={value.number}" for value in enum.values} == set(text.split(", "))


def test_every_rpc_is_as_the_tables_say() -> None:
    rows = re.findall(r"^- `(\w+)`\(([\w.]+)\) → (stream )?([\w.]+)( \(deprecated\))?$", PAGE, flags=re.MULTILINE)
    ours = {
        (m.name, m.request.DESCRIPTOR.full_name, m.server_streaming, m.response.DESCRIPTOR.full_name, m.deprecated)
        for service in (TASK_HUB, DAPR)
        for m in service.methods.values()
    }
    assert ours == {(name, taken, bool(stream), given, bool(old)) for name, taken, stream, given, old in rows}
