"""The worker scene: we are the engine, and fabricate or carry on whatever history the rule needs.

Work items go to the app's stream; what the app answers is matched by completion token (and by instance, for a worker
that does not echo it). Time is what the histories say it is, so a day-long timer costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

import grpc

from dwconf.suite.evidence import Call, Item
from dwconf.suite.evidence.evidence import answered, read_item
from dwconf.suite.scene.double import PATHS, Connection, Context, EngineDouble, Shown
from dwconf.suite.scene.histories import History, Said
from dwconf.suite.scene.ports import Listener, Relay
from dwconf.suite.scene.stage import CaseOver, Stage
from dwconf.suite.tolerances import Tolerances
from dwconf.suite.trace.record import Actor, Kind, Record, Tape
from dwconf.wire import codec
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetWorkItemsRequest,
    HealthPing,
    HistoryEvent,
    Value,
    WorkerCapability,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkItem,
)

V = TypeVar("V", bound=Value)

PATIENCE = 3
"""After so many turns in a row without an answer, the next one is not waited for as long."""
Environment = Mapping[str, str | None]
"""Variables for an app; None takes one away."""
Answered = bytes | tuple[grpc.StatusCode, str]
Reaction = Callable[[str, bytes, Context], Answered | Awaitable[Answered] | None]
"""What a case answers a call with: bytes, a status, either of them later, or None for the usual answer."""


CAPABILITIES = {
    WorkerCapability.STATEFUL_HISTORY: "stateful-history",
    WorkerCapability.HEALTH_PING: "health-ping",
}


class RunningApp(Protocol):
    """One running app."""

    @property
    def running(self) -> bool: ...

    async def stop(self, *, kill: bool = False) -> None: ...

    def terminate(self) -> None: ...

    async def wait(self) -> int: ...


class WorkerTarget(Protocol):
    """What a scene needs of a worker under test."""

    @property
    def tolerances(self) -> Tolerances:
        """How long to wait."""

    @property
    def double(self) -> EngineDouble:
        """The engine that the app is connected to."""

    @property
    def can(self) -> frozenset[str]:
        """The operations that the app's manifest declares."""

    @property
    def features(self) -> frozenset[str]:
        """The features that the app's manifest declares."""

    @property
    def produced(self) -> dict[str, tuple[History, ...]]:
        """The histories that each case has made on it."""

    async def launch(self, port: int, *, token: str = "", environment: Environment | None = None) -> RunningApp:
        """Start one more app process that connects to `port` of this machine; only for targets that we start."""


