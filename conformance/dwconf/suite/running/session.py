"""pytest as the runner of cases: its own ini, its own root, its own plugins, and nothing of the user's.

`run_plan` gives pytest one test module, parametrised by the plan, and collects the outcomes that items attach to their
reports. With more than one job, pytest-xdist's processes read the plan from a file; each has a stagehand, and so a
target, of its own; neighbours in the plan mostly go to the same process, which saves it starts of mutants.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Plan, Work, read_plan, write_plan
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.targets.errors import TargetError

OUTCOME = "dwconf-outcome"
PLAN = "DWCONF_PLAN_FILE"
HERE = Path(__file__).parent


class Session:
    """What a test process keeps: its plan and its stagehand."""

    def __init__(self, plan: Plan, stagehand: Stagehand) -> None:
        self.plan = plan
        self.stagehand = stagehand

    def perform(self, work: Work) -> CaseOutcome | None:
        """Run one piece of work; a target that cannot be started is an outcome too, one that was lost is none."""
        try:
            return self.stagehand.perform(work)
        except TargetError as error:
            return CaseOutcome(work.case, work.target.label, "unreachable", 0, 0, message=str(error))


SESSION: pytest.StashKey[Session] = pytest.StashKey()


class CasePlugin:
    """The pytest plugin of every process of a run."""

    def __init__(self, session: Session | None = None) -> None:
        self._session = session
        self._own = session is None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Find the session: given by `run_plan`, or, in a process of pytest-xdist, made from the plan's file."""
        if self._session is None and hasattr(config, "workerinput"):
            plan = read_plan(Path(os.environ[PLAN]))
            traces = Path(plan.traces) if plan.traces else None
            name = str(config.workerinput["workerid"]).replace("gw", "w")
            self._session = Session(plan, Stagehand(plan.run, suite=plan.suite, traces=traces, name=name))
        if self._session is not None:
            config.stash[SESSION] = self._session

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One item for each piece of work."""
        if "work" in metafunc.fixturenames:
            work = metafunc.config.stash[SESSION].plan.work
            metafunc.parametrize("work", [pytest.param(w, id=w.id) for w in work])

    def pytest_unconfigure(self) -> None:
        """End the stagehand that this process made."""
        if self._own and self._session is not None:
            self._session.stagehand.__exit__(None, None, None)


class Collector:
    """Takes the outcomes from the items' reports, in whatever process they ran."""

    def __init__(self, tell: Callable[[CaseOutcome], None]) -> None:
        self.outcomes: list[CaseOutcome] = []
        self._tell = tell
        self.broken: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = [str(value) for name, value in report.user_properties if name == OUTCOME]
        if report.when == "call" and found:
            outcome = msgspec.json.decode(found[0], type=CaseOutcome)
            self.outcomes.append(outcome)
            self._tell(outcome)
        elif report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext}")


class RunError(Exception):
    """The runner itself failed: our error (exit code 4)."""


def run_plan(
    plan: Plan, stagehand: Stagehand, *, jobs: int = 1, folder: Path, tell: Callable[[CaseOutcome], None]
) -> tuple[list[CaseOutcome], bool]:
    """Run a plan's work and return its outcomes, and whether it was interrupted.

    `stagehand` serves when there is one job; with more, each process has its own. `tell` hears of each outcome as it
    comes. `folder` is for files of this run. Raises RunError when pytest itself fails.
    """
    collector = Collector(tell)
    session = Session(plan, stagehand)
    arguments = [
        *("-c", str(HERE / "pytest.ini"), "--rootdir", str(HERE), "-p", "no:terminal", "-p", "no:cacheprovider"),
        *("-p", "no:junitxml", "-p", "no:doctest", "-p", "no:unraisableexception", "-p", "no:threadexception"),
        *("-s", str(HERE / "test_cases.py")),
    ]
    if jobs > 1:
        write_plan(plan, folder / "plan.json")
        arguments += ["-p", "xdist", "-p", "dwconf.suite.running.processes", "-n", str(jobs), "--dist", "load"]
    try:
        with _alone(folder / "plan.json"):
            code = pytest.main(arguments, plugins=[CasePlugin(session), collector])
    except KeyboardInterrupt:  # before pytest listens for it, or after
        return collector.outcomes, True
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED) or collector.broken:
        raise RunError("\n".join(collector.broken) or f"pytest ended with {code!r}")
    return collector.outcomes, code == pytest.ExitCode.INTERRUPTED


@contextmanager
def _alone(plan: Path) -> Iterator[None]:
    """Keep the user's own pytest settings out of our runs, and put them back."""
    ours: dict[str, Any] = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", PLAN: str(plan)}
    theirs = {name: os.environ.pop(name, None) for name in (*ours, "PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in theirs.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
