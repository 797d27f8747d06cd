"""The wire is what the published SDK has: same fields, and bytes that either side writes the other reads.

The SDK lives in an environment of its own: its generated modules and ours could not share a process's default pool.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet
from google.protobuf.message_factory import GetMessageClass

from dwconf.wire.pool import POOL

SDK = "dapr==1.19.0"
SCRIPT = Path(__file__).with_name("sdk_side.py")
TASK_HUB = {"orchestration.proto", "history_events.proto", "orchestrator_actions.proto", "orchestrator_service.proto"}
Fields = dict[str, tuple[int, int, int, str, bool]]


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the published SDK."""
    home = tmp_path_factory.mktemp("sdk") / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK], check=True)
    return python


@pytest.fixture(scope="module")
def theirs(sdk: Path) -> FileDescriptorSet:
    described = subprocess.run([sdk, SCRIPT, "describe"], check=True, capture_output=True)
    return FileDescriptorSet.FromString(described.stdout)


def ours() -> FileDescriptorSet:
    described = FileDescriptorSet()
    for name in sorted({*TASK_HUB, "attestation.proto", "backend_service.proto", "runtime_state.proto"}):
        POOL.FindFileByName(name).CopyToProto(described.file.add())
    for name in ("workflow", "metadata", "dapr"):
        POOL.FindFileByName(f"dapr/proto/runtime/v1/{name}.proto").CopyToProto(described.file.add())
    return described


def messages(described: FileDescriptorSet) -> dict[str, DescriptorProto]:
    found: dict[str, DescriptorProto] = {}

    def walk(prefix: str, message: DescriptorProto) -> None:
        name = f"{prefix}.{message.name}".lstrip(".")
        found[name] = message
        for nested in message.nested_type:
            walk(name, nested)

    for file in described.file:
        for message in file.message_type:
            walk(file.package, message)
    return found


def fields(message: DescriptorProto) -> Fields:
    return {f.name: (f.number, f.type, f.label, f.type_name, optional(f)) for f in message.field}


def optional(field: FieldDescriptorProto) -> bool:
    return field.proto3_optional


def methods(described: FileDescriptorSet) -> dict[str, tuple[str, str, bool, bool]]:
    return {
        f"{service.name}/{m.name}": (m.input_type, m.output_type, m.client_streaming, m.server_streaming)
        for file in described.file
        for service in file.service
        for m in service.method
    }


@pytest.mark.network
def test_every_shared_message_has_the_same_fields(theirs: FileDescriptorSet) -> None:
    mine, published = messages(ours()), messages(theirs)
    shared = mine.keys() & published.keys()
    assert len(shared) > 100
    different = {name: (fields(mine[name]), fields(published[name])) for name in shared}
    assert {name: pair for name, pair in different.items() if pair[0] != pair[1]} == {}


@pytest.mark.network
def test_both_have_the_same_task_hub(theirs: FileDescriptorSet) -> None:
    def task_hub(described: FileDescriptorSet) -> set[str]:
        return set(messages(FileDescriptorSet(file=[f for f in described.file if f.name in TASK_HUB])))

    assert task_hub(ours()) == task_hub(theirs)
    hub = "TaskHubSidecarService/"
    mine = {name: shape for name, shape in methods(ours()).items() if name.startswith(hub)}
    assert mine == {name: shape for name, shape in methods(theirs).items() if name.startswith(hub)}


@pytest.mark.network
def test_every_rpc_of_the_dapr_api_is_the_published_one(theirs: FileDescriptorSet) -> None:
    published = methods(theirs)
    mine = {name: shape for name, shape in methods(ours()).items() if name.startswith("Dapr/")}
    assert mine == {name: published.get(name) for name in mine}


def filled(name: str, depth: int = 2) -> bytes:
    """Bytes of a message with every field set (of each oneof, the last)."""
    descriptor = POOL.FindMessageTypeByName(name)
    data = b"".join(field for field in _encoded(descriptor.full_name, depth))
    return bytes(GetMessageClass(descriptor).FromString(data).SerializeToString(deterministic=True))


def _encoded(name: str, depth: int) -> Iterator[bytes]:
    """Each field on its own, written from its number and wire type: independent of the codec under test."""
    for field in POOL.FindMessageTypeByName(name).fields:
        if field.message_type is not None:
            if depth:
                inner = b"".join(_encoded(field.message_type.full_name, depth - 1))
                yield _tag(field.number, 2) + _varint(len(inner)) + inner
        elif field.type in (FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_BYTES):
            yield _tag(field.number, 2) + _varint(3) + b"x\xc3\xa9"
        elif field.type == FieldDescriptorProto.TYPE_BOOL:
            yield _tag(field.number, 0) + b"\x01"
        else:
            yield _tag(field.number, 0) + _varint(2)


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.network
def test_bytes_of_either_side_are_read_by_the_other(sdk: Path, theirs: FileDescriptorSet) -> None:
    entries = {n for n, message in messages(theirs).items() if message.options.map_entry}
    shared = sorted((messages(ours()).keys() & messages(theirs).keys()) - entries)
    written = {name: filled(name) for name in shared}
    asked = json.dumps({name: data.hex() for name, data in written.items()})
    done = subprocess.run([sdk, SCRIPT, "echo"], check=True, capture_output=True, input=asked, text=True)
    answered = {name: bytes.fromhex(data) for name, data in json.loads(done.stdout).items()}
    assert answered == written
    assert all(written[name] for name in shared if POOL.FindMessageTypeByName(name).fields)
