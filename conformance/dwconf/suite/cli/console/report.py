"""A finished report as lines: failures first and in full, then the rest in short, totals, verdict, and where to look.

Each line is a style and a text, so that a terminal and a plain log show the same. All text may hold what a peer said;
it is made visible and bounded here, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dwconf.reports.model import CaseResult, Failure, Report, RuleResult, RuleVerdict, TargetReport, WireLine
from dwconf.reports.text import one_line, shown

Line = tuple[str, str]
"""A style (of `STYLES`) and a text."""

STYLES = {
    "": "",
    "fail": "bold red",
    "warn": "yellow",
    "good": "bold green",
    "doubt": "bold yellow",
    "decisive": "bold",
    "dim": "dim",
    "command": "cyan",
}
MOST_FAILURES = 25
"""How many failing rules are shown in full; the others are named."""
MOST_OTHERS = 12
"""How many rules of each other verdict are shown."""
AROUND = 2
"""How many log lines are shown before and after a decisive one."""
WIDTH = 400
SIGNS = {
    RuleVerdict.ERROR: "!",
    RuleVerdict.FAIL: "✕",
    RuleVerdict.FIXED: "↑",
    RuleVerdict.UNTESTED: "?",
    RuleVerdict.WARN: "~",
    RuleVerdict.KNOWN: "k",
}
ORDER = tuple(reversed(RuleVerdict))
VERDICTS = {
    "CONFORMANT": "good",
    "CONFORMANT WITH NOTES": "good",
    "NOT CONFORMANT": "fail",
    "INCONCLUSIVE": "doubt",
}


def closing(report: Report, out: Path, *, durations: int = 0) -> Iterator[Line]:
    """Everything that is said when a run is over."""
    for target in report.targets:
        yield from _failures(target)
    for target in report.targets:
        yield from _others(target)
        yield from _notices(target)
    if durations:
        yield from _slowest([case for target in report.targets for case in target.cases], durations)
    yield "", ""
    for target in report.targets:
        yield "", totals(target)
        yield VERDICTS[target.verdict], one_line(target.scope, limit=WIDTH)
    if report.run.incomplete:
        yield "doubt", f"INCOMPLETE: {one_line(report.run.incomplete_reason, limit=WIDTH)}"
    if report.run.depth == "soak":
        yield "", f"drawn from: --seed {report.run.seed}"
    yield "", f"report: {out / 'report.html'}"
    if again := first_reproduction(report):
        yield "", "reproduce the first failure:"
        yield "command", f"  {one_line(again, limit=WIDTH * 5)}"


def totals(target: TargetReport) -> str:
    """One line: how many rules got which verdict; the numbers add up to the first."""
    counted = [f"{target.counts[verdict]} {verdict}" for verdict in ORDER if target.counts.get(verdict)]
    version = "" if target.version in target.name else f" {target.version}"
    name = one_line(f"{target.name}{version}", limit=WIDTH)
    return f"{target.side} ({name}): {' · '.join([f'{len(target.rules)} rules in scope', *counted])}"


def first_reproduction(report: Report) -> str:
    """The command that brings the first failure back; empty when nothing failed."""
    commands = (
        failure.reproduce
        for verdict in (RuleVerdict.FAIL, RuleVerdict.WARN)
        for target in report.targets
        for rule in target.rules
        if rule.verdict is verdict
        for failure in rule.failures
    )
    return next((each for each in commands if each), "")


def _failures(target: TargetReport) -> Iterator[Line]:
    failing = [rule for rule in target.rules if rule.verdict is RuleVerdict.FAIL]
    for rule in failing[:MOST_FAILURES]:
        yield from in_full(rule)
    if len(failing) > MOST_FAILURES:
        yield "", ""
        yield "fail", f"✕ and {len(failing) - MOST_FAILURES} more rules fail; the report shows them all:"
        for rule in failing[MOST_FAILURES:]:
            yield "fail", f"    {rule.id}"


def in_full(rule: RuleResult) -> Iterator[Line]:
    """A failing rule: the requirement with its sources, and for each failure what was expected and seen."""
    yield "", ""
    yield "fail", f"✕ {one_line(rule.title, limit=WIDTH)}   {rule.id} · {rule.level}"
    yield from _labelled("rule", rule.statement)
    for source in rule.sources:
        yield from _labelled("source", f"{source.id}: {source.text}", style="dim")
    if rule.reason:
        yield from _labelled("reason", rule.reason)
    for failure in rule.failures:
        yield from _failure(failure)


def _failure(failure: Failure) -> Iterator[Line]:
    yield from _labelled("check", f"{failure.title}{f' (case {failure.case})' if failure.case else ''}")
    yield from _labelled("expected", failure.expected)
    yield from _labelled("seen", failure.seen, style="decisive")
    yield from _log(failure)
    if failure.reproduce:
        yield from _labelled("again", failure.reproduce, style="command")


def _log(failure: Failure) -> Iterator[Line]:
    """The decisive lines of the wire log with a few around each."""
    decisive = set(failure.highlight)
    places = [place for place, line in enumerate(failure.log) if line.number in decisive]
    wanted = {near for place in places for near in range(place - AROUND, place + AROUND + 1)}
    last = None
    for place, line in enumerate(failure.log):
        if place in wanted:
            if last is not None and place != last + 1:
                yield "dim", "         ⋮"
            yield ("decisive" if line.number in decisive else "dim"), _wire(line, marked=line.number in decisive)
            last = place


def _wire(line: WireLine, *, marked: bool) -> str:
    mark = "→" if marked else " "
    said = one_line(f"{line.what}  {line.summary}", limit=200)
    return f"    {mark} {line.number:>4} {line.at_ms:>9.1f} ms  {line.direction} {said}"


def _labelled(label: str, text: str, *, style: str = "") -> Iterator[Line]:
    first, *rest = shown(text, limit=WIDTH * 5).strip().splitlines() or [""]
    yield style, f"    {label:<9} {first}"
    for line in rest:
        yield style, f"              {line}"


def _others(target: TargetReport) -> Iterator[Line]:
    """What is neither passed nor failed: by verdict, a line or two for each rule."""
    for verdict in (RuleVerdict.ERROR, RuleVerdict.FIXED, RuleVerdict.UNTESTED, RuleVerdict.WARN, RuleVerdict.KNOWN):
        rules = [rule for rule in target.rules if rule.verdict is verdict]
        if rules:
            yield "", ""
            yield "warn", f"{SIGNS[verdict]} {target.side}, {verdict}:"
        for rule in rules[:MOST_OTHERS]:
            yield "warn", f"  {rule.id} · {rule.level}   {rule.title}"
            yield from _why(rule)
        if len(rules) > MOST_OTHERS:
            yield "warn", f"  and {len(rules) - MOST_OTHERS} more; the report shows them all"


def _why(rule: RuleResult) -> Iterator[Line]:
    if rule.reason:
        yield "dim", f"    {one_line(rule.reason, limit=WIDTH)}"
    if rule.known_link:
        yield "dim", f"    {one_line(rule.known_link, limit=WIDTH)}"
    if rule.verdict is RuleVerdict.WARN:
        for failure in rule.failures[:1]:
            yield from _labelled("expected", one_line(failure.expected, limit=WIDTH))
            yield from _labelled("seen", one_line(failure.seen, limit=WIDTH))


def _notices(target: TargetReport) -> Iterator[Line]:
    for notice in target.preflight:
        if notice.level != "info":
            yield "", ""
            yield "warn", f"! {one_line(notice.title, limit=WIDTH)}"
            yield from _labelled("", notice.message)
            if notice.hint:
                yield from _labelled("hint", notice.hint)


def _slowest(cases: list[CaseResult], count: int) -> Iterator[Line]:
    yield "", ""
    yield "", f"the {min(count, len(cases))} slowest cases:"
    for case in sorted(cases, key=lambda case: -case.real_seconds)[:count]:
        waiting = f" ({case.waited_seconds:.3f} s of them waiting)" if case.waited_seconds else ""
        yield "dim", f"  {case.real_seconds:8.3f} s  {case.id}{waiting}"
    waiting_cases = [case.waited_seconds for case in cases if case.waited_seconds]
    yield "", f"{len(waiting_cases)} of {len(cases)} cases waited in real time, {sum(waiting_cases):.1f} s in all"
