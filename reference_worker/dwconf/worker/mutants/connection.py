"""Workers that break rules of the chapter connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dwconf.wire import values as v
from dwconf.worker.core import connection
from dwconf.worker.core.connection import Endpoint
from dwconf.worker.mutants.registry import mutant

FEW = 100
Request = v.WorkflowRequest | v.ActivityRequest | v.HealthPing | None


def no_token_on_stream(method: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Leaves the token out where the stream is opened."""
    return () if method == "GetWorkItems" else connection.metadata(method, token)


def no_token_on_answers(method: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Leaves the token out where results are sent."""
    return () if method.startswith("Complete") else connection.metadata(method, token)


def no_token_on_fetches(method: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Leaves the token out where a history is fetched."""
    return () if method == "GetInstanceHistory" else connection.metadata(method, token)


def no_token(environment: Mapping[str, str]) -> str | None:
    """Does not look for a token."""
    return None


def texts_alone(item: v.WorkItem) -> bool:
    """Serves no activity whose input is a text."""
    request = item.request
    text = isinstance(request, v.ActivityRequest) and (request.input or "").startswith('"')
    return text or connection.ignores_item(item)


def gives_up_unreachable(status: str) -> bool:
    """Gives up on an engine that is not there."""
    return status != "UNAVAILABLE"


def stays_away_after_end(status: str) -> bool:
    """Takes an orderly end of the stream for a goodbye."""
    return status != "OK"


def stays_away_after_internal(status: str) -> bool:
    """Takes an internal error for final."""
    return status != "INTERNAL"


def stays_away_unauthenticated(status: str) -> bool:
    """Takes a refusal of its token for final."""
    return status != "UNAUTHENTICATED"


def stays_away_unimplemented(status: str) -> bool:
    """Takes an engine that does not know the stream for one that never will."""
    return status != "UNIMPLEMENTED"


def never_waits(failures: int) -> float:
    """Tries again at once, for ever."""
    return 0.0


def ten_a_second(failures: int) -> float:
    """Tries again every tenth of a second, for ever."""
    return 0.1


def one_at_a_time(item: v.WorkItem) -> bool:
    """Works on one item after the other."""
    return False


def one_activity_at_a_time(item: v.WorkItem) -> bool:
    """Lets nothing pass an activity."""
    return not isinstance(item.request, v.ActivityRequest)


def holds_a_hundred(item: v.WorkItem, in_hand: int) -> bool:
    """Drops what comes while a hundred items are in hand."""
    return in_hand < FEW


def leaves_on_unknown(item: v.WorkItem) -> bool:
    """Ends the stream on an item that it does not know."""
    return item.request is None


def leaves_on_ping(item: v.WorkItem) -> bool:
    """Ends the stream on a health ping."""
    return isinstance(item.request, v.HealthPing)


def ignores_none(item: v.WorkItem) -> bool:
    """Works on whatever comes."""
    return False


def unknown_is_activity(item: v.WorkItem) -> Request:
    """Takes an item that it does not know for an activity."""
    return item.request or v.ActivityRequest(workflow_instance=v.WorkflowInstance())


def ping_is_activity(item: v.WorkItem) -> Request:
    """Takes a ping for an activity."""
    return v.ActivityRequest() if isinstance(item.request, v.HealthPing) else item.request


def keeps_silent() -> float | None:
    """Never says hello between two items."""
    return None


def each_minute() -> float | None:
    """Says hello once a minute."""
    return 60.0


def a_second() -> float | None:
    """Takes a second without work for the end of it."""
    return 1.0


def leaves_after_hello(status: str) -> bool:
    """Ends the stream when a Hello fails."""
    return False


def port_alone(environment: Mapping[str, str]) -> str:
    """Does not know of endpoints."""
    return f"127.0.0.1:{environment.get('DAPR_GRPC_PORT', '1')}"


def endpoint_alone(environment: Mapping[str, str]) -> str:
    """Does not know of ports."""
    return environment.get("DAPR_GRPC_ENDPOINT", "127.0.0.1:1")


def never_secure(address: str) -> Endpoint:
    """Connects without TLS, whatever the address says."""
    return replace(connection.endpoint(address), tls=False)


def drops_work() -> bool:
    """Stops at once."""
    return False


def forgets_lost_streams() -> bool:
    """Sends no result of an item whose stream is lost."""
    return False


def sends_once(status: str, attempt: int) -> float | None:
    """Sends a result once."""
    return None


def fails_what_was_lost(status: str) -> bool:
    """Makes a failure of a call that was lost."""
    return status != "OK"


CARRIED = "worker/connection/api-token-sent"
mutant("no-token", CARRIED, "does not look for a token", api_token=no_token)
mutant("stream-without-token", CARRIED, "opens the stream without the API token", metadata=no_token_on_stream)
mutant("answers-without-api-token", CARRIED, "sends results without the API token", metadata=no_token_on_answers)
mutant("fetches-without-token", CARRIED, "fetches histories without the API token", metadata=no_token_on_fetches)
mutant(
    "serves-no-text",
    "worker/connection/opens-stream",
    "does not serve activities whose input is a text",
    ignores_item=texts_alone,
)
mutant(
    "gives-up-unreachable",
    "worker/connection/waits-for-engine",
    "gives up when its engine is not there",
    reconnects=gives_up_unreachable,
)
mutant(
    "stays-away-after-end",
    "worker/connection/reconnects-after-end",
    "does not come back after the stream ended well",
    reconnects=stays_away_after_end,
)
ERROR = "worker/connection/reconnects-after-error"
mutant("stays-away-after-internal", ERROR, "gives up after INTERNAL", reconnects=stays_away_after_internal)
mutant("stays-away-unauthenticated", ERROR, "gives up after UNAUTHENTICATED", reconnects=stays_away_unauthenticated)
mutant("stays-away-unimplemented", ERROR, "gives up after UNIMPLEMENTED", reconnects=stays_away_unimplemented)
GENTLY = "worker/connection/reconnects-gently"
mutant("reconnects-in-a-loop", GENTLY, "reconnects without any delay", reconnect_delay=never_waits)
mutant("reconnects-too-often", GENTLY, "reconnects ten times a second", reconnect_delay=ten_a_second)
ASIDE = "worker/connection/serves-concurrently"
mutant("one-item-at-a-time", ASIDE, "does one item after the other", works_at_once=one_at_a_time)
mutant("activities-hold-up", ASIDE, "takes nothing while an activity runs", works_at_once=one_activity_at_a_time)
mutant(
    "drops-items-beyond-100",
    "worker/connection/drops-no-item",
    "drops items when a hundred are in hand",
    takes_item=holds_a_hundred,
)
UNKNOWN = "worker/connection/ignores-unknown-items"
mutant("leaves-on-unknown-item", UNKNOWN, "ends the stream on an unknown item", breaks_off=leaves_on_unknown)
mutant(
    "answers-unknown-items",
    UNKNOWN,
    "answers an unknown item as an activity",
    ignores_item=ignores_none,
    taken_for=unknown_is_activity,
)
PING = "worker/connection/health-ping-unanswered"
mutant("leaves-on-ping", PING, "ends the stream on a health ping", breaks_off=leaves_on_ping)
mutant("answers-pings", PING, "answers a ping as an activity", ignores_item=ignores_none, taken_for=ping_is_activity)
mutant(
    "lets-go-of-idle-streams",
    "worker/connection/keeps-idle-stream",
    "ends its stream after a second without work",
    idle_limit=a_second,
)
mutant("keeps-silent", "worker/connection/keeps-alive", "shows no sign of life", hello_interval=keeps_silent)
mutant("hello-once-a-minute", "worker/connection/keeps-alive", "says hello once a minute", hello_interval=each_minute)
mutant(
    "leaves-after-failed-hello",
    "worker/connection/survives-failing-keepalive",
    "ends the stream when a Hello fails",
    survives_hello=leaves_after_hello,
)
ADDRESS = "worker/connection/endpoint-from-environment"
mutant("knows-ports-alone", ADDRESS, "does not look at DAPR_GRPC_ENDPOINT", endpoint_address=port_alone)
mutant("knows-endpoints-alone", ADDRESS, "does not look at DAPR_GRPC_PORT", endpoint_address=endpoint_alone)
mutant("never-secure", "worker/connection/tls-endpoint", "connects without TLS", endpoint=never_secure)
mutant("stops-at-once", "worker/connection/graceful-stop", "drops its work when it stops", finishes_work=drops_work)
mutant(
    "forgets-lost-streams",
    "worker/connection/results-of-lost-stream",
    "drops the results of a lost stream",
    sends_after_loss=forgets_lost_streams,
)
mutant(
    "fails-what-was-lost",
    "worker/connection/no-failure-for-transport",
    "sends a failure after a call that was lost",
    resend_delay=sends_once,
    replaces_result=fails_what_was_lost,
)
