"""What the HTML page shows, worked out before the template sees it: order, grouping, sums and cuts.

A reader comes with one question, "what is broken, and how do I see it myself?", so failing rules come first and whole;
after them what could not be told, then every rule by chapter. Each rule has one place and one anchor: a rule with
evidence stands among the findings, and its chapter's row leads there.

A target that answers nothing fails everything, with a log for each rule. `_LogBudget` keeps such a page small enough
to open: once it is spent, only decisive lines are kept, and the page says how many are not shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dwconf.reports.model import (
    Detection,
    Failure,
    Report,
    RuleResult,
    RuleVerdict,
    Run,
    Side,
    TargetReport,
    Tool,
    Verdict,
    WireLine,
)

_CONTEXT = 5  # log lines kept in sight on both sides of a decisive one
_SHORTEST_FOLD = 4  # fewer lines than this are not worth a fold
_MOST_LINES = 400  # log lines of one failure
_PAGE_LINES = 6_000  # log lines of the page
_MOST_FAILURES = 8  # pieces of evidence of one rule
_OPEN_DETAIL = 1_500  # characters: a decisive line's message is open from the start unless it is longer
_BAR_WIDTH = 1_000

_GLYPHS = {
    RuleVerdict.PASS: "✓",
    RuleVerdict.FAIL: "✕",
    RuleVerdict.WARN: "!",
    RuleVerdict.KNOWN: "≈",
    RuleVerdict.FIXED: "↑",
    RuleVerdict.NOT_APPLICABLE: "○",
    RuleVerdict.UNTESTED: "?",
    RuleVerdict.ERROR: "⚠",
}
_MEANING = {
    RuleVerdict.PASS: "kept",
    RuleVerdict.FAIL: "broken",
    RuleVerdict.WARN: "a SHOULD that was not met",
    RuleVerdict.KNOWN: "broken, and listed as a known failure",
    RuleVerdict.FIXED: "listed as a known failure, but kept",
    RuleVerdict.NOT_APPLICABLE: "the target lacks the capability",
    RuleVerdict.UNTESTED: "in scope, but no evidence came about",
    RuleVerdict.ERROR: "a fault of the suite",
}
# The order of counters and legend, best first, so that the bar reads like a sentence.
_READING_ORDER = (
    RuleVerdict.PASS,
    RuleVerdict.WARN,
    RuleVerdict.KNOWN,
    RuleVerdict.FIXED,
    RuleVerdict.FAIL,
    RuleVerdict.ERROR,
    RuleVerdict.UNTESTED,
    RuleVerdict.NOT_APPLICABLE,
)
# The order of findings, what a reader must act on first.
_URGENCY = (
    RuleVerdict.FAIL,
    RuleVerdict.ERROR,
    RuleVerdict.FIXED,
    RuleVerdict.UNTESTED,
    RuleVerdict.WARN,
    RuleVerdict.KNOWN,
)
_FINDING_TITLES = {
    RuleVerdict.FAIL: "Failures",
    RuleVerdict.ERROR: "Errors of the suite",
    RuleVerdict.FIXED: "Known failures that pass now",
    RuleVerdict.UNTESTED: "Untested",
    RuleVerdict.WARN: "Warnings",
    RuleVerdict.KNOWN: "Known failures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One verdict's share of the counters; `x` and `width` are its place in the bar, in thousandths."""

    verdict: RuleVerdict
    slug: str
    glyph: str
    meaning: str
    number: int
    x: float
    width: float
    is_finding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A wire log line: its words for the direction, and whether it decides."""

    line: WireLine
    way: str
    way_slug: str
    decisive: bool
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpan:
    """Neighbouring log lines; a folded span is out of sight until asked for."""

    lines: tuple[LogLine, ...]
    folded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A failure with its log as the page shows it; `left_out` lines stand in `report.json` only."""

    failure: Failure
    spans: tuple[LogSpan, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A rule with its anchor and evidence; `left_out` counts the failures that the page does not show."""

    rule: RuleResult
    anchor: str
    slug: str
    glyph: str
    evidence: tuple[Evidence, ...]
    left_out: int
    is_finding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All rules of one verdict that a reader should look at."""

    title: str
    slug: str
    meaning: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The rules of one chapter, with its counters."""

    name: str
    anchor: str
    segments: tuple[Segment, ...]
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """One target's part of the page; `scope` is its line without the verdict, which stands above it."""

    target: TargetReport
    scope: str
    anchor: str
    slug: str
    segments: tuple[Segment, ...]
    in_scope: int
    findings: tuple[Finding, ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole page."""

    tool: Tool
    run: Run
    verdict: Verdict
    exit_code: int
    slug: str
    detection: Detection | None
    files: tuple[str, ...]
    targets: tuple[TargetView, ...]


def present(report: Report) -> Page:
    """The page of a report."""
    budget = _LogBudget(_PAGE_LINES)
    return Page(
        tool=report.tool,
        run=report.run,
        verdict=Verdict(report.verdict),
        exit_code=report.exit_code,
        slug=verdict_slug(report.verdict),
        detection=report.detection,
        files=tuple(report.files),
        targets=tuple(_target(target, prefix, budget) for target, prefix in _prefixed(report.targets)),
    )


def verdict_slug(verdict: str) -> str:
    """A verdict as a CSS class: `n/a` → `na`, `NOT CONFORMANT` → `not-conformant`."""
    return str(verdict).lower().replace("/", "").replace(" ", "-")


def _prefixed(targets: Iterable[TargetReport]) -> Iterator[tuple[TargetReport, str]]:
    """A rule's id is its anchor; a second target of the same side gets a number in front."""
    sides: set[Side] = set()
    for number, target in enumerate(targets, start=1):
        yield target, f"{number}:" if target.side in sides else ""
        sides.add(target.side)


class _LogBudget:
    """How many undecisive log lines the page may still show."""

    def __init__(self, lines: int) -> None:
        self._left = lines

    def take(self, lines: int) -> bool:
        if lines > self._left:
            return False
        self._left -= lines
        return True


def _target(target: TargetReport, prefix: str, budget: _LogBudget) -> TargetView:
    order = {rule.id: number for number, rule in enumerate(target.rules)}
    urgent = sorted(target.rules, key=lambda rule: (_urgency(rule.verdict), order[rule.id]))
    views = {rule.id: _rule(rule, target.side, prefix, budget) for rule in urgent}
    return TargetView(
        target=target,
        scope=target.scope.removeprefix(target.verdict).lstrip(" ·"),
        anchor=f"{prefix}{target.side}",
        slug=verdict_slug(target.verdict),
        segments=_segments(target.rules),
        in_scope=len(target.rules),
        findings=tuple(_findings([views[rule.id] for rule in urgent])),
        chapters=tuple(_chapters([views[rule.id] for rule in target.rules], prefix)),
    )


def _urgency(verdict: RuleVerdict) -> int:
    return _URGENCY.index(verdict) if verdict in _URGENCY else len(_URGENCY)


def _findings(views: Sequence[RuleView]) -> Iterator[Finding]:
    for verdict in _URGENCY:
        if rules := tuple(view for view in views if view.rule.verdict == verdict):
            yield Finding(
                title=_FINDING_TITLES[verdict], slug=verdict_slug(verdict), meaning=_MEANING[verdict], rules=rules
            )


def _chapters(views: Sequence[RuleView], prefix: str) -> Iterator[Chapter]:
    chapters: dict[str, list[RuleView]] = {}
    for view in views:
        chapters.setdefault(view.rule.chapter, []).append(view)
    for name, rules in chapters.items():
        yield Chapter(
            name=name,
            anchor=f"{prefix}chapter:{name}",
            segments=_segments(view.rule for view in rules),
            rules=tuple(rules),
        )


def _segments(rules: Iterable[RuleResult]) -> tuple[Segment, ...]:
    verdicts = [rule.verdict for rule in rules]
    segments, x = [], 0.0
    for verdict in _READING_ORDER:
        if number := verdicts.count(verdict):
            width = number / len(verdicts) * _BAR_WIDTH
            segments.append(
                Segment(
                    verdict=verdict,
                    slug=verdict_slug(verdict),
                    glyph=_GLYPHS[verdict],
                    meaning=_MEANING[verdict],
                    number=number,
                    x=round(x, 2),
                    width=round(width, 2),
                    is_finding=verdict in _URGENCY,
                )
            )
            x += width
    return tuple(segments)


def _rule(rule: RuleResult, side: Side, prefix: str, budget: _LogBudget) -> RuleView:
    verdict = RuleVerdict(rule.verdict)
    kept = rule.failures[:_MOST_FAILURES]
    return RuleView(
        rule=rule,
        anchor=prefix + rule.id,
        slug=verdict_slug(verdict),
        glyph=_GLYPHS[verdict],
        evidence=tuple(_evidence(failure, side, budget) for failure in kept),
        left_out=len(rule.failures) - len(kept),
        is_finding=verdict in _URGENCY,
    )


def _evidence(failure: Failure, side: Side, budget: _LogBudget) -> Evidence:
    decisive = set(failure.highlight)
    near = {index for index, line in enumerate(failure.log) if line.number in decisive}
    lines = _cut(failure.log, near, budget)
    spans = tuple(_spans([_log_line(line, side, decisive) for line in lines]))
    return Evidence(failure=failure, spans=spans, left_out=len(failure.log) - len(lines))


def _cut(log: Sequence[WireLine], decisive: set[int], budget: _LogBudget) -> list[WireLine]:
    """The log, or its decisive lines with their neighbours when it is long or the page is full."""
    if len(log) <= _MOST_LINES and budget.take(len(log)):
        return list(log)
    around = {near for index in decisive for near in range(index - _CONTEXT, index + _CONTEXT + 1)}
    keep = around if budget.take(len(around)) else decisive
    return [line for index, line in enumerate(log) if index in keep][:_MOST_LINES]


def _log_line(line: WireLine, side: Side, decisive: set[int]) -> LogLine:
    way, slug = {">": (f"to {side}", "to"), "<": (f"from {side}", "from"), "!": ("harness", "harness")}[line.direction]
    is_decisive = line.number in decisive
    return LogLine(
        line=line,
        way=way,
        way_slug=slug,
        decisive=is_decisive,
        open=is_decisive and 0 < len(line.detail) <= _OPEN_DETAIL,
    )


def _spans(lines: Sequence[LogLine]) -> Iterator[LogSpan]:
    """Runs of lines far from any decisive one are folded; without a decisive line nothing is."""
    decisive = [index for index, line in enumerate(lines) if line.decisive]
    if not decisive:
        yield LogSpan(lines=tuple(lines), folded=False)
        return
    near = {index for centre in decisive for index in range(centre - _CONTEXT, centre + _CONTEXT + 1)}
    for in_sight, group in groupby(enumerate(lines), key=lambda numbered: numbered[0] in near):
        span = tuple(line for _, line in group)
        yield LogSpan(lines=span, folded=not in_sight and len(span) >= _SHORTEST_FOLD)
