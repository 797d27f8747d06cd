"""Doing one work item: a turn is replayed in the event loop, an activity is awaited there or runs in a thread."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from dwconf.wire import values as v
from dwconf.worker.core import activities, completion
from dwconf.worker.core.decisions import Decisions
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.replay import replay
from dwconf.worker.core.stateful import Events, HistoryCache
from dwconf.worker.shell.calls import Calls
from dwconf.worker.shell.delivery import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The stream that an item came on: whether its answer is still wanted, and how to give its items back."""

    wanted: Callable[[], bool]
    give_back: Callable[[], None]


class Work:
    """Does the items of one worker."""

    def __init__(self, registry: Registry, decisions: Decisions, calls: Calls) -> None:
        self.cache = HistoryCache(decisions)
        self._registry = registry
        self._decisions = decisions
        self._calls = calls
        self._delivery = Delivery(calls, decisions)

    async def do(self, item: v.WorkItem, origin: Origin) -> None:
        """Do an item and answer it."""
        match self._decisions.taken_for(item):
            case v.WorkflowRequest() as request:
                await self._turn(request, item.completion_token, origin)
            case v.ActivityRequest() as request:
                await self._activity(request, item.completion_token, origin)

    async def _turn(self, request: v.WorkflowRequest, token: str, origin: Origin) -> None:
        self.cache.dispatched(request.instance_id, token)
        past = self.cache.past(request, _now())
        if past is None:
            past = await self._fetch(request, origin)
        if past is None:
            return
        response = completion.with_token(self._replay(request, past), self._decisions.answered_token(token))
        self.cache.keep(request, response, token=token, past=past, now=_now())
        await self._delivery.workflow(request, response, wanted=origin.wanted)

    async def _fetch(self, request: v.WorkflowRequest, origin: Origin) -> Events | None:
        fetched = await self._calls.history(request.instance_id)
        if fetched is not None:
            return self._decisions.past_after_fetch(fetched, request.past_events)
        if self._decisions.answers_without_history():
            return request.past_events
        if self._decisions.gives_back():
            origin.give_back()
        return None

    def _replay(self, request: v.WorkflowRequest, past: Events) -> v.WorkflowResponse:
        try:
            return replay(request, self._registry, decisions=self._decisions, past=past)
        except Exception as error:  # noqa: BLE001  (WRK-N-06: whatever went wrong in here, the item is answered)
            return completion.internal_failure(request, error, self._decisions)

    async def _activity(self, request: v.ActivityRequest, token: str, origin: Origin) -> None:
        response = await self._run(request)
        response = activities.with_token(response, self._decisions.answered_activity_token(token))
        await self._delivery.activity(request, response, wanted=origin.wanted)

    async def _run(self, request: v.ActivityRequest) -> v.ActivityResponse:
        call = activities.invocation(request, self._registry, self._decisions)
        if isinstance(call, v.ActivityResponse):
            return call
        try:
            value = await _call(call)
        except Exception as error:  # noqa: BLE001  (user code: whatever it raises is its own failure)
            return activities.failed(request, error, self._decisions)
        return activities.completed(request, value, self._decisions)


async def _call(call: activities.Invocation) -> object:
    if inspect.iscoroutinefunction(call.function):
        return await call.function(call.context, call.input)
    value = await asyncio.to_thread(call.function, call.context, call.input)
    return await value if inspect.isawaitable(value) else value


def _now() -> float:
    return asyncio.get_running_loop().time()