class WorkerScene(Stage):
    """One conversation with a worker.

    A scene `apart` hears nothing of the target's own engine: it has none until its case brings one.
    """

    def __init__(self, target: WorkerTarget, tape: Tape, prefix: str, *, apart: bool = False) -> None:
        super().__init__(tape, target.tolerances, prefix)
        self.target = target
        self.double = EngineDouble() if apart else target.double
        self.answers: list[Call] = []
        self.histories: dict[str, tuple[HistoryEvent, ...]] = {}
        """What GetInstanceHistory answers, by instance."""
        self.streams = 0
        """How many streams were opened in this case, refused ones too."""
        self.turns: dict[str, list[Said]] = {}
        """The turns that were answered and committed, by instance."""
        self.react: Reaction | None = None
        self._unclaimed: dict[int, Call] = {}
        """The answers that no item has been given yet, in the order in which they came."""
        self._tokens = 0
        self._sent: set[str] = set()
        """The tokens of all items so far."""
        self._carriers: dict[int, tuple[Connection, str]] = {}
        """On which stream each item went, and as which step, by its number."""
        self._awaited: dict[int, list[Item]] = {}
        """The items whose answers are waited for, by number, each with those that it went out as."""
        self._going_out_again: set[asyncio.Task[None]] = set()
        self._apps: list[RunningApp] = []
        self._doubles: list[EngineDouble] = []
        self._listeners: list[Listener | Relay] = []
        self.double.audience = self

    # --- what the double tells us

    def owns(self, instance_id: str) -> bool:
        return self.mine(instance_id)

    def connected(self, connection: Connection, request: bytes) -> None:
        fields = connection.shown.fields
        record = self.tape.add(Actor.TARGET, Kind.OPEN, method=PATHS["GetWorkItems"], payload=request, fields=fields)
        connection.number = record.number
        self.streams += 1
        self.wake()

    def disconnected(self, connection: Connection, *, by_worker: bool, code: str) -> None:
        actor = Actor.TARGET if by_worker else Actor.SUITE
        record = self.tape.add(actor, Kind.END, call=connection.number, method=PATHS["GetWorkItems"], code=code)
        connection.ended = record.number
        for sent in list(self._awaited.values()) if by_worker else ():
            if self._carriers[sent[-1].number][0] is connection:
                task = asyncio.create_task(self._go_out_again(sent))
                self._going_out_again.add(task)
                task.add_done_callback(self._going_out_again.discard)
        self.wake()

    async def _go_out_again(self, sent: list[Item]) -> None:
        """A worker has left its stream: as an engine owes it, what is unanswered goes out under a new token (ENG-A-11).

        The worker may have read the item before it left, and answer on its next connection: that comes first.
        """
        await asyncio.sleep(self.tolerances.quiet)
        with contextlib.suppress(TimeoutError):
            connection = await self.double.connected(self.tolerances.reconnect)
            if sent[0].number in self._awaited and not any(map(self.was_answered, sent)):
                again = replace(sent[-1].item, completion_token=self.new_token())
                sent.append(await self.send_bytes(codec.encode(again), connection=connection))

    async def called(self, method: str, request: bytes, context: Context, shown: Shown) -> bytes:
        path = PATHS[method]
        record = self.tape.add(Actor.TARGET, Kind.REQUEST, method=path, payload=request, fields=shown.fields)
        answer = self._answer(method, request, context)
        if not isinstance(answer, bytes | tuple):
            answer = await answer
        if isinstance(answer, tuple):
            code, text = answer
            self._ended(record.number, method, Kind.STATUS, code=code.name, text=text)
            await context.abort(code, text)
            raise RuntimeError("abort raises before this")  # noqa: TRY004
        self._ended(record.number, method, Kind.RESPONSE, payload=answer, code="OK")
        return answer

    def _answer(self, method: str, request: bytes, context: Context) -> Answered | Awaitable[Answered]:
        chosen = self.react(method, request, context) if self.react is not None else None
        if chosen is not None:
            return chosen
        if method == "GetInstanceHistory":
            instance_id = codec.decode(GetInstanceHistoryRequest, request).instance_id
            return history_answer(self.histories.get(instance_id, ()))
        return b""

    def _ended(self, call: int, method: str, kind: Kind, *, payload: bytes = b"", code: str, text: str = "") -> None:
        ended = self.tape.add(Actor.SUITE, kind, call=call, method=PATHS[method], payload=payload, code=code, text=text)
        begun = self.tape.records[call - 1]
        call_made = Call(begun.number, begun.method, begun.payload, begun.clock)
        call_over = answered(call_made, ended)
        self.answers.append(call_over)
        self._unclaimed[call_over.number] = call_over
        self.wake()

    # --- what we send

    def new_token(self) -> str:
        """A completion token that no other dispatch of this case has."""
        self._tokens += 1
        return f"{self.prefix}-token-{self._tokens}"

    async def send(
        self,
        request: WorkflowRequest | ActivityRequest | HealthPing | None,
        *,
        step: str = "",
        token: str | None = None,
        unknown: bytes = b"",
        connection: Connection | None = None,
    ) -> Item:
        """Send one work item on the app's stream, waiting for one if the app is not connected."""
        made = WorkItem(request=request, completion_token=self.new_token() if token is None else token, unknown=unknown)
        record = await self._sent_off(codec.encode(made), step=step, connection=connection)
        item = read_item(record) if unknown else Item(record.number, record.call, record.clock, record.payload, made)
        self._sent.add(item.token)
        return item

    async def send_bytes(self, data: bytes, *, step: str = "", connection: Connection | None = None) -> Item:
        """Send the bytes of a work item as they are."""
        item = read_item(await self._sent_off(data, step=step, connection=connection))
        self._sent.add(item.token)
        return item

    async def _sent_off(self, data: bytes, *, step: str, connection: Connection | None) -> Record:
        to = connection or await self.stream()
        record = self.tape.add(Actor.SUITE, Kind.ITEM, call=to.number, method=PATHS["GetWorkItems"], payload=data)
        to.send(data)
        self.reached(step, record.number)
        self._carriers[record.number] = (to, step)
        return record

    async def stream(
        self, *, step: str = "", double: EngineDouble | None = None, within: float | None = None
    ) -> Connection:
        """The app's open stream; waits for a reconnect if there is none, `within` seconds."""
        limit = within or self.tolerances.reconnect
        try:
            found = await (double or self.double).connected(limit)
        except TimeoutError:
            self.waited += limit
            self.missed(step, "a connection of the worker")
            raise CaseOver("the worker is not connected") from None
        self.reached(step, found.number)
        return found

    @staticmethod
    def offers(connection: Connection) -> frozenset[str]:
        """The capabilities that a stream was opened with, under the names that the rulebook gives them."""
        try:
            request = codec.decode(GetWorkItemsRequest, connection.capabilities)
        except codec.WireError:
            return frozenset()
        return frozenset(CAPABILITIES[one] for one in request.capabilities if one in CAPABILITIES)

    # --- what we wait for

    def owed(self, item: Item) -> list[Item]:
        """Note that an answer to this item is waited for: it goes out once more if the worker leaves its stream."""
        return self._awaited.setdefault(item.number, [item])

    async def answered(self, item: Item, *, step: str = "", within: float | None = None) -> Call:
        """The completion call for an item.

        A worker that answers no turn at all is waited for in full a few times, and then for a short while each time.
        """
        turn = isinstance(item.item.request, WorkflowRequest)
        if turn and within is None and self.double.silences >= PATIENCE:
            within = self.tolerances.silent

        sent = self.owed(item)

        def look() -> Call | None:
            return next((c for c in self._unclaimed.values() if any(completes(c, o, self._sent) for o in sent)), None)

        try:
            call = await self.until(look, step=step, expects=f"an answer to {describe(item)}", within=within)
        except CaseOver:
            self.double.silences += turn
            raise
        finally:
            del self._awaited[item.number]
        self.double.silences = 0 if turn else self.double.silences
        del self._unclaimed[call.number]
        answers = next(one for one in sent if completes(call, one, self._sent))
        if answers is not item:
            self.reached(self._carriers[item.number][1], answers.number)
        self.reached(step, call.number)
        return call

    def was_answered(self, item: Item) -> bool:
        """Whether the completion call for an item has come."""
        return any(completes(call, item, self._sent) for call in self._unclaimed.values())

    async def exchange(
        self, request: WorkflowRequest | ActivityRequest, *, step: str = "", token: str | None = None
    ) -> Call:
        """Send an item (step `<step>/sent`) and wait for its answer (step `<step>`)."""
        item = await self.send(request, step=f"{step}/sent" if step else "", token=token)
        return await self.answered(item, step=step)

    async def activity(
        self,
        name: str,
        input: str | None = None,  # noqa: A002
        *,
        step: str = "",
        task_id: int = 7,
        **more: object,
    ) -> Call:
        """Have an activity run; `more` are further fields of the request."""
        instance = WorkflowInstance(instance_id=self.new_id("a"), execution_id="11111111-1111-4111-8111-111111111111")
        request = ActivityRequest(name=name, input=input, workflow_instance=instance, task_id=task_id, **more)  # type: ignore[arg-type]
        return await self.exchange(request, step=step)

    async def ended(self, connection: Connection, *, step: str, within: float | None = None) -> None:
        """The end of a stream."""
        await self.until(lambda: connection.ended or None, step=step, expects="the end of the stream", within=within)
        self.reached(step, connection.ended)

    async def quiet(self, *, opens: str, closes: str) -> None:
        """Keep an observation window open between two steps, in which something must not come."""
        self.reached(opens)
        await asyncio.sleep(self.tolerances.quiet)
        self.waited += self.tolerances.quiet
        self.reached(closes, window=self.tolerances.quiet)

    async def watch(self, seconds: float, *, opens: str, closes: str, enough: Callable[[], bool]) -> None:
        """Keep a window open for some seconds of the worker's, or until there is `enough` in it."""
        self.reached(opens)
        with self.waiting(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * self.tolerances.pace):
                while not enough():
                    self._news.clear()
                    await self._news.wait()
        self.reached(closes, seconds=seconds)

    async def fence(self, *, step: str) -> None:
        """Show that the app still serves: an activity that echoes, sent after everything else, is answered."""
        await self.activity("echo", '"fence"', step=step)

    # --- processes of a case's own

    async def own_double(self, *, port: int = 0, token: str = "") -> EngineDouble:
        """One more engine, on a port of its own."""
        double = EngineDouble()
        double.token = token
        double.audience = self
        await double.start(port=port)
        self._doubles.append(double)
        return double

    async def own_listener(self) -> Listener:
        """A port that takes connections, notes the first bytes of each, and hangs up."""
        listener = Listener(self.wake)
        await listener.start()
        self._listeners.append(listener)
        return listener

    async def own_relay(self, port: int) -> Relay:
        """A port that passes everything on to `port`, and counts the pings that come by."""
        relay = Relay(port)
        await relay.start()
        self._listeners.append(relay)
        return relay

    def use(self, double: EngineDouble) -> None:
        """From here on, items go to the app that is connected to this engine, and nothing else is heard."""
        if self.double is not double:
            self.double.audience = None
        self.double = double
        double.audience = self

    async def own_app(self, port: int, *, token: str = "", environment: Environment | None = None) -> RunningApp:
        """One more process of the app, that connects to `port`, unless its environment says otherwise."""
        app = await self.target.launch(port, token=token, environment=environment)
        self._apps.append(app)
        return app

    async def close(self) -> None:
        """Leave its histories to later cases, stop what the case started, and stop hearing the double."""
        self.target.produced[self.tape.case] = tuple(
            History(tuple(turns), self.tape.case, instance_id.removeprefix(f"{self.prefix}-"))
            for instance_id, turns in self.turns.items()
        )
        for task in self._going_out_again:
            task.cancel()
        for app in self._apps:
            await app.stop(kill=True)
        for double in self._doubles:
            await double.stop()
        for listener in self._listeners:
            await listener.stop()
        if self.target.double.audience is self:
            self.target.double.audience = None


