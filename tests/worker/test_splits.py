"""However a history is split into past and new events, the code comes to the same actions (WRK-B-03).

Over the vectors: their histories, cut at each event. What a patch check or the replay flag answers depends on the cut
by design, so programs that ask for those are left out.
"""

from __future__ import annotations

import pytest

from dwconf.worker.app.conformance import registry
from tests.worker import history as h
from tests.worker.test_vectors import SPLIT_MATTERS, VECTORS, Json, event


def whole(vector: Json) -> list[Json]:
    return [entry for turn in vector["turns"] for entry in (*turn["new"], *turn.get("recorded", ()))]


@pytest.mark.parametrize("name", sorted(set(VECTORS) - SPLIT_MATTERS))
def test_every_split_gives_the_same_actions(name: str) -> None:
    history = [event(entry, VECTORS[name]) for entry in whole(VECTORS[name])]
    responses = [
        h.run(registry(), history[cut:], past=history[:cut], instance_id="vector") for cut in range(len(history) + 1)
    ]
    assert all(response == responses[0] for response in responses)


@pytest.mark.parametrize("name", sorted(set(VECTORS) - SPLIT_MATTERS))
def test_a_longer_history_never_takes_an_action_back(name: str) -> None:
    """What is asked for at a prefix is, later on, recorded, settled, still asked for, or moot because the end came."""
    history = [event(entry, VECTORS[name]) for entry in whole(VECTORS[name])]
    asked: dict[int, object] = {}
    for length in range(2, len(history) + 1):
        for action in h.run(registry(), history[:length], instance_id="vector").actions:
            if not hasattr(action.body, "workflow_status") and name != "wait-old-history":
                assert asked.setdefault(action.id, action.body) == action.body
