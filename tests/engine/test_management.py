"""The Dapr API: what it validates, what it tells instances, what it says of them, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from dwconf.engine.core import management
from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.management import START_TIME
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.outcome import Outcome, Until
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    EventRaised,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GetMetadataRequest,
    GetMetadataResponse,
    GetWorkflowRequest,
    GetWorkflowResponse,
    OrchestrationStatus,
    PauseWorkflowRequest,
    PurgeWorkflowRequest,
    RaiseEventWorkflowRequest,
    ResumeWorkflowRequest,
    StartWorkflowRequest,
    StartWorkflowResponse,
    TaskFailureDetails,
    TerminateWorkflowRequest,
    Value,
)
from tests.engine.rig import DAWN, FAILED, SECOND, Rig, complete, started, value

Call = Callable[..., Outcome]
VERBS: dict[str, tuple[Call, Callable[..., Value]]] = {
    "start": (management.start_workflow, lambda **f: StartWorkflowRequest(workflow_name="wf", **f)),
    "get": (management.get_workflow, GetWorkflowRequest),
    "raise": (management.raise_event, lambda **f: RaiseEventWorkflowRequest(event_name="E", **f)),
    "pause": (management.pause_workflow, PauseWorkflowRequest),
    "resume": (management.resume_workflow, ResumeWorkflowRequest),
    "terminate": (management.terminate_workflow, TerminateWorkflowRequest),
    "purge": (management.purge_workflow, PurgeWorkflowRequest),
}


def ask(rig: Rig, verb: str, instance_id: str = "i", **fields: Any) -> Outcome:  # noqa: ANN401
    call, request = VERBS[verb]
    outcome = call(rig.hub, request(instance_id=instance_id, **fields), rig.now)
    rig.flush()
    return outcome


def start(rig: Rig, **fields: Any) -> Outcome:  # noqa: ANN401
    outcome = management.start_workflow(rig.hub, StartWorkflowRequest(workflow_name="wf", **fields), rig.now)
    rig.flush()
    return outcome


def get(rig: Rig, instance_id: str = "i") -> GetWorkflowResponse:
    return value(ask(rig, "get", instance_id), GetWorkflowResponse)


def refusal(outcome: Outcome) -> Refusal:
    assert isinstance(outcome, Refusal), outcome
    return outcome


def working() -> Rig:
    rig = Rig()
    rig.connect()
    return rig


def test_a_start_is_answered_before_its_first_turn() -> None:
    rig = working()
    assert value(start(rig, instance_id="i"), StartWorkflowResponse).instance_id == "i"
    assert get(rig).runtime_status == "PENDING"


def test_without_an_id_there_is_a_random_one() -> None:
    rig = working()
    first, second = (value(start(rig), StartWorkflowResponse).instance_id for _ in range(2))
    assert UUID(first).version == UUID(second).version == 4
    assert first != second


@pytest.mark.parametrize(("data", "seen"), [(b"", ""), (b'"in"', '"in"'), (b"not JSON", "not JSON")])
def test_the_input_is_always_set(data: bytes, seen: str) -> None:
    rig = working()
    start(rig, instance_id="i", input=data, workflow_component="no such", options=(("whatever", "x"),))
    body = rig.turn()[0].new_events[1].body
    assert isinstance(body, ExecutionStarted)
    assert (body.name, body.input) == ("wf", seen)


def test_bytes_that_are_no_text_do_not_break_anything() -> None:
    rig = working()
    start(rig, instance_id="i", input=b"\xff")
    assert encode(get(rig))


TIMES = {
    "2023-11-14T22:13:25Z": 5 * SECOND,
    "2023-11-14T22:13:25.5Z": 5 * SECOND + SECOND // 2,
    "2023-11-14T22:13:25.0000000019Z": 5 * SECOND + 1,
    "2023-11-15T00:13:25+02:00": 5 * SECOND,
    "0001-01-01T00:00:00Z": -62_135_596_800 * SECOND - DAWN,
}


@pytest.mark.parametrize(("text", "ahead"), TIMES.items(), ids=TIMES)
def test_a_start_time_is_rfc_3339(text: str, ahead: int) -> None:
    assert management.start_time(((START_TIME, text),)) == DAWN + ahead


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2023-11-14", "2023-13-14T22:13:25Z", "2023-11-14T22:13:25", "2023-11-14 22:13:25Z"]
)
def test_another_start_time_is_an_internal_error(text: str) -> None:
    rig = working()
    said = refusal(start(rig, instance_id="i", options=((START_TIME, text),)))
    assert said.code is Code.INTERNAL
    assert said.message.startswith("error starting workflow 'wf': start times must be in RFC3339 format")
    assert not rig.exists()


def test_a_start_time_delays_the_first_turn() -> None:
    rig = working()
    start(rig, instance_id="i", options=((START_TIME, "2023-11-14T22:13:25Z"),))
    assert rig.items == []
    rig.advance(5 * SECOND)
    assert rig.turn()[0].instance_id == "i"


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "no id": ("get", {"instance_id": ""}, "no instance ID was provided"),
    "a long id": (
        "start",
        {"instance_id": "x" * 65},
        "workflow instance ID exceeds the max length of 64 characters",
    ),
    "an id of 33 letters of two bytes": (
        "start",
        {"instance_id": "é" * 33},
        "workflow instance ID exceeds the max length of 64 characters",
    ),
    "an id with a dot": (
        "start",
        {"instance_id": "a.b"},
        "workflow instance ID 'a.b' is invalid: only alphanumeric and underscore characters are allowed",
    ),
    "no name": ("start", {"workflow_name": ""}, "workflow name is not configured"),
    "no event name": ("raise", {"event_name": ""}, "missing workflow event name"),
    "an app id with a dot": (
        "get",
        {"app_id": "a.b"},
        "workflow app ID 'a.b' is invalid: only alphanumeric, dash and underscore characters are allowed",
    ),
    "a bad id, no name, a bad app": (
        "start",
        {"instance_id": "a b", "workflow_name": "", "app_id": "*"},
        "workflow instance ID 'a b' is invalid: only alphanumeric and underscore characters are allowed",
    ),
    "no id, no event name": ("raise", {"instance_id": "", "event_name": ""}, "no instance ID was provided"),
    "no name, a bad app": ("start", {"workflow_name": "", "app_id": "*"}, "workflow name is not configured"),
    "no event name, a bad app": ("raise", {"event_name": "", "app_id": "*"}, "missing workflow event name"),
}
REQUESTS: dict[str, tuple[Call, Value]] = {
    "start": (management.start_workflow, StartWorkflowRequest(instance_id="new", workflow_name="wf")),
    "get": (management.get_workflow, GetWorkflowRequest(instance_id="i")),
    "raise": (management.raise_event, RaiseEventWorkflowRequest(instance_id="i", event_name="E")),
}


@pytest.mark.parametrize(("verb", "fields", "message"), WRONG.values(), ids=WRONG)
def test_requests_are_looked_at_in_order(verb: str, fields: dict[str, Any], message: str) -> None:
    rig = started()
    call, request = REQUESTS[verb]
    assert call(rig.hub, replace(request, **fields), rig.now) == Refusal(Code.INVALID_ARGUMENT, message)
    assert not rig.exists("new")


@pytest.mark.parametrize("instance_id", ["x" * 64, "a_b-c", "Ärger_1", "ñ" * 32])
def test_ids_of_letters_digits_and_two_marks_are_fine(instance_id: str) -> None:
    rig = working()
    assert value(start(rig, instance_id=instance_id), StartWorkflowResponse).instance_id == instance_id


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "start"])
def test_an_id_that_could_not_be_started_can_be_asked_for(verb: str) -> None:
    outcome = ask(started(), verb, "i:0001.x")
    assert not isinstance(outcome, Refusal) or outcome.code is not Code.INVALID_ARGUMENT


@pytest.mark.parametrize("app_id", [None, "", "dwconf"])
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("start", "purge")])
def test_this_app_needs_no_naming(verb: str, app_id: str | None) -> None:
    assert not isinstance(ask(started(), verb, app_id=app_id), Refusal)


@pytest.mark.parametrize("verb", VERBS)
def test_another_app_is_not_reached(verb: str) -> None:
    said = refusal(ask(started(), verb, app_id="another"))
    assert said.code is Code.INTERNAL
    assert "no app with ID 'another' is reachable" in said.message


UNKNOWN = {
    "raise": (Code.INTERNAL, "error raising event on workflow 'x': no such instance exists"),
    "pause": (Code.INTERNAL, "error pausing workflow x: no such instance exists"),
    "resume": (Code.INTERNAL, "error resuming workflow x: no such instance exists"),
    "terminate": (Code.NOT_FOUND, "unable to find workflow with the provided instance ID: x"),
    "purge": (Code.NOT_FOUND, "unable to find workflow with the provided instance ID: x"),
}


@pytest.mark.parametrize(("verb", "code", "message"), [(v, *said) for v, said in UNKNOWN.items()], ids=UNKNOWN)
def test_each_verb_has_its_words_for_nobody(verb: str, code: Code, message: str) -> None:
    assert ask(started(), verb, "x") == Refusal(code, message)


def test_nobody_has_an_id_and_nothing_else() -> None:
    assert get(started(), "x") == GetWorkflowResponse(instance_id="x")


def test_a_taken_id_is_an_internal_error() -> None:
    said = refusal(start(started(), instance_id="i"))
    assert said.code is Code.INTERNAL
    assert said.message == "error starting workflow 'wf': an active workflow with ID 'i' already exists"


def test_a_running_instance_is_not_purged() -> None:
    rig = started()
    said = refusal(ask(rig, "purge"))
    assert said.code is Code.INTERNAL
    assert said.message.startswith("error purging workflow i: ")
    assert said.message.endswith("orchestration has not yet completed")
    assert rig.exists()


def test_a_life_in_words() -> None:
    rig = working()
    start(rig, instance_id="i", input=b'"in"')
    shown = get(rig)
    assert (shown.workflow_name, shown.runtime_status) == ("wf", "PENDING")
    assert shown.properties == (("dapr.workflow.input", '"in"'),)
    rig.answer(custom_status='"busy"')
    assert get(rig).runtime_status == "RUNNING"
    ask(rig, "pause")
    assert [type(e.body) for e in rig.answer(custom_status='"busy"').new_events][1:] == [ExecutionSuspended]
    assert get(rig).runtime_status == "SUSPENDED"
    ask(rig, "resume")
    rig.answer(custom_status='"busy"')
    ask(rig, "raise", event_data=b"1")
    assert rig.answer(complete(result='"out"')).new_events[1].body == EventRaised(name="E", input="1")
    shown, state = get(rig), rig.state()
    assert shown.properties == (("dapr.workflow.input", '"in"'), ("dapr.workflow.output", '"out"'))
    assert (shown.created_at, shown.last_updated_at) == (state.created_timestamp, state.last_updated_timestamp)
    assert shown.runtime_status == "COMPLETED"
    ask(rig, "purge")
    assert not rig.exists()


def test_an_event_without_data_has_no_input() -> None:
    rig = started()
    rig.answer()
    ask(rig, "raise")
    assert rig.turn()[0].new_events[1].body == EventRaised(name="E", input=None)


def test_a_failure_has_details_and_no_output() -> None:
    rig = started()
    details = TaskFailureDetails(error_type="T", error_message="m", stack_trace="s")
    rig.answer(CompleteWorkflow(workflow_status=FAILED, result='"out"', failure_details=details))
    assert dict(get(rig).properties) == {
        "dapr.workflow.failure.error_type": "T",
        "dapr.workflow.failure.error_message": "m",
        "dapr.workflow.failure.stack_trace": "s",
    }


@pytest.mark.parametrize("status", OrchestrationStatus)
def test_a_status_is_its_bare_name(status: OrchestrationStatus) -> None:
    words = management.status_in_words(status)
    assert words == ("UNKNOWN" if status is OrchestrationStatus.STALLED else status.name)


def test_a_status_of_tomorrow_is_unknown() -> None:
    assert management.status_in_words(OrchestrationStatus(77)) == "UNKNOWN"


def test_terminate_and_purge_reach_the_children() -> None:
    rig = started()
    rig.answer(CreateChildWorkflow(name="child", instance_id="c"))
    rig.answer()
    ask(rig, "terminate")
    assert rig.answer().new_events[1].body == ExecutionTerminated(recurse=True)
    rig.answer()
    assert [get(rig, name).runtime_status for name in ("i", "c")] == ["TERMINATED", "TERMINATED"]
    ask(rig, "purge")
    assert [rig.exists(name) for name in ("i", "c")] == [False, False]


def test_an_ended_instance_is_terminated_in_silence() -> None:
    rig = started()
    rig.answer(complete())
    assert not isinstance(ask(rig, "terminate"), Refusal)
    assert get(rig).runtime_status == "COMPLETED"


@pytest.mark.parametrize("verb", ["raise", "pause", "resume", "terminate"])
def test_no_verb_waits(verb: str) -> None:
    assert not isinstance(ask(started(), verb), Until)


def test_a_start_that_waits_is_a_decision() -> None:
    rig = Rig(rules=replace(REFERENCE, start_waits=lambda: True))
    assert isinstance(start(rig, instance_id="i"), Until)


def test_metadata_count_the_workers() -> None:
    rig = Rig()

    def told() -> GetMetadataResponse:
        return value(management.get_metadata(rig.hub, GetMetadataRequest(), rig.now), GetMetadataResponse)

    assert (told().id, told().workflows) == ("dwconf", None)
    assert told().runtime_version
    rig.connect()
    stream = rig.connect()
    shown = told().workflows
    assert shown is not None
    assert shown.connected_workers == 2
    rig.disconnect(stream)
    shown = told().workflows
    assert shown is not None
    assert shown.connected_workers == 1
