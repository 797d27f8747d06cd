"""Checks about the connection (chapter A)."""

from __future__ import annotations

from dwconf.suite.cases.worker.connection import ERRORS, HALF_A_MINUTE, HOT, IDLE, MANY, TRANSPORT
from dwconf.suite.checks.registry import check
from dwconf.suite.checks.worker.activities import response
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.answers import COMPLETIONS, answer, as_json
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import ActivityRequest, ActivityResponse, OrchestrationStatus, WorkflowResponse

HELLO = 0x16, 0x03
"""How a TLS connection begins: a handshake record of version 3."""
SIGNS = 2
"""How many calls and pings are due from an idle worker while the suite looks at it."""


@check("worker/connection/opens-stream", "worker/connection/first-contact")
def a_worker_opens_a_stream_and_answers_its_items(e: Evidence) -> Findings:
    e.moment("connected", due=True)
    call = e.call("activity", due=True)
    if as_json(response(call).result) != "hello":
        yield Finding(expected='the result "hello"', seen=in_a_line(response(call)), at=call.at)


@check("worker/connection/waits-for-engine", "worker/connection/late-engine")
def a_worker_opens_its_stream_once_the_engine_is_there(e: Evidence) -> Findings:
    e.moment("tried")
    e.moment("connected", due=True)
    e.call("served", due=True)
    yield from ()


@check("worker/connection/reconnects-after-end", "worker/connection/first-contact")
def a_worker_comes_back_after_a_clean_end(e: Evidence) -> Findings:
    e.moment("ended")
    e.moment("again", due=True)
    e.call("served-again", due=True)
    yield from ()


@check("worker/connection/reconnects-after-error", "worker/connection/stream-errors")
def a_worker_comes_back_after_any_error(e: Evidence) -> Findings:
    away = [name for name in ERRORS if e.missed(f"again-{name}") or e.missed(f"served-{name}")]
    if away:
        at = tuple(e.moment(f"ended-{name}").number for name in away)
        yield Finding(expected="a new stream after every error, and work on it", seen=f"none after {told(away)}", at=at)
    for name in () if away else ERRORS:
        e.call(f"served-{name}")


def told(names: list[str]) -> str:
    """Names in a sentence."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if names[1:] else names[0]


def opens(e: Evidence, first: str, last: str) -> list[Record]:
    """The streams that were opened between two moments, refused ones too."""
    low, high = e.moment(first).number, e.moment(last).number
    return [record for record in e.records if record.kind is Kind.OPEN and low < record.number < high]


@check(
    "worker/connection/reconnects-gently",
    "worker/connection/refused-for-a-moment",
    "worker/connection/refused-for-long",
)
def a_refused_worker_does_not_try_in_a_hot_loop(e: Evidence) -> Findings:
    """A short window convicts whoever makes half a minute's number in it, and clears whoever slows down in it."""
    closes = "out-of-doubt" if e.named("out-of-doubt") else "closes"
    tries = opens(e, "opens", closes)
    whole = closes == "out-of-doubt" or window(e, "half") + window(e, "closes") >= HALF_A_MINUTE
    if len(tries) >= HOT:
        low, high = (e.records[e.moment(step).number - 1].at for step in ("opens", closes))
        seen = f"{len(tries)} attempts in {(high - low) / 1e9:.1f} s"
        yield Finding(expected=f"fewer than {HOT} attempts in 30 s", seen=seen, at=(tries[0].number, tries[-1].number))
    elif not whole and not (tries and slowed(e)):
        raise NoEvidence("a rate of fewer than two attempts a second")


def window(e: Evidence, closes: str) -> float:
    """How long a window was to be open, in seconds of the worker's."""
    return float(str(e.note(closes, "seconds")))


def slowed(e: Evidence) -> bool:
    """Whether the second half of a window held fewer than two attempts a second."""
    return len(opens(e, "half-gone", "closes")) < 2 * window(e, "closes")


