"""From a scope to work: what a target lacks is probed, and no rule that needs it is judged."""

from __future__ import annotations

import pytest

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.claims import Claims
from dwconf.suite.judging.scope import Selection, scope_of
from dwconf.suite.planning import profile_of, work_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side
from dwconf.suite.running.plan import TargetSpec, Work
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.sidecar import Sidecar

SPEC = TargetSpec("engine", "started", command=("x",), folder="x")
RULES = ("engine/management/get-unknown", "engine/management/get-fields", "engine/start/echoes-id")


def work(profile_name: str) -> dict[str, Work]:
    """The work of a run for these rules, by case."""
    load_suite()
    book = load_rulebook()
    profile = book.profile(Side.ENGINE, profile_name)
    scope = scope_of(book, "engine", Selection(rules=RULES), access="started", profile=profile)
    return {each.case: each for each in work_of(scope, SPEC, profile)}


def test_what_a_target_has_is_judged() -> None:
    for case in ("engine/management/nobody", "engine/management/lives", "engine/start/plain"):
        assert set(work("reference")[case].rules) == set(RULES)


def test_what_a_target_lacks_is_probed_and_not_judged() -> None:
    planned = work("durabletask-go")
    assert "engine/management/lives" not in planned
    assert planned["engine/management/nobody"].rules == ("engine/start/echoes-id",)
    assert "engine/management-api" in planned["engine/management/nobody"].probes


@pytest.mark.parametrize("profile", ["reference", "durabletask-go"])
def test_what_needs_nothing_is_judged_in_any_case(profile: str) -> None:
    assert "engine/start/echoes-id" in work(profile)["engine/start/plain"].rules


def test_a_line_does_not_probe_what_it_does_not_answer_for() -> None:
    """An engine of Dapr 1.16 does not know the actions of stalling and detaching, and may die of them."""
    load_suite()
    book = load_rulebook()
    profile = book.profile(Side.ENGINE, "durabletask-go-0.10")

    def probed(release: str) -> set[str]:
        scope = scope_of(book, "engine", Selection(requirements=release), access="started", profile=profile)
        return {probe for each in work_of(scope, SPEC, profile) for probe in each.probes}

    assert {"engine/stalled", "engine/detached", "engine/instance-history"} <= probed("1.19")
    assert not {"engine/stalled", "engine/detached"} & probed("1.16")
    assert "engine/instance-history" in probed("1.16")


@pytest.mark.parametrize(
    ("command", "name"),
    [("dwconf", "reference"), ("/opt/env/bin/dwconf", "reference"), ("./my-sidecar", "daprd")],
)
def test_a_reference_is_known_by_its_command_wherever_it_lies(command: str, name: str) -> None:
    spec = TargetSpec("engine", "started", command=(command, "engine"))
    assert profile_of(load_rulebook(), Claims(), spec, Sidecar(Endpoint("127.0.0.1", 1))).name == name
