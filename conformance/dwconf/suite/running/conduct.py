"""Run one case on one target, and have its evidence judged.

The monitors watch while the case runs; the checks judge the evidence when it is over, however it ended. A case whose
awaited event did not come is over, and is no fault of ours; any other exception is. A check that raises is our error
and makes its rule neither passed nor failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from dwconf.suite.cases.registry import Case, Depth
from dwconf.suite.checks.registry import CHECKS, Decision, decide
from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import OBSERVATIONS, Observation, observe
from dwconf.suite.looking import SHOWN, Look
from dwconf.suite.monitors.registry import MONITORS, Watch
from dwconf.suite.probes.registry import PROBES, Probe, look
from dwconf.suite.running.outcome import Breach, CaseOutcome, Counterexample, RuleOutcome
from dwconf.suite.running.wirelog import wire_log
from dwconf.suite.scene.removal import Removal
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.schedules.registry import PROPERTIES, Counterexample as Found
from dwconf.suite.trace.record import Kind, Record, Sink, Tape
from dwconf.wire.codec import WireError

Scene = SidecarScene | WorkerScene
LONGEST = {Depth.QUICK: 120.0, Depth.FULL: 400.0, Depth.SOAK: 600.0}
"""No case takes longer than this, in seconds of real time at a timeout scale of 1."""
CLEANUP = 15.0
BRIEFLY = 4
"""For how many windows a case's instances are removed from a sidecar that is ours, to spare it their work."""
NOTICED = 0.1
"""After which part of a window an engine in real time has noticed that a case's streams have ended."""
AFTERWARDS = 2.0
"""How long a case goes on when its target's process has ended, in seconds."""


async def conduct(
    case: Case,
    open_scene: Callable[[Tape], Scene],
    *,
    rules: frozenset[str],
    clock: Callable[[], int],
    target: str,
    choices: Mapping[str, str],
    probes: tuple[str, ...] = (),
    sinks: tuple[Sink, ...] = (),
    lost: Callable[[], Awaitable[object]] | None = None,
    scale: float = 1.0,
    look: Look | None = None,
) -> CaseOutcome:
    """Drive a case, judge `rules` on it and read `probes` from it.

    `clock` tells the target's time in nanoseconds; `lost` returns when the target's process has ended by itself;
    `look` is for cases that look by chance.
    """
    watch = Watch(rule for rule in MONITORS if rule in rules and rule.startswith(f"{case.side}/"))
    tape = Tape(case.id, clock=clock, sinks=(watch, *sinks))
    began, clock_began = time.monotonic(), clock()
    scene = open_scene(tape)
    scene.look = look or scene.look
    if isinstance(scene, SidecarScene):
        scene.rules = rules
    status, message = await _drive(case, scene, lost, scale)
    seconds = time.monotonic() - began
    await _removed(scene, Tape(f"{case.id}/removal", clock=clock, sinks=sinks), CLEANUP * scale)
    evidence = Evidence(tape.records, choices)
    found = PROPERTIES[case.id].read(evidence.records) if case.id in PROPERTIES else ()
    said = [*_judge(case, evidence, watch, rules), *(_by_chance(evidence, one) for one in found)]
    return CaseOutcome(
        case=case.id,
        target=target,
        status=status,
        seconds=seconds,
        clock=(clock() - clock_began) / 1e9,
        rules=said,
        probes=dict(_probe(case, evidence, probes)),
        message=message,
        counterexamples=[
            *(Counterexample(case.id, one.rule, one.played) for one in found if one.findings),
            *_shown(evidence.records, {one.rule for one in said if one.breaches}),
        ],
        waited=min(scene.waited, seconds),
    )


async def _drive(
    case: Case, scene: Scene, lost: Callable[[], Awaitable[object]] | None, scale: float
) -> tuple[str, str]:
    try:
        return await _driven(case, scene, lost, LONGEST[case.depth] * scale)
    except Exception as error:  # noqa: BLE001  (whatever our case raised is reported as our error)
        over = _end_of_case(error)
        return ("error", traceback.format_exc()) if over is None else ("over", over)
    finally:
        await _closed(scene, CLEANUP * scale)


def _end_of_case(error: BaseException) -> str | None:
    """Why a case is over that ended with this, or None when it is our fault.

    What ends a case is that something did not come, or that the target's bytes are no message: whoever judges those
    reads them again. A case that awaits several things at once may end for several reasons.
    """
    match error:
        case CaseOver():
            return str(error)
        case WireError():
            return f"a message of the target's is none: {error}"
        case BaseExceptionGroup():
            reasons = [_end_of_case(one) for one in error.exceptions]
            return None if None in reasons else reasons[0]
        case _:
            return None


async def _closed(scene: Scene, limit: float) -> None:
    """Close a scene, whatever state the target is in; what cannot be closed in time is told on the tape."""
    try:
        async with asyncio.timeout(limit):
            await scene.close()
    except Exception:  # noqa: BLE001  (the case is over; its outcome must not depend on this)
        scene.note(f"the case could not be cleaned up: {traceback.format_exc()}")


