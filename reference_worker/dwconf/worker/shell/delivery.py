"""Getting results to the engine (WRK-A-18, WRK-A-19, WRK-B-26, WRK-D-11).

A result is sent until the engine has it, or has refused it. A transport failure says nothing about the work, so the
same bytes are sent again, also after the stream was lost on which the item came; it never becomes a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dwconf.wire import values as v
from dwconf.wire.codec import encode
from dwconf.worker.core import activities, completion
from dwconf.worker.core.decisions import Decisions
from dwconf.worker.shell.calls import Calls

ACTIVITY, WORKFLOW, WORKFLOW_DEPRECATED = "CompleteActivityTask", "CompleteWorkflowTask", "CompleteOrchestratorTask"

UNSENT = ""
"""The status of an answer that nobody wants any more."""


class TooLargeError(Exception):
    """WRK-N-05: a result that does not fit the wire."""


class Delivery:
    """Sends answers."""

    def __init__(self, calls: Calls, decisions: Decisions) -> None:
        self._calls = calls
        self._decisions = decisions

    async def workflow(
        self, request: v.WorkflowRequest, response: v.WorkflowResponse, *, wanted: Callable[[], bool]
    ) -> None:
        """Answer a turn, for as long as `wanted` says so."""
        deprecated = self._decisions.uses_deprecated_completion()
        method = WORKFLOW_DEPRECATED if deprecated else WORKFLOW
        for answer in self._decisions.workflow_answers(response):
            status = await self._send(method, _encoded_turn(request, answer, self._decisions), wanted)
            if self._decisions.replaces_result(status):
                failure = completion.internal_failure(request, TooLargeError(status), self._decisions)
                await self._send(method, encode(completion.with_token(failure, answer.completion_token)), wanted)

    async def activity(
        self, request: v.ActivityRequest, response: v.ActivityResponse, *, wanted: Callable[[], bool]
    ) -> None:
        """Answer an activity item, for as long as `wanted` says so."""
        for answer in self._decisions.activity_answers(response):
            status = await self._send(ACTIVITY, encode(answer), wanted)
            if self._decisions.replaces_result(status):
                failure = activities.failed(request, TooLargeError(status), self._decisions)
                token = answer.completion_token
                await self._send(ACTIVITY, encode(activities.with_token(failure, token)), wanted)

    async def _send(self, method: str, answer: bytes, wanted: Callable[[], bool]) -> str:
        status, attempt = UNSENT, 0
        while wanted():
            status = await self._calls.complete(method, answer)
            delay = self._decisions.resend_delay(status, attempt)
            if delay is None:
                return status
            await asyncio.sleep(delay)
            attempt += 1
        return status


def _encoded_turn(request: v.WorkflowRequest, response: v.WorkflowResponse, decisions: Decisions) -> bytes:
    """The answer's bytes; what cannot be encoded (a name with half a surrogate pair, say) is the workflow's failure."""
    try:
        return encode(response)
    except ValueError as error:
        failure = completion.internal_failure(request, error, decisions)
        return encode(completion.with_token(failure, response.completion_token))
