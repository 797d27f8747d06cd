"""Runs against a sidecar that serves already: in parallel, alone there, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc.aio
import pytest

from dwconf.reports.load import read_report
from dwconf.suite.targets.endpoint import Endpoint, free_port
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ListInstanceIDsResponse
from tests.suite.cli.commands import LIMIT, Ended, ours, process

FEW = ("--rule", "engine/children", "--rule", "engine/connection/lost*", "--rule", "engine/activities")
ANY_STREAM = """
import asyncio, random, sys
from dataclasses import replace
from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.shell.clocks import RealClock
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.server import EngineServer

async def main():
    anywhere = replace(REFERENCE, choose_stream=lambda streams, work: random.choice(list(streams) or [None]))
    server = await EngineServer.start(clock=RealClock(), store=MemoryStore(), port=int(sys.argv[1]), decisions=anywhere)
    await asyncio.Event().wait()
    await server.stop()

asyncio.run(main())
"""
ENGINE = ("-m", "dwconf.suite", "engine", "--memory", "--port")


@contextmanager
def serving(words: Sequence[str]) -> Iterator[str]:
    """A sidecar that somebody else has started; its address."""
    port = free_port()
    with subprocess.Popen([sys.executable, *words, str(port)], stdout=subprocess.DEVNULL) as engine:
        try:
            asyncio.run(_ready(f"127.0.0.1:{port}"))
            yield f"127.0.0.1:{port}"
        finally:
            engine.kill()


async def _ready(address: str) -> None:
    channel = Endpoint.parse(address).channel()
    await asyncio.wait_for(channel.channel_ready(), LIMIT)
    await channel.close()


def instances(address: str) -> tuple[str, ...]:
    """All instances that a sidecar has."""

    async def ask() -> bytes:
        sidecar = Sidecar(Endpoint.parse(address))
        rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        rpc = sidecar.channel.unary_unary(TASK_HUB.methods["ListInstanceIDs"].path)
        answer = await rpc(b"")
        await sidecar.stop()
        return answer

    return codec.decode(ListInstanceIDsResponse, asyncio.run(ask())).instance_ids


def sidecar(folder: Path, *words: str) -> Ended:
    return process("sidecar", "--profile", "reference", *words, cwd=folder)


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name not in ours()}
    command = [sys.executable, "-m", "dwconf.suite", "sidecar", "--profile", "reference", *words]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, encoding="utf-8")


@pytest.mark.parametrize(
    ("engine", "jobs"),
    [(ENGINE, "3"), (("-c", ANY_STREAM), "1"), (("-c", ANY_STREAM), "3")],
    ids=["reference-3", "any-stream-1", "any-stream-3"],
)
def test_cases_run_side_by_side_and_leave_nothing(tmp_path: Path, engine: Sequence[str], jobs: str) -> None:
    with serving(engine) as address:
        ended = sidecar(tmp_path, *FEW, "--jobs", jobs, address)
        assert ended.code == 0, ended.out + ended.err
        assert instances(address) == ()
    (target,) = read_report(tmp_path / "dwconf-report").targets
    assert {case.status for case in target.cases} == {"passed"}


def test_side_by_side_a_mutant_is_caught_as_ever(tmp_path: Path) -> None:
    rule = "engine/start/echoes-id"
    with serving((*ENGINE[:-1], "--mutant", "chooses-ids", "--port")) as address:
        ended = sidecar(tmp_path, "--rule", rule, "--jobs", "2", "--timeout-scale", "0.2", address)
    assert ended.code == 1
    assert rule in ended.out


def test_a_second_run_is_refused_and_the_first_one_is_not_disturbed(tmp_path: Path) -> None:
    with serving(ENGINE) as address, started(tmp_path, *FEW, address) as first:
        assert first.stdout is not None
        assert "cases for" in first.stdout.readline()
        second = sidecar(tmp_path, "--out", "second", address)
        out, _ = first.communicate(timeout=LIMIT)
    assert second.code == 5
    assert "another run of dwconf is testing this sidecar" in second.err
    assert first.returncode == 0, out


@pytest.mark.parametrize(
    ("profile", "told"),
    [("reference", "1 other worker is connected"), ("durabletask-go", "work goes to somebody else")],
    ids=["counted", "seen"],
)
def test_another_worker_is_refused(tmp_path: Path, profile: str, told: str) -> None:
    with serving((*ENGINE[:-1], "--profile", profile, "--port")) as address:
        env = {**os.environ, "DAPR_GRPC_PORT": address.rsplit(":", 1)[-1]}
        with subprocess.Popen([sys.executable, "-m", "dwconf.suite", "app"], env=env) as app:
            try:
                ended = _refused(tmp_path, address)
            finally:
                app.kill()
        assert ended.code == 5
        assert told in ended.err
        assert instances(address) == ()


def _refused(folder: Path, address: str) -> Ended:
    """Run until the app has connected, which nobody tells us."""
    ended = sidecar(folder, "--rule", "engine/start/echoes-id", "--timeout-scale", "0.3", address)
    while ended.code == 0:
        ended = sidecar(folder, "--rule", "engine/start/echoes-id", "--timeout-scale", "0.3", address)
    return ended


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_killed_run_left_harms_nobody_and_is_removed(tmp_path: Path, jobs: str) -> None:
    with serving(ENGINE) as address:
        with started(tmp_path, "--jobs", jobs, address) as first:
            assert first.stdout is not None
            assert "cases for" in first.stdout.readline()
            while not instances(address):
                pass
            first.send_signal(signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                first.wait(LIMIT)
        ended = sidecar(tmp_path, *FEW, address)
        assert ended.code == 0, ended.out + ended.err
        assert instances(address) == ()
