"""The check registry.

A check is a generator over the evidence of one case, registered under the id of the one rule that it decides and the
ids of the cases that give evidence for it:

    @check("engine/start/echoes-id", "engine/start/plain")
    def the_answer_names_the_instance(e: Evidence) -> Findings:
        started = e.call("started", due=True)
        if started.response(CreateInstanceResponse).instance_id != started.request(CreateInstanceRequest).instance_id:
            yield Finding(expected=…, seen=…, at=started.at)

It yields a finding for each breach, nothing when the rule was kept, and raises NoEvidence (by asking for a step that
was not reached) when it cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dwconf.suite.evidence import Evidence, Finding, Findings, Missed, NoEvidence
from dwconf.wire.codec import WireError

Judge = Callable[[Evidence], Findings]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the rule it decides, the cases it reads, the function, and what it takes of a target to see that."""

    rule: str
    cases: tuple[str, ...]
    judge: Judge
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.judge.__name__

    @property
    def title(self) -> str:
        """The check's statement, as its name reads."""
        return self.judge.__name__.replace("_", " ")


CHECKS: dict[tuple[str, str], Check] = {}
"""All checks, by rule and name."""


def check(rule: str, *cases: str, needs: tuple[str, ...] = ()) -> Callable[[Judge], Judge]:
    """Register a function as a check of `rule` on the evidence of `cases`.

    `needs` names the capabilities, beside those of the rule, without which a target cannot show what this check reads.
    """
    if not cases:
        raise TypeError(f"a check of {rule} needs at least one case")

    def register(judge: Judge) -> Judge:
        key = (rule, judge.__name__)
        if key in CHECKS:
            raise TypeError(f"{rule} has two checks named {judge.__name__}")
        CHECKS[key] = Check(rule, cases, judge, needs)
        return judge

    return register


def checks_of(rule: str) -> Iterator[Check]:
    """The checks that decide a rule."""
    return (c for c in CHECKS.values() if c.rule == rule)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one check said of one case. `findings`, `untested` and `error` empty means: kept."""

    rule: str
    check: str
    findings: tuple[Finding, ...] = ()
    untested: str = ""
    error: str = ""
    by_monitor: bool = False


def decide(one: Check, evidence: Evidence) -> Decision:
    """Run one check on one case's evidence. What it found before it could not tell any more, it has found."""
    findings: list[Finding] = []
    untested = ""
    try:
        findings.extend(one.judge(evidence))
    except NoEvidence as none:
        untested = str(none)
    except WireError as error:
        findings.append(Finding(expected="a well-formed message", seen=str(error), at=()))
    except Missed as missed:
        seen = "nothing came before the deadline"
        findings.append(Finding(expected=missed.expects, seen=seen, at=(missed.number,)))
    return Decision(one.rule, one.name, tuple(findings), "" if findings else untested)
