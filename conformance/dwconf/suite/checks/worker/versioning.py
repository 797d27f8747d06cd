"""Checks about patches and versions (chapter K)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.answers import Answer, answer, as_json, completes, schedules
from dwconf.wire.values import CompleteWorkflow, ScheduleTask, WorkflowVersionNotAvailable


@check("worker/versioning/recorded-patch-is-true", "worker/versioning/recorded-patch")
def a_patch_that_history_lists_is_taken(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "new")


@check("worker/versioning/unrecorded-patch", "worker/versioning/unrecorded-patch", "worker/versioning/other-patch")
def a_patch_that_history_lacks_is_not_taken_in_replay(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "old")


@check("worker/versioning/unrecorded-patch", "worker/versioning/new-patch")
def a_new_patch_is_taken_at_the_frontier(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "new")


@check("worker/versioning/patch-decided-once", "worker/versioning/decided-before")
def a_patch_that_was_refused_stays_refused(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "old")


def patches(given: Answer) -> list[str]:
    """The patches that an answer reports."""
    return [] if given.response.version is None else list(given.response.version.patches)


@check("worker/versioning/patches-reported", "worker/versioning/several-patches")
def every_patch_taken_is_listed_in_every_turn(e: Evidence) -> Findings:
    for step, wanted in (("first", ["a"]), ("second", ["a", "b", "a", "c"]), ("last", ["a", "b", "a", "c"])):
        given = answer(e, step, due=True)
        if patches(given) != wanted:
            yield Finding(expected=f"version.patches {wanted}", seen=f"{patches(given)}", at=given.at)


@check("worker/versioning/patches-reported", "worker/versioning/unrecorded-patch")
def a_patch_that_was_refused_is_not_listed(e: Evidence) -> Findings:
    given = answer(e, "last", due=True)
    if "p" in patches(given):
        yield Finding(expected="no patch p: it was not taken", seen=str(patches(given)), at=given.at)


@check("worker/versioning/patches-reported", "worker/versioning/dropped-patch")
def a_patch_that_the_code_no_longer_asks_for_is_not_listed(e: Evidence) -> Findings:
    """By this the engine sees that code and history are not of one version."""
    given = answer(e, "last", due=True)
    if patches(given) != ["kept"]:
        yield Finding(
            expected="version.patches ['kept']: the code asks for no other", seen=str(patches(given)), at=given.at
        )


@check("worker/versioning/no-patch-no-version", "worker/versioning/plain")
def nothing_is_reported_without_versions(e: Evidence) -> Findings:
    for step in ("first", "last"):
        given = answer(e, step)
        version = given.response.version
        if version is not None and (version.name or version.patches):
            yield Finding(expected="no version, or an empty one", seen=str(version), at=given.at)


@check("worker/versioning/version-resolution", "worker/versioning/latest")
def a_new_instance_runs_the_latest_version(e: Evidence) -> Findings:
    yield from schedules(answer(e, "first", due=True), "v2")
    yield from completes(answer(e, "last", due=True), "v2")


@check("worker/versioning/version-resolution", "worker/versioning/pinned")
def an_old_instance_runs_its_version(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "v1")


@check("worker/versioning/version-resolution", "worker/versioning/version-for-unversioned")
def a_name_without_versions_runs_as_such(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "done")


def reports(given: Answer, name: str) -> Findings:
    """The answer reports this version."""
    version = given.response.version
    if version is None or version.name != name:
        yield Finding(expected=f"version.name {name!r}", seen=str(version), at=given.at)


@check("worker/versioning/version-reported", "worker/versioning/latest")
def every_turn_reports_the_latest_version(e: Evidence) -> Findings:
    for step in ("first", "last"):
        yield from reports(answer(e, step, due=True), "v2")


@check("worker/versioning/version-reported", "worker/versioning/pinned")
def a_pinned_version_is_reported(e: Evidence) -> Findings:
    yield from reports(answer(e, "last", due=True), "v1")


@check("worker/versioning/version-not-available", "worker/versioning/unknown-version")
def a_missing_version_is_told(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    if len(given.response.actions) != 1 or not given.of(WorkflowVersionNotAvailable):
        yield Finding(expected="one workflowVersionNotAvailable and nothing else", seen=str(given), at=given.at)


@check("worker/versioning/stall-ignored", "worker/versioning/after-stalls")
def a_stalled_workflow_goes_on(e: Evidence) -> Findings:
    given = answer(e, "after", due=True)
    inputs = [as_json(task.input) for _, task in given.of(ScheduleTask)]
    if inputs != [2] or given.of(CompleteWorkflow):
        yield Finding(expected="the next activity, as if nothing had stalled", seen=str(given), at=given.at)
    yield from completes(answer(e, "last", due=True), ["A", "B"])
