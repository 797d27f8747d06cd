"""A report with every verdict, as a run might have written it: what the tests render, and what pictures are made of."""

from dwconf.reports.model import (
    CapabilityResult,
    CaseResult,
    Detection,
    Direction,
    Failure,
    FingerprintEntry,
    Level,
    Notice,
    OutsideRule,
    Report,
    RuleResult,
    RuleVerdict,
    Run,
    SourceText,
    TargetReport,
    Tool,
    Verdict,
    WireLine,
    count_verdicts,
    worst,
)

COMMAND = "dwconf sidecar --requirements 1.18 -- dwconf engine --mutant timer-fires-early"
REPRODUCE = f"dwconf sidecar --requirements 1.18 --seed 7 engine/timers/never-early {COMMAND.partition('1.18 ')[2]}"


def sample_report() -> Report:
    """One engine, not conformant, with every rule verdict, and one conformant worker."""
    targets = [engine_target(), worker_target()]
    return Report(
        tool=Tool(name="dwconf", version="0.1.0"),
        run=Run(
            id="20260131-102030-7f3a",
            started="2026-01-31T10:20:30Z",
            finished="2026-01-31T10:20:38Z",
            command=COMMAND.split(),
            mode="run",
            seed=7,
            depth="full",
            requirements="1.18",
            reproduce=f"{COMMAND} --seed 7",
        ),
        verdict=worst(target.verdict for target in targets),
        exit_code=1,
        targets=targets,
        detection=Detection(mutants=112, killed=112),
    )


def engine_target() -> TargetReport:
    rules = [*_engine_findings(), *_kept("engine", _ENGINE_TITLES)]
    rules.sort(key=lambda rule: _CHAPTERS.index(rule.chapter))
    return TargetReport(
        side="engine",
        name="dwconf engine",
        version="0.1.0",
        address="127.0.0.1:50001",
        access="started",
        profile="reference",
        verdict=Verdict.NOT_CONFORMANT,
        scope=f"NOT CONFORMANT · Dapr 1.18 · full · started · {len(rules)} of {len(rules) + 2} rules in scope, 1 n/a",
        counts=count_verdicts(rules),
        rules=rules,
        outside=[
            OutsideRule(
                rule="engine/persistence/kill-anywhere", title="A kill loses nothing", reason="only at soak depth"
            ),
            OutsideRule(
                rule="engine/errors/hung-client", title="A silent client harms nobody", reason="not in Dapr 1.18"
            ),
        ],
        capabilities=[
            CapabilityResult(name="persistence", declared=True, probed=True),
            CapabilityResult(name="list-paging", declared=False, probed=False, note="ListInstanceIDs: UNIMPLEMENTED"),
            CapabilityResult(name="rerun", declared=True, probed=None),
            CapabilityResult(name="force-purge", declared=True, probed=False, note="answered, and nothing was purged"),
        ],
        cases=[
            CaseResult(id="timers-basic", title="Timers fire", status="failed", seconds=31.0, real_seconds=0.04),
            CaseResult(
                id="listing", title="Pages", status="error", seconds=0.0, real_seconds=0.2, error="ValueError: no page"
            ),
            CaseResult(id="start", title="Instances start", status="passed", seconds=0.2, real_seconds=0.18),
        ],
        preflight=[
            Notice(level="info", title="Ready", message="Hello answered after 80 ms."),
            Notice(
                level="warning",
                title="No health service.",
                message="Readiness was judged by Hello alone.",
                hint="Register grpc.health.v1.Health.",
            ),
        ],
        fingerprint=[FingerprintEntry(rule="engine/turns/first-delta", title="First delta", value="on the third turn")],
        trace_file="trace.bin",
    )


def worker_target() -> TargetReport:
    rules = _kept("worker", _WORKER_TITLES)
    return TargetReport(
        side="worker",
        name="dwconf app",
        version="0.1.0",
        address="",
        access="embedded",
        profile="reference",
        verdict=Verdict.CONFORMANT,
        scope=f"CONFORMANT · Dapr 1.18 · full · embedded · {len(rules)} of {len(rules)} rules in scope",
        counts=count_verdicts(rules),
        rules=rules,
    )


_TIMER_FIRED = """\
new_events {
  timestamp: "10:20:44.999"
  timer_fired {
    timer_id: 0
    fire_at: "10:20:45.000"
  }
}"""


def early_timer_log() -> list[WireLine]:
    """A conversation of 24 lines of which the 14th, a timer that fires early, decides."""
    opening = [
        _line(1, 0.0, ">", "StartInstance", "case timers-basic, input null", 'name: "interp"\ninstance_id: "t-4f-1"'),
        _line(2, 1.9, "<", "CreateInstanceResponse", "instance t-4f-1"),
        _line(3, 2.2, "<", "GetWorkItems", "workflow item, 2 new events", "new_events {\n  workflow_started {}\n}"),
        _line(4, 2.4, ">", "CompleteWorkflowTask", "1 action: createTimer(0) at 10:20:45.000"),
    ]
    waiting = [_line(5 + n, 3.0 + n, "!", "clock", f"virtual time stands at 10:20:{30 + n}.000") for n in range(8)]
    deciding = [
        _line(13, 12.1, "!", "clock", "advanced to 10:20:44.999"),
        _line(
            14,
            12.6,
            "<",
            "GetWorkItems",
            "timerFired(0), 1 ms before it was due",
            _TIMER_FIRED,
            raw="12 1a 08 ff ff ff ff ff ff ff ff ff 01 12 0b 08 9d 9a ba cb 06 10 c0 8e 8c dc 03 5a 06 0a 04",
        ),
    ]
    closing = [_line(15 + n, 13.0 + n, ">" if n % 2 else "<", "GetInstance", f"poll {n}: RUNNING") for n in range(10)]
    return opening + waiting + deciding + closing


