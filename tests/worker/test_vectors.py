"""Every vector, replayed on the reference app, gives exactly the actions that were worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from dwconf.suite.programs.schema import operations, schema
from dwconf.wire import pb, values as v
from dwconf.wire.codec import from_message, to_message
from dwconf.worker.app.conformance import registry
from dwconf.worker.core.replay import replay

VECTORS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path("conformance/dwconf/suite/programs/vectors").glob("*.json"))
}
NOBODYS_BUSINESS = ("taskExecutionId", "stackTrace")
SPLIT_MATTERS = {name for name, vector in VECTORS.items() if {"patched", "probe"} & set(vector["covers"])}
"""What is replayed and what is new is the subject of these."""
UNKNOWN_TO_THE_SCHEMA = {"unsupported"}
Json = dict[str, Any]


@pytest.mark.parametrize("name", VECTORS)
def test_each_turn_gives_the_expected_actions(name: str) -> None:
    for number, response in enumerate(replayed(VECTORS[name])):
        turn = VECTORS[name]["turns"][number]
        assert "expect" not in turn or without_private(response) == expected(turn), f"turn {number + 1}"


@pytest.mark.parametrize("name", sorted(set(VECTORS) - SPLIT_MATTERS))
def test_a_turn_gives_the_same_in_one_batch(name: str) -> None:
    """All events of a vector as new events of one turn: the same code, and so the same end."""
    vector = VECTORS[name]
    history = [event for turn in vector["turns"] for event in (*turn["new"], *turn.get("recorded", ()))]
    recorded = {event["eventId"] for event in vector["turns"][-1].get("recorded", ())}
    response = without_private(answer(vector, past=[], new=history))
    last = expected(vector["turns"][-1])
    assert response["actions"] == [action for action in last["actions"] if action["id"] not in recorded]


@pytest.mark.parametrize("name", sorted(set(VECTORS) - UNKNOWN_TO_THE_SCHEMA))
def test_programs_fit_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator(schema()).validate(VECTORS[name]["program"])


@pytest.mark.parametrize("name", sorted(UNKNOWN_TO_THE_SCHEMA))
def test_programs_that_no_app_knows_do_not_fit(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(VECTORS[name]["program"])


@pytest.mark.parametrize("operation", operations())
def test_every_operation_has_a_vector_that_uses_it(operation: str) -> None:
    using = [name for name, vector in VECTORS.items() if operation in vector["covers"]]
    assert using
    for name in using:
        assert f'"op": "{operation}"' in json.dumps(VECTORS[name]["program"]), name


def test_every_vector_expects_something() -> None:
    assert all("expect" in vector["turns"][-1] for vector in VECTORS.values())


def replayed(vector: Json) -> list[Json]:
    past: list[Json] = []
    responses = []
    for turn in vector["turns"]:
        responses.append(answer(vector, past=past, new=turn["new"]))
        past = [*past, *turn["new"], *turn.get("recorded", ())]
    return responses


def answer(vector: Json, *, past: list[Json], new: list[Json]) -> Json:
    request = v.WorkflowRequest(
        instance_id="vector",
        past_events=tuple(event(entry, vector) for entry in past),
        new_events=tuple(event(entry, vector) for entry in new),
    )
    response = replay(request, registry())
    assert response.instance_id == "vector"
    return MessageToDict(to_message(response))


def event(entry: Json, vector: Json) -> v.HistoryEvent:
    if "executionStarted" in entry:
        text = json.dumps(vector["program"])
        entry = {**entry, "executionStarted": {**entry["executionStarted"], "input": text}}
    return from_message(v.HistoryEvent, ParseDict(entry, pb.HistoryEvent()))


def expected(turn: Json) -> Json:
    """What the vector says, brought to the form in which protobuf writes it."""
    response = ParseDict({**turn["expect"], "instanceId": "vector"}, pb.WorkflowResponse())
    written = MessageToDict(response)
    return {**written, "actions": [with_id(action) for action in written.get("actions", [])]}


def without_private(response: Json) -> Json:
    cleaned: Json = _without(response)
    return {**cleaned, "actions": [with_id(action) for action in cleaned.get("actions", [])]}


def with_id(action: Json) -> Json:
    return {"id": 0, **action}


def _without(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {key: _without(entry) for key, entry in value.items() if key not in NOBODYS_BUSINESS}
    return [_without(entry) for entry in value] if isinstance(value, list) else value
