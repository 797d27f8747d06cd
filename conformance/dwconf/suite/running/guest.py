"""Cases as guests in somebody else's pytest run: the plugin's options become a plan, and our items join theirs."""

from __future__ import annotations

import shlex
import tempfile
from importlib import metadata

import pytest

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.claims import Claims
from dwconf.suite.judging.scope import EmptySelection, Selection, scope_of
from dwconf.suite.planning import has_token, profile_of, work_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.errors import UnknownName
from dwconf.suite.running.plan import Plan, TargetSpec, run_id
from dwconf.suite.running.session import HERE, CasePlugin, Session
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError


def join(config: pytest.Config) -> None:
    """Start the target and add our items. Raises pytest.UsageError for a target or selection that is none."""
    folder = tempfile.TemporaryDirectory(prefix="dwconf-")
    config.add_cleanup(folder.cleanup)
    suite = metadata.version("dwconf")
    run = run_id()
    stagehand = Stagehand(run, suite=suite)
    config.add_cleanup(lambda: stagehand.__exit__(None, None, None))
    try:
        plan = _plan(config, stagehand, run, folder.name)
    except (TargetError, EmptySelection, UnknownName) as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(CasePlugin(Session(plan, stagehand)), "dwconf-cases")
    config.args.append(str(HERE / "test_cases.py"))


def _plan(config: pytest.Config, stagehand: Stagehand, run: str, folder: str) -> Plan:
    load_suite()
    rulebook = load_rulebook()
    spec = _spec(config, folder)
    target = stagehand.target(spec)
    profile = profile_of(rulebook, Claims(config.getoption("--dwconf-profile")), spec, target)
    selection = Selection(rules=tuple(config.getoption("--dwconf-rule")))
    scope = scope_of(rulebook, spec.side, selection, access=spec.access, profile=profile, token=has_token(target))
    return Plan(run, metadata.version("dwconf"), work_of(scope, spec, profile))


def _spec(config: pytest.Config, folder: str) -> TargetSpec:
    sidecar, worker = config.getoption("--dwconf-sidecar"), config.getoption("--dwconf-worker")
    if sidecar and worker:
        raise pytest.UsageError("give --dwconf-sidecar or --dwconf-worker, not both")
    if worker:
        return TargetSpec("worker", "started", command=tuple(shlex.split(worker)), folder=folder)
    try:
        return TargetSpec("engine", "attached", address=Endpoint.parse(sidecar).address)
    except TargetError:
        return TargetSpec("engine", "started", command=tuple(shlex.split(sidecar)), folder=folder)
