"""The one test module of a run: each piece of work of the plan is a pytest item (see `session`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Work
from dwconf.suite.running.session import OUTCOME, SESSION


def test_case(work: Work, request: pytest.FixtureRequest) -> None:
    """Run one case; its outcome travels with the report, and the item fails when a rule was broken."""
    outcome = request.config.stash[SESSION].perform(work)
    if outcome is None:  # it will be run again (see `phases`)
        return
    request.node.user_properties.append((OUTCOME, outcome.to_json()))
    told = list(_told(outcome))
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def _told(outcome: CaseOutcome) -> Iterator[str]:
    """What is wrong, in lines for whoever reads pytest's own output."""
    for rule in outcome.rules:
        for breach in rule.breaches:
            yield f"{rule.rule}: expected {breach.expected}; saw {breach.seen}"
        if rule.error:
            yield f"{rule.rule}: our check raised: {rule.error}"
    if outcome.status not in ("done", "over"):
        yield f"{outcome.case}: {outcome.status}: {outcome.message}"
