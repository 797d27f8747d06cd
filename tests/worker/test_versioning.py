"""Patches and named versions (WRK-K)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dwconf.wire import values as v
from dwconf.worker.core.context import Context
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h

NOT_AVAILABLE = [v.WorkflowVersionNotAvailable()]


def named(name: str) -> h.Code:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        yield from ctx.activity(name)
        return name

    return code


def registry(*versions: str, latest: str | None = None, unversioned: bool = False) -> Registry:
    made = Registry()
    for version in versions:
        made.workflow("code", version=version, latest=version == latest)(named(version))
    if unversioned:
        made.workflow("code")(named("plain"))
    return made


@pytest.mark.parametrize(
    ("known", "pinned", "runs", "reported"),
    [
        (registry("v1", "v2", latest="v2"), None, "v2", "v2"),
        (registry("v1", "v2", latest="v1"), None, "v1", "v1"),
        (registry("v1", "v2", latest="v2"), "v1", "v1", "v1"),
        (registry("v1", latest="v1", unversioned=True), None, "plain", None),
        (registry("v1", latest="v1", unversioned=True), "v1", "plain", None),
    ],
    ids=["latest", "latest is the older", "pinned", "unversioned", "unversioned, pinned"],
)
def test_a_version_is_chosen_and_reported(known: Registry, pinned: str | None, runs: str, reported: str | None) -> None:
    response = h.run(known, [h.turn(0, version=pinned), h.start()])
    assert h.scheduled_names(response) == [(0, runs)]
    assert response.version == (None if reported is None else v.WorkflowVersion(name=reported))


def test_the_version_is_reported_on_every_turn() -> None:
    past = [h.turn(0, version="v1"), h.start(), h.scheduled(0, "v1")]
    for new in ([h.turn(1)], [h.turn(1), h.SUSPENDED], [h.turn(1), h.completed(0)]):
        response = h.run(registry("v1", "v2", latest="v2"), new, past=past)
        assert response.version == v.WorkflowVersion(name="v1")


def test_a_version_that_is_not_there_is_said_so() -> None:
    past = [h.turn(0, version="v9"), h.start(), h.scheduled(0, "a")]
    response = h.run(registry("v1", latest="v1"), [h.turn(1), h.completed(0)], past=past)
    assert h.bodies(response) == NOT_AVAILABLE


def test_a_terminate_ends_an_instance_without_its_version() -> None:
    past = [h.turn(0, version="v9"), h.start()]
    response = h.run(registry("v1", latest="v1"), [h.turn(1), h.terminated('"bye"')], past=past)
    assert h.outcome(response) == ("TERMINATED", '"bye"')


@pytest.mark.parametrize(
    ("known", "pinned"),
    [(registry(), None), (registry(), "v1"), (registry("v1"), None)],
    ids=["unknown name", "unknown name, pinned", "no latest"],
)
def test_a_name_under_which_nothing_can_run_fails(known: Registry, pinned: str | None) -> None:
    response = h.run(known, [h.turn(0, version=pinned), h.start(), h.scheduled(0, "a")])
    assert h.outcome(response) == ("FAILED", "NotRegisteredError")


def checks(ctx: Context, _value: Json) -> Workflow[Json]:
    first = ctx.patched("p")
    yield from ctx.activity("new" if first else "old")
    return [first, ctx.patched("p"), ctx.patched("q")]


@pytest.mark.parametrize(
    ("past", "new", "result", "patches"),
    [
        ([h.turn(0, "p"), h.start(), h.scheduled(0, "new")], [h.completed(0)], "[true,true,true]", ("p", "p", "q")),
        ([h.turn(), h.start(), h.scheduled(0, "old")], [h.completed(0)], "[false,false,true]", ("q",)),
        (
            [h.turn(), h.start(), h.scheduled(0, "new"), h.turn(1, "p", "q"), h.completed(0)],
            [],
            "[true,true,true]",
            ("p", "p", "q"),
        ),
        ([h.turn(), h.start(), h.scheduled(0, "old"), h.turn(1), h.completed(0)], [], "[false,false,false]", ()),
    ],
    ids=["recorded", "not recorded", "recorded by a later turn", "past the frontier"],
)
def test_patch_checks(
    past: Sequence[v.HistoryEvent], new: Sequence[v.HistoryEvent], result: str, patches: tuple[str, ...]
) -> None:
    response = h.run(checks, [h.turn(5), *new], past=past)
    assert h.outcome(response) == ("COMPLETED", result)
    assert response.version == (v.WorkflowVersion(patches=patches) if patches else None)
