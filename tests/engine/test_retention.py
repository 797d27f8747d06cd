from __future__ import annotations

import pytest

from dwconf.engine.core.moment import Retention
from dwconf.engine.core.retention import kept_for
from dwconf.engine.shell.memory import MemoryStore
from dwconf.wire.values import ExecutionTerminated, OrchestrationStatus, PurgeInstancesRequest, ScheduleTask
from tests.engine.rig import COMPLETED, FAILED, SECOND, Rig, complete

TERMINATED, CANCELED = OrchestrationStatus.TERMINATED, OrchestrationStatus.CANCELED
POLICY = Retention(any_terminal=60 * SECOND, failed=10 * SECOND)


def ended(policy: Retention, status: OrchestrationStatus = COMPLETED) -> Rig:
    """A rig whose instance `i` has ended just now."""
    rig = Rig(retention=policy, store=MemoryStore())
    rig.connect()
    rig.start()
    if status == TERMINATED:
        rig.tell(ExecutionTerminated())
        rig.answer()
        rig.answer()
    else:
        rig.answer(complete(status))
    assert rig.state().workflow_status == status
    return rig


@pytest.mark.parametrize(
    ("status", "policy", "seconds"),
    [
        (COMPLETED, Retention(), None),
        (COMPLETED, Retention(any_terminal=5), 5),
        (COMPLETED, Retention(any_terminal=5, completed=7), 7),
        (COMPLETED, Retention(failed=7, terminated=8), None),
        (FAILED, Retention(any_terminal=5, failed=0), 0),
        (TERMINATED, Retention(any_terminal=5, terminated=9), 9),
        (CANCELED, Retention(any_terminal=5, terminated=9), 5),
    ],
)
def test_what_is_said_of_a_status_goes_first(
    status: OrchestrationStatus, policy: Retention, seconds: int | None
) -> None:
    assert kept_for(status, policy) == seconds


@pytest.mark.parametrize(("status", "seconds"), [(COMPLETED, 60), (FAILED, 10), (TERMINATED, 60)])
def test_an_instance_goes_when_its_time_has_come_and_no_sooner(status: OrchestrationStatus, seconds: int) -> None:
    rig = ended(POLICY, status)
    rig.advance(seconds * SECOND - 1)
    assert rig.exists()
    rig.advance(1)
    assert not rig.exists()


def test_nothing_goes_unasked() -> None:
    rig = ended(Retention())
    assert rig.hub.next_deadline() is None


def test_whoever_waits_hears_of_an_end_that_is_not_kept() -> None:
    rig = ended(Retention(any_terminal=0))
    assert rig.exists()
    rig.advance(1)
    assert not rig.exists()


def test_what_was_scheduled_goes_with_it() -> None:
    rig = Rig(retention=POLICY)
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="a"), complete())
    rig.advance(60 * SECOND)
    request, token = rig.activity()
    rig.done(request, token)
    assert not rig.exists()


def test_a_new_run_of_an_id_is_not_taken_for_the_old_one() -> None:
    rig = ended(POLICY)
    rig.start()
    rig.advance(60 * SECOND)
    assert rig.exists()


def test_a_purge_is_quicker() -> None:
    rig = ended(POLICY)
    rig.purge(PurgeInstancesRequest(instance_id="i"))
    assert rig.hub.next_deadline() is None


def test_a_policy_survives_a_restart() -> None:
    again = ended(POLICY).restarted()
    again.advance(60 * SECOND)
    assert not again.exists()
