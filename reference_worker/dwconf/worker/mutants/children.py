"""Workers that break rules of the chapter children."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from dwconf.wire import values as v
from dwconf.worker.core.children import create_child
from dwconf.worker.core.failures import failed_task
from dwconf.worker.core.jsontext import Json, write_input
from dwconf.worker.mutants.registry import mutant

Scope = v.HistoryPropagationScope | None
CreateChild = Callable[[str, str | None, str, Scope], v.CreateChildWorkflow]


def another_name(name: str, payload: str | None, instance_id: str, scope: Scope) -> v.CreateChildWorkflow:
    """Names children in capitals."""
    return create_child(name.upper(), payload, instance_id, scope)


def own_id(explicit: str | None, default: str) -> str:
    """Overlooks the id that the code gave."""
    return default


def falsy_is_nothing(value: Json) -> str | None:
    """Sends no input that counts as false."""
    return write_input(value) if value else None


def counted_ids() -> Callable[[str, int], str]:
    """Gives each child an id that no other one has, on replay neither."""
    calls = count()
    return lambda parent, _action_id: f"{parent}:{next(calls)}"


def one_id_for_all(parent: str, action_id: int) -> str:
    """Gives all children of a parent one id."""
    return f"{parent}:child"


def ids_of_any_parent(parent: str, action_id: int) -> str:
    """Gives children of two parents the same ids."""
    return f"child-{action_id:04x}"


def result_as_text(payload: str | None) -> Json:
    """Hands out the text of a result."""
    return payload


def without_details(what: str, details: v.TaskFailureDetails | None) -> Exception:
    """Forgets what a failed task said."""
    return failed_task(what, None)


mutant(
    "child-name-in-capitals",
    "worker/children/create-action",
    "names children in capitals",
    create_child=another_name,
)
mutant(
    "child-id-overlooked",
    "worker/children/create-action",
    "overlooks the id that the code gives a child",
    child_attempt_id=own_id,
)
mutant(
    "falsy-child-inputs-lost",
    "worker/children/create-action",
    "starts a child without an input that counts as false",
    write_child_input=falsy_is_nothing,
)
mutant(
    "counted-child-ids",
    "worker/children/default-id-deterministic",
    "gives a child another id on each replay",
    child_instance_id=counted_ids(),
)
mutant(
    "child-result-as-text",
    "worker/children/result-decoded",
    "hands out the result of a child as it is written",
    read_result=result_as_text,
)
mutant(
    "child-failure-without-words",
    "worker/children/failure-raised",
    "forgets what a failed child said",
    failed_task=without_details,
)
mutant(
    "one-id-for-all-children",
    "worker/children/default-id-distinct",
    "gives all children of an instance one id",
    child_instance_id=one_id_for_all,
)
mutant(
    "child-ids-of-any-parent",
    "worker/children/default-id-distinct",
    "gives the children of two instances the same ids",
    child_instance_id=ids_of_any_parent,
)
