"""A wait that a busy engine refuses late is told from one that it parks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from dwconf.suite.cases.engine.queries import SHORT, parked_or_not
from dwconf.suite.tolerances import FOREIGN, Tolerances
from dwconf.wire.values import GetInstanceRequest


@dataclass
class Answer:
    number: int
    code: str


@dataclass
class Scene:
    """Answers each call after a time: with an error, or not at all before its deadline."""

    after: float
    tolerances: Tolerances = FOREIGN
    steps: dict[str, str] = field(default_factory=dict)
    calls: list[Answer] = field(default_factory=list)

    async def call(self, method: str, request: object, *, step: str = "", timeout: float) -> Answer:  # noqa: ASYNC109  (as the scene has it)
        del method, request
        answer = Answer(len(self.calls) + 1, "UNKNOWN" if self.after < timeout else "DEADLINE_EXCEEDED")
        self.calls.append(answer)
        if step:
            self.steps[step] = answer.code
        return answer

    def reached(self, step: str, number: int) -> None:
        self.steps[step] = self.calls[number - 1].code


@pytest.mark.parametrize(
    ("after", "code", "calls"),
    [(0, "UNKNOWN", 1), (2 * SHORT, "UNKNOWN", 2), (float("inf"), "DEADLINE_EXCEEDED", 2)],
    ids=["at once", "late", "never"],
)
def test_a_late_refusal_is_one(after: float, code: str, calls: int) -> None:
    scene = Scene(after)
    asyncio.run(parked_or_not(scene, "WaitForInstanceStart", GetInstanceRequest(), step="awaited"))  # type: ignore[arg-type]
    assert scene.steps == {"awaited": code}
    assert len(scene.calls) == calls
