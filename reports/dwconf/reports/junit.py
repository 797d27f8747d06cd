"""`junit.xml`: one test case per rule in scope, for CI systems that draw their own pictures.

JUnit knows passed, failure, error and skipped; we know eight verdicts. What fails a run is a failure; what leaves it
inconclusive is an error, so that "could not tell" never looks green; what is accepted with a reason is skipped. A
SHOULD that was not met passes, and says so in its output.
"""

import re
from xml.etree import ElementTree as ET

from dwconf.reports.model import Report, RuleResult, RuleVerdict, TargetReport
from dwconf.reports.text import shown

_LIMIT = 8_000
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECONDS_PART = 19  # the length of 2026-01-31T10:20:30: JUnit's schema knows no time zone


def render_junit(report: Report) -> str:
    """The whole document. Text from peers is visible, bounded, and free of characters that XML cannot carry."""
    root = ET.Element("testsuites", name=_text(report.tool.name))
    for target in report.targets:
        root.append(_suite(report, target))
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, target: TargetReport) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=_text(f"{target.side} {target.name}"),
        timestamp=_text(report.run.started[:_SECONDS_PART]),
        time=_seconds(sum(case.real_seconds for case in target.cases)),
    )
    _properties(suite, report, target)
    cases = [_case(rule) for rule in target.rules]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _properties(suite: ET.Element, report: Report, target: TargetReport) -> None:
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", target.verdict),
        ("scope", target.scope),
        ("target.version", target.version),
        ("target.address", target.address),
        ("target.profile", target.profile),
        ("run.id", report.run.id),
        ("run.seed", str(report.run.seed)),
        ("run.incomplete", str(report.run.incomplete).lower()),
    ):
        ET.SubElement(properties, "property", name=name, value=_text(str(value)))


def _case(rule: RuleResult) -> ET.Element:
    case = ET.Element("testcase", classname=_text(rule.chapter), name=_text(rule.id))
    _mark(case, rule)
    return case


def _mark(case: ET.Element, rule: RuleResult) -> None:
    match rule.verdict:
        case RuleVerdict.PASS:
            return
        case RuleVerdict.FAIL:
            _outcome(case, "failure", rule, message=_evidence_title(rule))
        case RuleVerdict.FIXED:
            _outcome(case, "failure", rule, message="Listed as a known failure, but it passes: take it off the list.")
        case RuleVerdict.ERROR:
            _outcome(case, "error", rule, message=rule.reason or _evidence_title(rule))
        case RuleVerdict.UNTESTED if rule.level == "MUST":
            _outcome(case, "error", rule, message=rule.reason or "No evidence came about.")
        case RuleVerdict.WARN:
            ET.SubElement(case, "system-out").text = _text(f"{rule.level} not met.\n{_body(rule)}")
        case _:
            _outcome(case, "skipped", rule, message=f"{rule.verdict}: {rule.reason}".rstrip(": "))


def _outcome(case: ET.Element, tag: str, rule: RuleResult, *, message: str) -> None:
    ET.SubElement(case, tag, type=str(rule.verdict), message=_text(message)).text = _text(_body(rule))


def _evidence_title(rule: RuleResult) -> str:
    return rule.failures[0].title if rule.failures else rule.title


def _body(rule: RuleResult) -> str:
    parts = [f"{rule.level}: {rule.statement}"]
    if rule.known_link:
        parts.append(f"See {rule.known_link}")
    for failure in rule.failures:
        parts.append(f"{failure.title}\nexpected: {failure.expected}\nseen: {failure.seen}")
        if failure.reproduce:
            parts.append(f"reproduce: {failure.reproduce}")
    return "\n\n".join(shown(part, limit=_LIMIT) for part in parts)


def _text(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", shown(text, limit=4 * _LIMIT))


def _seconds(value: float) -> str:
    return f"{value:.3f}"