@check("worker/connection/serves-concurrently", "worker/connection/side-by-side")
def a_running_activity_holds_nothing_up(e: Evidence) -> Findings:
    item = e.item("block/sent")
    blocking = [c for c in e.calls_to("CompleteActivityTask") if answers(c, item)]
    for step, what in (("turn", "the turn"), ("activity", "the other activity")):
        call = e.call(step, due=True)
        if blocking and blocking[0].number < call.number:
            expected = f"{what} is answered while the activity runs"
            yield Finding(expected=expected, seen="it was answered after that", at=(*blocking[0].at, *call.at))


def answers(call: Call, item: Item) -> bool:
    """Whether a completion call is about an activity item: its instance and task, for these cases send each once."""
    given, request = call.request(ActivityResponse), item.item.request
    return isinstance(request, ActivityRequest) and given.instance_id == item.instance_id


@check("worker/connection/drops-no-item", "worker/connection/many-items")
def every_item_of_a_burst_is_answered(e: Evidence) -> Findings:
    items = [e.item(f"burst-{number}") for number in range(MANY)]
    done = {c.request(ActivityResponse).instance_id for c in e.calls_to("CompleteActivityTask")}
    missing = [item for item in items if item.instance_id not in done]
    if missing:
        seen = f"{MANY - len(missing)} answers; none, for one, to {missing[0].instance_id}"
        yield Finding(expected=f"an answer to each of {MANY} items", seen=seen, at=missing[0].at)


@check("worker/connection/ignores-unknown-items", "worker/connection/odd-items")
def an_item_of_no_known_kind_is_ignored(e: Evidence) -> Findings:
    e.item("ninety-nine")
    yield from _unanswered(e, "empty", "an item without a request")


@check("worker/connection/health-ping-unanswered", "worker/connection/health-ping")
def a_health_ping_is_taken_without_a_call(e: Evidence) -> Findings:
    yield from _unanswered(e, "ping", "a health ping")


def _unanswered(e: Evidence, step: str, what: str) -> Findings:
    """After an item that needs no answer: no end of the stream, no other call than that of the fence."""
    item = e.item(step)
    for end in left(e, after=item.number):
        yield Finding(expected=f"the stream goes on after {what}", seen="it ended", at=(*item.at, end.number))
    fence = e.call("fence", due=True)
    for call in e.calls.values():
        if item.number < call.number < fence.number and call.name != "Hello":
            yield Finding(expected=f"no call for {what}", seen=call.name, at=(*item.at, *call.at))


def left(e: Evidence, *, after: int) -> list[Record]:
    """The ends of streams by the worker after a record, up to the fence if that was reached."""
    until = e.call("fence").number if e.reached("fence") else len(e.records)
    ends = (record for record in e.records if record.kind is Kind.END and record.actor is Actor.TARGET)
    return [record for record in ends if after < record.number < until]


@check("worker/connection/keeps-idle-stream", "worker/connection/idle-for-a-moment")
def silence_ends_nothing(e: Evidence) -> Findings:
    low, _ = e.moment("opens"), e.moment("closes")
    for end in left(e, after=low.number):
        seen = "the worker ended it"
        yield Finding(expected="the stream stays open without work", seen=seen, at=(low.number, end.number))
    e.call("fence", due=True)


@check("worker/connection/keeps-alive", "worker/connection/idle")
def an_idle_worker_shows_that_it_lives(e: Evidence) -> Findings:
    low, high = e.moment("opens"), e.moment("closes")
    calls = [call for call in e.calls_to("Hello") if low.number < call.number < high.number]
    pings = int(str(e.note("counted", "pings")))
    if len(calls) + pings < SIGNS:
        expected = f"{SIGNS} calls or HTTP/2 pings in {IDLE} s without work"
        seen = f"{len(calls)} calls and {pings} pings"
        yield Finding(expected=expected, seen=seen, at=(low.number, high.number))


@check("worker/connection/survives-failing-keepalive", "worker/connection/idle")
def a_failed_hello_ends_nothing(e: Evidence) -> Findings:
    low, high = e.moment("opens"), e.moment("closes")
    failed = [c for c in e.calls_to("Hello") if low.number < c.number < high.number and not c.ok]
    if not failed:
        raise NoEvidence("a Hello that fails while the stream is open")
    for end in left(e, after=failed[0].number):
        yield Finding(expected="the stream stays open", seen="the worker ended it", at=(*failed[0].at, end.number))
    e.call("fence", due=True)


