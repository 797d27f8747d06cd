"""Whether a worker has what its profile denies, read from what it does."""

from __future__ import annotations

from collections.abc import Callable

from dwconf.suite.cases.worker.capabilities import FEATURES, OPERATIONS
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, as_json
from dwconf.suite.probes.registry import probe
from dwconf.suite.trace.record import Kind
from dwconf.wire.values import ActivityResponse, CreateTimer, OrchestrationStatus, ScheduleTask

UNDECLARED, SHOWN = "worker/capabilities/undeclared", "worker/capabilities/shown"
NEVER = 253_402_300_799_999_999_999
"""When an optional timer fires: at the end of the year 9999, in nanoseconds."""
HANDSHAKE = "16 03"
CTX = {
    "task-execution-id": ("taskExecutionId",),
    "task-id": ("taskId", "instanceId"),
    "trace-context": ("traceparent",),
}
PROBE = {"clock": "now", "replay-flag": "isReplaying"}
STREAM = ("stateful-history", "health-ping")


def supported(name: str) -> Callable[[Evidence], bool]:
    """Whether a program with a capability ends otherwise than FAILED with Unsupported."""

    def read(e: Evidence) -> bool:
        return not says_unsupported(answer(e, name, due=True))

    return read


def says_unsupported(given: Answer) -> bool:
    """Whether an answer is the app's word that it does not have an operation."""
    if given.end is None or given.end.workflow_status != OrchestrationStatus.FAILED:
        return False
    details = given.end.failure_details
    return details is not None and "Unsupported" in f"{details.error_type} {details.error_message}"


def activity_sees(*names: str) -> Callable[[Evidence], bool]:
    """Whether the activity `ctx` tells all of these."""

    def read(e: Evidence) -> bool:
        return all(sees(told(e), name) for name in names)

    return read


def told(e: Evidence) -> object:
    """What the activity `ctx` told."""
    return as_json(e.call("ctx", due=True).request(ActivityResponse).result)


def sees(shown: object, name: str) -> bool:
    """Whether an object has a member that is not null."""
    return isinstance(shown, dict) and shown.get(name) is not None


def workflow_sees(name: str) -> Callable[[Evidence], bool]:
    """Whether a probe step gives this."""

    def read(e: Evidence) -> bool:
        return expressed(e, "probe") and sees(answer(e, "probe", due=True).result, name)

    return read


def expressed(e: Evidence, step: str) -> bool:
    """Whether the app could be asked at all: without the operation there is nothing to see."""
    e.moment("offers")
    return e.reached(step) or e.missed(step)


def offered(name: str) -> Callable[[Evidence], bool]:
    """Whether the stream was opened with this capability."""

    def read(e: Evidence) -> bool:
        return name in str(e.note("offers", "names")).split()

    return read


for _name in (*OPERATIONS, *FEATURES):
    if _name not in ("cross-app", "history-propagation"):
        probe(f"worker/{_name}", UNDECLARED)(supported(_name))
for _name, _fields in CTX.items():
    probe(f"worker/{_name}", SHOWN)(activity_sees(*_fields))
for _name, _field in PROBE.items():
    probe(f"worker/{_name}", SHOWN)(workflow_sees(_field))
for _name in STREAM:
    probe(f"worker/{_name}", SHOWN)(offered(_name))


@probe("worker/cross-app", UNDECLARED)
def calls_another_app(e: Evidence) -> bool:
    """Whether the scheduled activity names the other app."""
    routers = [action.router for action in answer(e, "cross-app", due=True).response.actions]
    return any(router is not None and router.target_app_id == "another-app" for router in routers)


@probe("worker/history-propagation", UNDECLARED)
def passes_history_on(e: Evidence) -> bool:
    """Whether the scheduled activity asks for the caller's history."""
    tasks = answer(e, "history-propagation", due=True).of(ScheduleTask)
    return any(task.history_propagation_scope for _, task in tasks)


@probe("worker/bad-result", "worker/activities/bad-result")
def returns_what_no_json_can_hold(e: Evidence) -> bool:
    """Whether the activity `bad` does anything but fail, as one that is not registered does."""
    return e.call("returned", due=True).request(ActivityResponse).failure_details is None


@probe("worker/versions", UNDECLARED)
def reports_a_version(e: Evidence) -> bool:
    """Whether a turn of the workflow in two versions names one."""
    version = answer(e, "versions", due=True).response.version
    return version is not None and bool(version.name)


@probe("worker/optional-timer", SHOWN)
def makes_optional_timers(e: Evidence) -> bool:
    """Whether a wait without timeout makes a timer that never fires."""
    if not expressed(e, "wait"):
        return False
    return any(timer.fire_at == NEVER for _, timer in answer(e, "wait", due=True).of(CreateTimer))


@probe("worker/endpoint-env", "worker/connection/address")
def reads_its_address(e: Evidence) -> bool:
    """Whether the app connects to what its environment says; who reads that, app or SDK, is not seen from here."""
    return e.reached("by-port") and e.reached("by-endpoint")


@probe("worker/api-token", "worker/connection/first-contact")
def shows_its_token(e: Evidence) -> bool:
    """Whether any call carries the token of the environment."""
    e.moment("connected")
    return any(r.fields.get("token") == "right" for r in e.records if r.kind in (Kind.OPEN, Kind.REQUEST))


@probe("worker/tls", "worker/connection/secured")
def begins_a_handshake(e: Evidence) -> bool:
    """Whether an app whose endpoint begins with https begins with a TLS handshake."""
    if e.missed("connected"):
        return False
    first = e.note("connected", "first")
    if first is None:
        raise NoEvidence("connected")
    return str(first).startswith(HANDSHAKE)
