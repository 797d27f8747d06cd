"""The figures: the same load on every engine that is here, in one run, as ratios.

    python -m bench.run [--rounds N] [--seconds S] [ENGINE…]

Each engine is a process of its own and is started anew for each load; engines take turns, so that a machine that slows
down slows all of them, and they are compared round by round. Engines of others are measured when they are built
(`peers/run --build`). What is printed is Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
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
from bench.tables import Measured, tables
from dwconf.wire.rpc import TASK_HUB

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers" / "engines"
HELLO = TASK_HUB.methods["Hello"].path
GO = PEERS / "durabletask-go" / "bin" / "durabletask-go"
INMEMORY = PEERS / "microsoft-inmemory"
ENGINES: dict[str, list[str]] = {
    "canned server": [sys.executable, str(HERE / "canned.py"), "{port}"],
    "reference, SQLite": [sys.executable, "-m", "dwconf.suite", "engine"],
    "reference, memory": [sys.executable, "-m", "dwconf.suite", "engine", "--memory"],
    "PyPI in-memory": [str(INMEMORY / "run"), "--port", "{port}"],
    "durabletask-go, SQLite": [str(GO), "--address", "127.0.0.1:{port}", "--db", "{dir}/hub.sqlite"],
}
BUILT = {"PyPI in-memory": INMEMORY / ".venv", "durabletask-go, SQLite": GO}


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


@contextmanager
def served(command: list[str]) -> Iterator[Served]:
    """An engine that runs as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DWCONF_HOST": "127.0.0.1", "DWCONF_PORT": str(port), "DWCONF_DIR": folder}
        words = [word.replace("{port}", str(port)).replace("{dir}", folder) for word in command]
        process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ready(f"127.0.0.1:{port}", process)
            yield Served(f"127.0.0.1:{port}", process.pid)
        finally:
            process.kill()
            process.wait()


def ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until Hello is answered. Raises ConnectionError when it never is."""
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
    raise ConnectionError(f"no engine at {address} (exit code {process.poll()})")


def measure(name: str, load: Load, seconds: float) -> Measured | None:
    """What a load takes on a fresh process of an engine; None, and a line that says why, when it fails."""
    try:
        with served(ENGINES[name]) as engine:
            before = engine.cpu()
            taken = asyncio.run(run(engine.address, load, seconds))
            after = engine.cpu()
    except (OSError, TimeoutError, grpc.RpcError) as error:
        print(f"{name}, {load.name}: {error!r}", file=sys.stderr, flush=True)
        return None
    cpu = None if before is None or after is None else 1000 * (after - before) / taken.finished
    return Measured(rate=taken.finished / taken.seconds, cpu=cpu, generator=taken.own / taken.seconds)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="for which instances are started, per measurement")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"any of: {', '.join(ENGINES)}")
    asked = parser.parse_args()
    unknown = set(asked.engines) - ENGINES.keys()
    if unknown:
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are: {', '.join(ENGINES)}")
    chosen = asked.engines or [name for name in ENGINES if name not in BUILT or BUILT[name].exists()]
    for name in ENGINES.keys() - set(chosen):
        print(f"Not measured: {name}" + (" (build it with peers/run --build)" if name in BUILT else ""))
    busy = " ".join(f"{average:.1f}" for average in os.getloadavg())
    print(f"{asked.rounds} rounds; {os.cpu_count()} processors, with a load average of {busy} before the first round\n")
    figures: dict[tuple[str, str], list[Measured | None]] = {}
    for load in LOADS:
        for number in range(asked.rounds):
            for name in chosen:
                print(f"{load.name}, round {number + 1}, {name}", file=sys.stderr, flush=True)
                figures.setdefault((name, load.name), []).append(measure(name, load, asked.seconds))
    print(tables(figures, chosen, {load.name: load.at_once for load in LOADS}))


if __name__ == "__main__":
    main()
