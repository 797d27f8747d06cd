"""An outcome crosses to the judging process whatever a peer put into it."""

from __future__ import annotations

import msgspec

from dwconf.suite.running.outcome import Breach, CaseOutcome, RuleOutcome


def test_what_no_encoding_has_is_spelled_out() -> None:
    rule = RuleOutcome("r", breaches=[Breach("c", "a string", "\ud800", [], [])], value="\udfff")
    outcome = CaseOutcome("c", "t", "done", 0, 0, [rule], message="\ud83d")
    read = msgspec.json.decode(outcome.to_json(), type=CaseOutcome)
    assert read.rules[0].breaches[0].seen == "\\ud800"
    assert (read.rules[0].value, read.message) == ("\\udfff", "\\ud83d")
