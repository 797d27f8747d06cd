"""From settings to a run: what was asked for is checked before a target is started, then everything is carried out."""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import cast

from dwconf.reports.model import Mode
from dwconf.reports.write import OutputError
from dwconf.suite.cases.registry import CASES, Depth, load_suite
from dwconf.suite.claims import NOTHING, Claims
from dwconf.suite.cli.console import console_for
from dwconf.suite.cli.exits import Exit, Stopped, usage
from dwconf.suite.cli.settings import Settings
from dwconf.suite.counterexamples import CounterexampleError, Document, load_counterexample
from dwconf.suite.judging.scope import EmptySelection, Selection, cases_of
from dwconf.suite.known import Known, KnownError, KnownList, load_known, render, updated
from dwconf.suite.rulebook import Rulebook, Side, UnknownName, load_rulebook
from dwconf.suite.rulebook.errors import near_matches
from dwconf.suite.run import FailOn, Finished, Listener, Options, execute
from dwconf.suite.running.plan import TargetSpec
from dwconf.suite.running.session import RunError
from dwconf.suite.targets.errors import TargetError


def counterexample(file: Path) -> Document:
    """Read a counterexample. Raises Stopped for a file that is none."""
    load_suite()
    try:
        return load_counterexample(file)
    except CounterexampleError as error:
        raise Stopped(Exit.USAGE, str(error)) from error


def carry_out(
    mode: Mode,
    targets: tuple[TargetSpec, ...],
    settings: Settings,
    *,
    claims: Claims = NOTHING,
    replay: Document | None = None,
) -> int:
    """Run; the exit code. Raises Stopped for everything that ends a run early."""
    listener = console_for(durations=settings.durations)
    with stopping():
        rulebook = load_rulebook()
        rules = _ruled_by(settings.debug) if settings.debug else settings.rules
        _check_names(rulebook, targets, settings, claims)
        known = _known(rulebook, settings)
        options = Options(
            mode=mode,
            targets=_meant(rulebook, targets, rules),
            selection=Selection(
                rules=rules,
                skip=settings.skip,
                levels=settings.levels,
                requirements=settings.requirements,
                depth=_deep_enough(settings, replay.case if replay is not None else settings.debug),
                unsafe=settings.allow_unsafe,
            ),
            claims=claims,
            seed=settings.seed,
            jobs=settings.jobs,
            known=known,
            fail_on=cast("FailOn", settings.fail_on),
            out=settings.out,
            command=command_line(),
            debug=settings.debug,
            replay=replay,
        )
        finished = _execute(options, listener)
        if settings.update_known and settings.known is not None:
            _rewrite(settings.known, known, finished, warnings=settings.fail_on == "warn")
    return finished.exit_code


def _execute(options: Options, listener: Listener) -> Finished:
    with contextlib.ExitStack() as stack:
        if isinstance(listener, contextlib.AbstractContextManager):
            stack.enter_context(listener)
        return execute(options, listener)


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Turn what ends a run early into its exit code and message; SIGTERM interrupts like Ctrl-C."""
    with _sigterm_interrupts():
        try:
            yield
        except TargetError as error:
            raise Stopped(Exit.UNREACHABLE, str(error)) from error
        except (UnknownName, EmptySelection, KnownError, OutputError) as error:
            raise Stopped(Exit.USAGE, _with_hint(error)) from error
        except RunError as error:
            raise Stopped(Exit.OUR_ERROR, f"the runner failed, not the target\n{error}") from error


def _with_hint(error: Exception) -> str:
    text = str(error)
    return text if "hint:" in text or isinstance(error, OutputError) else f"{text}\n  hint: {_hint(error)}"


def _hint(error: Exception) -> str:
    return {
        "UnknownProfile": "docs/cli.md names the profiles",
        "UnknownCapability": "`dwconf list --format json` says what rules need",
        "UnknownRequirements": "name a Dapr release line, such as 1.18",
    }.get(type(error).__name__, "`dwconf list` shows all rules")


def command_line() -> tuple[str, ...]:
    """The command line as it was given."""
    return ("dwconf", *sys.argv[1:])


def _check_names(rulebook: Rulebook, targets: tuple[TargetSpec, ...], settings: Settings, claims: Claims) -> None:
    """Refuse names that nobody knows before a target is started. Raises UnknownName."""
    rulebook.select(settings.rules)
    rulebook.select(settings.skip)
    if settings.requirements is not None:
        rulebook.requirement_set(settings.requirements)
    for target in targets:
        claims.check(rulebook, Side(target.side))


def _meant(rulebook: Rulebook, targets: tuple[TargetSpec, ...], rules: tuple[str, ...]) -> tuple[TargetSpec, ...]:
    """The targets that the chosen rules are about; all of them when that is none, so that the run says why."""
    sides = {rule.side.value for rule in rulebook.select(rules)}
    return tuple(target for target in targets if target.side in sides) or targets


def _ruled_by(case: str) -> tuple[str, ...]:
    """The rules that a case gives evidence for."""
    load_suite()
    if case not in CASES:
        near = near_matches(case, CASES)
        hint = f"did you mean {' or '.join(near)}?" if near else "`dwconf list --format json` names the cases"
        raise usage(f"unknown case {case!r}", hint=hint)
    return tuple(rule for rule in load_rulebook().rules if case in cases_of(rule))


def _deep_enough(settings: Settings, case: str) -> Depth:
    """The depth as asked for; a case that is debugged, or plays a counterexample, needs its own."""
    asked = Depth(settings.depth)
    needed = CASES[case].depth if case else asked
    return asked if asked.covers(needed) else needed


def _known(rulebook: Rulebook, settings: Settings) -> Mapping[str, Known]:
    if settings.known is None:
        if settings.update_known:
            raise usage("--update-known has no file to write", hint="name it with --known FILE")
        return {}
    today = dt.datetime.now(dt.UTC).date()
    return load_known(settings.known, rulebook, today=today, renewing=settings.update_known)


def _rewrite(path: Path, known: KnownList, finished: Finished, *, warnings: bool) -> None:
    results = [rule for target in finished.report.targets for rule in target.rules]
    try:
        path.write_text(render(updated(known, results, warnings=warnings)), encoding="utf-8")
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror})"
        raise usage(problem, hint="name another file with --known") from error


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
