"""Random programs under random schedules, and the smallest of those that a worker gets wrong.

Hypothesis draws programs and schedules; the oracle says after each whether the answers were what the program means. As
soon as one is not, smaller ones are tried out of the report's sight, and the smallest is run once more, for the check
to judge. The engine double delivers whatever the schedule says: outcomes one by one or several in a turn, events before
anybody waits for them, results twice, timers in any order.

Example n has the steps `example/n/program` (its text is kept there), `example/n/0`, `example/n/1`, …; the smallest that
failed has `smallest/…`, and becomes a counterexample, as does one that is not answered at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

import msgspec
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence.answers import Answer
from dwconf.suite.looking import SHOWN
from dwconf.suite.oracle.judge import FAR_AWAY, breaches
from dwconf.suite.programs.random import EVENTS, FAILING, Example, demanded, examples
from dwconf.suite.scene.instance import Instance, Turn
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    EventBody,
    ScheduleTask,
    WorkflowAction,
)

CASE, RULE = "worker/programs/random", "worker/replay/programs-do-what-they-mean"
MOST_TURNS = 40
MOST_EVENTS = 16
AT_ONCE = 3
"""How many outcomes a turn brings at most."""
MOST_TRIED = 400
"""How many smaller examples are tried."""


class Wrong(Exception):
    """What Hypothesis is told of an example that the oracle objects to."""


class Stopped(BaseException):
    """The case is over while Hypothesis still searches."""


@dataclass(slots=True)
class Schedule:
    """The choices of a schedule, one after the other; nought when none is left."""

    choices: Sequence[int]
    place: int = 0

    def next(self, ways: int) -> int:
        """One of so many ways."""
        chosen = self.choices[self.place] if self.place < len(self.choices) else 0
        self.place += 1
        return chosen % ways


@dataclass(slots=True)
class Delivery:
    """What an instance awaits, and what the schedule makes of that."""

    wf: Instance
    schedule: Schedule
    open: dict[int, WorkflowAction] = field(default_factory=dict)
    raised: int = 0

    def took(self, turn: Turn) -> bool:
        """Note what an answer asks for; whether it goes on."""
        for action in turn.actions:
            match action.body:
                case CreateTimer(fire_at=at) if (at or 0) > FAR_AWAY:
                    continue
                case ScheduleTask() | CreateTimer() | CreateChildWorkflow():
                    self.open[action.id] = action
        return not any(isinstance(action.body, CompleteWorkflow) for action in turn.actions)

    def outcomes(self) -> list[EventBody]:
        """The new events of the next turn; none when nothing can happen any more."""
        found: list[EventBody] = []
        for _ in range(1 + self.schedule.next(AT_ONCE)):
            found += self._outcome()
        return found

    def _outcome(self) -> list[EventBody]:
        ways = sorted(self.open)
        chosen = self.schedule.next(len(ways) + 1)
        if chosen < len(ways):
            action = self.open.pop(ways[chosen])
            outcome = self._settled(action)
            return [outcome, self._once_more(action)] if self.schedule.next(4) == 1 else [outcome]
        if self.raised >= MOST_EVENTS:
            return []
        self.raised += 1
        name = EVENTS[(self.schedule.next(len(EVENTS)) + (0 if ways else self.raised)) % len(EVENTS)]
        return [self.wf.raised(name, str(self.raised))]

    def _settled(self, action: WorkflowAction) -> EventBody:
        match action.body:
            case CreateTimer():
                return self.wf.fired(action.id)
            case CreateChildWorkflow():
                return self.wf.child_completed(action.id, f'"child {action.id}"')
            case ScheduleTask(name=name) if name == FAILING and self.schedule.next(3) > 0:
                return self.wf.failed(action.id)
            case _:
                return self.wf.completed(action.id, f'"result {action.id}"')

    def _once_more(self, action: WorkflowAction) -> EventBody:
        """Another outcome of what has one already."""
        match action.body:
            case CreateTimer():
                return self.wf.fired(action.id)
            case CreateChildWorkflow():
                return self.wf.child_completed(action.id, '"once more"')
            case _:
                return self.wf.completed(action.id, '"once more"')


async def run(s: WorkerScene, example: Example, *, step: str) -> bool:
    """Run an example to its end; whether the answers were what it means. Raises CaseOver without an answer."""
    text = json.dumps(example.program).encode()
    s.tape.add(Actor.HARNESS, Kind.STEP, payload=text, text=f"{step}/program")
    wf = Instance(s, example.program)
    delivery = Delivery(wf, Schedule(example.choices))
    turns = [await wf.turn(step=f"{step}/0")]
    while delivery.took(turns[-1]) and len(turns) < MOST_TURNS:
        outcomes = delivery.outcomes()
        if not outcomes:
            break
        turns.append(await wf.turn(*outcomes, step=f"{step}/{len(turns)}"))
    exchanges = [(turn.item.turn, Answer(turn.call, turn.response)) for turn in turns]
    return not any(True for _ in breaches(example.program, exchanges))


@dataclass(slots=True)
class Search:
    """One search of Hypothesis's, in a thread of its own; examples run on the loop of the case."""

    s: WorkerScene
    loop: asyncio.AbstractEventLoop
    tried: int = 0
    smaller: int = 0
    wrong: dict[str, Example] = field(default_factory=dict)
    smallest: Example | None = None
    over: CaseOver | None = None
    """What was awaited and did not come: the check sees that too."""
    unanswered: Example | None = None
    """The example that it did not come for."""
    stopped: bool = False

    def look(self, most: int) -> None:
        """Draw up to so many examples; ends with `smallest` set when one was wrong."""

        @seed(self.s.look.seed)
        @settings(
            max_examples=most,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
        )
        @given(examples(self.s.target.can, self.s.target.features))
        def every_program_does_what_it_means(example: Example) -> None:
            if self._is_wrong(example):
                self.smallest = example
                raise Wrong

        with contextlib.suppress(Wrong, Stopped):
            every_program_does_what_it_means()

    def _is_wrong(self, example: Example) -> bool:
        if self.wrong:
            return self._still(example)
        self.tried += 1
        self.unanswered = example
        if self._do(run(self.s, example, step=f"example/{self.tried}")):
            return False
        self.wrong[str(example)] = example
        return True

    def _still(self, example: Example) -> bool:
        """Whether a smaller example is wrong too; after many of them, only what is known to be."""
        known = str(example)
        if known not in self.wrong and self.smaller < MOST_TRIED:
            self.smaller += 1
            if not self._do(unseen(self.s, example, f"{self.s.prefix}-s{self.smaller}")):
                self.wrong[known] = example
        return known in self.wrong

    def _do(self, work: Coroutine[None, None, bool]) -> bool:
        if self.stopped:
            work.close()
            raise Stopped
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop).result()
        except CaseOver as over:
            self.over = over
            raise Stopped from over


