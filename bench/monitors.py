"""What all monitors of a side cost over the traffic of the reference engine: records and new history events a second.

    python -m bench.monitors [EVENTS]

The traffic is made first, with the engine's core and a worker of canned answers, and then watched on one core. A long
history is watched at two lengths, and so are many short ones: twice the traffic should cost twice the time, and what
is kept should not grow with the instances that have ended.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dwconf.engine.core.hub import Hub
from dwconf.engine.shell.memory import MemoryStore
from dwconf.suite.cases.registry import load_suite
from dwconf.suite.monitors.registry import MONITORS, Watch
from dwconf.suite.trace.record import Actor, Kind, Record, Tape
from dwconf.wire.codec import decode, encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    CompleteWorkflow,
    CreateInstanceRequest,
    GetWorkItemsRequest,
    OrchestrationStatus,
    ScheduleTask,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkItem,
)
from dwconf.wire.values.shape import Value

NOW = 1_700_000_000_000_000_000
END = CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result="1")
EVENTS = 6_000
Answer = Callable[[int, int], tuple[WorkflowAction, ...]]
"""From how many events are past and how many new to the actions of an answer."""


@dataclass
class Traffic:
    """An engine's conversation with a client and a worker, on tape."""

    answer: Answer
    tape: Tape = field(default_factory=lambda: Tape("bench", clock=lambda: NOW))
    events: int = 0

    def __post_init__(self) -> None:
        store = MemoryStore()
        self._hub, self._store, self._schedule = Hub(store=store, seed=b"bench", now=NOW), store, 0
        opened = self.tape.add(
            Actor.SUITE,
            Kind.OPEN,
            method=TASK_HUB.methods["GetWorkItems"].path,
            payload=encode(GetWorkItemsRequest()),
        )
        self._stream = opened.number
        self._hub.open_stream(())

    def run(self, instance_id: str) -> None:
        """One instance from start to end."""
        request = CreateInstanceRequest(instance_id=instance_id, name="wf")
        self._call("StartInstance", request, lambda: self._hub.start(request, NOW))
        items = self._items()
        while items:
            for data in items:
                self._serve(data)
            items = self._items()

    def _serve(self, data: bytes) -> None:
        self.tape.add(Actor.TARGET, Kind.ITEM, call=self._stream, payload=data)
        item = decode(WorkItem, data)
        match item.request:
            case WorkflowRequest() as turn:
                actions = self.answer(len(turn.past_events), len(turn.new_events))
                self.events += len(turn.new_events) + len(actions)
                response = WorkflowResponse(
                    instance_id=turn.instance_id, actions=actions, completion_token=item.completion_token
                )
                self._call("CompleteOrchestratorTask", response, lambda: self._hub.complete_turn(response, NOW))
            case ActivityRequest(task_id=number, workflow_instance=instance) if instance is not None:
                done = ActivityResponse(
                    instance_id=instance.instance_id,
                    task_id=number,
                    result="1",
                    completion_token=item.completion_token,
                )
                self._call("CompleteActivityTask", done, lambda: self._hub.complete_activity(done, NOW))

    def _call(self, name: str, request: Value, run: Callable[[], object]) -> None:
        method = TASK_HUB.methods[name].path
        made = self.tape.add(Actor.SUITE, Kind.REQUEST, method=method, payload=encode(request))
        run()
        self.tape.add(Actor.TARGET, Kind.RESPONSE, call=made.number, method=method, code="OK")

    def _items(self) -> list[bytes]:
        batch = self._hub.drain()
        self._store.save(batch)
        self._hub.saved()
        for stream, _ in batch.items:
            self._hub.written(stream)
        return [item for _, item in batch.items]


def chain(length: int) -> Answer:
    """An activity after the other until history has so many events."""

    def answer(past: int, new: int) -> tuple[WorkflowAction, ...]:
        body = END if past + new >= length else ScheduleTask(name="a")
        return (WorkflowAction(id=past, body=body),)

    return answer


def long_history(events: int) -> Traffic:
    """One instance with so many events, three a turn."""
    traffic = Traffic(chain(events))
    traffic.run("long")
    return traffic


def short_histories(events: int) -> Traffic:
    """Instances of fourteen events each, one after the other."""
    traffic = Traffic(chain(12))
    for number in range(events // 14):
        traffic.run(f"short-{number}")
    return traffic


def watched(records: Iterable[Record], side: str) -> tuple[float, Watch]:
    """CPU seconds of all monitors of a side."""
    watch = Watch(rule for rule in MONITORS if rule.startswith(side))
    begun = time.process_time()
    for record in records:
        watch(record)
    took = time.process_time() - begun
    broken = [decision for decision in watch.decisions() if decision.findings or decision.error]
    if broken:
        raise RuntimeError(f"monitors complain of the reference: {broken[0]}")
    return took, watch


def kept(records: Iterable[Record], side: str) -> float:
    """Kilobytes that the monitors still hold at the end."""
    tracemalloc.start()
    _, watch = watched(records, side)
    size = tracemalloc.get_traced_memory()[0] / 1024
    tracemalloc.stop()
    del watch
    return size


def main() -> None:
    """Print the figures."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    load_suite()
    for title, make in (("one long history", long_history), ("short histories", short_histories)):
        print(title)
        once, twice = make(events), make(2 * events)
        for side in ("engine", "worker"):
            short, long = watched(once.tape.records, side)[0], watched(twice.tape.records, side)[0]
            units = twice.events + len(twice.tape.records)
            print(
                f"  {side} monitors: {units / long:9,.0f} new events and messages a second"
                f" ({twice.events / long:,.0f} events, {len(twice.tape.records) / long:,.0f} messages);"
                f" twice the traffic costs {long / short:.2f} x the time;"
                f" kept at the end: {kept(once.tape.records, side):,.0f} KB, {kept(twice.tape.records, side):,.0f} KB"
            )


if __name__ == "__main__":
    main()
