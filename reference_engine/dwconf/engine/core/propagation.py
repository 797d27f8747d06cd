"""History that is passed on: what an activity or a child is told of whoever called it.

The scope of an action says how much: nothing, the caller's own history, or that and all that the caller was told itself
(its lineage). What a workflow was told stays with it for as long as it lives, and comes with each of its turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.engine.core.frames import framed, split
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Create, Post
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import HistoryPropagationScope, PropagatedHistory, PropagatedHistoryChunk

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

ACTIVITY_HISTORY = 0x42
"""Tag of `ActivityRequest.propagatedHistory` (field 8)."""


def passes_on(scope: HistoryPropagationScope | None) -> bool:
    """ENG-A-33: history is passed on only when that was asked for."""
    return scope in (HistoryPropagationScope.OWN_HISTORY, HistoryPropagationScope.LINEAGE)


def own_chunk(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """The caller's own history, as it is recorded, and whose it is."""
    return PropagatedHistoryChunk(
        raw_events=tuple(events),
        app_id=moment.site.app_id,
        instance_id=state.id,
        workflow_name=state.start.name,
    )


def ancestors(state: Instance, scope: HistoryPropagationScope) -> tuple[PropagatedHistoryChunk, ...]:
    """What the caller was told itself: passed on as lineage, and otherwise not."""
    if scope != HistoryPropagationScope.LINEAGE or state.incoming is None:
        return ()
    return decode(PropagatedHistory, state.incoming).chunks


def passed_on(
    state: Instance, scope: HistoryPropagationScope | None, events: Iterable[bytes], moment: Moment, rules: Decisions
) -> bytes | None:
    """What an operation is told, encoded; `events` are those of the caller that are not committed yet."""
    if scope is None:
        return None
    own = rules.own_chunk(state, (*split(state.history.frames), *events), moment)
    return encode(PropagatedHistory(scope=scope, chunks=(*rules.ancestors(state, scope), own)))


def with_task(task: ActivityTask, given: bytes | None) -> ActivityTask:
    """An activity whose request carries the history that it is given."""
    return task if given is None else replace(task, request=task.request + framed(ACTIVITY_HISTORY, given))


def with_child(birth: Post, given: bytes | None) -> Post:
    """The start of a child that is given history."""
    if given is None or not isinstance(birth.input, Create):
        return birth
    return replace(birth, input=replace(birth.input, incoming=given))


def history_for_turn(state: Instance) -> bytes | None:
    """What a turn tells of the instance's callers: what the instance was given, every time."""
    return state.incoming


def inherited_history(state: Instance) -> bytes | None:
    """What the next generation is told: what this one was; it adds nothing to it by continuing as new."""
    return state.incoming