async def unseen(s: WorkerScene, example: Example, prefix: str) -> bool:
    """Run an example that no report shows. One that is not answered is none to show for a wrong answer."""
    scene = WorkerScene(s.target, Tape(s.tape.case), prefix)
    try:
        return await run(scene, example, step="example")
    except CaseOver:
        return True
    finally:
        s.use(s.double)


async def explore(s: WorkerScene, most: int) -> None:
    """Run so many examples, and the smallest that is wrong, if one is."""
    search = Search(s, asyncio.get_running_loop())
    try:
        await asyncio.to_thread(search.look, most)
    finally:
        search.stopped = True
    if search.over is not None:
        if search.unanswered is not None:
            show(s, search.unanswered)
        raise search.over
    if search.smallest is not None and not await run(s, search.smallest, step="smallest"):
        show(s, search.smallest)
    s.reached("explored")


def show(s: WorkerScene, example: Example) -> None:
    """Note an example as a counterexample."""
    s.note(SHOWN, case=CASE, rule=RULE, played=msgspec.json.encode(example).decode())


async def play_again(s: WorkerScene) -> None:
    """Run the counterexample that is to be played again; raises CaseOver when the app cannot express it."""
    example = msgspec.json.decode(s.look.again, type=Example)
    lacking = demanded(example.program) - s.target.can - s.target.features
    if lacking:
        raise CaseOver(f"the app does not declare what the program needs: {', '.join(sorted(lacking))}")
    if not await run(s, example, step="smallest"):
        show(s, example)


@case(depth=Depth.FULL)
async def random(s: WorkerScene) -> None:
    """A hundred random programs, each under a random schedule."""
    await (play_again(s) if s.look.again else explore(s, 100))


@case(depth=Depth.SOAK)
async def many_random(s: WorkerScene) -> None:
    """A thousand random programs, each under a random schedule."""
    await explore(s, 1000)
