"""Workers that break rules of the chapter events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.wire import values as v
from dwconf.worker.core.events import Buffered, is_unlimited, wait_timer, wait_timer_if_limited
from dwconf.worker.core.failures import failed_task
from dwconf.worker.core.jsontext import Json, read_payload
from dwconf.worker.core.ledger import Record
from dwconf.worker.core.tasks import Task
from dwconf.worker.mutants.registry import mutant


def with_case(name: str) -> str:
    """Compares names letter for letter."""
    return name


def newest_first(keys: Sequence[str], key: str) -> int | None:
    """Takes the newest buffered event first."""
    return next((place for place in reversed(range(len(keys))) if keys[place] == key), None)


def newest_waiter(waiting: Sequence[Task[Json]]) -> int:
    """Gives an event to whoever began to wait last."""
    return len(waiting) - 1


def drops_unawaited(event: v.EventRaised, buffered: Sequence[Buffered]) -> bool:
    """Drops an event for which nobody waits."""
    return False


def drops_equal(event: v.EventRaised, buffered: Sequence[Buffered]) -> bool:
    """Takes an event for one that has come before if it has the same name and payload."""
    return all(entry.event.body != event for entry in buffered)


def as_text(payload: str | None) -> Json:
    """Hands out the text of a payload."""
    return payload


def empty_as_text(payload: str | None) -> Json:
    """Hands out an empty payload as the empty text."""
    return "" if payload == "" else read_payload(payload)


def nameless(name: str, now: v.Nanos, timeout: v.Nanos | None) -> v.CreateTimer | None:
    """Says that the timer of a limited wait is one of the code's own."""
    made = wait_timer(name, now, timeout)
    return made if made is None or is_unlimited(timeout) else replace(made, origin=v.TimerOriginCreateTimer())


def at_the_timeout(name: str, now: v.Nanos, timeout: v.Nanos | None) -> v.CreateTimer | None:
    """Takes a timeout for a time."""
    return wait_timer(name, now if is_unlimited(timeout) else 0, timeout)


def always_agrees(record: Record) -> bool:
    """Never gives up an optional timer."""
    return True


def always_limits(timeout: v.Nanos | None) -> bool:
    """Limits a wait also when its event has come already."""
    return not is_unlimited(timeout)


def never_at_once(timeout: v.Nanos | None) -> bool:
    """Waits for no time, by a timer."""
    return False


def as_failed_task(name: str) -> Exception:
    """Makes a timeout look like a failed task."""
    return failed_task(f"wait for {name}", v.TaskFailureDetails(error_type="Failure", error_message="timed out"))


def uncatchable(name: str) -> Exception:
    """Fails in a way that no program catches."""
    return RuntimeError(f"the wait for {name} timed out")


def remembers_timed_out(wait: Task[Json]) -> bool:
    """Leaves a wait that timed out in the queue, where it swallows the next event."""
    return False


def limits_no_time(timeout: v.Nanos | None) -> bool:
    """Limits a wait of no time although its event has come."""
    return timeout == 0


mutant(
    "event-names-with-case",
    "worker/events/case-insensitive-names",
    "compares event names letter for letter",
    event_key=with_case,
)
mutant(
    "newest-event-first",
    "worker/events/fifo",
    "gives a wait the newest buffered event",
    next_buffered=newest_first,
)
mutant(
    "newest-wait-first",
    "worker/events/fifo",
    "gives an event to the newest wait",
    next_waiter=newest_waiter,
)
mutant(
    "drops-unawaited-events",
    "worker/events/early-event-buffered",
    "drops an event for which nobody waits",
    keeps_unawaited=drops_unawaited,
)
mutant(
    "takes-equal-events-for-one",
    "worker/events/fifo",
    "drops an event that equals one in the buffer",
    keeps_unawaited=drops_equal,
)
mutant(
    "payloads-as-text",
    "worker/events/payload-decoded",
    "hands out payloads as they are written",
    read_event=as_text,
)
mutant(
    "empty-payload-as-text",
    "worker/events/payload-decoded",
    "hands out an empty payload as an empty text",
    read_event=empty_as_text,
)
mutant(
    "nameless-wait-timers",
    "worker/events/timeout-timer",
    "does not say that the timer of a wait is for an event",
    wait_timer=nameless,
)
mutant(
    "timeout-is-a-time",
    "worker/events/timeout-timer",
    "takes a timeout for a fire time",
    wait_timer=at_the_timeout,
)
mutant(
    "no-optional-timers",
    "worker/events/optional-timer",
    "creates no timer for a wait without timeout",
    wait_timer=wait_timer_if_limited,
)
mutant(
    "insists-on-optional-timers",
    "worker/events/history-without-optional-timer",
    "fails on histories from before optional timers",
    is_optional_timer=always_agrees,
)
mutant(
    "timers-for-buffered-events",
    "worker/events/no-timer-for-buffered",
    "creates a timer although the event has come",
    limits_buffered=always_limits,
)
mutant(
    "zero-timeout-waits",
    "worker/events/zero-timeout",
    "creates a timer for a timeout of zero",
    gives_up_at_once=never_at_once,
)
mutant(
    "timeout-as-task-failure",
    "worker/events/timeout-is-catchable",
    "makes a timeout look like a failed task",
    timed_out=as_failed_task,
)
mutant(
    "timeout-not-catchable",
    "worker/events/timeout-is-catchable",
    "fails the workflow when a wait times out",
    timed_out=uncatchable,
)
mutant(
    "timed-out-wait-stays",
    "worker/events/waiter-removed-after-timeout",
    "gives the next event to a wait that timed out",
    forgets_timed_out=remembers_timed_out,
)
mutant(
    "timer-for-zero-timeout",
    "worker/events/zero-timeout",
    "creates a timer for a timeout of zero although the event has come",
    limits_buffered=limits_no_time,
)
