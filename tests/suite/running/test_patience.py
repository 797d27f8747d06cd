"""A target that lets case after case down is waited for less, and has its time again when one comes to its end."""

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.patience import MANY, Patience
from dwconf.suite.tolerances import FOREIGN


def outcome(status: str) -> CaseOutcome:
    return CaseOutcome("engine/start/plain", "target", status, 0, 0)


def after(*statuses: str) -> Patience:
    patience = Patience()
    for status in statuses:
        patience.heard(outcome(status))
    return patience


def test_a_target_has_its_time() -> None:
    assert after(*["over"] * (MANY - 1)).granted(FOREIGN) == FOREIGN
    assert after(*["over"] * (MANY - 1), "done", *["over"] * (MANY - 1)).granted(FOREIGN) == FOREIGN


def test_one_that_owes_everything_is_not_waited_for() -> None:
    granted = after(*["over"] * MANY).granted(FOREIGN)
    assert (granted.dispatch, granted.reply) < (FOREIGN.dispatch, FOREIGN.reply)


def test_windows_of_silence_keep_their_length() -> None:
    granted = after(*["over"] * MANY).granted(FOREIGN)
    assert (granted.quiet, granted.crash, granted.stalled) == (FOREIGN.quiet, FOREIGN.crash, FOREIGN.stalled)


def test_one_that_was_late_has_its_time_again() -> None:
    assert after(*["over"] * MANY, "done").granted(FOREIGN) == FOREIGN
