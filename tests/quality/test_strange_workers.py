"""Workers that are strange, and right: what the protocol leaves free, or an engine owes, convicts nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.judging.scope import cases_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.running.plan import TargetSpec, Work
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.targets import references
from dwconf.wire.values import WorkItem
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.jsontext import Json, encode

CHAPTERS = (
    "activities",
    "children",
    "combinators",
    "completion",
    "contradictions",
    "control",
    "events",
    "replay",
    "retries",
    "timers",
    "versioning",
)
"""The chapters whose cases are driven; where streams come and go, what leaves them would have to be told apart."""
SOME = 7
"""Every so many items the restless worker leaves its stream."""


def with_gaps(used: int) -> int:
    """Ids that grow, and not by one."""
    return used + 1 + used % 3


def spaced(value: Json) -> str | None:
    """JSON over several lines, keys in another order, letters as they are; null is the text `null`."""
    encode(value)
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def empty_for_null(value: Json) -> str | None:
    """An empty text where there is no value."""
    return "" if value is None else encode(value)


def now_and_then() -> Callable[[WorkItem], bool]:
    """Leaves the stream at an item, unanswered, and takes it when it comes again."""
    left = iter(range(10_000_000))
    return lambda item: item.request is not None and next(left) % SOME == SOME - 1


STRANGE: dict[str, Callable[[], Decisions]] = {
    "ids from five, with gaps": lambda: replace(
        REFERENCE, first_id=lambda _: 5, next_id=lambda used: used + 1 + used % 3
    ),
    "other JSON": lambda: replace(
        REFERENCE,
        write_workflow_result=spaced,
        write_activity_result=spaced,
        write_activity_input=spaced,
        write_child_input=spaced,
    ),
    "empty texts": lambda: replace(
        REFERENCE,
        write_workflow_result=empty_for_null,
        write_activity_result=empty_for_null,
        write_activity_input=empty_for_null,
        write_child_input=empty_for_null,
        shown_status=lambda status, _: status or "",
    ),
    "the other completion call": lambda: replace(
        REFERENCE, uses_deprecated_completion=lambda: not REFERENCE.uses_deprecated_completion()
    ),
    "restless": lambda: replace(REFERENCE, breaks_off=now_and_then()),
}
UNLIKE = {"ids from five, with gaps": ("worker/events/without-optional-timer",)}
"""Cases that a strange worker is right to end otherwise: where ids have gaps, later ones do not shift by one."""


@pytest.fixture
def stagehand() -> Iterator[Stagehand]:
    with Stagehand("quality", suite="0") as hand:
        yield hand


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_worker_is_not_convicted(kind: str, stagehand: Stagehand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "WORKER_REFERENCE", STRANGE[kind]())
    load_suite()
    rules = [rule.id for rule in load_rulebook().rules.values() if rule.side == "worker"]
    wrong = list[str]()
    for case in CASES.values():
        side, chapter, _ = case.id.split("/", 2)
        if side != "worker" or chapter not in CHAPTERS or case.alone or case.apart or case.id in UNLIKE.get(kind, ()):
            continue
        mine = tuple(rule for rule in rules if case.id in cases_of(rule))
        outcome = stagehand.perform(Work(case.id, TargetSpec("worker", "embedded"), mine))
        assert outcome is not None
        assert outcome.status == "done", outcome.message
        wrong += [f"{one.rule} in {case.id}: {breach}" for one in outcome.rules for breach in one.breaches]
    assert not wrong
