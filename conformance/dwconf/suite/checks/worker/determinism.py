"""Checks about deterministic helpers (chapter L)."""

from __future__ import annotations

import json

from dwconf.suite.checks.registry import check
from dwconf.suite.checks.worker.replay import member
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, as_json
from dwconf.wire.values import ScheduleTask


def ids_in(value: object) -> list[object]:
    """The unique ids of a list of probes; without them there is no evidence."""
    found = [member(one, "guid") for one in value] if isinstance(value, list) else []
    if not found or None in found:
        raise NoEvidence("unique ids")
    return found


def asked_with(given: Answer) -> list[object]:
    """The unique ids in the input of the activity that an answer schedules; without one there is no evidence."""
    inputs = [as_json(task.input) for _, task in given.of(ScheduleTask)]
    return ids_in(inputs[0] if inputs else None)


@check("worker/determinism/guid-deterministic", "worker/determinism/generated-ids")
def replay_gives_the_same_ids(e: Evidence) -> Findings:
    for name in ("wf", "other"):
        first, last = answer(e, f"{name}/first"), answer(e, f"{name}/last", due=True)
        again = answer(e, f"{name}/again", due=True)
        made, shown, repeated = asked_with(first), ids_in(last.result), ids_in(again.result)
        if made != shown[: len(made)]:
            yield Finding(expected=f"the ids of the first turn, {made}", seen=str(shown), at=first.at + last.at)
        if shown != repeated:
            yield Finding(expected=f"the ids {shown} again", seen=str(repeated), at=last.at + again.at)


@check("worker/determinism/guid-distinct", "worker/determinism/generated-ids")
def no_two_ids_are_the_same(e: Evidence) -> Findings:
    answers = [answer(e, f"{name}/last") for name in ("wf", "other")]
    ids = [one for given in answers for one in ids_in(given.result)]
    if len({json.dumps(one) for one in ids}) != len(ids):
        expected = "six ids, all distinct, of two instances"
        yield Finding(expected=expected, seen=str(ids), at=answers[0].at + answers[1].at)
