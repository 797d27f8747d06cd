"""The one test module of a run: each piece of work of the plan is a pytest item (see `session`)."""

from __future__ import annotations

import pytest

from dwconf.suite.running.plan import Work
from dwconf.suite.running.session import OUTCOME, SESSION


def test_case(work: Work, request: pytest.FixtureRequest) -> None:
    """Run one case; its outcome travels with the report, and the item fails when a rule was broken."""
    outcome = request.config.stash[SESSION].perform(work)
    request.node.user_properties.append((OUTCOME, outcome.to_json()))
    broken = [rule.rule for rule in outcome.rules if rule.breaches or rule.error]
    if broken or outcome.status in ("error", "crashed"):
        pytest.fail(f"{', '.join(broken)} {outcome.message}".strip(), pytrace=False)
