"""How an exam is put to an app: the items that are sent, and how an answer that does not come is told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from dwconf.suite.cli.doctor.answers import COMPLETED, Complaint, TurnJudge, completion, told
from dwconf.suite.cli.doctor.contract import SMALLEST, ActivityExam, ProgramExam, judged
from dwconf.suite.scene.instance import Instance, Turn
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import ActivityResponse, EventBody, ScheduleTask, WorkflowStarted, WorkflowVersion

Question = Callable[[WorkerScene], Awaitable[Complaint]]
"""Asks an app something, and says what is wrong with the answer. Raises Silence."""


class Silence(CaseOver):
    """No answer came."""


class Doubt(Exception):
    """Something that is odd, and may be the SDK's doing as well as the app's."""


def activity(exam: ActivityExam) -> Question:
    """One activity item."""

    async def ask(s: WorkerScene) -> Complaint:
        given = None if exam.input is None else json.dumps(exam.input, ensure_ascii=False)
        try:
            call = await s.activity(exam.name, given)
        except CaseOver as error:
            if exam.may_be_silent:
                return ""
            raise Silence(f"gives no answer within {s.tolerances.dispatch:g} s, not even a failure") from error
        return exam.judge(call.request(ActivityResponse))

    return ask


def program(exam: ProgramExam, *, name: str = "interp", judge: TurnJudge | None = None) -> Question:
    """The first turn of a program and, unless another judge looks at that one alone, a second turn."""

    async def ask(s: WorkerScene) -> Complaint:
        wf = Instance(s, name=name, input=json.dumps(exam.program))
        try:
            first = await _turn(wf)
        except Silence:
            if exam.may_be_silent and judge is None:
                return ""
            raise
        complaint = judge(first.response) if judge is not None else judged(exam, first.response)
        if complaint or judge is not None or exam.then is None:
            return complaint
        return exam.last((await _turn(wf, *exam.then(wf, first))).response)

    return ask


def version(name: str) -> Question:
    """The first turn of the versioned workflow, pinned to one version."""

    async def ask(s: WorkerScene) -> Complaint:
        wf = Instance(s, name="ver", input="null")
        opening = (wf.event(WorkflowStarted(version=WorkflowVersion(name=name))), wf.started())
        turn = await _answered(wf, wf.exchange(wf.request(opening)))
        tasks = [(task.name, task.input) for _, task in turn.of(ScheduleTask)]
        right = tasks == [("echo", json.dumps(name))]
        return "" if right else f'must call `echo` with "{name}" first, but gave {told(turn.response)}'

    return ask


async def unknown_workflow(s: WorkerScene) -> Complaint:
    """A workflow that nobody is to register."""
    turn = await _turn(Instance(s, SMALLEST.program, name="missing_wf"))
    done = completion(turn.response)
    if done is None or done.workflow_status != COMPLETED:
        return ""
    return "must not be registered: rules need an unknown name"


async def _turn(wf: Instance, *events: EventBody) -> Turn:
    return await _answered(wf, wf.turn(*events))


async def _answered(wf: Instance, turn: Awaitable[Turn]) -> Turn:
    try:
        return await turn
    except CaseOver as error:
        raise Silence(f"a turn gets no answer within {wf.scene.tolerances.dispatch:g} s") from error