def _line(  # noqa: PLR0917 - reads as the line it makes
    number: int, at_ms: float, direction: Direction, what: str, summary: str, detail: str = "", *, raw: str = ""
) -> WireLine:
    return WireLine(
        number=number,
        at_ms=at_ms,
        direction=direction,
        what=what,
        instance="" if direction == "!" else "t-4f-1",
        summary=summary,
        detail=detail,
        raw=raw,
    )


def early_timer() -> Failure:
    return Failure(
        title="A timer fired 1 ms before it was due",
        expected="timerFired(0) not before 10:20:45.000",
        seen="timerFired(0) at 10:20:44.999",
        case="timers-basic",
        reproduce=REPRODUCE,
        log=early_timer_log(),
        highlight=[14],
    )


def rule(rule_id: str, title: str, verdict: RuleVerdict, *, level: Level = "MUST", **more: object) -> RuleResult:
    """A rule of this id, in the chapter that its id names."""
    return RuleResult(
        id=rule_id,
        chapter=rule_id.rpartition("/")[0],
        title=title,
        statement=f"{title}: a client and a worker can rely on that.",
        level=level,
        verdict=verdict,
        sources=[SourceText(id="EX-8", text="The engine keeps the order in which it committed events.")],
        since="1.16",
        cases=["timers-basic"],
        **more,  # type: ignore[arg-type] # fields of the model, named by the caller
    )


def _engine_findings() -> list[RuleResult]:
    known = "durabletask-go answers before the commit; its maintainers know."
    return [
        rule("engine/timers/never-early", "A timer never fires early", RuleVerdict.FAIL, failures=[early_timer()]),
        rule(
            "engine/timers/fires-once",
            "A timer fires once",
            RuleVerdict.FAIL,
            failures=[Failure(title="Fired twice", expected="one timerFired(0)", seen="two", case="timers-basic")],
        ),
        rule(
            "engine/start/answer-after-commit",
            "StartInstance answers when the instance is stored",
            RuleVerdict.KNOWN,
            reason=known,
            known_link="https://example.org/issues/7",
        ),
        rule(
            "engine/events/case-blind-names",
            "Event names compare without case",
            RuleVerdict.FIXED,
            reason="Was lost in 1.16.",
        ),
        rule(
            "engine/lifecycle/purge-deep",
            "Purge reaches children",
            RuleVerdict.UNTESTED,
            reason="No child was started.",
        ),
        rule(
            "engine/turns/prompt",
            "A turn follows its event at once",
            RuleVerdict.WARN,
            level="SHOULD",
            failures=[Failure(title="A turn came late", expected="within 2 s", seen="after 5.1 s", case="start")],
        ),
        rule(
            "engine/lifecycle/list-pages",
            "A list comes in pages",
            RuleVerdict.NOT_APPLICABLE,
            reason="The target has no list-paging, and a probe agrees.",
            needs=["list-paging"],
        ),
        rule("engine/errors/unknown-id", "An unknown id is NOT_FOUND", RuleVerdict.ERROR, reason="ValueError: no page"),
    ]


def _kept(side: str, titles: dict[str, list[str]]) -> list[RuleResult]:
    return [
        rule(f"{side}/{chapter}/{title.lower().replace(' ', '-')}", title, RuleVerdict.PASS)
        for chapter, names in titles.items()
        for title in names
    ]


_ENGINE_TITLES = {
    "connection": ["Hello answers", "Tokens are unique", "One turn at a time", "A lost item comes back"],
    "start": ["An id is kept", "Input travels unchanged", "A taken id is refused", "A start may be scheduled"],
    "turns": ["History only grows", "New events come in order", "Ids are unique", "Past events are committed"],
    "activities": ["A result is delivered once", "Failures keep their type", "Activities run side by side"],
    "timers": ["Due timers fire in order"],
    "events": ["An event is buffered", "Order is kept"],
    "lifecycle": ["Suspend holds events", "Terminate ends children"],
    "errors": ["Bad input harms nobody"],
}
_WORKER_TITLES = {
    "replay": ["Replay gives equal actions", "No side effect is repeated", "Every prefix replays"],
    "timers": ["Ids count from the first action", "A timer is asked for once"],
    "retries": ["Delays grow by the coefficient", "Attempts end at the limit"],
}
_CHAPTERS = [f"engine/{chapter}" for chapter in _ENGINE_TITLES]
