"""A search on a scene: what a target does not answer, or answers with no message at all, ends a schedule, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from dwconf.suite.looking import Look
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.schedules.exploring import Explorer
from dwconf.suite.schedules.operations import Open, Read, Start, written
from dwconf.suite.schedules.verdicts import PLAYED, RULES
from dwconf.suite.tolerances import OURS
from dwconf.suite.trace.record import Kind
from dwconf.wire.codec import WireError
from tests.suite.schedules.core_scene import CoreScene


class Scene(CoreScene):
    """The core as a scene that a case may get."""

    look = Look(depth="quick", seed=1)
    rules = frozenset(RULES)
    tolerances = OURS

    def played(self) -> list[str]:
        return [str(r.fields["rule"]) for r in self.tape.records if r.kind is Kind.NOTE and r.text == PLAYED]


def explored(scene: Any) -> Scene:  # noqa: ANN401
    async def explore() -> None:
        await Explorer(scene, virtual=True).explore()

    asyncio.run(explore())
    assert isinstance(scene, Scene)
    return scene


def test_a_right_engine_is_played_with_and_nothing_is_found() -> None:
    played = explored(Scene()).played()
    assert len(played) > 1
    assert set(played) == {""}


def failing(error: Exception) -> Callable[[str], Coroutine[Any, Any, Any]]:
    async def state(_: str) -> Any:  # noqa: ANN401
        raise error

    return state


@pytest.mark.parametrize(
    "error", [CaseOver("no answer"), WireError("GetInstanceResponse", "cut off", 3)], ids=["silent", "malformed"]
)
def test_a_target_that_does_not_answer_ends_a_schedule_only(error: Exception) -> None:
    scene = Scene()
    scene.state = failing(error)  # type: ignore[method-assign, assignment]
    assert len(explored(scene).played()) > 1


def test_what_is_to_be_played_again_is_played_alone() -> None:
    scene = Scene()
    scene.look = Look(again=written((Open(), Start(), Read())), rule="engine/events/fifo")
    assert set(explored(scene).played()) == {"engine/events/fifo"}