async def _removed(scene: Scene, tape: Tape, limit: float) -> None:
    """Remove a case's instances from a sidecar that others use too, as far as it goes; nothing of that is evidence."""
    if not isinstance(scene, SidecarScene) or not scene.target.shares:
        return
    within = scene.tolerances.dispatch if scene.target.leaves_traces else scene.tolerances.quiet * BRIEFLY
    with contextlib.suppress(Exception):
        async with asyncio.timeout(limit):
            await Removal.of(scene, tape).carry_out(within=within)
            if scene.target.routed is None:
                await _noticed(scene, tape)


async def _noticed(scene: SidecarScene, tape: Tape) -> None:
    """Wait until the engine has seen our streams end, or the next case's first turn may go to one of them.

    What a connection carries comes in its order: a call that is answered was behind the streams' ends.
    """
    asking = SidecarScene(scene.target, tape, scene.prefix)
    try:
        await asking.call("Hello", b"")
    finally:
        await asking.close()
    await asyncio.sleep(scene.tolerances.quiet * NOTICED)


async def _driven(
    case: Case, scene: Scene, lost: Callable[[], Awaitable[object]] | None, limit: float
) -> tuple[str, str]:
    """Drive a case to its end, or until it has no target any more; then it may still see that, for a moment."""
    driving = asyncio.ensure_future(case.drive(scene))
    watching = asyncio.ensure_future(lost()) if lost is not None else None
    try:
        both: set[asyncio.Future[Any]] = {driving} if watching is None else {driving, watching}
        await asyncio.wait(both, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if not driving.done() and watching is not None and watching.done():
            await asyncio.wait({driving}, timeout=AFTERWARDS)
        if driving.done():
            await driving
            return "done", ""
        return "over", f"the case was not through after {limit:g} s, or its target was lost"
    finally:
        await _cancelled(driving, watching)


async def _cancelled(*tasks: asyncio.Future[Any] | None) -> None:
    begun = [task for task in tasks if task is not None]
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


def _judge(case: Case, evidence: Evidence, watch: Watch, rules: frozenset[str]) -> Iterator[RuleOutcome]:
    for one in CHECKS.values():
        if one.rule in rules and case.id in one.cases:
            yield _outcome(evidence, lambda one=one: decide(one, evidence), one.rule)  # type: ignore[misc]
    yield from (_outcome(evidence, lambda d=d: d, d.rule) for d in watch.decisions())  # type: ignore[misc]
    for seen in OBSERVATIONS.values():
        if seen.rule in rules and case.id in seen.cases:
            yield from _observed(seen, evidence)


def _by_chance(evidence: Evidence, one: Found) -> RuleOutcome:
    """What was found by chance counts as what a monitor finds: it fails a rule, and passes none that has a check."""
    decision = Decision(one.rule, "no_schedule_breaks_it", one.findings, by_monitor=True)
    return _outcome(evidence, lambda: decision, one.rule)


def _shown(records: Iterable[Record], broken: set[str]) -> Iterator[Counterexample]:
    """What the case itself noted as a counterexample to a rule that is broken."""
    for record in records:
        if record.kind is Kind.NOTE and record.text == SHOWN and record.fields["rule"] in broken:
            yield Counterexample(*(str(record.fields[name]) for name in ("case", "rule", "played")))


def _probe(case: Case, evidence: Evidence, probes: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for capability in probes:
        one = PROBES.get(capability)
        works = _looked(one, evidence) if one is not None and case.id in one.cases else None
        if works is not None:
            yield capability, works


def _looked(one: Probe, evidence: Evidence) -> bool | None:
    """What a probe says; one that raises could not tell."""
    try:
        return look(one, evidence)
    except Exception:  # noqa: BLE001  (an odd answer of a peer's must not end the run)
        return None


def _observed(one: Observation, evidence: Evidence) -> Iterator[RuleOutcome]:
    try:
        value = observe(one, evidence)
    except WireError:
        return
    except Exception:  # noqa: BLE001  (as for checks)
        yield RuleOutcome(one.rule, one.read.__name__, error=traceback.format_exc())
        return
    if value is not None:
        yield RuleOutcome(one.rule, one.read.__name__, value=value)


def _outcome(evidence: Evidence, judge: Callable[[], Decision], rule: str) -> RuleOutcome:
    try:
        decision = judge()
    except Exception:  # noqa: BLE001  (a check that raises is our error, and must not end the run)
        return RuleOutcome(rule, error=traceback.format_exc())
    breaches = list(_breaches(evidence, decision))
    return RuleOutcome(
        rule, decision.check, decision.by_monitor, breaches, untested=decision.untested, error=decision.error
    )


def in_words(name: str) -> str:
    """The name of a check, or of a monitor's class, as a statement."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("_", " ").lower()


def _breaches(evidence: Evidence, decision: Decision) -> Iterable[Breach]:
    for finding in decision.findings[:5]:
        yield Breach(
            check=in_words(decision.check),
            expected=finding.expected,
            seen=finding.seen,
            log=wire_log(evidence.records, finding.at),
            highlight=list(finding.at),
        )
