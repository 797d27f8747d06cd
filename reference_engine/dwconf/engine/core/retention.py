"""Retention: an instance that has ended is removed after a while, where the engine is told to (ENG-H-28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Alarm, Effect, Remove, SetTimer, Timer
from dwconf.engine.core.moment import Moment, Retention
from dwconf.wire.values import Nanos, OrchestrationStatus

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def kept_for(status: OrchestrationStatus, policy: Retention) -> Nanos | None:
    """ENG-H-28: what is said of the very status goes before what is said of all; None for ever."""
    own = {
        OrchestrationStatus.COMPLETED: policy.completed,
        OrchestrationStatus.FAILED: policy.failed,
        OrchestrationStatus.TERMINATED: policy.terminated,
    }.get(status)
    return policy.any_terminal if own is None else own


def keep(state: Instance, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """Remember when an instance that has just ended is to go: not before whoever waits for its end has heard of it."""
    delay = rules.kept_for(state.status, moment.site.retention)
    if delay is None:
        return ()
    due = moment.now + max(1, delay)
    return (SetTimer(Timer(state.id, state.epoch, Alarm.RETENTION, 0, None, due)),)


def expire(state: Instance, rules: Decisions) -> tuple[Effect, ...]:
    """The time has come: the instance goes, if it is still the one that ended."""
    return (Remove(state.id),) if rules.is_terminal(state.status) else ()
