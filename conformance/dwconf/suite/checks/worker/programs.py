"""The check of random programs: what the oracle says of each, and of the smallest that was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.oracle.judge import Exchange, breaches

PROGRAM = "/program"
SMALLEST = "smallest"


@check("worker/replay/programs-do-what-they-mean", "worker/programs/random", "worker/programs/many-random")
def every_program_does_what_it_means(e: Evidence) -> Findings:
    names = [step.removesuffix(PROGRAM) for step in e.named("example/") if step.endswith(PROGRAM)]
    sent = 0
    for name in [SMALLEST] if e.reached(SMALLEST + PROGRAM) else names:
        program = json.loads(e.kept(name + PROGRAM).request_bytes)
        turns = list(exchanges(e, name))
        sent += len(turns)
        for expected, seen, given in breaches(program, turns):
            words = f"{expected}, in the program {json.dumps(program['steps'])}"
            yield Finding(expected=words, seen=seen, at=given.at)
    if not sent:
        raise NoEvidence("example")


def exchanges(e: Evidence, name: str) -> Iterator[Exchange]:
    """The turns of an example; raises Missed when one was not answered."""
    place = 0
    while e.reached(f"{name}/{place}/sent"):
        yield e.item(f"{name}/{place}/sent").turn, answer(e, f"{name}/{place}", due=True)
        place += 1
