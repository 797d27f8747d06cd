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


@contextmanager
def served(command: list[str]) -> Iterator[str]:
    """The address of an engine that runs as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DWCONF_HOST": "127.0.0.1", "DWCONF_PORT": str(port), "DWCONF_DIR": folder}
        words = [word.replace("{port}", str(port)) for word in command]
        process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ready(f"127.0.0.1:{port}", process)
            yield f"127.0.0.1:{port}"
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


def measure(load: Load, engines: list[str], rounds: int) -> dict[str, float]:
    """The median seconds of a load on each engine."""
    took: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name in engines:
            with served(ENGINES[name]) as address:
                took[name].append(asyncio.run(run(address, load)))
    return {name: statistics.median(times) for name, times in took.items()}


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
        for name, seconds in took.items():
            rate = load.instances / seconds
            beside = f"{took[SQLITE] / seconds:6.2f} x the speed of {SQLITE}" if SQLITE in took else ""
            print(f"  {name:38} {rate:9.1f} a second  {1000 * seconds / load.instances:9.2f} ms each  {beside}")


if __name__ == "__main__":
    main()
