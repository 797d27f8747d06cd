"""One step of one instance: a pure function from what it is and what happens to what it becomes, and what follows."""

from __future__ import annotations

from typing import assert_never

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Answered, Create, Deliver, Effect, Fork, Input, Stuck, TimerDue
from dwconf.engine.core.moment import Moment


def step(
    state: Instance | None, input_: Input, moment: Moment, rules: Decisions = REFERENCE
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """What an instance becomes, and what must follow. `state` is None when there is no such instance."""
    match input_:
        case Create():
            return rules.create(state, input_, moment, rules)
        case Fork():
            return rules.fork(state, input_, moment, rules)
        case Deliver():
            return rules.deliver(state, input_, moment, rules)
        case TimerDue():
            return rules.fire(state, input_, moment, rules)
        case Answered():
            return rules.answered(state, input_, moment, rules)
        case Stuck(why):
            return (None, ()) if state is None else rules.stall(state, why, moment, rules)
        case _:
            assert_never(input_)
