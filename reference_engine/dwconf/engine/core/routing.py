"""Which app something is for. One engine serves one app: what is for another one is not carried out here."""

from __future__ import annotations

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.values import TaskRouter


def target_of(router: TaskRouter | None) -> str:
    """The app that a router names; empty when it names none."""
    return (router.target_app_id if router is not None else None) or ""


def is_local(router: TaskRouter | None, moment: Moment) -> bool:
    """ENG-D-16, ENG-G-19: whether an activity or a child is for this app."""
    return target_of(router) in ("", moment.site.app_id)


def is_plain(text: str) -> bool:
    """Letters, digits, dashes and underscores, of any script."""
    return all(c.isalpha() or c.isdecimal() or c in "_-" for c in text)


def refuse_app_id(app_id: str | None) -> Refusal | None:
    """ENG-J-10: letters, digits, dashes and underscores."""
    if not app_id or is_plain(app_id):
        return None
    words = "only alphanumeric, dash and underscore characters are allowed"
    return Refusal(Code.INVALID_ARGUMENT, f"workflow app ID '{app_id}' is invalid: {words}")


def refuse_router(router: TaskRouter | None, moment: Moment) -> Refusal | None:
    """ENG-B-18: a start for what is no app's id, or for an app that is not here."""
    if is_local(router, moment):
        return None
    target = target_of(router)
    unreachable = Refusal(Code.FAILED_PRECONDITION, f"no app with ID '{target}' is reachable from this engine")
    return refuse_app_id(target) or unreachable
