"""Routers: work for the engine's own app, and for apps that are not there (what one engine shows of ENG-G-19)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete, schedule
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import turn_after
from dwconf.wire.values import TaskRouter, TaskScheduled, WorkflowAction

NOWHERE = "dwconf-no-such-app"
NO_ID = "no/app.at all"


async def own_app(s: SidecarScene) -> tuple[str, str]:
    """The app that an engine names as the source of what it records, and the instance that told us."""
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0))
    await s.settle(starting, expects="an answer to StartInstance")
    turn = await turn_after(s, wf, "app", step="app")
    await s.answer(turn)
    routers = [event.router for event in turn.turn.past_events if isinstance(event.body, TaskScheduled)]
    names = [router.source_app_id for router in routers if router is not None and router.source_app_id]
    if not names:
        raise CaseOver("the engine does not say which app it is")
    return names[0], wf


async def began(s: SidecarScene, router: TaskRouter, *, prefix: str = "") -> None:
    """Start an instance with a router, and look for a while whether a turn of it comes."""
    wf, starting = s.start(router=router, timeout=s.tolerances.dispatch, step=f"{prefix}started")
    await s.quiet(opens=f"{prefix}window", closes=f"{prefix}window-over")
    if any(item.instance_id == wf for item in s.items):
        await s.turn_and_answer(wf, complete(0), step=f"{prefix}turn")
    await s.state(wf, step=f"{prefix}state")
    await s.settle(starting, step=f"{prefix}start-answered", own_deadline=True)


async def asked(s: SidecarScene, wf: str, *actions: WorkflowAction) -> None:
    """Answer a turn of an instance with actions, and look for a while what comes of them."""
    turn = await turn_after(s, wf, "ask", step="ask")
    await s.answer(turn, *actions, step="answered")
    await s.quiet(opens="window", closes="window-over")
    await s.state(wf, step="state")


@case(depth=Depth.FULL)
async def own_start(s: SidecarScene) -> None:
    """An instance is started for the engine's own app."""
    s.connect()
    app, wf = await own_app(s)
    await began(s, TaskRouter(target_app_id=app))
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(9))


@case(depth=Depth.FULL, alone=True)
async def own_operations(s: SidecarScene) -> None:
    """An activity and a child are for the engine's own app."""
    s.connect()
    app, wf = await own_app(s)
    router = TaskRouter(target_app_id=app)
    await asked(s, wf, schedule(1, "routed", router=router), child(2, instance_id=f"{wf}-kid", router=router))


@case(depth=Depth.FULL)
async def other_start(s: SidecarScene) -> None:
    """Instances are started for an app that does not exist, and for one that cannot."""
    s.connect()
    await began(s, TaskRouter(target_app_id=NO_ID), prefix="invalid-")
    await began(s, TaskRouter(target_app_id=NOWHERE))


@case(depth=Depth.FULL, alone=True)
async def other_activity(s: SidecarScene) -> None:
    """An activity is for an app that does not exist."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf)
    await s.settle(starting, expects="an answer to StartInstance")
    await asked(s, wf, schedule(1, "routed", router=TaskRouter(target_app_id=NOWHERE)))


@case(depth=Depth.FULL, alone=True)
async def other_child(s: SidecarScene) -> None:
    """A child is for an app that does not exist."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf)
    await s.settle(starting, expects="an answer to StartInstance")
    router = TaskRouter(target_app_id=NOWHERE)
    await asked(s, wf, child(1, "routed", instance_id=f"{wf}-kid", router=router))
