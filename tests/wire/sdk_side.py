"""Runs in the published SDK's environment: describe its messages, and read and write bytes with its classes.

python sdk_side.py describe            a serialised FileDescriptorSet on standard output
python sdk_side.py echo                 JSON {message: hex} in, the same out, read and written by the SDK's classes
"""

from __future__ import annotations

import importlib
import json
import sys
from binascii import hexlify, unhexlify

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.unknown_fields import UnknownFieldSet

TASK_HUB = ("attestation", "backend_service", "history_events", "orchestration", "orchestrator_actions")
MODULES = [
    f"dapr.ext.workflow._durabletask.internal.{n}_pb2" for n in (*TASK_HUB, "orchestrator_service", "runtime_state")
]
MODULES += [f"dapr.proto.runtime.v1.{name}_pb2" for name in ("workflow", "metadata", "dapr")]


def load() -> list[str]:
    return [importlib.import_module(name).DESCRIPTOR.name for name in MODULES]


def describe() -> None:
    pool = descriptor_pool.Default()
    described = descriptor_pb2.FileDescriptorSet()
    for name in load():
        pool.FindFileByName(name).CopyToProto(described.file.add())
    sys.stdout.buffer.write(described.SerializeToString())


def echo() -> None:
    load()
    pool = descriptor_pool.Default()
    answered = {}
    for name, data in json.load(sys.stdin).items():
        message = message_factory.GetMessageClass(pool.FindMessageTypeByName(name)).FromString(unhexlify(data))
        if len(UnknownFieldSet(message)):
            raise SystemExit(f"{name}: the SDK does not know every field")
        answered[name] = hexlify(message.SerializeToString(deterministic=True)).decode()
    json.dump(answered, sys.stdout)


if __name__ == "__main__":
    {"describe": describe, "echo": echo}[sys.argv[1]]()