@check("worker/connection/endpoint-from-environment", "worker/connection/address")
def the_address_comes_from_the_environment(e: Evidence) -> Findings:
    e.moment("by-port", due=True)
    e.moment("by-endpoint", due=True)
    yield from ()


@check("worker/connection/api-token-sent", "worker/connection/first-contact")
def every_call_carries_the_token(e: Evidence) -> Findings:
    e.moment("connected")
    for record in e.records:
        shown = record.fields.get("token", "right")
        if record.kind in (Kind.OPEN, Kind.REQUEST) and shown != "right":
            name = record.method.rsplit("/", 1)[-1]
            seen = f"{name} with a token that is {shown}"
            yield Finding(expected="the metadata dapr-api-token with the token", seen=seen, at=(record.number,))


@check("worker/connection/tls-endpoint", "worker/connection/secured")
def an_https_endpoint_is_reached_with_tls(e: Evidence) -> Findings:
    moment = e.moment("connected", due=True)
    first = bytes.fromhex(str(e.note("connected", "first")))
    if tuple(first[:2]) != HELLO:
        expected = "a connection that begins with a TLS handshake"
        yield Finding(expected=expected, seen=repr(first), at=moment.at)


def result_after(e: Evidence, step: str) -> Call:
    """The result of the running activity; one that came before this step says nothing of what the step changes."""
    moment, call = e.moment(step), e.call("result", due=True)
    if call.number < moment.number:
        raise NoEvidence(f"an activity that runs beyond the step {step!r}")
    return call


@check("worker/connection/graceful-stop", "worker/connection/stopped")
def a_stopping_worker_delivers_what_is_running(e: Evidence) -> Findings:
    e.call("fence")
    call = result_after(e, "stopping")
    if response(call).failure_details is not None:
        yield Finding(expected="the result of the activity", seen=in_a_line(response(call)), at=call.at)


@check("worker/connection/results-of-lost-stream", "worker/connection/lost-stream")
def a_result_outlives_its_stream(e: Evidence) -> Findings:
    call, item = result_after(e, "ended"), e.item("block/sent")
    given = response(call)
    if given.failure_details is not None:
        yield Finding(expected="the result of the activity", seen=in_a_line(given), at=call.at)
    elif given.completion_token not in ("", item.token):
        expected = f"the completion token {item.token!r}"
        yield Finding(expected=expected, seen=repr(given.completion_token), at=(*item.at, *call.at))


@check("worker/connection/no-failure-for-transport", "worker/connection/undelivered")
def a_lost_call_makes_no_failure(e: Evidence) -> Findings:
    e.moment("closes")
    for name in TRANSPORT:
        for kind in ("activity", "turn"):
            first = e.call(f"{kind}-{name}")
            if first.code != name:
                raise NoEvidence(f"a completion call that failed with {name}")
            for call in e.calls_to("CompleteActivityTask", *COMPLETIONS):
                if call.number > first.number and same_work(call, first) and says_failure(call):
                    expected = f"no failure after a call that ended with {name}"
                    yield Finding(expected=expected, seen=call.name, at=(*first.at, *call.at))


def same_work(call: Call, other: Call) -> bool:
    """Whether two completion calls are about the same instance."""
    return call.name == other.name and _about(call) == _about(other)


def _about(call: Call) -> str:
    if call.name == "CompleteActivityTask":
        return call.request(ActivityResponse).instance_id
    return call.request(WorkflowResponse).instance_id


def says_failure(call: Call) -> bool:
    """Whether a completion call says that the work failed."""
    if call.name == "CompleteActivityTask":
        return call.request(ActivityResponse).failure_details is not None
    return any(
        getattr(action.body, "workflow_status", None) == OrchestrationStatus.FAILED
        for action in call.request(WorkflowResponse).actions
    )


@check("worker/connection/no-failure-for-transport", "worker/connection/undelivered")
def the_results_were_right(e: Evidence) -> Findings:
    """What was lost was a result, so that a failure later is one that the worker made of the loss."""
    for name in TRANSPORT:
        if answer(e, f"turn-{name}").result != name:
            raise NoEvidence(f"a turn that returns {name!r}")
    yield from ()
