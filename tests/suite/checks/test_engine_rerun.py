"""What checks of re-runs and of propagated history take for latitude: engines that lay histories out otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.dedup import creation, resolution
from dwconf.engine.core.frames import split
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Effect, Fork
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.rerun import Rerun
from dwconf.engine.mutants import MUTANTS, Mutant
from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.rulebook import Side, load_rulebook
from dwconf.suite.running.conduct import conduct
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    HistoryEvent,
    PropagatedHistory,
    PropagatedHistoryChunk,
    TaskScheduled,
    TimerCreated,
    WorkflowStarted,
)

load_suite()
PROFILE = load_rulebook().profile(Side.ENGINE, "reference")
RULES = frozenset(rule for rule in load_rulebook().rules if rule.startswith("engine/"))


def moved(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """The creation of a finished operation stands right before its outcome; one more turn is marked."""
    kept = REFERENCE.kept(before)
    made = {creation(event): event for event in kept if creation(event) is not None}
    placed: list[HistoryEvent] = []
    for event in kept:
        if creation(event) is None:
            placed += [made[found]] if (found := resolution(event.body)) in made else []
            placed.append(event)
    return (*placed, HistoryEvent(event_id=-1, timestamp=kept[-1].timestamp, body=WorkflowStarted()))


def backwards(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """What was unfinished is begun in another order."""
    return REFERENCE.unfinished(before)[::-1]


def target_named_alone(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """Of what is done again the target alone names the source."""
    made = REFERENCE.redone(event, asked, moment, rules)
    if event.event_id != asked.request.event_id and isinstance(
        made.body, TaskScheduled | TimerCreated | ChildWorkflowInstanceCreated
    ):
        return replace(made, body=replace(made.body, rerun_parent_instance_info=None))
    return made


def target_first(
    state: Instance | None, input_: Fork, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """The target is begun before what was unfinished."""
    return REFERENCE.fork(state, replace(input_, again=input_.again[::-1]), moment, rules)


def with_own(state: Instance) -> bytes | None:
    """The next generation is told of this one as well, where this one was told of others."""
    if state.incoming is None:
        return None
    given = decode(PropagatedHistory, state.incoming)
    own = PropagatedHistoryChunk(
        raw_events=tuple(split(state.history.frames)), instance_id=state.id, workflow_name=state.start.name
    )
    return encode(replace(given, chunks=(*given.chunks, own)))


def without_openings(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """A chunk has no workflowStarted."""
    kept = (data for data in events if not isinstance(decode(HistoryEvent, data).body, WorkflowStarted))
    return REFERENCE.own_chunk(state, kept, moment)


LAYOUTS = {
    "moved": replace(REFERENCE, kept=moved, unfinished=backwards, redone=target_named_alone),
    "target-first": replace(REFERENCE, fork=target_first),
    "told-more": replace(REFERENCE, inherited_history=with_own, own_chunk=without_openings),
}


async def judged(case: str, engine: str) -> CaseOutcome:
    """One case, judged by every rule of engines."""
    target = EmbeddedSidecar(mutant=engine)
    await target.start()
    try:
        return await conduct(
            CASES[case],
            lambda tape: SidecarScene(target, tape, "t"),
            rules=RULES,
            clock=target.now,
            target="layout",
            choices=dict(PROFILE.overrides),
        )
    finally:
        await target.stop()


@pytest.mark.parametrize("case", [name for name in CASES if name.startswith(("engine/rerun/", "engine/propagation/"))])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_layout_is_no_breach(case: str, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Mutant(name=layout, breaks="engine/nothing", title="lays it out otherwise", decisions=LAYOUTS[layout])
    monkeypatch.setitem(MUTANTS, layout, engine)
    outcome = asyncio.run(judged(case, layout))
    assert (outcome.status, outcome.message) == ("done", "")
    said = [(one.rule, one.check, breach.seen) for one in outcome.rules for breach in one.breaches]
    assert said == []
    blind = [(one.rule, one.check) for one in outcome.rules if one.untested and f"/{case.split('/')[1]}/" in one.rule]
    assert blind == []
