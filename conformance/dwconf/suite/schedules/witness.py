"""Follows one conversation with an engine, fact by fact, and says what is wrong with what the engine does.

The same witness serves the player, who asks it what is due, and the judge, who reads the records afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.evidence import Call, Finding, Item
from dwconf.suite.evidence.events import without_openings
from dwconf.suite.evidence.evidence import answered, read_item
from dwconf.suite.evidence.past import Pasts
from dwconf.suite.schedules.answers import answer
from dwconf.suite.schedules.histories import compared
from dwconf.suite.schedules.life import ENDED, RUNNING, SUSPENDED, Control, Life, Raised, Task
from dwconf.suite.schedules.reception import Wrong, activity_wrong, returned, turn_wrong
from dwconf.suite.trace.record import Kind, Record
from dwconf.wire.codec import WireError
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    CreateInstanceRequest,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    OrchestrationStatus,
    PurgeInstancesRequest,
    RaiseEventRequest,
    ResumeRequest,
    SuspendRequest,
    TerminateRequest,
    WorkflowRequest,
    WorkflowResponse,
)

UNCERTAIN = ("DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE")
"""How a call may end without telling whether it was carried out."""
COMMITTED = "committed"
"""The text of a note that the last answer of an `instance` is committed: reads show nothing older from here on."""
MISSED = "owed"
"""The text of a note that something did not come; its fields are `rule`, `expects` and `instance`."""


class Witness:
    """What is known of every instance of one conversation."""

    def __init__(self) -> None:
        self.lives: dict[str, Life] = {}
        self.findings: list[tuple[str, Finding]] = []
        self.judged: set[str] = set()
        """The rules that something was held against."""
        self._gone: dict[str, Life] = {}
        self._calls: dict[int, Call] = {}
        self._refusable: set[int] = set()
        self._pasts = Pasts()

    def __call__(self, record: Record) -> None:
        """Take one record. Bytes that are no message are for others to judge."""
        try:
            for rule, finding in self._take(record):
                self.findings.append((rule, finding))
        except WireError:
            return

    def _take(self, record: Record) -> Wrong:
        match record.kind:
            case Kind.REQUEST:
                call = self._calls[record.number] = Call(record.number, record.method, record.payload, record.clock)
                self._asked(call)
            case Kind.RESPONSE | Kind.STATUS if record.call in self._calls:
                yield from self._told(answered(self._calls.pop(record.call), record))
            case Kind.ITEM:
                yield from self._came(read_item(record))
            case Kind.END:
                self._ended(record.call)
            case Kind.NOTE if record.text == MISSED:
                yield (
                    str(record.fields["rule"]),
                    Finding(str(record.fields["expects"]), "nothing came before the deadline", (record.number,)),
                )
                self._confuse(str(record.fields["instance"]))
            case Kind.NOTE if record.text == COMMITTED:
                life = self.lives.get(str(record.fields["instance"]))
                if life is not None:
                    life.before = (life.committed, life.status)
            case _:
                pass

    def _confuse(self, instance_id: str) -> None:
        if instance_id in self.lives:
            self.lives[instance_id].confused = True

    def _wrong(self, life: Life, found: Wrong) -> Wrong:
        """Pass findings on; a life with one is not judged any more, since what follows is no error of its own."""
        for one in found:
            life.confused = True
            yield one

    # --- what the suite asks for

    def _asked(self, call: Call) -> None:
        match call.name:
            case "StartInstance":
                self._start(call, call.request(CreateInstanceRequest))
            case "RaiseEvent":
                request = call.request(RaiseEventRequest)
                life = self.lives.get(request.instance_id)
                if life is not None and not life.ended:
                    life.raised.append(Raised(request.name))
            case "SuspendInstance":
                self._control(call.request(SuspendRequest).instance_id, "suspend", call.request(SuspendRequest).reason)
            case "ResumeInstance":
                self._control(call.request(ResumeRequest).instance_id, "resume", call.request(ResumeRequest).reason)
            case "TerminateInstance":
                terminate = call.request(TerminateRequest)
                self._control(terminate.instance_id, "terminate", terminate.output)
            case "CompleteWorkflowTask" | "CompleteOrchestratorTask":
                self._answer(call.request(WorkflowResponse))
            case "CompleteActivityTask":
                self._settle(call.request(ActivityResponse))
            case _:
                pass

    def _start(self, call: Call, request: CreateInstanceRequest) -> None:
        if request.instance_id in self.lives:
            self._refusable.add(call.number)
            return
        life = Life(request.instance_id, call.number, request.input)
        before = self._gone.pop(request.instance_id, None)
        if before is not None:
            life.earlier = before.earlier | {("task", task.outcome or "") for task in before.work}
            life.succeeds = "purge"
        self.lives[request.instance_id] = life

    def _control(self, instance_id: str, kind: str, reason: str | None) -> None:
        life = self.lives.get(instance_id)
        if life is not None and not life.ended:
            life.controls.append(Control(kind, reason or ""))

    def _answer(self, response: WorkflowResponse) -> None:
        life = self.lives.get(response.instance_id)
        if life is None or life.out is None or life.out.token != response.completion_token:
            return
        answer(life, life.out, response)

    def _settle(self, response: ActivityResponse) -> None:
        task = self._dispatched(response)
        if task is None or not task.out or task.outcome is not None:
            return
        task.out = False
        details = response.failure_details
        task.outcome = f"failed:{details.error_message}" if details is not None else f"ok:{response.result}"

    def _dispatched(self, response: ActivityResponse) -> Task | None:
        life = self.lives.get(response.instance_id)
        if life is None:
            return None
        named = [
            task
            for task in life.work
            if task.id == response.task_id
            and task.dispatches
            and task.dispatches[-1].token == response.completion_token
        ]
        if len(named) > 1:  # an engine without tokens cannot tell generations apart by what a worker says
            life.confused = True
        return named[0] if len(named) == 1 else None

    # --- what it is told

    def _told(self, call: Call) -> Wrong:
        match call.name:
            case "StartInstance":
                yield from self._started(call)
            case "RaiseEvent":
                self._raised(call)
            case "SuspendInstance" | "ResumeInstance" | "TerminateInstance" if not call.ok:
                self._confuse(call.request(TerminateRequest).instance_id)
            case "CompleteActivityTask":
                self._accepted(call)
            case "PurgeInstances":
                yield from self._purged(call)
            case "GetInstance" | "WaitForInstanceCompletion" if call.ok:
                yield from self._state(call)
            case "GetInstanceHistory" if call.ok:
                yield from self._history(call)
            case _:
                pass

    def _started(self, call: Call) -> Wrong:
        instance_id = call.request(CreateInstanceRequest).instance_id
        if call.number not in self._refusable:
            if not call.ok:
                self._confuse(instance_id)
        elif call.ok and instance_id in self.lives:
            wrong = Finding("ALREADY_EXISTS for the id of an active instance", call.outcome, call.at)
            yield from self._wrong(self.lives[instance_id], iter([("engine/start/active-id-refused", wrong)]))

    def _raised(self, call: Call) -> None:
        request = call.request(RaiseEventRequest)
        life = self.lives.get(request.instance_id)
        if life is None:
            return
        for event in [event for event in life.raised if event.name == request.name]:
            if call.ok:
                event.accepted = True
            elif call.code in UNCERTAIN:
                life.confused = True
            else:
                life.raised.remove(event)

    def _accepted(self, call: Call) -> None:
        task = self._dispatched(call.request(ActivityResponse))
        if task is None or task.accepted:
            return
        outcome = call.request(ActivityResponse)
        details = outcome.failure_details
        if task.outcome != (f"failed:{details.error_message}" if details is not None else f"ok:{outcome.result}"):
            return
        task.accepted = call.ok
        if not call.ok:
            self._confuse(outcome.instance_id)

    def _purged(self, call: Call) -> Wrong:
        instance_id = call.request(PurgeInstancesRequest).instance_id or ""
        life = self.lives.get(instance_id)
        if life is None or life.confused:
            return
        if call.ok and life.ended:
            self.judged.add("engine/lifecycle/purge-ended")
            self._gone[instance_id] = self.lives.pop(instance_id)
        elif call.ok:
            wrong = Finding("an error: the instance has not ended", call.outcome, call.at)
            yield from self._wrong(life, iter([("engine/lifecycle/purge-running-fails", wrong)]))
        elif life.shown_end:
            wrong = Finding("OK for an instance that has ended", call.outcome, call.at)
            yield from self._wrong(life, iter([("engine/lifecycle/purge-ended", wrong)]))

    def _state(self, call: Call) -> Wrong:
        instance_id = call.request(GetInstanceRequest).instance_id
        response = call.response(GetInstanceResponse)
        state = response.workflow_state
        life = self.lives.get(instance_id)
        if life is None or life.confused:
            if instance_id in self._gone and instance_id not in self.lives and response.exists:
                yield "engine/lifecycle/purge-ended", Finding("no such instance", "it exists", call.at)
            return
        status = state.workflow_status if state is not None else None
        if status is None or status in self.allowed(life):
            life.shown_end = life.shown_end or status in ENDED
            return
        rule = "engine/turns/terminal-statuses-end" if life.ended else "engine/lifecycle/status-precedence"
        if SUSPENDED in (status, life.status):
            rule = "engine/lifecycle/suspend-is-a-turn"
        names = " or ".join(sorted(one.name for one in self.allowed(life)))
        yield from self._wrong(life, iter([(rule, Finding(names, status.name, call.at))]))

    @staticmethod
    def allowed(life: Life) -> set[OrchestrationStatus]:
        """The statuses that a query may show: that of the last commit, and of the one under way."""
        statuses = {life.status, life.before[1]}
        if life.vague:
            statuses |= {RUNNING, SUSPENDED}
        return statuses

    def _history(self, call: Call) -> Wrong:
        life = self.lives.get(call.request(GetInstanceHistoryRequest).instance_id)
        if life is None or life.confused:
            return
        seen = without_openings(call.response(GetInstanceHistoryResponse).events)
        if self._fits_earlier(life, call):
            return
        if life.fallback is None:  # a generation that is not committed need not be shown, and may be (ENG-H-16)
            yield from self._wrong(life, compared(life, life.committed, seen, call.at))

    @staticmethod
    def _fits_earlier(life: Life, call: Call) -> bool:
        seen = without_openings(call.response(GetInstanceHistoryResponse).events)
        return not any(compared(life, life.before[0], seen, call.at))

    def agrees(self, life: Life, call: Call) -> bool:
        """Whether a history shows the last commit of a life, whole."""
        seen = without_openings(call.response(GetInstanceHistoryResponse).events)
        return not any(compared(life, life.committed, seen, call.at))

    # --- what comes

    def _came(self, item: Item) -> Wrong:
        past = self._pasts.of(item) if isinstance(item.item.request, WorkflowRequest) else None
        life = self.lives.get(item.instance_id)
        if life is None or life.confused:
            return
        match item.item.request:
            case WorkflowRequest():
                life = self.lives[item.instance_id] = returned(life, item)
                found = list(turn_wrong(life, item, past))
                if not found and past is not None:
                    life.committed = without_openings(past)
                life.out = item
                yield from self._wrong(life, iter(found))
            case ActivityRequest():
                yield from self._wrong(life, activity_wrong(life, item))
                for task in life.work:
                    if task.name == item.activity.name:
                        task.dispatches.append(item)
                        task.out = task.outcome is None
            case _:
                pass

    def _ended(self, stream: int) -> None:
        for life in self.lives.values():
            if life.out is not None and life.out.stream == stream:
                life.lost = without_openings(life.out.turn.new_events)
                life.superseded.append(life.out)
                life.out = None
            for task in life.work:
                if task.out and task.dispatches[-1].stream == stream:
                    task.out = False


def witnessed(records: Iterator[Record]) -> Witness:
    """A witness that has seen these records."""
    witness = Witness()
    for record in records:
        witness(record)
    return witness
