"""How a worker behaves on its connection (WRK-A), as decisions without I/O: the shell asks, and does as it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from dwconf.wire import values as v

DEFAULT_PORT = 50001
TRANSPORT_FAILURES = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")
FIRST_DELAY, LONGEST_DELAY = 0.05, 2.0
STEADY = 5.0
LAST_ATTEMPT = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect: a gRPC target, and whether with TLS."""

    target: str
    tls: bool


def endpoint_address(environment: Mapping[str, str]) -> str:
    """WRK-A-13: DAPR_GRPC_ENDPOINT, else the local host and DAPR_GRPC_PORT, else port 50001."""
    whole = environment.get("DAPR_GRPC_ENDPOINT")
    return whole or f"127.0.0.1:{environment.get('DAPR_GRPC_PORT') or DEFAULT_PORT}"


def api_token(environment: Mapping[str, str]) -> str | None:
    """WRK-A-14: DAPR_API_TOKEN, if it is set."""
    return environment.get("DAPR_API_TOKEN") or None


def endpoint(address: str) -> Endpoint:
    """WRK-A-15: https:// or ?tls=true selects TLS; http://, dns: and plain host:port do not. Raises ValueError."""
    if address.startswith("unix:"):
        return Endpoint(address, tls=False)
    parts = urlsplit(address if re.match(r"[a-z]+://", address) else f"//{address.removeprefix('dns:')}")
    if parts.scheme not in ("", "http", "https", "dns", "grpc", "grpcs"):
        raise ValueError(f"{address!r} has a scheme that is not known: {parts.scheme}")
    tls = parts.scheme in ("https", "grpcs") or parse_qs(parts.query).get("tls") == ["true"]
    authority = parts.path.lstrip("/") if parts.scheme == "dns" and parts.path.strip("/") else parts.netloc
    if not authority:
        raise ValueError(f"{address!r} names no host")
    return Endpoint(_with_port(authority, 443 if tls else DEFAULT_PORT), tls=tls)


def _with_port(authority: str, port: int) -> str:
    return authority if re.search(r":\d+$", authority) else f"{authority}:{port}"


def metadata(method: str, token: str | None) -> tuple[tuple[str, str], ...]:  # noqa: ARG001  (a mutant looks at it)
    """WRK-A-14: every call carries the API token, if there is one."""
    return () if token is None else (("dapr-api-token", token),)


def user_agent() -> str:
    """WRK-A-16: the worker says what it is."""
    return "dwconf-reference-worker"


def capabilities() -> tuple[v.WorkerCapability, ...]:
    """WRK-A-07: what the worker offers when it opens the stream."""
    return (v.WorkerCapability.STATEFUL_HISTORY, v.WorkerCapability.HEALTH_PING)


def says_hello() -> bool:
    """WRK-A-02: Hello comes before each stream."""
    return True


def hello_interval() -> float | None:
    """WRK-A-12: seconds between the calls of Hello that keep an idle connection alive; their failure ends nothing."""
    return 30.0


def idle_limit() -> float | None:
    """WRK-A-12: seconds without an item after which the worker lets go of its stream; None is never."""
    return None


def reconnects(status: str) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-A-03, WRK-A-04, WRK-A-05: a stream that ended, in whichever way, is opened again, for ever."""
    return True


def reconnect_delay(failures: int) -> float:
    """WRK-A-06: seconds before the next try, more after each failure."""
    return min(FIRST_DELAY * 2.0 ** min(failures, 10), LONGEST_DELAY)


def was_steady(seconds: float, items: int) -> bool:
    """WRK-A-06: only a stream that lasted, or that brought work, takes the delay back to its start."""
    return items > 0 or seconds >= STEADY


def resend_delay(status: str, attempt: int) -> float | None:
    """WRK-A-18, WRK-A-19: the same result is sent again after a transport failure; other failures are final."""
    if status not in TRANSPORT_FAILURES or attempt >= LAST_ATTEMPT:
        return None
    return reconnect_delay(attempt)


def replaces_result(status: str) -> bool:
    """WRK-N-05, WRK-A-19: only a result that is too large for the wire is replaced by a failure."""
    return status == "RESOURCE_EXHAUSTED"


def answered_token(token: str) -> str:
    """WRK-B-25, WRK-D-02: the answer carries the item's completion token, on success and on failure."""
    return token


def workflow_answers(response: v.WorkflowResponse) -> tuple[v.WorkflowResponse, ...]:
    """WRK-B-26: one answer for each turn."""
    return (response,)


def activity_answers(response: v.ActivityResponse) -> tuple[v.ActivityResponse, ...]:
    """WRK-D-11: one answer for each activity item."""
    return (response,)


def uses_deprecated_completion() -> bool:
    """WRK-C-01: turns are answered with CompleteWorkflowTask (T-2)."""
    return False


def works_at_once(item: v.WorkItem) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-A-08: an item does not wait for the ones before it."""
    return True


def ignores_item(item: v.WorkItem) -> bool:
    """WRK-A-10, WRK-A-11: a ping and an item of a kind that is not known need no answer and end nothing."""
    return item.request is None or isinstance(item.request, v.HealthPing)


def breaks_off(item: v.WorkItem) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-A-10, WRK-A-11: no item ends the stream, of whatever kind it is."""
    return False


def taken_for(item: v.WorkItem) -> v.WorkflowRequest | v.ActivityRequest | v.HealthPing | None:
    """WRK-A-10: an item is what it says that it is."""
    return item.request


def survives_hello(status: str) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-A-12: a Hello that fails between two items ends nothing."""
    return True


def takes_item(item: v.WorkItem, in_hand: int) -> bool:  # noqa: ARG001  (a mutant looks at them)
    """WRK-A-09: an item is never dropped, however many are in hand."""
    return True


def sends_after_loss() -> bool:
    """WRK-A-18: what was received on a stream that is lost is still answered."""
    return True


def finishes_work() -> bool:
    """WRK-A-17: a stop waits for what is in hand."""
    return True


def largest_message() -> int:
    """WRK-N-04: bytes that a message may have in either direction; -1 is no limit."""
    return -1
