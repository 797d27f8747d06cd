"""The engine as one machine without input or output: requests in, replies and batches out.

The hub runs the steps of instances, and carries effects to where they belong: other instances, the dispatcher, and what
is held of activities and timers (`holdings`). Everything that happens between two calls of `drain` is one batch: it
becomes durable in one transaction, and only then are its replies given and its work items sent (OV-2, ENG-C-24). Posts
between instances are delivered within the batch that caused them, so there is no moment at which a child's end is
committed and its parent has not heard of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from dwconf.engine.core.agenda import Retry
from dwconf.engine.core.children import living_descendant
from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.dispatch import ActivityWork, Dispatch, Dispatcher, Sent, Stream, TurnWork, Work, work_of
from dwconf.engine.core.frames import framed
from dwconf.engine.core.holdings import Holdings
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import (
    ActivityTask,
    Answered,
    Create,
    Deliver,
    DropTimer,
    DropTimers,
    Effect,
    Hold,
    Input,
    Post,
    Refusal,
    Refuse,
    RejectTurn,
    Remove,
    Schedule,
    SetTimer,
    Stuck,
    Timer,
    TimerDue,
)
from dwconf.engine.core.moment import Moment, Nonce, Site
from dwconf.engine.core.outcome import Outcome, Reply, Until
from dwconf.engine.core.purge import purge
from dwconf.engine.core.rerun import plan
from dwconf.engine.core.step import step
from dwconf.engine.core.store import Batch, Store
from dwconf.wire.values import (
    ActivityResponse,
    CreateInstanceRequest,
    CreateInstanceResponse,
    EventBody,
    GetInstanceRequest,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    Nanos,
    PurgeInstancesRequest,
    RerunWorkflowFromEventRequest,
    RerunWorkflowFromEventResponse,
    WorkerCapability,
    WorkflowResponse,
)
from dwconf.wire.values.shape import Value


class Hub:
    """One engine."""

    def __init__(
        self, *, store: Store, seed: bytes, rules: Decisions = REFERENCE, site: Site | None = None, now: Nanos = 0
    ) -> None:
        self.rules = rules
        self.dispatcher = Dispatcher(rules)
        self._store = store
        self._site = site or Site()
        self._seed = seed
        self._count = 0
        self._now = now
        self._held = Holdings(store, rules)
        self._refusal: Refusal | None = None
        self._restore()

    def _restore(self) -> None:
        """ENG-K-01: what was accepted before is still there: queued events, timers, activities without an outcome."""
        for task in self._held.tasks():
            self._offer_task(task)
        for instance_id in self._store.open_instances():
            self._offer_turn(instance_id)

    # Time.

    @property
    def now(self) -> Nanos:
        """The latest time that the hub was told."""
        return self._now

    def next_deadline(self) -> Nanos | None:
        """When `tick` has something to do, or None."""
        return self._held.agenda.next()

    def tick(self, now: Nanos) -> None:
        """ENG-E-01: fire what is due, in the order of the due times."""
        self._at(now)
        for due in self._held.agenda.due(self._now):
            match due:
                case Retry(instance_id):
                    self._offer_turn(instance_id)
                case Timer():
                    self._held.fired(due)
                    self._run(due.instance_id, TimerDue(due))

    def _at(self, now: Nanos) -> Moment:
        self._now = max(self._now, now)
        return self._moment()

    def moment(self, now: Nanos) -> Moment:
        """The circumstances of a request that comes now."""
        return self._at(now)

    def _moment(self) -> Moment:
        self._count += 1
        return Moment(self._now, Nonce(self._seed, self._count), self._site)

    # Requests of clients.

    def start(self, request: CreateInstanceRequest, now: Nanos) -> Outcome:
        """ENG-B: create an instance; the answer waits for its first turn unless a start time is given."""
        moment, rules = self._at(now), self.rules
        instance_id = rules.choose_instance_id(request.instance_id, moment)
        refusal = rules.refuse_request(request, moment)
        if refusal is not None:
            return refusal
        execution_id = rules.choose_execution_id(request.execution_id, moment)
        birth = rules.birth_event(rules.started_body(request, instance_id, execution_id), moment, rules)
        refusal = self._run(
            instance_id,
            self._informed(
                Create(
                    instance_id=instance_id,
                    birth=birth,
                    due=rules.not_before(request.scheduled_start_timestamp),
                    unique=request.enforce_unique_instance_id,
                )
            ),
        )
        if refusal is not None:
            return refusal
        response = CreateInstanceResponse(instance_id=instance_id)
        if rules.answers_at_once(request):
            return Reply(response)
        return Until(instance_id, rules.has_started, lambda _: response, gone=True)

    def rerun(self, request: RerunWorkflowFromEventRequest, now: Nanos) -> Outcome:
        """ENG-H-35, ENG-H-36: an instance that begins where another one was; the answer waits until it has started."""
        moment = self._at(now)
        new_id = self.rules.choose_rerun_id(request, moment)
        fork = plan(self.find(request.source_instance_id), request, new_id, moment, self.rules)
        if isinstance(fork, Refusal):
            return fork
        refusal = self._run(new_id, fork)
        if refusal is not None:
            return refusal
        response = RerunWorkflowFromEventResponse(new_instance_id=new_id)
        return Until(new_id, self.rules.has_started, lambda _: response, gone=True)

    def tell(
        self,
        instance_id: str,
        body: EventBody,
        now: Nanos,
        *,
        response: Value,
        until: Callable[[Instance, Decisions], bool] | None = None,
    ) -> Outcome:
        """ENG-F-01, ENG-H-01, ENG-H-08: queue an event; the answer waits for a condition if there is one."""
        moment = self._at(now)
        refusal = self.rules.refuse_event(self.find(instance_id), body, self.rules)
        if refusal is not None:
            return refusal
        self._run(instance_id, Deliver(self.rules.inbound(body, moment, self.rules, None)))
        condition = until or self.rules.told_when(body)
        if condition is None:
            return Reply(response)
        return Until(instance_id, condition, lambda _: response, gone=True)

    def get(self, request: GetInstanceRequest) -> Outcome:
        """ENG-H-37 to ENG-H-41."""
        return Reply(self._shown(self.find(request.instance_id), request))

    def wait(self, request: GetInstanceRequest, condition: Callable[[Instance, Decisions], bool]) -> Outcome:
        """ENG-H-42, ENG-H-43: answer when the condition holds."""
        if self.find(request.instance_id) is None:
            refusal = self.rules.refuse_wait(request.instance_id)
            if refusal is not None:
                return refusal
        return Until(request.instance_id, condition, lambda state: self._shown(state, request))

    def _shown(self, state: Instance | None, request: GetInstanceRequest) -> Value:
        return self.rules.get_instance(state, self.rules, payloads=request.get_inputs_and_outputs)

    def history(self, instance_id: str) -> Outcome:
        """ENG-C-04, ENG-H-44."""
        events = self.rules.history_events(self.find(instance_id), instance_id, self.rules)
        return events if isinstance(events, Refusal) else Reply(events)

    def list_ids(self, request: ListInstanceIDsRequest) -> Outcome:
        """ENG-H-45, MG-8."""
        size = self.rules.page_size(request)
        ids = self._store.ids(request.continuation_token or None, None if size is None else size + 1)
        response: ListInstanceIDsResponse = self.rules.page(ids, size)
        return Reply(response)

    def purge(self, request: PurgeInstancesRequest, now: Nanos) -> Outcome:
        """ENG-H-22 to ENG-H-26."""
        self._at(now)
        purged = purge(self, request)
        return purged if isinstance(purged, Refusal) else Reply(purged)

    def find(self, instance_id: str) -> Instance | None:
        """An instance as it is now, or None."""
        return self._held.load(instance_id)

    def all_ids(self) -> Iterable[str]:
        """All ids that are durable."""
        return self._store.ids(None, None)

    def remove(self, instance_id: str) -> None:
        """Delete an instance whatever its state."""
        for work in self.rules.forgotten(self._held.tasks_of(instance_id)):
            self._held.settle(work)
            self.dispatcher.withdraw(work)
        if self.rules.timers_go_too():
            self._held.drop_timers(instance_id)
        self._put(instance_id, None)
        self.dispatcher.forget(instance_id)

    # Requests of workers.

    def open_stream(self, requested: Iterable[WorkerCapability]) -> int:
        """A worker connects."""
        return self.dispatcher.open(requested)

    def close_stream(self, stream_id: int, now: Nanos) -> None:
        """ENG-A-11: a stream ends."""
        self._at(now)
        self.dispatcher.close(stream_id)

    def written(self, stream_id: int) -> None:
        """An item has been handed over."""
        self.dispatcher.written(stream_id)

    def complete_turn(self, response: WorkflowResponse, now: Nanos) -> Refusal | None:
        """ENG-C: a worker answers a turn."""
        self._at(now)
        dispatch = self.dispatcher.answer_turn(response)
        if isinstance(dispatch, Dispatch) and dispatch.turn is not None:
            self._run(response.instance_id, Answered(dispatch.turn, response))
        elif dispatch is None:
            for post in self.rules.discarded(self.find(response.instance_id), response, self._moment(), self.rules):
                self._run(post.instance_id, post.input)
        return dispatch if isinstance(dispatch, Refusal) else None

    def complete_activity(self, response: ActivityResponse, now: Nanos) -> Refusal | None:
        """ENG-D-02, ENG-D-03: a worker answers an activity."""
        moment, rules = self._at(now), self.rules
        refusal = rules.refuse_outcome(self.find(response.instance_id), rules)
        if refusal is not None:
            return refusal
        dispatch = self.dispatcher.answer_activity(response)
        if isinstance(dispatch, Refusal):
            return dispatch
        if dispatch is None:
            body = rules.unasked_outcome(response)
            if body is not None:
                self._run(response.instance_id, Deliver(rules.inbound(body, moment, rules, None)))
            return None
        if not isinstance(dispatch.work, ActivityWork):
            return None
        task = self._held.settle(dispatch.work)
        if task is not None:
            event = rules.inbound(rules.outcome(task, response), moment, rules, rules.outcome_router(task))
            self._run(task.instance_id, Deliver(event, task.epoch))
        return None

    # Batches.

    def drain(self, now: Nanos = 0) -> Batch:
        """What has happened since the last call, with the items that go out because of it.

        A turn is stamped when it goes out (ENG-C-01), so `now` matters even when nothing but a worker has come.
        """
        self._now = max(self._now, now)
        return self._held.batch(self._assign())

    def saved(self) -> None:
        """The last batch is durable."""
        self._held.saved()

    def _assign(self) -> list[tuple[int, bytes]]:
        items = []
        while (pair := self.dispatcher.next()) is not None:
            work, stream = pair
            item = self._item(work, stream)
            if item is not None:
                items.append((stream.id, item))
        return items

    def _item(self, work: Work, stream: Stream) -> bytes | None:
        moment = self._moment()
        token = self.rules.new_token(moment.nonce, work)
        match work:
            case TurnWork(instance_id):
                state = self.find(instance_id)
                if state is None or not self.rules.wants_turn(state, self.rules):
                    return None
                why = self.rules.turn_too_large(state, moment)
                if why is not None:
                    self._run(instance_id, Stuck(why))
                    return None
                turn = self.rules.form(state, moment, self.rules)
                cached = self.rules.cached_events(stream, state)
                request = self.rules.workflow_request(state, turn, self.rules, cached)
                stream.sent[instance_id] = Sent(state.epoch, state.history.events)
                self.dispatcher.sent(stream, Dispatch(work, token, stream.id, turn))
                return self.rules.work_item(framed(0x0A, request), token)
            case ActivityWork():
                task = self._held.task(work)
                if task is None:
                    return None
                self.dispatcher.sent(stream, Dispatch(work, token, stream.id))
                return self.rules.work_item(framed(0x12, task.request), token)

    # Steps and their effects.

    def _run(self, instance_id: str, first: Input) -> Refusal | None:
        """Run a step, and the steps that follow from it; the refusal of the first, if it was refused."""
        self._refusal = None
        agenda: deque[tuple[str, Input]] = deque([(instance_id, first)])
        while agenda:
            target, input_ = agenda.popleft()
            before = self.find(target)
            after, effects = step(before, input_, self._moment(), self.rules)
            if after is not before:
                self._put(target, after)
            for effect in effects:
                self._carry_out(effect, target, agenda)
            self._offer_turn(target)
        return self._refusal

    def _carry_out(self, effect: Effect, source: str, agenda: deque[tuple[str, Input]]) -> None:
        match effect:
            case Schedule(task):
                self._held.schedule(task)
                self._offer_task(task)
            case SetTimer(timer) if timer.due <= self._now:
                agenda.append((timer.instance_id, TimerDue(timer)))
            case SetTimer(timer):
                self._held.set_timer(timer)
            case DropTimer(instance_id, timer_id):
                self._held.drop_timer(instance_id, timer_id)
            case DropTimers(instance_id):
                self._held.drop_timers(instance_id)
            case Post(instance_id, input_):
                agenda.append((instance_id, self._informed(input_) if isinstance(input_, Create) else input_))
            case Refuse(refusal):
                self._refusal = refusal if self._refusal is None else self._refusal
            case RejectTurn(_, delay):
                if delay:
                    self._held.agenda.retry(source, self._now + delay)
            case Hold():
                self.dispatcher.hold(source)
            case Remove(instance_id):
                self.remove(instance_id)

    def _informed(self, create: Create) -> Create:
        """ENG-B-10, ENG-B-12: what reusing a finished instance's id depends on, besides that instance."""
        state = self.find(create.instance_id)
        if state is None or not self.rules.is_terminal(state.status):
            return create
        return replace(
            create,
            awaited=bool(self._held.tasks_of(create.instance_id)),
            obstacle=living_descendant(self.find, create.instance_id, self.rules),
        )

    # Instances and their work.

    def _put(self, instance_id: str, state: Instance | None) -> None:
        self._held.put(instance_id, state)
        if state is None or state.stalled is None:
            self.dispatcher.release(instance_id)
        if state is not None and self.rules.is_terminal(state.status):
            self.dispatcher.forget(instance_id)

    def _offer_turn(self, instance_id: str) -> None:
        state = self.find(instance_id)
        if (
            state is not None
            and self.rules.wants_turn(state, self.rules)
            and not self._held.agenda.is_paused(instance_id)
        ):
            self.dispatcher.offer(TurnWork(instance_id))

    def _offer_task(self, task: ActivityTask) -> None:
        if self.rules.is_local(task.router, self._moment()):
            self.dispatcher.offer(work_of(task))
