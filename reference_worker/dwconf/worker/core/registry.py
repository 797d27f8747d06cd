"""What a worker hosts: workflows, by name and version, and activities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from dwconf.worker.core.tasks import Workflow

if TYPE_CHECKING:
    from dwconf.worker.core.activities import ActivityContext
    from dwconf.worker.core.context import Context

WorkflowFunction: TypeAlias = "Callable[[Context, Any], Workflow[Any]]"
ActivityFunction: TypeAlias = "Callable[[ActivityContext, Any], Any | Awaitable[Any]]"
W = TypeVar("W", bound=WorkflowFunction)
A = TypeVar("A", bound=ActivityFunction)


@dataclass(slots=True)
class Registration:
    """One workflow name: a function without version, or named versions of which one is the latest."""

    unversioned: WorkflowFunction | None = None
    versions: dict[str, WorkflowFunction] = field(default_factory=dict)
    latest: str | None = None


class Registry:
    """The functions of one worker; names are exact."""

    __slots__ = ("_activities", "_workflows")

    def __init__(self) -> None:
        self._workflows: dict[str, Registration] = {}
        self._activities: dict[str, ActivityFunction] = {}

    def workflow(self, name: str, *, version: str | None = None, latest: bool = False) -> Callable[[W], W]:
        """Register a generator function `(context, input)` as a workflow, or as one version of it."""

        def register(function: W) -> W:
            registration = self._workflows.setdefault(name, Registration())
            if version is None:
                registration.unversioned = function
            else:
                registration.versions[version] = function
                registration.latest = version if latest else registration.latest
            return function

        return register

    def activity(self, name: str) -> Callable[[A], A]:
        """Register a function `(context, input)` as an activity.

        A plain function runs in a thread, a coroutine function in the event loop.
        """

        def register(function: A) -> A:
            self._activities[name] = function
            return function

        return register

    def workflow_named(self, name: str) -> Registration | None:
        """The registration of a workflow name."""
        return self._workflows.get(name)

    def activity_named(self, name: str) -> ActivityFunction | None:
        """The function of an activity name."""
        return self._activities.get(name)
