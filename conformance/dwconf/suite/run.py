"""A run: preflight, plan, cases, verdicts, report, for one target after the other.

Everything that a user can ask for stands in `Options`; everything that happens is told to a `Listener`, which console
and progress consume. The report directory is written once, at the end, also for a run that was interrupted.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shlex
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Literal, Protocol, cast

import msgspec

from dwconf.reports.model import Access, Mode, Report, Run, Side, TargetReport, Tool, worst
from dwconf.reports.write import check_output, write_reports
from dwconf.suite.cases.registry import load_suite
from dwconf.suite.claims import NOTHING, Claims
from dwconf.suite.counterexamples import Document, files
from dwconf.suite.judging.assemble import target_report
from dwconf.suite.judging.scope import Scope, Selection, scope_of
from dwconf.suite.judging.verdicts import Judge, KnownFailure, exit_code
from dwconf.suite.looking import Look
from dwconf.suite.planning import has_token, profile_of, work_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Profile
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.phases import run_phases
from dwconf.suite.running.plan import AnyTarget, Plan, TargetSpec, run_id
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.worker import Worker

VERSION = metadata.version("dwconf")
FailOn = Literal["fail", "warn", "regressions"]


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `command` is the command line as it was given, for the report and for reproduction."""

    mode: Mode
    targets: tuple[TargetSpec, ...]
    selection: Selection = field(default_factory=Selection)
    claims: Claims = NOTHING
    seed: int = 0
    jobs: int = 1
    known: Mapping[str, KnownFailure] = field(default_factory=dict)
    fail_on: FailOn = "fail"
    out: Path = Path("dwconf-report")
    command: tuple[str, ...] = ()
    debug: str = ""
    replay: Document | None = None
    """A counterexample that is played instead of everything else."""

    @property
    def look(self) -> Look:
        """How closely cases look that look by chance."""
        depth = self.selection.depth.value
        if self.replay is None:
            return Look(depth, self.seed)
        return Look(depth, self.seed, self.replay.played, self.replay.rule)


class Listener(Protocol):
    """Hears what happens in a run."""

    def planned(self, cases: int, rules: int) -> None:
        """A target's cases are about to run."""

    def case_done(self, outcome: CaseOutcome) -> None:
        """One case is over."""

    def kept(self, address: str, outcomes: Sequence[CaseOutcome]) -> None:
        """The case that is debugged is over, and its target is kept until an interrupt."""

    def finished(self, report: Report, out: Path) -> None:
        """The report is written."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over."""

    report: Report
    exit_code: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """One target's part of a run."""

    report: TargetReport
    interrupted: bool
    traces: dict[str, bytes]


def execute(options: Options, listener: Listener) -> Finished:
    """Run, judge, and write the report directory.

    Raises TargetError (the target cannot be tested at all), UnknownPattern and its like, EmptySelection, OutputError,
    or RunError.
    """
    check_output(options.out)
    load_suite()
    rulebook = load_rulebook()
    began = _now()
    judged = []
    for spec in options.targets:
        judged.append(_test(rulebook, options, spec, listener))
        if judged[-1].interrupted:
            break
    interrupted = any(one.interrupted for one in judged)
    targets = [one.report for one in judged]
    code = 130 if interrupted else _exit(targets, options.fail_on)
    report = Report(
        tool=Tool(name="dwconf", version=VERSION),
        run=Run(
            id=run_id(),
            started=began,
            finished=_now(),
            command=list(options.command),
            mode=options.mode,
            seed=options.seed,
            depth=options.selection.depth.value,
            requirements=options.selection.requirements,
            incomplete=interrupted,
            incomplete_reason="the run was interrupted" if interrupted else "",
            reproduce=shlex.join(options.command),
        ),
        verdict=worst(target.verdict for target in targets),
        exit_code=code,
        targets=targets,
    )
    extra = {name: data for one in judged for name, data in one.traces.items()}
    write_reports(report, options.out, extra=extra)
    listener.finished(report, options.out)
    return Finished(report, code)


