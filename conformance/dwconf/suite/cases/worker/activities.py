"""Activities, from the item to its answer (chapter D)."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.programs import call, program, return_, start
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene

TEXT = "no paper left: ü"
TASK_EXECUTION = "0b5b6d0e-7f0a-4b56-9c0e-3f6f6c1f2a77"
BAD_JSON = ('{"a": ', "nonsense", "[1")


@case()
async def echoed(s: WorkerScene) -> None:
    """Activities succeed, with task ids of every size and values of every kind."""
    for step, task_id in (("zero", 0), ("one", 1), ("large", 2_147_483_647)):
        await s.activity("echo", '{"a": [1, null]}', step=step, task_id=task_id)
    for step, given in VALUES.items():
        await s.activity("echo", given, step=step)
    await s.activity("echo", None, step="absent")
    await s.activity("echo", "", step="blank")


VALUES = {
    "number": "0",
    "flag": "false",
    "empty": '""',
    "text": '"a \\"ü\\" \\u20ac"',
    "list": '[1, "two", [3.5], {}]',
    "null": "null",
}
"""Inputs, by step."""


@case()
async def failed(s: WorkerScene) -> None:
    """Activities throw, with and without a message."""
    await s.activity("fail", f'{{"message": "{TEXT}", "type": "PaperError"}}', step="with-text", task_id=0)
    await s.activity("fail", '{"message": null}', step="null-message")
    await s.activity("fail", '{"message": ""}', step="empty-message")
    await s.fence(step="fence")


@case()
async def unregistered(s: WorkerScene) -> None:
    """An activity that the app does not have, and one under another spelling of its name."""
    await s.activity("missing_act", "null", step="unknown")
    await s.activity("ECHO", '"loud"', step="loud")


@case()
async def bad_input(s: WorkerScene) -> None:
    """Inputs that are no JSON."""
    for number, text in enumerate(BAD_JSON):
        await s.activity("echo", text, step=f"bad-{number}")
    await s.fence(step="fence")


@case(needs=("bad-result",))
async def bad_result(s: WorkerScene) -> None:
    """An activity returns what no JSON can hold."""
    await s.activity("bad", "null", step="returned")
    await s.fence(step="fence")


@case()
async def context(s: WorkerScene) -> None:
    """An activity tells what it sees of its item."""
    await s.activity("ctx", "null", step="told", task_id=4711, task_execution_id=TASK_EXECUTION)


@case()
async def scheduled(s: WorkerScene) -> None:
    """A workflow schedules activities with inputs that count as nothing, and with others."""
    inputs = (0, False, "", {"a": [1]})
    steps = [start("echo", value, as_=f"h{number}") for number, value in enumerate(inputs)]
    await Instance(s, program(*steps, call("echo", None), return_(1))).turn(step="scheduled")
