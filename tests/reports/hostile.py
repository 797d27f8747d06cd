"""What a peer might send to fool or break whoever reads the report."""

import msgspec

from dwconf.reports.model import (
    CapabilityResult,
    CaseResult,
    Failure,
    FingerprintEntry,
    Notice,
    Report,
    RuleVerdict,
    WireLine,
    count_verdicts,
)
from tests.reports.sample import engine_target, rule, sample_report

SCRIPT = "<script>document.title='owned'</script>"
HOSTILE = {
    "script": SCRIPT,
    "image": "<img src=x onerror=\"document.title='owned'\">",
    "closing": f"</pre></title></style></textarea>--><svg/onload=alert(1)>{SCRIPT}",
    "attribute": "\" autofocus onfocus=\"document.title='owned'\" x='",
    "template": "{{ 7 * 7 }}{% raw %}",
    "markdown": "# big\n| a | b |\n```\n[x](javascript:alert(1)) ![](http://evil.example/x.png) @everyone <b>",
    "control": "a\0b\x1b[2J\x08\r\x7f\x85",
    "bidi": "\u202etxet\u2066\u200b",
    "surrogate": "\ud83d alone \udc80",
    "noncharacter": "\ufffe\uffff\U0001ffff",
    "cdata": "]]>&amp;&#0;<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "empty": "",
    "huge": "h" * 3_000_000,
}


def hostile_report(text: str) -> Report:
    """A report in which a peer's text stands wherever a peer's text can come."""
    report = sample_report()
    failure = Failure(title=text, expected=text, seen=text, case=text, reproduce=text, log=[_line(text)], highlight=[1])
    rules = [
        rule("engine/start/hostile", text, RuleVerdict.FAIL, failures=[failure], reason=text, tension=text),
        rule("engine/start/listed", text, RuleVerdict.KNOWN, reason=text, known_link=f"javascript:{text}"),
        rule("engine/start/missing", text, RuleVerdict.NOT_APPLICABLE, reason=text),
    ]
    target = msgspec.structs.replace(
        engine_target(),
        name=text,
        version=text,
        address=text,
        scope=text,
        rules=rules,
        counts=count_verdicts(rules),
        capabilities=[CapabilityResult(name=text, declared=True, note=text)],
        cases=[CaseResult(id=text, title=text, status="error", seconds=0, real_seconds=0, error=text)],
        preflight=[Notice(level="error", title=text, message=text, hint=text)],
        fingerprint=[FingerprintEntry(rule=text, title=text, value=text)],
    )
    run = msgspec.structs.replace(report.run, incomplete=True, incomplete_reason=text, command=[text], reproduce=text)
    return msgspec.structs.replace(report, run=run, targets=[target])


def _line(text: str) -> WireLine:
    return WireLine(number=1, at_ms=0.0, direction="<", what=text, instance=text, summary=text, detail=text, raw=text)