def _test(rulebook: Rulebook, options: Options, spec: TargetSpec, listener: Listener) -> _Judged:
    """Test one target."""
    with tempfile.TemporaryDirectory(prefix="dwconf-") as scratch:
        folder = Path(scratch)
        spec = spec if spec.folder else replaced(spec, folder=str(folder / "target"))
        run = run_id()
        with Stagehand(run, suite=VERSION, traces=folder) as stagehand:
            target = stagehand.target(spec)
            profile = profile_of(rulebook, options.claims, spec, target)
            scope = scope_of(
                rulebook, spec.side, options.selection, access=spec.access, profile=profile, token=has_token(target)
            )
            work = work_of(scope, spec, profile, options.look)
            if options.replay is not None:
                work = tuple(one for one in work if one.case == options.replay.case)
            if options.debug:
                work = tuple(one for one in work if one.case == options.debug)
            plan = Plan(run, VERSION, work, str(folder))
            try:
                listener.planned(len(work), len(scope.judged))
                outcomes, interrupted = run_phases(
                    plan, stagehand, spec, jobs=options.jobs, folder=folder, tell=listener.case_done
                )
            except KeyboardInterrupt:  # before the first case
                outcomes, interrupted = [], True
            if options.debug and not interrupted:
                _keep(listener, target, outcomes)
        _refuse_unreachable(outcomes)
        report = _judge(rulebook, options, spec=spec, scope=scope, profile=profile, target=target, outcomes=outcomes)
        report = msgspec.structs.replace(report, preflight=[*report.preflight, *stagehand.left.notices()])
        traces = {f"{spec.side}-{path.name}": path.read_bytes() for path in sorted(folder.glob("trace-*.dwt"))}
        traces |= files(outcomes, suite=VERSION, target=target.name)
    return _Judged(report, interrupted, traces)


def _keep(listener: Listener, target: AnyTarget, outcomes: list[CaseOutcome]) -> None:
    """Keep a target for whoever wants to look at it, until an interrupt."""
    listener.kept(_address(target), outcomes)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _judge(
    rulebook: Rulebook,
    options: Options,
    *,
    spec: TargetSpec,
    scope: Scope,
    profile: Profile,
    target: AnyTarget,
    outcomes: list[CaseOutcome],
) -> TargetReport:
    probed: dict[str, bool] = {}
    for outcome in outcomes:
        probed.update(outcome.probes)
    requirements = options.selection.requirements or list(rulebook.requirements)[-1]
    judge = Judge(
        rulebook,
        scope,
        outcomes,
        known=options.known,
        may_lack=rulebook.requirement_set(requirements).may_lack,
        probed=probed,
        reproduce=lambda rule: reproduction(options, spec, rule),
    )
    return target_report(
        rulebook,
        scope,
        outcomes,
        judge.results(),
        side=cast("Side", spec.side),
        access=cast("Access", spec.access),
        target=target,
        version=target.manifest.version if isinstance(target, Worker) else "",
        address=_address(target),
        profile=profile,
        selection=options.selection,
        probed=probed,
    )


def _address(target: AnyTarget) -> str:
    """Where the target was, or where it found us."""
    return f"127.0.0.1:{target.double.port}" if isinstance(target, Worker) else target.endpoint.address


def reproduction(options: Options, spec: TargetSpec, rule: str) -> str:
    """The command that judges one rule on this target again."""
    if spec.access == "embedded":
        own = ["dwconf", "engine"] if spec.side == "engine" else ["dwconf", "app"]
        command = [*own, *(["--mutant", spec.mutant] if spec.mutant else [])]
    else:
        command = list(spec.command)
    words = ["dwconf", "sidecar" if spec.side == "engine" else "worker", "--rule", rule]
    for option, value in _narrowing(options):
        words += [option, value]
    if spec.address:
        listen = "--listen" if spec.side == "worker" else "--address"
        words += [listen, spec.address] if command or spec.side == "worker" else [spec.address]
    return shlex.join([*words, *(["--", *command] if command else [])])


def _narrowing(options: Options) -> Iterator[tuple[str, str]]:
    """The options besides the rule that a verdict depends on."""
    if options.claims.profile:
        yield "--profile", options.claims.profile
    for name in options.claims.lacks:
        yield "--lacks", name
    if options.selection.requirements:
        yield "--requirements", options.selection.requirements
    if options.selection.depth is not Selection().depth:
        yield "--depth", options.selection.depth.value


def _refuse_unreachable(outcomes: list[CaseOutcome]) -> None:
    """A target that went away for good is one cause, not a list of untested rules."""
    lost = [outcome for outcome in outcomes if outcome.status == "unreachable"]
    if lost:
        raise TargetError("the target was lost during the run", lost[0].message, "see what the target's own log says")


def _exit(targets: list[TargetReport], fail_on: FailOn) -> int:
    """The worst exit code: 4 (ours) before 1 (broken) before 3 (inconclusive)."""
    codes = {exit_code(target.rules, fail_on=fail_on) for target in targets}
    return next((code for code in (4, 1, 3) if code in codes), 0)


def replaced(spec: TargetSpec, **changes: str) -> TargetSpec:
    """A spec with some fields changed."""
    return msgspec.structs.replace(spec, **changes)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
