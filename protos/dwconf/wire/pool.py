"""One private descriptor pool per process.

An installed Dapr SDK registers the same file and message names in protobuf's default pool, and two registrations of
one name in one process are a `TypeError`. So our messages never touch the default pool: a committed descriptor set is
loaded into a pool of our own, the well-known types included. Messages therefore cross to an SDK's classes only as
bytes, and a `Timestamp` of the default pool cannot be assigned to a field here (set its fields instead).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper


def _load() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    packed = resources.files("dwconf.wire.generated").joinpath("descriptors.bin").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(packed).file:  # protoc lists imports first
        pool.AddSerializedFile(file.SerializeToString())
    return pool


POOL = _load()


def symbols(file_name: str) -> Mapping[str, object]:
    """What a generated `_pb2` module exports for one .proto file: messages, enums and their values."""
    file = POOL.FindFileByName(file_name)
    exported: dict[str, object] = {"DESCRIPTOR": file}
    for name, enum in file.enum_types_by_name.items():
        exported[name] = EnumTypeWrapper(enum)
        exported.update({value.name: value.number for value in enum.values})
    for name, descriptor in file.message_types_by_name.items():
        message_class = message_factory.GetMessageClass(descriptor)
        message_class.__module__ = f"dwconf.wire.generated.{file_name.rsplit('/', 1)[-1].removesuffix('.proto')}_pb2"
        exported[name] = message_class
    return exported
