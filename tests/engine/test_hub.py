from __future__ import annotations

from dwconf.engine.core.messages import Code
from tests.engine.rig import Rig


def test_a_history_of_nobody_is_refused() -> None:
    outcome = Rig().hub.history("nobody")
    assert getattr(outcome, "code", None) is Code.NOT_FOUND