def completes(call: Call, item: Item, sent: set[str]) -> bool:
    """Whether a completion call is about an item: its token, or none that was `sent` and the same instance and task."""
    match item.item.request:
        case ActivityRequest() as request if call.name == "CompleteActivityTask":
            done = _read(call, ActivityResponse)
            if done is None:
                return False
            same = done.instance_id == item.instance_id and done.task_id == request.task_id
            return done.completion_token == item.token or (same and _tells_nothing(done.completion_token, sent))
        case WorkflowRequest() if call.name in ("CompleteWorkflowTask", "CompleteOrchestratorTask"):
            answer = _read(call, WorkflowResponse)
            if answer is None:
                return False
            same = answer.instance_id == item.instance_id
            return answer.completion_token == item.token or (same and _tells_nothing(answer.completion_token, sent))
        case _:
            return False


def history_answer(events: tuple[HistoryEvent, ...]) -> bytes:
    """What GetInstanceHistory answers for these events."""
    return codec.encode(GetInstanceHistoryResponse(events=events))


def _tells_nothing(token: str, sent: set[str]) -> bool:
    return not token or token not in sent


def _read(call: Call, kind: type[V]) -> V | None:
    try:
        return call.request(kind)
    except codec.WireError:
        return None


def describe(item: Item) -> str:
    """An item in words."""
    match item.item.request:
        case ActivityRequest() as request:
            return f"activity {request.name} (task {request.task_id}) of {item.instance_id}"
        case WorkflowRequest() as request:
            return f"the turn of {request.instance_id} with {len(request.new_events)} new events"
        case _:
            return "a work item"
