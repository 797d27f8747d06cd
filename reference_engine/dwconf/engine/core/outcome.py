"""What becomes of a client's request: an answer, an answer that waits, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Refusal
from dwconf.wire.values.shape import Value

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request, once its batch is durable."""

    value: Value | bytes


@dataclass(frozen=True, slots=True)
class Until:
    """An answer that waits until an instance satisfies a condition.

    `answer` gets the instance as it is then. `gone` says that it is enough if there is no such instance any more.
    """

    instance_id: str
    condition: Callable[[Instance, Decisions], bool]
    answer: Callable[[Instance | None], Value]
    gone: bool = False


Outcome = Reply | Until | Refusal
