"""What is to happen later, and that nothing is kept of what is not to happen any more."""

from __future__ import annotations

from dwconf.engine.core.agenda import Agenda, Retry
from dwconf.engine.core.messages import Alarm, Timer
from tests.engine.rig import DAWN, SECOND

FAR = DAWN + 10**9 * SECOND


def timer(number: int, due: int = FAR, instance_id: str = "i") -> Timer:
    return Timer(instance_id, "epoch", Alarm.TIMER, number, due, due)


def test_equal_times_come_in_the_order_in_which_they_were_set() -> None:
    agenda = Agenda()
    for number in (3, 1, 2):
        agenda.add(timer(number))
    agenda.add(timer(4, DAWN))
    assert [due.timer_id for due in agenda.due(FAR) if isinstance(due, Timer)] == [4, 3, 1, 2]


def test_timers_that_were_dropped_cost_no_memory() -> None:
    agenda = Agenda()
    agenda.add(timer(0))
    for number in range(1, 10_000):
        agenda.add(timer(number, instance_id=f"i{number % 7}"))
        assert agenda.drop(f"i{number % 7}", number)
    assert len(agenda._heap) < 200
    assert agenda.next() == FAR
    assert agenda.due(FAR).__next__() == timer(0)


def test_many_timers_stay_in_order_however_often_others_are_dropped() -> None:
    agenda = Agenda()
    for number in range(1_000):
        agenda.add(timer(number, DAWN + (number * 7919) % 1_000))
    for number in range(0, 1_000, 2):
        agenda.drop("i", number)
    agenda.retry("j", DAWN + 500)
    found = list(agenda.due(FAR))
    assert Retry("j") in found
    dues = [one.due for one in found if isinstance(one, Timer)]
    assert len(dues) == 500
    assert dues == sorted(dues)
