"""The figures: the same load on every engine that is here, in one run, as ratios.

    python -m bench.run [--rounds N] [ENGINE…]

Each engine is a process of its own and is started anew for each load; engines take turns, so that a machine that slows
down slows all of them. The median of the rounds counts. Engines of others are measured when they are built
(`peers/run --build`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from bench.load import LOADS, Load, run
from dwconf.wire.rpc import TASK_HUB

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers" / "engines"
HELLO = TASK_HUB.methods["Hello"].path
CANNED = "canned server"
SQLITE = "reference, SQLite"
ENGINES: dict[str, list[str]] = {
    CANNED: [sys.executable, str(HERE / "canned.py"), "{port}"],
    SQLITE: [sys.executable, "-m", "dwconf.suite", "engine"],
    "reference, memory": [sys.executable, "-m", "dwconf.suite", "engine", "--memory"],
    "in-memory engine (PyPI durabletask)": [str(PEERS / "microsoft-inmemory" / "run"), "--port", "{port}"],
    "durabletask-go, sqlite": [
        str(PEERS / "durabletask-go" / "bin" / "durabletask-go"),
        "--address",
        "127.0.0.1:{port}",
    ],
}
BUILT = {
    "in-memory engine (PyPI durabletask)": PEERS / "microsoft-inmemory" / ".venv",
    "durabletask-go, sqlite": PEERS / "durabletask-go" / "bin" / "durabletask-go",
}


@dataclass(frozen=True, slots=True)
class Served:
    """An engine that runs: where, and as which process."""

    address: str
    pid: int

    def cpu(self) -> float | None:
        """The processor's seconds that it has taken so far; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a load took: seconds of the clock, and the engine's of the processor."""

    seconds: float
    cpu: float | None


@contextmanager
def served(command: list[str]) -> Iterator[Served]:
    """An engine that runs as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DWCONF_HOST": "127.0.0.1", "DWCONF_PORT": str(port), "DWCONF_DIR": folder}
        words = [word.replace("{port}", str(port)) for word in command]
        process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ready(f"127.0.0.1:{port}", process)
            yield Served(f"127.0.0.1:{port}", process.pid)
        finally:
            process.kill()
            process.wait()


def ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until Hello is answered."""
    limit = time.monotonic() + 30
    with grpc.insecure_channel(address) as channel:
        while process.poll() is None and time.monotonic() < limit:
            try:
                hello: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(HELLO)
                hello(b"", timeout=1)
            except grpc.RpcError:
                time.sleep(0.05)
            else:
                return
    raise SystemExit(f"no engine at {address} (exit code {process.poll()})")


def measure(load: Load, engines: list[str], rounds: int) -> dict[str, Cost]:
    """The medians of what a load costs on each engine."""
    costs: dict[str, list[Cost]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name in engines:
            with served(ENGINES[name]) as engine:
                before = engine.cpu()
                seconds = asyncio.run(run(engine.address, load))
                after = engine.cpu()
                costs[name].append(Cost(seconds, None if before is None or after is None else after - before))
    return {name: _median(taken) for name, taken in costs.items()}


def _median(costs: list[Cost]) -> Cost:
    cpu = [cost.cpu for cost in costs if cost.cpu is not None]
    return Cost(statistics.median(cost.seconds for cost in costs), statistics.median(cpu) if cpu else None)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"any of: {', '.join(ENGINES)}")
    asked = parser.parse_args()
    chosen = asked.engines or [name for name in ENGINES if name not in BUILT or BUILT[name].exists()]
    for name in ENGINES.keys() - set(chosen):
        print(f"not measured: {name}" + (" (build it with peers/run --build)" if name in BUILT else ""))
    for load in LOADS:
        took = measure(load, chosen, asked.rounds)
        print(f"\n{load.name} ({load.instances} instances, {load.at_once} at a time, median of {asked.rounds})")
        for name, cost in took.items():
            print(_line(name, load, cost, took.get(SQLITE)))


def _line(name: str, load: Load, cost: Cost, beside: Cost | None) -> str:
    rate, each = load.instances / cost.seconds, 1000 / load.instances
    line = f"  {name:38} {rate:9.1f} a second  {each * cost.seconds:9.2f} ms each"
    if cost.cpu is not None:
        line += f"  {each * cost.cpu:9.2f} ms of the processor"
    if beside is not None:
        line += f"  {beside.seconds / cost.seconds:6.2f} x the speed"
        if beside.cpu and cost.cpu:
            line += f", {cost.cpu / beside.cpu:5.2f} x the processor of {SQLITE}"
    return line


if __name__ == "__main__":
    main()
