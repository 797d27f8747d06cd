"""Engines that keep the protocol and do little else as the reference does: no rule convicts them.

What each does stands as latitude in the catalogue. A rule that a variant does not meet because it is a SHOULD, or
because the profile says otherwise, is named beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pytest
from google.protobuf.message import Message

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.dispatch import Stream, Work
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Refusal
from dwconf.engine.core.moment import Nonce
from dwconf.engine.shell.clocks import VirtualClock
from dwconf.engine.shell.faults import NO_FAULTS, Faults
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.server import EngineServer
from dwconf.suite.cases.registry import CASES, Case, Depth, load_suite
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side
from dwconf.suite.running.conduct import conduct
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.trace.record import Tape
from dwconf.wire.rpc import DAPR, TASK_HUB
from dwconf.wire.values import ExecutionStarted, WorkflowState

AT_ONCE = 8
NEWER = b"\xf2\x7f\x03new"
"""A field of a number that no message has."""

load_suite()
RULEBOOK = load_rulebook()
RESPONSES: dict[str, type[Message]] = {
    name: method.response for service in (DAPR, TASK_HUB) for name, method in service.methods.items()
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A correct engine: how it differs, and the rules that it need not meet."""

    name: str
    decisions: Decisions = REFERENCE
    faults: Faults = NO_FAULTS
    need_not: frozenset[str] = frozenset()


def _strewn(method: str, data: bytes) -> tuple[bytes]:
    """Every message that is sent, and all in it, has a field of a newer release."""
    if method == "Hello":
        return (data,)
    message = RESPONSES[method]()
    message.MergeFromString(data)
    _strew(message)
    return (message.SerializeToString(),)


def _strew(message: Message) -> None:
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        if not field.message_type.full_name.startswith("google."):
            for inner in value if field.is_repeated else (value,):
                _strew(inner)
    message.MergeFromString(NEWER)


def _other_words(method: str, refusal: Refusal) -> Refusal:
    """A refusal says what it says in a longer sentence (ENG-J-01)."""
    return replace(refusal, message=f"rpc error in {method}: desc = {refusal.message} (request 17)")


def _long_token(nonce: Nonce, work: Work) -> str:
    """A token is as long and as odd as a sealed one (ENG-A-03)."""
    return f"v1:{REFERENCE.new_token(nonce, work)}=={'A/+' * 200}"


def _busiest(streams: Iterable[Stream], work: Work) -> Stream | None:
    """Whoever was handed something last is handed the next item too (ENG-A-09)."""
    free = [stream for stream in streams if REFERENCE.choose_stream((stream,), work) is not None]
    return max(free, key=lambda stream: stream.last_used, default=None)


def _empty_for_unset(state: Instance, rules: Decisions) -> WorkflowState:
    """Input and output that are unset show as empty (ENG-H-41)."""
    shown = REFERENCE.workflow_state(state, rules)
    return replace(shown, input=shown.input or "", output=shown.output or "")


def _a_little_later(fire_at: int | None) -> int:
    """Timers are looked at every 200 ms."""
    return REFERENCE.due_time(fire_at) + 200_000_000


def _one_by_one(inbox: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """What is queued comes in turns of its own, but for what a generation begins with (ENG-C-23, ENG-H-14)."""
    begins = bool(inbox) and isinstance(inbox[0].event.body, ExecutionStarted)
    return REFERENCE.batch(inbox) if begins else REFERENCE.batch(inbox)[:1]


VARIANTS = (
    Variant(name="newer-fields", faults=Faults(outgoing=_strewn)),
    Variant(name="other-words", faults=Faults(refused=_other_words)),
    Variant(name="long-tokens", decisions=replace(REFERENCE, new_token=_long_token)),
    Variant(name="busiest-stream", decisions=replace(REFERENCE, choose_stream=_busiest)),
    Variant(
        name="empty-for-unset",
        decisions=replace(REFERENCE, workflow_state=_empty_for_unset),
        need_not=frozenset({"engine/management/input-output-properties"}),  # the Dapr API tells what the state has
    ),
    Variant(name="timers-a-little-later", decisions=replace(REFERENCE, due_time=_a_little_later)),
    Variant(
        name="one-event-per-turn",
        decisions=replace(REFERENCE, batch=_one_by_one),
        need_not=frozenset({"engine/turns/queued-events-are-batched"}),
    ),
)


class OtherEngine(EmbeddedSidecar):
    """A variant of the reference engine, on a virtual clock."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self._variant = variant

    async def start(self) -> None:
        await self._start(VirtualClock(), MemoryStore(), 0)

    async def _start(self, clock: VirtualClock, store: MemoryStore, port: int) -> None:
        chosen = self._variant
        self._serve(
            await EngineServer.start(
                clock=clock,
                store=store,
                port=port,
                api_token=self.endpoint.token,
                send_timeout=2,
                decisions=chosen.decisions,
                faults=chosen.faults,
            )
        )

    async def restart(self, *, kill: bool) -> None:
        del kill
        before = self._server
        await self.stop()
        await self._start(before.clock, before.store, before.port)


async def conducted(case: Case, variant: Variant) -> CaseOutcome:
    """Run a case on an engine of its own, judged for every rule."""
    target = OtherEngine(variant)

    def scene(tape: Tape) -> SidecarScene:
        return SidecarScene(target, tape, "dwother")

    await target.start()
    try:
        return await conduct(
            case,
            scene,
            rules=frozenset(rule for rule in RULEBOOK.rules if rule.startswith("engine/")) - variant.need_not,
            clock=target.now,
            target=variant.name,
            choices=RULEBOOK.profile(Side.ENGINE, "reference").overrides,
            scale=0.1,
        )
    finally:
        await target.stop()


def outcomes(variant: Variant, wanted: Callable[[Case], bool]) -> list[CaseOutcome]:
    """The outcomes of the cases that are wanted, some at a time."""
    cases = [case for case in CASES.values() if case.side == "engine" and wanted(case)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> CaseOutcome:
        async with gate:
            return await conducted(case, variant)

    async def all_of_them() -> list[CaseOutcome]:
        return await asyncio.gather(*(one(case) for case in cases))

    return asyncio.run(all_of_them())


def quick(case: Case) -> bool:
    return case.depth is Depth.QUICK and not case.restarts


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_it_is_not_convicted(variant: Variant) -> None:
    found = outcomes(variant, quick)
    breaches = {
        f"{rule.rule} in {outcome.case}: {breach.expected} / {breach.seen}"
        for outcome in found
        for rule in outcome.rules
        for breach in rule.breaches
    }
    assert breaches == set()
    assert [outcome.case for outcome in found if outcome.status == "error"] == []
    judged = {rule.rule for outcome in found for rule in outcome.rules if not rule.untested and not rule.error}
    assert len(judged) > 100  # what nobody looked at convicts nobody
