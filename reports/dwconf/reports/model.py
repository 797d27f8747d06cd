"""The results of a run: the one form that every document, comparison and badge is made from.

The model is the public contract of `report.json`. A report is written once and read by other versions, other machines
and other people, so

* every value is frozen and keyword-only, and a reader refuses fields that it does not know: a report that says more
  than we understand is of a newer schema, and half of it would be a wrong report;
* nothing here judges. Verdicts, counts and scope come from the suite; `count_verdicts` and `worst` are the only sums,
  and they are here so that writer, reader and comparison share them;
* text that came from a peer (`Failure.seen`, `WireLine`, target names, preflight messages) is kept as it came, bounded
  by whoever recorded it. Making it harmless is the work of each renderer.

`SCHEMA_VERSION` grows with every change that an older reader could not follow; `report-1.schema.json` beside this
module is the exported schema, and a test keeps it fresh.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

import msgspec

SCHEMA_VERSION = 1

Side = Literal["engine", "worker"]
Level = Literal["MUST", "SHOULD", "MAY", "INFO"]
Mode = Literal["run", "sidecar", "worker"]
Access = Literal["started", "attached", "embedded"]
Direction = Literal[">", "<", "!"]
CaseStatus = Literal["passed", "failed", "skipped", "error"]
NoticeLevel = Literal["info", "warning", "error"]


class RuleVerdict(StrEnum):
    """What became of one rule that was in scope, worst first."""

    ERROR = "error"
    FAIL = "fail"
    FIXED = "fixed"
    UNTESTED = "untested"
    WARN = "warn"
    KNOWN = "known"
    NOT_APPLICABLE = "n/a"
    PASS = "pass"  # noqa: S105 - a verdict


class Verdict(StrEnum):
    """What became of a target or a run, worst first."""

    NOT_CONFORMANT = "NOT CONFORMANT"
    INCONCLUSIVE = "INCONCLUSIVE"
    CONFORMANT_WITH_NOTES = "CONFORMANT WITH NOTES"
    CONFORMANT = "CONFORMANT"


class Tool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The program that wrote the report."""

    name: str
    version: str


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the run was asked for. Times are RFC 3339; `requirements` is None when every rule of the rulebook counted."""

    id: str
    started: str
    finished: str
    command: list[str]
    mode: Mode
    seed: int
    depth: str
    requirements: str | None
    incomplete: bool = False
    incomplete_reason: str = ""
    reproduce: str = ""


class SourceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of a rule with its own words: a catalogue entry, a statement of the documents."""

    id: str
    text: str


class WireLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the numbered wire log.

    `direction` is `>` (to the target), `<` (from the target) or `!` (the harness did something). `at_ms` counts from
    the begin of the case. `what` names the method, stream item or note; `detail` is a bounded, readable form of the
    message and `raw` its bounded bytes in hex.
    """

    number: int
    at_ms: float
    direction: Direction
    what: str
    instance: str = ""
    summary: str = ""
    detail: str = ""
    raw: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece of evidence that a rule was broken; `highlight` holds the numbers of the decisive log lines."""

    title: str
    expected: str
    seen: str
    blame: Literal["target", "suite"] = "target"
    case: str = ""
    reproduce: str = ""
    log: list[WireLine] = []
    highlight: list[int] = []


class RuleResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule in scope with its verdict. `reason` says why it is untested, n/a or known; `needs` are capabilities."""

    id: str
    chapter: str
    title: str
    statement: str
    level: Level
    verdict: RuleVerdict
    sources: list[SourceText] = []
    since: str = ""
    needs: list[str] = []
    reason: str = ""
    known_link: str = ""
    tension: str = ""
    cases: list[str] = []
    failures: list[Failure] = []


class OutsideRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that this run did not set out to judge, and why."""

    rule: str
    title: str
    reason: str


class CapabilityResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the target's profile claims, and what a probe saw (None: not probed)."""

    name: str
    declared: bool
    probed: bool | None = None
    note: str = ""


class CaseResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One conversation: `seconds` on the target's clock, `real_seconds` on the wall's.

    For `waited_seconds` of these nothing but the wall clock was waited for: windows, pauses, what never came.
    """

    id: str
    title: str
    status: CaseStatus
    seconds: float
    real_seconds: float
    waited_seconds: float = 0
    error: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What preflight found, said once."""

    level: NoticeLevel
    title: str
    message: str = ""
    hint: str = ""


class FingerprintEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the target does where the protocol leaves freedom: recorded, not judged."""

    rule: str
    title: str
    value: str


class TargetReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about one target. `counts` holds a number for every rule verdict and adds up to `len(rules)`."""

    side: Side
    name: str
    version: str
    address: str
    access: Access
    profile: str
    verdict: Verdict
    scope: str
    counts: dict[RuleVerdict, int]
    rules: list[RuleResult]
    outside: list[OutsideRule] = []
    capabilities: list[CapabilityResult] = []
    cases: list[CaseResult] = []
    preflight: list[Notice] = []
    fingerprint: list[FingerprintEntry] = []
    trace_file: str | None = None


class Detection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Detection power of the checks that judged: mutants of the references, and how many were caught."""

    mutants: int
    killed: int


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole run. `verdict` is the worst of its targets; `files` are the other files of the report directory."""

    schema_version: int = SCHEMA_VERSION
    tool: Tool
    run: Run
    verdict: Verdict
    exit_code: int
    targets: list[TargetReport]
    detection: Detection | None = None
    files: list[str] = []


def count_verdicts(rules: Iterable[RuleResult]) -> dict[RuleVerdict, int]:
    """A number for every verdict, in the order of `RuleVerdict`; the numbers add up to the rules given."""
    seen = Counter(rule.verdict for rule in rules)
    return {verdict: seen[verdict] for verdict in RuleVerdict}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run: that of its worst target; a run without a target could tell nothing."""
    return min(verdicts, key=list(Verdict).index, default=Verdict.INCONCLUSIVE)
