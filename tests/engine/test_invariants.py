"""What must hold of every engine run, whatever the worker does and whatever goes wrong.

A run is a list of moves: clients raise, suspend and terminate; streams come and go; the worker answers what it holds,
now or later, twice, or with an old token; the engine is started again. Each invariant is one function over what was
sent and what is committed; it is stated once, and every run must satisfy all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings, strategies as st

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.dedup import resolution
from dwconf.engine.mutants import MUTANTS
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ActionBody,
    ActivityRequest,
    ActivityResponse,
    ChildWorkflowInstanceCreated,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    EventRaised,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    ScheduleTask,
    SendEvent,
    TaskScheduled,
    TimerCreated,
    WorkflowAction,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkItem,
)
from tests.engine.rig import COMPLETED, CONTINUED, SECOND, Rig, complete

BODIES: dict[str, Callable[[int], ActionBody]] = {
    "task": lambda _: ScheduleTask(name="a"),
    "timer": lambda now: CreateTimer(fire_at=now + SECOND),
    "child": lambda _: CreateChildWorkflow(name="n"),
    "send": lambda _: SendEvent(instance=WorkflowInstance(instance_id="i"), name="S"),
    "end": lambda _: complete(),
    "again": lambda _: complete(CONTINUED),
}
MOVES = ["start", "raise", "suspend", "resume", "terminate", "connect", "disconnect", "restart", "advance", "stale"]
answers = st.lists(st.sampled_from(list(BODIES)), max_size=3).map(tuple)
moves = st.lists(st.one_of(st.sampled_from(MOVES), answers), min_size=5, max_size=40)


@dataclass
class Run:
    """One run: the engine, what is held, and everything that was sent."""

    rig: Rig
    stream: int | None = None
    held: list[WorkItem] = field(default_factory=list)
    answered: list[WorkItem] = field(default_factory=list)
    sent: list[WorkItem] = field(default_factory=list)
    snapshots: list[tuple[WorkItem, tuple[HistoryEvent, ...]]] = field(default_factory=list)

    def move(self, what: str | tuple[str, ...]) -> None:
        """Make one move, and take what is sent because of it."""
        match what:
            case tuple():
                self.answer(what)
            case "start":
                self.rig.start()
            case "raise":
                self.rig.raise_event(f"E{len(self.sent)}")
            case "suspend":
                self.rig.tell(ExecutionSuspended())
            case "resume":
                self.rig.tell(ExecutionResumed())
            case "terminate":
                self.rig.tell(ExecutionTerminated(recurse=True))
            case "connect" if self.stream is None:
                self.stream = self.rig.connect()
            case "disconnect" if self.stream is not None:
                self.lose()
                self.rig.disconnect(self.stream)
                self.stream = None
            case "restart":
                self.lose()
                self.rig, self.stream = self.rig.restarted(), None
            case "advance":
                self.rig.advance(SECOND)
            case "stale" if self.answered:
                self.send_answer(self.answered[-1], ("task",))
            case _:
                pass
        self.collect()

    def lose(self) -> None:
        """What is held is out on nothing any more."""
        self.answered += self.held
        self.held.clear()

    def collect(self) -> None:
        """Take what was sent, and note what was committed when it was."""
        for _, item in self.rig.items:
            self.held.append(item)
            self.sent.append(item)
            if isinstance(item.request, WorkflowRequest):
                self.snapshots.append((item, self.rig.history(item.request.instance_id)))
        self.rig.items.clear()

    def answer(self, bodies: Sequence[str]) -> None:
        """Answer the oldest item that is held."""
        if self.held:
            item = self.held.pop(0)
            self.answered.append(item)
            self.send_answer(item, bodies)

    def send_answer(self, item: WorkItem, bodies: Sequence[str]) -> None:
        """Answer an item."""
        match item.request:
            case WorkflowRequest() as request:
                first = len(request.past_events) * 10
                actions = [BODIES[name](self.rig.now) for name in bodies]
                response = WorkflowResponse(
                    instance_id=request.instance_id,
                    actions=tuple(WorkflowAction(id=first + k, body=body) for k, body in enumerate(actions)),
                    completion_token=item.completion_token,
                )
                self.rig.respond(response)
            case ActivityRequest(workflow_instance=WorkflowInstance(instance_id=name), task_id=number):
                done = ActivityResponse(instance_id=name, task_id=number, completion_token=item.completion_token)
                self.rig.hub.complete_activity(done, self.rig.now)
                self.rig.flush()
            case _:
                raise AssertionError(item)

    def turns(self) -> list[WorkflowRequest]:
        """The turns that were sent."""
        return [item.request for item in self.sent if isinstance(item.request, WorkflowRequest)]

    def histories(self) -> list[tuple[HistoryEvent, ...]]:
        """What is committed of every instance that was ever worked on."""
        names = {turn.instance_id for turn in self.turns()}
        return [self.rig.history(name) for name in sorted(names)]


# The invariants.


def tokens_are_unique(run: Run) -> None:
    tokens = [item.completion_token for item in run.sent]
    assert all(tokens)
    assert len({*tokens}) == len(tokens)


def one_turn_is_out_at_a_time(run: Run) -> None:
    out = Counter(item.request.instance_id for item in run.held if isinstance(item.request, WorkflowRequest))
    assert all(count == 1 for count in out.values())


def turns_begin_with_one_workflow_started(run: Run) -> None:
    for turn in run.turns():
        openings = [k for k, event in enumerate(turn.new_events) if isinstance(event.body, WorkflowStarted)]
        assert openings == [0]


def an_execution_starts_once_and_first(run: Run) -> None:
    for turn in run.turns():
        starts = [
            k
            for k, event in enumerate((*turn.past_events, *turn.new_events))
            if isinstance(event.body, ExecutionStarted)
        ]
        assert starts == [1]


def the_past_is_what_is_committed(run: Run) -> None:
    for item, committed in run.snapshots:
        assert isinstance(item.request, WorkflowRequest)
        assert item.request.past_events == committed


def what_is_resolved_is_resolved_once_and_was_asked_for(run: Run) -> None:
    asked = {"task": TaskScheduled, "timer": TimerCreated, "child": ChildWorkflowInstanceCreated}
    for events in [*run.histories(), *[(*turn.past_events, *turn.new_events) for turn in run.turns()]]:
        resolved = [found for event in events if (found := resolution(event.body)) is not None]
        assert len({*resolved}) == len(resolved)
        for kind, number in resolved:
            assert any(isinstance(e.body, asked[kind.value]) and e.event_id == number for e in events)


def nothing_is_committed_after_the_end_but_the_turn_that_ended(run: Run) -> None:
    for events in run.histories():
        ends = [k for k, event in enumerate(events) if isinstance(event.body, ExecutionCompleted)]
        assert len(ends) <= 1
        if ends:
            assert not any(isinstance(event.body, WorkflowStarted) for event in events[ends[0] :])


def no_turn_follows_the_end(run: Run) -> None:
    for turn in run.turns():
        assert not any(isinstance(event.body, ExecutionCompleted) for event in turn.past_events)


def time_does_not_go_back(run: Run) -> None:
    for events in run.histories():
        stamps = [event.timestamp or 0 for event in events if isinstance(event.body, WorkflowStarted)]
        assert stamps == sorted(stamps)


def timers_are_never_early(run: Run) -> None:
    for events in run.histories():
        due = {event.event_id: event.body.fire_at for event in events if isinstance(event.body, TimerCreated)}
        for event in events:
            found = resolution(event.body)
            if found is not None and found[0].value == "timer":
                assert (event.timestamp or 0) >= (due[found[1]] or 0)


def raised_events_keep_their_order(run: Run) -> None:
    for events in run.histories():
        numbers = [
            int(event.body.name[1:])
            for event in events
            if isinstance(event.body, EventRaised) and event.body.name.startswith("E")
        ]
        assert numbers == sorted(numbers)


INVARIANTS = [
    tokens_are_unique,
    one_turn_is_out_at_a_time,
    turns_begin_with_one_workflow_started,
    an_execution_starts_once_and_first,
    the_past_is_what_is_committed,
    what_is_resolved_is_resolved_once_and_was_asked_for,
    nothing_is_committed_after_the_end_but_the_turn_that_ended,
    no_turn_follows_the_end,
    time_does_not_go_back,
    timers_are_never_early,
    raised_events_keep_their_order,
]
CORPUS: list[list[str | tuple[str, ...]]] = [
    ["start", "connect", ("end",)],
    ["connect", "start", ("task",), (), (), ("end",)],
    ["connect", "start", ("task", "task"), (), "disconnect", "connect", (), (), ("end",)],
    ["connect", "start", ("timer",), "advance", "raise", ("end",), "stale", "advance"],
    ["connect", "start", ("child",), ("task", "end"), (), ("end",), "stale"],
    ["connect", "start", "raise", "raise", ("task", "again"), ("task",), (), ("end",)],
    ["connect", "start", ("task",), "raise", "restart", "connect", (), (), ("end",), "start", ("end",)],
    ["connect", "start", "suspend", ("task",), "raise", "resume", (), (), (), ("end",)],
    ["connect", "start", ("child", "timer"), "terminate", (), (), (), "advance", "stale", "raise"],
    ["connect", "start", "disconnect", "raise", "connect", "stale", ("send",), (), ("end",)],
]


def played(script: Sequence[str | tuple[str, ...]], rules: Decisions = REFERENCE) -> Run:
    run = Run(Rig(rules=rules))
    for what in script:
        run.move(what)
    return run


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
def test_the_corpus_satisfies_every_invariant(invariant: Callable[[Run], None]) -> None:
    for script in CORPUS:
        invariant(played(script))


@given(moves)
@settings(max_examples=150, derandomize=True, deadline=None, database=None)
def test_any_run_satisfies_every_invariant(script: list[str | tuple[str, ...]]) -> None:
    run = played(["connect", "start", *script])
    for invariant in INVARIANTS:
        invariant(run)


@given(moves)
@settings(max_examples=50, derandomize=True, deadline=None, database=None)
def test_the_same_moves_give_the_same_bytes(script: list[str | tuple[str, ...]]) -> None:
    first, second = played(["connect", "start", *script]), played(["connect", "start", *script])
    assert [encode(item) for item in first.sent] == [encode(item) for item in second.sent]


@pytest.mark.parametrize(
    "name",
    [
        "no-token",
        "same-token",
        "turn-opened-twice",
        "past-withheld",
        "results-doubled",
        "timers-at-once",
        "opening-not-committed",
        "history-of-one-turn",
    ],
)
def test_the_invariants_notice_a_wrong_engine(name: str) -> None:
    rules = MUTANTS[name].decisions

    def noticed() -> bool:
        for script in CORPUS:
            run = played(script, rules)
            for invariant in INVARIANTS:
                try:
                    invariant(run)
                except (AssertionError, KeyError):
                    return True
        return False

    assert noticed()


def test_a_completion_that_is_carried_over_resolves_nothing_twice() -> None:
    rig = Rig()
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="a"))
    rig.perform("1")
    request, token = rig.turn()
    done = request.new_events[-1]
    body = CompleteWorkflow(workflow_status=CONTINUED, carryover_events=(replace(done),))
    action = WorkflowAction(id=1, body=body)
    rig.respond(WorkflowResponse(instance_id="i", actions=(action,), completion_token=token))
    rig.answer(ScheduleTask(name="a"))
    assert rig.items == []
    rig.raise_event()
    rig.answer(complete(), first=1)
    assert rig.state().workflow_status == COMPLETED
