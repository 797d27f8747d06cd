"""What programs mean, without a worker: demands in order, and the end."""

from __future__ import annotations

from typing import Any

import pytest

from dwconf.suite.oracle.meaning import MILLISECOND, End, Meaning
from dwconf.suite.programs import (
    Retry,
    all_,
    any_,
    await_,
    call,
    can,
    child,
    loop,
    program,
    return_,
    start,
    start_timer,
    start_wait,
    status,
    throw,
    timer,
    try_,
    var,
    wait,
)

Json = Any


def meaning(*steps: Json) -> Meaning:
    return Meaning(program(*steps), now=0)


def demanded(one: Meaning) -> list[tuple[str, str, Json]]:
    return [(demand.kind, demand.name, demand.input) for demand in one.demands]


def test_one_thing_after_the_other() -> None:
    one = meaning(call("a", 1, as_="x"), child("c", [var("x")], as_="y"), return_([var("x"), var("y")]))
    assert demanded(one) == [("activity", "a", 1)]
    one.met(one.demands[0], "A")
    assert demanded(one)[1:] == [("child", "c", ["A"])]
    one.met(one.demands[1], "C")
    assert one.end == End("COMPLETED", ["A", "C"])


def test_the_first_outcome_counts() -> None:
    one = meaning(start("a", as_="h"), call("b"), await_("h", as_="x"), return_(var("x")))
    one.met(one.demands[0], "first")
    one.met(one.demands[0], "second")
    one.met(one.demands[1])
    assert one.end == End("COMPLETED", "first")


def test_all_in_the_order_given_and_any_by_time() -> None:
    handles = (start("a", as_="a"), start("b", as_="b"))
    every, first = meaning(*handles, all_("a", "b", as_="x"), return_(var("x"))), meaning(*handles, any_("a", "b"))
    for one in (every, first):
        one.met(one.demands[1], "B")
    assert every.end is None
    assert first.end == End("COMPLETED")
    every.met(every.demands[0], "A")
    assert every.end == End("COMPLETED", ["A", "B"])


def test_any_tells_which() -> None:
    one = meaning(start("a", as_="a"), start_timer(5, as_="t"), any_("a", "t", as_="x"), return_(var("x")))
    one.met(one.demands[1])
    assert one.end == End("COMPLETED", {"index": 1, "value": None})


def test_retries_wait_longer_and_end() -> None:
    policy = Retry(max=3, firstMs=1000, coef=2)
    one = meaning(call("a", 1, retry=policy), return_("not reached"))
    for attempt in range(3):
        one.met(one.demands[-1], failed=True)
        if attempt < 2:
            assert one.demands[-1].at == 1000 * 2**attempt * MILLISECOND
            one.met(one.demands[-1])
    assert [demand.kind for demand in one.demands] == ["activity", "timer"] * 2 + ["activity"]
    assert one.end == End("FAILED")


def test_events_are_kept_and_waits_are_served_in_order() -> None:
    one = meaning(call("a"), wait("E", as_="x"), start_wait("e", as_="h"), wait("E", as_="z"), await_("h", as_="y"))
    one.raised("e", 1)
    one.met(one.demands[0])
    assert [demand.optional for demand in one.demands] == [False, True, True]
    one.raised("E", 2)
    assert one.end is None
    one.raised("E", 3)
    assert one.end == End("COMPLETED")


def test_a_wait_that_gave_up_takes_no_event() -> None:
    one = meaning(try_(wait("E", timeout_ms=10), catch=(wait("E", as_="x"),)), return_(var("x")))
    one.met(one.demands[0])
    one.raised("E", "late")
    assert one.end == End("COMPLETED", "late")
    one.met(one.demands[0])


def test_the_timer_of_a_wait_that_was_served_changes_nothing() -> None:
    one = meaning(wait("E", timeout_ms=10), call("a"), return_("end"))
    one.raised("E", None)
    one.met(one.demands[0])
    assert one.end is None
    one.met(one.demands[1])
    assert one.end == End("COMPLETED", "end")


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ((throw("x"),), End("FAILED")),
        ((try_(throw("x"), catch=(return_(1),)),), End("COMPLETED", 1)),
        ((try_(throw("x"), catch=(throw("y"),)),), End("FAILED")),
        ((can({"n": 1}),), End("CONTINUED_AS_NEW", {"n": 1})),
        ((loop(2, status("s")),), End("COMPLETED")),
        ((all_(as_="x"), return_("not reached")), None),
    ],
)
def test_ends(steps: tuple[Json, ...], end: End | None) -> None:
    assert meaning(*steps).end == end


def test_timers_count_from_the_time_of_their_turn() -> None:
    one = meaning(timer(1), timer(2))
    one.now = 7
    one.met(one.demands[0])
    assert [demand.at for demand in one.demands] == [MILLISECOND, 7 + 2 * MILLISECOND]


def test_what_random_programs_leave_out_is_refused() -> None:
    with pytest.raises(ValueError, match="probe"):
        meaning({"op": "probe", "as": "p"})
