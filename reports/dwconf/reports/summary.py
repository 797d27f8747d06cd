"""`summary.md`: the run on one page of GitHub-flavoured Markdown, for job summaries and pull requests."""

import html
import re
from collections.abc import Iterator

from dwconf.reports.model import Failure, Report, RuleResult, RuleVerdict, TargetReport
from dwconf.reports.text import one_line, shown

_MOST_FAILURES = 25
_LIMIT = 600
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_BACKTICKS = re.compile(r"`+")
_URL = re.compile(r"https?://[A-Za-z0-9./_~%#?&=+:-]+")


def render_summary(report: Report) -> str:
    """The verdict with its scope, the counters, and the failures with their evidence and reproduction."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.verdict}"
    yield ""
    if report.run.incomplete:
        yield f"> **Incomplete:** {_md(report.run.incomplete_reason or 'the run was interrupted')}"
        yield ""
    for target in report.targets:
        yield from _target(target)
    yield from _footer(report)


def _target(target: TargetReport) -> Iterator[str]:
    yield f"## {target.side}: {_md(target.name)} {_md(target.version)}".rstrip()
    yield ""
    yield f"**{_md(target.scope)}**"
    yield ""
    yield from _counters(target)
    for notice in target.preflight:
        if notice.level != "info":
            yield f"> **{_md(notice.title)}** {_md(notice.message)} {_md(notice.hint)}".rstrip()
            yield ""
    failing = [rule for rule in target.rules if rule.verdict is RuleVerdict.FAIL]
    for rule in failing[:_MOST_FAILURES]:
        yield from _failure(rule)
    if len(failing) > _MOST_FAILURES:
        yield f"… and {len(failing) - _MOST_FAILURES} more failing rules: see `report.html`."
        yield ""
    yield from _notes(target)


def _counters(target: TargetReport) -> Iterator[str]:
    verdicts = [verdict for verdict in reversed(RuleVerdict) if target.counts.get(verdict)]
    yield "| " + " | ".join([*(str(verdict) for verdict in verdicts), "in scope"]) + " |"
    yield "|" + "---:|" * (len(verdicts) + 1)
    numbers = [target.counts[verdict] for verdict in verdicts]
    yield "| " + " | ".join([*(str(number) for number in numbers), f"**{sum(numbers)}**"]) + " |"
    yield ""


def _failure(rule: RuleResult) -> Iterator[str]:
    yield f"### ✕ {_md(rule.title)}"
    yield ""
    yield f"{_code(rule.id)} · {rule.level} · {', '.join(_md(source.id) for source in rule.sources)}".rstrip(" ·")
    yield ""
    yield _md(rule.statement)
    yield ""
    for failure in rule.failures[:1]:
        yield from _evidence(failure)
    if len(rule.failures) > 1:
        yield f"… and {len(rule.failures) - 1} more of the kind: see `report.html`."
        yield ""


def _evidence(failure: Failure) -> Iterator[str]:
    yield f"- **{_md(failure.title)}**"
    yield f"- expected: {_md(failure.expected)}"
    yield f"- seen: {_md(failure.seen)}"
    yield ""
    if failure.reproduce:
        yield from _block(failure.reproduce)


def _notes(target: TargetReport) -> Iterator[str]:
    """Everything else that a reader should know of, one line a rule."""
    noted = [rule for rule in target.rules if rule.verdict not in (RuleVerdict.PASS, RuleVerdict.FAIL)]
    if not noted:
        return
    yield "<details><summary>Other verdicts</summary>"
    yield ""
    yield "| verdict | rule | reason |"
    yield "|---|---|---|"
    for rule in sorted(noted, key=lambda rule: list(RuleVerdict).index(rule.verdict)):
        reason = rule.reason or next((failure.title for failure in rule.failures), rule.title)
        link = f" <{rule.known_link}>" if _URL.fullmatch(rule.known_link) else ""
        yield f"| {rule.verdict} | {_code(rule.id)} | {_md(reason)}{link} |"
    yield ""
    yield "</details>"
    yield ""


def _footer(report: Report) -> Iterator[str]:
    if report.detection is not None:
        yield f"Detection power: {report.detection.killed} of {report.detection.mutants} mutants caught."
        yield ""
    if report.run.reproduce:
        yield "Run again:"
        yield ""
        yield from _block(report.run.reproduce)
    yield f"{_md(report.tool.name)} {_md(report.tool.version)} · seed {report.run.seed} · {_md(report.run.depth)} depth"


def _md(text: str) -> str:
    """Text that Markdown and GitHub leave alone: no markup, no HTML, no mention, no reference."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(text, limit=_LIMIT))
    return html.escape(escaped, quote=False).replace("@", "&#64;").replace("\\#", "&#35;").replace("\\&gt;", "&gt;")


def _code(text: str) -> str:
    return f"`{one_line(text, limit=_LIMIT).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _block(text: str) -> Iterator[str]:
    body = shown(text, limit=8 * _LIMIT)
    fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
    yield f"{fence}sh"
    yield body
    yield fence
    yield ""
