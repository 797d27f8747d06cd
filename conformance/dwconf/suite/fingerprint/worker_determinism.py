"""How a worker makes unique ids (chapter L)."""

from __future__ import annotations

from dwconf.suite.checks.worker.determinism import ids_in
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation

VERSION_AT = 14
"""Where a UUID's text tells its version."""


@observation("worker/determinism/guid-algorithm", "worker/determinism/generated-ids")
def guid_version(e: Evidence) -> str:
    ids = [str(one) for one in ids_in(answer(e, "wf/last").result)]
    return "UUID version " + ", ".join(sorted({one[VERSION_AT : VERSION_AT + 1] for one in ids}))


@observation("worker/determinism/guid-counter", "worker/determinism/calls-between")
def guid_counter(e: Evidence) -> str:
    same = ids_in(answer(e, "without").result) == ids_in(answer(e, "with").result)
    return "an activity in between changes nothing" if same else "an activity in between changes the ids that follow"
