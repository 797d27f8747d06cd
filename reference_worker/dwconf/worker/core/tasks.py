"""Tasks: what workflow code waits for.

A workflow is a generator. `value = yield from task` reads as an await: an unfinished task is yielded to the replay,
which runs the generator on once that task is done; a finished one gives its result, or raises its failure, at once.
The result never travels through `send`, so a task can be waited for again and gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Task(Generic[T]):
    """One thing that will succeed or fail once."""

    __slots__ = ("_value", "_watchers", "done", "failure")

    def __init__(self) -> None:
        self.done = False
        self.failure: BaseException | None = None
        self._value: T | None = None
        self._watchers: list[Callable[[Task[T]], None]] = []

    def __iter__(self) -> Generator[Task[Any], None, T]:
        """Wait until done, then give the result or raise the failure."""
        if not self.done:
            yield self
        return self.result()

    def result(self) -> T:
        """The result of a finished task; raises its failure."""
        if self.failure is not None:
            raise self.failure
        return cast("T", self._value)

    def succeed(self, value: T) -> None:
        """Finish with a value, unless finished already."""
        if not self.done:
            self._value = value
            self._finish()

    def fail(self, failure: BaseException) -> None:
        """Finish with a failure, unless finished already."""
        if not self.done:
            self.failure = failure
            self._finish()

    def reopen(self) -> None:
        """Take back what the task ended with. Nothing right ever does (WRK-B-18)."""
        self.done, self.failure = False, None

    def watch(self, watcher: Callable[[Task[T]], None]) -> None:
        """Call `watcher` once the task is done, at once if it is."""
        if self.done:
            watcher(self)
        else:
            self._watchers.append(watcher)

    def _finish(self) -> None:
        self.done = True
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher(self)


Workflow = Generator[Task[Any], None, T]
"""What a workflow function returns: a generator that waits for tasks and ends with a T."""
