"""GitHub Actions shows these lines beside the run: one annotation for each failing rule, and the reason for other news.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.reports.model import Report, RuleResult, RuleVerdict
from dwconf.reports.text import one_line

LEVELS = {
    RuleVerdict.FAIL: "error",
    RuleVerdict.FIXED: "error",
    RuleVerdict.ERROR: "error",
    RuleVerdict.WARN: "warning",
    RuleVerdict.UNTESTED: "warning",
}
MOST = 40
LIMIT = 1000


def workflow_commands(report: Report) -> Iterator[str]:
    """Workflow commands, worst first."""
    rules = [rule for target in report.targets for rule in target.rules if rule.verdict in LEVELS]
    order = list(LEVELS)
    for rule in sorted(rules, key=lambda rule: order.index(rule.verdict))[:MOST]:
        yield f"::{LEVELS[rule.verdict]} title={_property(f'{rule.verdict}: {rule.id}')}::{_data(_message(rule))}"


def _message(rule: RuleResult) -> str:
    for failure in rule.failures[:1]:
        return f"{rule.title}. Expected: {failure.expected}. Seen: {failure.seen}"
    return f"{rule.title}. {rule.reason}".strip()


def _data(text: str) -> str:
    plain = one_line(text, limit=LIMIT)
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
