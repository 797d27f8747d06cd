"""Checks about work that was lost with its stream, and about completion tokens (chapter A)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import without_openings
from dwconf.suite.evidence.facts import body, of_kind, same_work
from dwconf.wire.values import (
    GetInstanceResponse,
    HistoryEvent,
    TaskCompleted,
    TaskScheduled,
    WorkflowStarted,
)

CROWD = 30
LOST = "engine/redelivery/lost"
LOST_EVENTS = "engine/redelivery/lost-events"
CROWDS = ("engine/redelivery/lost-crowd", "engine/redelivery/lost-capable-crowd")


@check("engine/connection/lost-activity-returns", LOST)
def a_lost_activity_comes_again(e: Evidence) -> Findings:
    lost, again = e.item("activity"), e.item("activity-again", due=True)
    if not same_work(lost, again):
        yield Finding(expected="the same activity request", seen="another one", at=(*lost.at, *again.at))
    yield from _new_token(lost, again)


@check("engine/connection/lost-turn-returns", LOST)
def a_lost_turn_comes_again(e: Evidence) -> Findings:
    lost, again = e.item("turn"), e.item("turn-again", due=True)
    if lost.turn.past_events != again.turn.past_events:
        seen = f"{len(again.turn.past_events)} past events instead of {len(lost.turn.past_events)}, or others"
        yield Finding(expected="the same committed past", seen=seen, at=(*lost.at, *again.at))
    yield from _new_token(lost, again)


def _new_token(lost: Item, again: Item) -> Findings:
    if lost.token and lost.token == again.token:
        yield Finding(expected="a new token", seen="the old one", at=(*lost.at, *again.at))


@check("engine/connection/lost-turn-returns", *CROWDS)
def all_of_many_lost_turns_come_again(e: Evidence) -> Findings:
    for number in range(CROWD):
        e.item(f"held-0-{number}")
    for held in e.named("held-"):
        e.item(held.replace("held-", "again-"), due=True)
    yield from ()


@check("engine/connection/lost-turn-keeps-events", LOST_EVENTS)
def a_repeated_turn_begins_with_what_the_lost_one_had(e: Evidence) -> Findings:
    lost = e.item("turn-1")
    for step in ("turn-2", "turn-3"):
        again = e.item(step)
        events, before = again.turn.new_events, lost.turn.new_events
        if not events or not isinstance(events[0].body, WorkflowStarted):
            yield Finding(expected="a workflowStarted first", seen=names(events), at=again.at)
        had, has = without_openings(before), without_openings(events)
        if has[: len(had)] != had:
            yield Finding(
                expected=f"the events of the lost turn first: {names(had)}",
                seen=names(has),
                at=(*lost.at, *again.at),
            )
        lost = again


def names(events: tuple[HistoryEvent, ...]) -> str:
    """Events in a few words."""
    said = [f"{type(event.body).__name__} {getattr(event.body, 'name', '')}".strip() for event in events]
    return ", ".join(said) or "no events"


# --- tokens


@check("engine/connection/stale-token-has-no-effect", LOST)
def an_old_token_changes_nothing(e: Evidence) -> Findings:
    for step in ("stale-turn", "stale-activity"):
        call = e.call(step)
        if not call.ok:
            yield Finding(expected="OK for a superseded token", seen=call.outcome, at=call.at)
    yield from _never_scheduled(e, e.call("stale-turn"))
    e.call("own-turn")
    e.item("own-activity", due=True)
    yield from _results(e, "fresh", "stale", e.call("stale-activity"))


def _never_scheduled(e: Evidence, because: Call) -> Findings:
    """Nothing that a discarded answer asked for, action 7, is carried out."""
    for item in e.activities():
        if item.activity.task_id == 7:  # noqa: PLR2004  (the action that only the discarded answers have)
            expected = "nothing of the discarded answer is carried out"
            yield Finding(expected=expected, seen=f"its activity {item.activity.name!r}", at=(*because.at, *item.at))
    for item in e.turns():
        if any(event.event_id == 7 for event in of_kind(item.turn.past_events, TaskScheduled)):  # noqa: PLR2004
            yield Finding(expected="nothing of it in history", seen="its taskScheduled", at=(*because.at, *item.at))
            return


def _results(e: Evidence, wanted: str, discarded: str, because: Call) -> Findings:
    """Of the activity that was answered twice, the answer that counts is delivered, and only that."""
    found = [
        (item, body(event, TaskCompleted))
        for item in e.turns()
        for event in item.new(TaskCompleted)
        if body(event, TaskCompleted).task_scheduled_id == 0
    ]
    for item, done in found:
        if done.result == f'"{discarded}"':
            yield Finding(expected=f"the result {wanted!r}", seen=repr(discarded), at=(*because.at, *item.at))
    if not found:
        e.item("last", due=True)
        yield Finding(expected=f"the result {wanted!r}", seen="none", at=because.at)


@check("engine/connection/empty-token-accepted", "engine/redelivery/no-token")
def an_answer_without_a_token_counts(e: Evidence) -> Findings:
    for step, comes in (("turn-answered", "activity"), ("activity-answered", "second")):
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected="OK for an answer without a token", seen=call.outcome, at=call.at)
            return
        if step == "turn-answered":
            e.call("start-answered", due=True)
        e.item(comes, due=True)
    state = e.state("completed", due=True)
    if state.output != '"out"':
        yield Finding(expected='output "out"', seen=repr(state.output), at=e.call("completed").at)


@check("engine/connection/wrong-token-is-discarded", "engine/redelivery/wrong-token")
def a_token_that_was_never_given_changes_nothing(e: Evidence) -> Findings:
    yield from _never_scheduled(e, e.call("wrong-turn"))
    turn = e.item("turn")
    for item in e.between("turn-stays", "turn-stayed", e.turns(turn.instance_id)):
        yield Finding(expected="the turn is not sent again", seen="it is", at=(*e.call("wrong-turn").at, *item.at))
    e.call("own-turn")
    task = e.item("activity", due=True)
    for item in e.between("activity-stays", "activity-stayed", e.activities(task.instance_id)):
        seen = (*e.call("wrong-activity").at, *item.at)
        yield Finding(expected="the activity is not sent again", seen="it is", at=seen)
    e.item("second", due=True)
    found = [body(x, TaskCompleted).result for item in e.turns() for x in item.new(TaskCompleted)]
    if found != ['"right"']:
        yield Finding(expected='one taskCompleted, with "right"', seen=str(found), at=e.call("wrong-activity").at)


# --- completions of nothing


@check("engine/connection/unasked-completion-changes-nothing", "engine/redelivery/unasked")
def a_completion_of_nothing_changes_nothing(e: Evidence) -> Findings:
    yield from _never_scheduled(e, e.call("turn-twice"))
    before, after = e.state("state-before"), e.state("state-after")
    if before.custom_status != after.custom_status:
        at = (*e.call("turn-twice").at, *e.call("state-after").at)
        yield Finding(expected=f"custom status {before.custom_status!r}", seen=repr(after.custom_status), at=at)
    results = [
        (body(event, TaskCompleted).task_scheduled_id, body(event, TaskCompleted).result)
        for item in e.turns()
        for event in item.new(TaskCompleted)
    ]
    e.item("last")
    if results != [(0, '"first"')]:
        expected = 'one taskCompleted, of activity 0 with "first"'
        yield Finding(expected=expected, seen=str(results), at=e.call("activity-twice").at)
    nobody = e.call("nobody")
    if nobody.ok and nobody.response(GetInstanceResponse).exists:
        yield Finding(expected="no instance", seen="one that was only answered", at=nobody.at)
    done = e.state("completed")
    if done.output != '"out"':
        yield Finding(expected='output "out"', seen=repr(done.output), at=e.call("completed").at)


@check("engine/connection/unasked-completion-answer", "engine/redelivery/unasked")
def a_completion_of_nothing_is_answered_as_declared(e: Evidence) -> Findings:
    choice = e.choices.get("unasked-completion")
    if choice is None:
        raise NoEvidence("the profile's choice unasked-completion")
    steps = ("activity-never-sent", "activity-twice", "turn-of-nobody", "activity-of-nobody", "turn-after-the-end")
    for step in steps:
        call = e.call(step)
        what = step.replace("-", " ")
        if choice == "succeeds" and not call.ok:
            yield Finding(expected=f"OK ({what})", seen=call.outcome, at=call.at)
        if choice == "fails" and call.ok:
            yield Finding(expected=f"an error ({what})", seen=call.outcome, at=call.at)
