"""What engines do about work for other apps, as far as one engine shows it."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import CreateInstanceRequest, GetInstanceResponse


def _start(e: Evidence, prefix: str = "") -> str:
    """What a start was answered, and what is there then."""
    call = e.call(f"{prefix}start-answered")
    answer = call.outcome if call.code != "DEADLINE_EXCEEDED" else "no answer while we waited"
    wf = call.request(CreateInstanceRequest).instance_id
    there = e.call(f"{prefix}state").response(GetInstanceResponse).exists
    turn = any(True for _ in e.turns(wf))
    return f"{answer}; " + ("a turn here" if turn else "an instance here, and no turn" if there else "nothing here")


def _became(e: Evidence, *, activity: bool) -> str:
    """What came of operations while we looked."""
    wf = e.item("ask").instance_id
    e.moment("window-over")
    later = [item for item in e.items.values() if item.number > e.call("answered").number]
    seen = []
    if activity:
        carried = any(item.activity.name == "routed" for item in later)
        seen.append("the activity is dispatched here" if carried else "no activity here")
    else:
        started = any(item.instance_id == f"{wf}-kid" for item in later)
        seen.append("the child starts here" if started else "no child here")
    again = sum(item.instance_id == wf and not item.activity.name for item in later)
    seen.append(f"status {e.state('state').workflow_status.name}" + (", its turn comes again" if again else ""))
    return "; ".join(seen)


@observation("engine/routing/own-app-start", "engine/routing/own-start")
def a_start_for_the_own_app(e: Evidence) -> str:
    """With a router that names it."""
    return _start(e)


@observation("engine/routing/other-app-start", "engine/routing/other-start")
def a_start_for_an_app_that_is_not_there(e: Evidence) -> str:
    """With a router that names it."""
    return _start(e)


@observation("engine/routing/invalid-app-start", "engine/routing/other-start")
def a_start_for_what_is_no_app(e: Evidence) -> str:
    """An id with a slash, a dot and a space."""
    return _start(e, "invalid-")


@observation("engine/routing/own-app-operations", "engine/routing/own-operations")
def operations_for_the_own_app(e: Evidence) -> str:
    """An activity and a child in one answer."""
    return f"{_became(e, activity=True).split(';')[0]}; {_became(e, activity=False)}"


@observation("engine/routing/other-app-activity", "engine/routing/other-activity")
def an_activity_for_an_app_that_is_not_there(e: Evidence) -> str:
    """In the only action of an answer."""
    return _became(e, activity=True)


@observation("engine/routing/other-app-child", "engine/routing/other-child")
def a_child_for_an_app_that_is_not_there(e: Evidence) -> str:
    """In the only action of an answer."""
    return _became(e, activity=False)
