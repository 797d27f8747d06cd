"""How many turns a second the engine's core, codec and SQLite store do without gRPC, on one core.

The client and the worker are canned bytes, so that what is measured is the engine: requests are decoded, steps run,
batches saved, work items put together. Seconds are those of the processor, so that a busy machine matters little:
`python bench/engine_core.py [INSTANCES]`.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dwconf.engine.core.frames import split
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.store import Store
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.sqlite import SqliteStore
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateInstanceRequest,
    EventRaised,
    OrchestrationStatus,
    RaiseEventResponse,
    WorkflowAction,
    WorkflowResponse,
)

NOW = 1_700_000_000_000_000_000
BATCH = 16
FIRST, FINISHED, TURNS = 1_024, 100_000, 8_000
TOKEN = 36
COMPLETE = encode(
    WorkflowResponse(
        actions=(WorkflowAction(body=CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result="1")),)
    )
)


def text(tag: int, content: bytes) -> bytes:
    """A short string field."""
    return bytes((tag, len(content))) + content


def flush(hub: Hub, store: Store) -> list[bytes]:
    """End a batch; the items that go out."""
    batch = hub.drain()
    store.save(batch)
    hub.saved()
    for stream, _ in batch.items:
        hub.written(stream)
    return [item for _, item in batch.items]


def answers(items: list[bytes], rest: bytes) -> Iterator[bytes]:
    """An encoded answer to each turn, with the same actions."""
    for item in items:
        request = next(split(item))
        yield request[: 2 + request[1]] + rest + text(0x22, item[-TOKEN:])


def no_ops(store: Store, count: int, *, begin: int = 0) -> float:
    """Workflows of one turn, a second; their numbers count from `begin`."""
    hub = Hub(store=store, seed=b"bench", now=NOW)
    hub.open_stream(())
    begun = time.process_time()
    for first in range(begin, begin + count, BATCH):
        for number in range(first, first + BATCH):
            hub.start(decode(CreateInstanceRequest, text(0x0A, b"i%d" % number) + b"\x12\x02wf"), NOW)
        items = flush(hub, store)
        while items:
            for answer in answers(items, COMPLETE):
                hub.complete_turn(decode(WorkflowResponse, answer), NOW)
            items = flush(hub, store)
    return count / (time.process_time() - begun)


def turns_at(store: Store, events: int, count: int) -> float:
    """Turns a second of instances whose histories begin at `events` events, two events a turn."""
    hub = Hub(store=store, seed=b"bench", now=NOW)
    hub.open_stream(())
    names = [f"h{number}" for number in range(BATCH)]
    for name in names:
        hub.start(CreateInstanceRequest(instance_id=name, name="wf"), NOW)
    items = flush(hub, store)
    done, begun, measured = 0, 0.0, 0
    while measured < count:
        for answer in answers(items, b""):
            hub.complete_turn(decode(WorkflowResponse, answer), NOW)
        for name in names:
            hub.tell(name, EventRaised(name="E", input="1"), NOW, response=RaiseEventResponse())
        items = flush(hub, store)
        done += 2
        if done >= events:
            begun = begun or time.process_time()
            measured += BATCH
    if any(state is None or state.history.commits < done // 2 for state in map(hub.find, names)):
        raise RuntimeError("turns were not committed")
    return measured / (time.process_time() - begun)


def resident() -> float:
    """The process's peak memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def finished(store: Store, count: int) -> tuple[float, float]:
    """Workflows of one turn a second, and by how many MB memory grew after the first thousand of them."""
    no_ops(store, FIRST)
    before = resident()
    return no_ops(store, count, begin=FIRST), resident() - before


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FINISHED
    with tempfile.TemporaryDirectory() as folder:
        rate, growth = finished(SqliteStore(Path(folder) / "a"), count)
        print(f"no-op workflows, SQLite: {rate:8.0f} /s")
        print(f"  memory after {count} finished instances, over that after {FIRST}: {growth:.1f} MB")
        print(f"no-op workflows, memory: {no_ops(MemoryStore(), count // 6):8.0f} /s")
        short = turns_at(SqliteStore(Path(folder) / "b"), 10, TURNS)
        long = turns_at(SqliteStore(Path(folder) / "c"), 1_000, TURNS)
        print(f"turns, SQLite, at 10 events: {short:8.0f} /s")
        print(f"turns, SQLite, at 1,000 events: {long:5.0f} /s ({long / short:.0%})")


if __name__ == "__main__":
    main()
