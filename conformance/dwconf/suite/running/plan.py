"""The plan of a run: which case runs on which target, and which rules it is judged for.

A plan is plain data, so that it crosses to pytest-xdist's processes as a file.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from dwconf.suite.looking import Look
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.process import Command
from dwconf.suite.targets.sidecar import EmbeddedSidecar, SharedSidecar, Sidecar, StartedSidecar
from dwconf.suite.targets.worker import EmbeddedWorker, StartedWorker, Worker
from dwconf.suite.tolerances import FOREIGN, MUTANT, OURS, Tolerances

AnyTarget = Sidecar | Worker


class TargetSpec(msgspec.Struct, frozen=True):
    """How to get at a target. `side` is "engine" or "worker"; `access` "attached", "started" or "embedded".

    `folder` is where a started one writes what it writes, its output at least: never the working directory.
    `address` is the sidecar's, or where a worker finds us; `scale` multiplies every deadline; `router` is the address
    that hands out the work of a sidecar which other processes use as well. The token is kept out of the plan file: it
    comes from the environment of whoever reads it.
    """

    side: str
    access: str
    address: str = ""
    command: tuple[str, ...] = ()
    mutant: str = ""
    folder: str = ""
    scale: float = 1.0
    name: str = ""
    router: str = ""

    @property
    def label(self) -> str:
        """Tells this target from the others of a plan."""
        return self.name or self.mutant or "target"

    def make(self, token: str) -> AnyTarget:
        """The target, not yet started. Raises TargetError for an address that is none."""
        if self.access == "started" and not self.folder:
            raise ValueError("a started target needs a folder of its own")
        return self._sidecar(token) if self.side == "engine" else self._worker()

    def _sidecar(self, token: str) -> Sidecar:
        endpoint = Endpoint.parse(self.address, token=token) if self.address else None
        if self.access == "embedded":
            return EmbeddedSidecar(mutant=self.mutant, tolerances=self._tolerances(MUTANT if self.mutant else OURS))
        tolerances = self._tolerances(FOREIGN)
        if endpoint is not None and self.router:
            leaves_traces = self.access == "attached"
            return SharedSidecar(endpoint, router=self.router, leaves_traces=leaves_traces, tolerances=tolerances)
        if self.access == "started":
            return StartedSidecar(
                Command(self.command), Path(self.folder), endpoint=endpoint, token=token, tolerances=tolerances
            )
        return Sidecar(endpoint or Endpoint("127.0.0.1", 50001, token=token), tolerances)

    def _worker(self) -> Worker:
        endpoint = Endpoint.parse(self.address) if self.address else Endpoint("127.0.0.1", 0)
        if self.access == "embedded":
            return EmbeddedWorker(mutant=self.mutant, tolerances=self._tolerances(MUTANT if self.mutant else OURS))
        tolerances = self._tolerances(FOREIGN)
        if self.access == "started":
            command, folder = Command(self.command), Path(self.folder)
            return StartedWorker(command, folder, host=endpoint.host, port=endpoint.port, tolerances=tolerances)
        return Worker(host=endpoint.host, port=endpoint.port, tolerances=tolerances)

    def _tolerances(self, base: Tolerances) -> Tolerances:
        return base if self.scale == 1 else base.scaled(self.scale)


class Work(msgspec.Struct, frozen=True):
    """One case on one target, judged for these rules."""

    case: str
    target: TargetSpec
    rules: tuple[str, ...]
    choices: dict[str, str] = {}
    """The option that the target's profile takes in each choice between two legitimate contracts."""
    probes: tuple[str, ...] = ()
    """Capabilities (`side/name`) that the case's evidence is read for."""
    look: Look = Look()
    """How closely a case that looks by chance looks."""

    @property
    def id(self) -> str:
        """The pytest id: the case, and the target unless it is the only one."""
        return f"{self.case}@{self.target.label}" if self.target.label != "target" else self.case


class Plan(msgspec.Struct, frozen=True):
    """All the work of a run. `traces` is the folder for trace files, or empty to keep none."""

    run: str
    suite: str
    work: tuple[Work, ...]
    traces: str = ""


def run_id() -> str:
    """A short id that tells this run's instances from those of others: it begins every instance id."""
    return os.urandom(3).hex()


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan for other processes of this run."""
    path.write_bytes(msgspec.json.encode(plan))


def read_plan(path: Path) -> Plan:
    """Read a plan that this run wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Plan)
