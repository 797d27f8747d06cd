"""Plays a schedule on a scene: a client and a worker that do what the operations say, with what the engine gives them.

Playing judges nothing. The player asks a witness what is due, waits for that and no longer, and notes what did not
come. At the end it brings every instance to an end, behind a fence: by then everything that was accepted has to have
been delivered, and nothing else (docs: absence is judged by what the protocol orders after it).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.actions import complete, continue_as_new, fail, schedule as scheduled, timer
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.schedules.ground import Ground
from dwconf.suite.schedules.life import SUSPENDED, TERMINATED, Life, Task
from dwconf.suite.schedules.operations import (
    ENDINGS,
    SLOTS,
    Act,
    Answer,
    AnyOperation,
    Drop,
    Hold,
    Open,
    Pass,
    Purge,
    Raise,
    Read,
    Repeat,
    Resume,
    Schedule,
    Settle,
    SettleAgain,
    Stale,
    Start,
    Suspend,
    Terminate,
    Wrong,
)
from dwconf.suite.schedules.witness import COMMITTED, MISSED, Witness
from dwconf.wire.values import (
    EventRaised,
    ExecutionTerminated,
    GetInstanceHistoryRequest,
    GetInstanceRequest,
    GetInstanceResponse,
    TaskFailureDetails,
    WorkerCapability,
    WorkflowAction,
)

STREAMS = 2
"""How many streams are open at a time, at most."""
ROUNDS = 60
"""No instance of a schedule needs more turns than this to be brought to its end."""
NEVER_GIVEN = "00000000-0000-4000-8000-000000000000"
OUT_OF_THE_WAY = 900
"""Ids of actions that must never be carried out."""


class Player:
    """One conversation. `tick` is the unit of time, `quiet` how long what need not come is waited for, in seconds."""

    def __init__(self, ground: Ground, *, tick: float, quiet: float, cares: Callable[[str], bool]) -> None:
        self.s = ground
        self.witness = Witness()
        self._tick = tick
        self._quiet = quiet
        self._cares = cares
        self._seen = len(ground.tape.records)
        self._ids = [ground.new_id() for _ in range(SLOTS)]
        self._streams: list[Any] = []
        self._settled: dict[str, Item] = {}
        self._count = 0

    async def play(self, schedule: Schedule) -> Witness:
        """Play a schedule to its end, or until something is wrong, and give the streams back."""
        try:
            for operation in schedule:
                await self._do(operation)
                if self.wrong:
                    return self.witness
            for slot in range(SLOTS):
                await self._close(slot)
        finally:
            for stream in self._streams:
                await stream.drop()
            self._look()
        return self.witness

    @property
    def wrong(self) -> bool:
        """Whether something is wrong that anybody asks for."""
        self._look()
        return any(self._cares(rule) for rule, _ in self.witness.findings)

    # --- what is known

    def _look(self) -> Witness:
        records = self.s.tape.records
        while self._seen < len(records):
            self.witness(records[self._seen])
            self._seen += 1
        return self.witness

    def _life(self, slot: int) -> Life | None:
        return self._look().lives.get(self._ids[slot])

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    @property
    def _connected(self) -> bool:
        self._streams = [stream for stream in self._streams if stream.open]
        return bool(self._streams)

    # --- operations

    async def _do(self, operation: AnyOperation) -> None:
        life = self._life(operation.slot)
        match operation:
            case Open(remembers=remembers):
                self._open(remembers=remembers)
            case Drop() if self._connected:
                await self._streams.pop(0).drop()
            case Pass(ticks=ticks):
                await self.s.pass_time(ticks * self._tick)
            case Start():
                await self._start(operation.slot, life)
            case _ if life is None or life.confused:
                return
            case Answer(acts=acts):
                await self._answer(life.id, acts)
            case Settle(fails=fails):
                await self._settle(life.id, fails=fails)
            case Raise() | Suspend() | Resume() | Terminate() | Purge() | Read():
                await self._client(operation, life)
            case Hold() | Repeat() | Stale() | Wrong() | SettleAgain():
                await self._worker(operation, life)
            case _:
                pass

    def _open(self, *, remembers: bool) -> None:
        if not self._connected or len(self._streams) < STREAMS:
            self._streams.append(self.s.connect(*((WorkerCapability.STATEFUL_HISTORY,) if remembers else ())))

    async def _start(self, slot: int, life: Life | None) -> None:
        instance_id = self._ids[slot]
        if life is None and self._connected:
            self.s.start(instance_id, input=f'"{self._name("g")}"')
            await self._there(instance_id)
        elif life is not None and life.begun and not (life.ended or life.confused):
            _, again = self.s.start(instance_id, input='"twice"')
            await self._settled_call(again)

    async def _there(self, instance_id: str) -> None:
        """Wait until a started instance exists: what is sent to it before may find nobody."""

        def exists(call: Call) -> bool:
            return call.ok and call.response(GetInstanceResponse).exists

        request = GetInstanceRequest(instance_id=instance_id)
        try:
            await self.s.eventually("GetInstance", request, exists, step="", expects="the started instance")
        except CaseOver:
            self._missed("engine/turns/first-turn-events", "the started instance", instance_id)

    async def _settled_call(self, pending: Any) -> None:  # noqa: ANN401
        with contextlib.suppress(CaseOver):
            await self.s.settle(pending)

    async def _client(self, operation: AnyOperation, life: Life) -> None:
        match operation:
            case Raise():
                name = self._name("e")
                await self._settled_call(self.s.raise_event(life.id, name, f'"{name}"'))
            case Purge():
                if life.ended and not await self._has_ended(life):
                    return
                await self.s.purge(life.id)
                await self.s.state(life.id)
            case Read():
                await self.s.state(life.id)
                await self.s.history(life.id)
            case _ if life.controls or life.ended:
                return  # one at a time: calls that wait have no order among each other
            case Suspend():
                self.s.suspend(life.id, self._name("c"))
            case Resume():
                self.s.resume(life.id, self._name("c"))
            case _:
                self.s.terminate(life.id, self._name("c"))

    async def _worker(self, operation: AnyOperation, life: Life) -> None:
        match operation:
            case Hold():
                await self._turn(life.id)
            case Repeat() if life.answered is not None and life.answered.token:
                await self._vain(life.answered, "twice", life.answered.token)
            case Stale() if life.out is not None and life.superseded and life.superseded[-1].token:
                await self._vain(life.out, "stale", life.superseded[-1].token)
            case Wrong() if life.out is not None and life.out.token:
                await self._vain(life.out, "wrong", NEVER_GIVEN)
            case SettleAgain() if life.id in self._settled and self._settled[life.id].token:
                await self.s.finish(self._settled[life.id], '"again"')
            case _:
                pass

    async def _vain(self, item: Item, mark: str, token: str) -> None:
        """An answer that must have no effect."""
        await self.s.answer(item, scheduled(OUT_OF_THE_WAY, mark), token=token)

    # --- work

    async def _turn(self, instance_id: str) -> Life | None:
        """The life with its turn out, if one is or has to come; None otherwise."""
        life = self._look().lives.get(instance_id)
        if life is None or life.confused or life.out is not None:
            return None if life is None or life.confused else life
        rule, soft = life.due(self.s.now()), life.may_come(self.s.now())
        if not self._connected or not (rule or soft):
            return None
        return await self._awaited(instance_id, rule)

    async def _awaited(self, instance_id: str, rule: str) -> Life | None:
        def look() -> Life | None:
            life = self._look().lives.get(instance_id)
            return life if life is None or life.out is not None or life.confused else None

        expects = f"a turn of {instance_id}"
        try:
            life = await self.s.until(look, step="", expects=expects, within=None if rule else self._quiet)
        except CaseOver:
            if rule:
                self._missed(rule, expects, instance_id)
            return None
        return None if life.confused else life

    def _missed(self, rule: str, expects: str, instance_id: str) -> None:
        self.s.note(MISSED, rule=rule, expects=expects, instance=instance_id)

    async def _answer(self, instance_id: str, acts: tuple[Act, ...]) -> None:
        life = await self._turn(instance_id)
        if life is not None and life.out is not None:
            await self.s.answer(life.out, *self._actions(life, life.out, acts))

    def _actions(self, life: Life, item: Item, acts: tuple[Act, ...]) -> tuple[WorkflowAction, ...]:
        terminated = any(isinstance(event.body, ExecutionTerminated) for event in item.turn.new_events)
        again = Act.AGAIN in acts or Act.CARRY in acts
        made = tuple(
            self._action(life.next_id + place, act, item, beside=again and not terminated)
            for place, act in enumerate(acts)
        )
        if terminated and acts and not set(acts) & set(ENDINGS):
            made += (complete(life.next_id + len(acts), f'"{self._name("r")}"', status=TERMINATED),)
        return made

    def _action(self, action_id: int, act: Act, item: Item, *, beside: bool) -> WorkflowAction:
        match act:
            case Act.TASK:
                return scheduled(action_id, "beside" if beside else self._name("a"))
            case Act.TIMER:
                self._count += 1  # no two timers of a conversation have the same time
                return timer(action_id, self.s.now() + round(self._tick * 1e9) + self._count * 1000)
            case Act.END:
                return complete(action_id, f'"{self._name("r")}"')
            case Act.FAIL:
                return fail(action_id, self._name("x"))
            case Act.AGAIN:
                return continue_as_new(action_id, f'"{self._name("g")}"')
            case Act.CARRY:
                carried = tuple(event for event in item.turn.new_events if isinstance(event.body, EventRaised))
                return continue_as_new(action_id, f'"{self._name("g")}"', carryover=carried)

    async def _settle(self, instance_id: str, *, fails: bool) -> bool:
        """Take an activity and settle it; whether there was one."""
        task = await self._activity(instance_id)
        if task is None:
            return False
        item = task.dispatches[-1]
        self._settled[instance_id] = item
        name = self._name("o")
        failure = TaskFailureDetails(error_type="Failure", error_message=name) if fails else None
        await self.s.finish(item, None if fails else f'"{name}"', failure=failure)
        return True

    async def _activity(self, instance_id: str) -> Task | None:
        life = self._look().lives.get(instance_id)
        if life is None or life.confused:
            return None
        held = next((task for task in life.work if task.out), None)
        due = life.task_due()
        if held is not None or due is None or not self._connected:
            return held

        def look() -> Task | bool | None:
            self._look()
            return due if due.out else life.confused or None

        try:
            came = await self.s.until(look, step="", expects=f"activity {due.name} of {instance_id}")
        except CaseOver:
            rule = "lost-activity-reruns" if due.dispatches else "request-fields"
            self._missed(f"engine/activities/{rule}", f"activity {due.name}", instance_id)
            return None
        return due if came is due else None

    # --- the end

    async def _close(self, slot: int) -> None:
        """Bring an instance to its end, behind a fence."""
        instance_id = self._ids[slot]
        if self._life(slot) is None or self.wrong:
            return
        self._open(remembers=False)
        if not await self._drained(instance_id):
            return
        life = self._life(slot)
        if life is not None and not life.ended:
            name = self._name("e")
            await self._settled_call(self.s.raise_event(instance_id, name, f'"{name}"'))
            await self._drained(instance_id, ending=True)
        life = self._life(slot)
        if life is not None and life.ended and not self.wrong and await self._has_ended(life):
            await self._afterwards(life)
            while not self.wrong and await self._settle(instance_id, fails=False):
                pass  # activities outlive their workflow

    async def _drained(self, instance_id: str, *, ending: bool = False) -> bool:
        """Take all that is owed: turns, activities, timers. With `ending`, the turn that empties the queue ends it."""
        for _ in range(ROUNDS):
            life = self._look().lives.get(instance_id)
            if life is None or life.confused or self.wrong:
                return False
            if life.ended:
                return True
            if not await self._step(life, ending=ending):
                return True
        return True

    async def _step(self, life: Life, *, ending: bool) -> bool:
        if life.out is not None or life.due(self.s.now()):
            held = await self._turn(life.id)
            if held is not None and held.out is not None:
                last = ending and self._brings_all(held, held.out)
                await self._answer(life.id, (Act.END,) if last else (Act.TASK, Act.END) if _dies(held.out) else ())
            return held is not None
        if life.status is SUSPENDED or life.vague:
            self.s.resume(life.id, self._name("c"))
            return True
        if await self._settle(life.id, fails=False):
            return True
        fire_at = life.next_timer()
        if fire_at is not None:
            await self.s.pass_time(max(0.0, (fire_at - self.s.now()) / 1e9) + self._tick / 100)
            return True
        return False

    @staticmethod
    def _brings_all(life: Life, item: Item) -> bool:
        brought = sum(isinstance(event.body, EventRaised) for event in item.turn.new_events)
        return life.delivered + brought >= len(life.raised)

    async def _has_ended(self, life: Life) -> bool:
        """Wait for the end to be committed; whether it was."""
        try:
            call = await self.s.completed(life.id)
        except CaseOver:
            rule = "lifecycle/terminate-enforced" if life.forced else "turns/terminal-statuses-end"
            self._missed(f"engine/{rule}", "the end", life.id)
            return False
        self._look()
        return call.ok and not self.wrong

    async def _afterwards(self, life: Life) -> None:
        """The history is whole, and what comes late does not enter it."""
        if not (await self.s.history(life.id)).ok:
            return
        request = GetInstanceHistoryRequest(instance_id=life.id)

        def whole(call: Call) -> bool:
            return call.ok and (life.confused or self.witness.agrees(life, call))

        with contextlib.suppress(CaseOver):
            await self.s.eventually(
                "GetInstanceHistory", request, whole, step="", expects="a history with all that was committed"
            )
        self.s.note(COMMITTED, instance=life.id)
        await self._settled_call(self.s.raise_event(life.id, "late", '"late"'))
        await self.s.state(life.id)
        await self.s.history(life.id)


def _dies(item: Item) -> bool:
    return any(isinstance(event.body, ExecutionTerminated) for event in item.turn.new_events)
