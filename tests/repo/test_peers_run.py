"""`peers/run` says of each peer how it went, and counts nothing as judged that was not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT

PEER = """\
title = "a peer"
needs = ["{needs}"]
fetch = ["{fetch}"]
build = ["{build}"]
judge = ["sidecar"]
start = ["peer"]
core = true
"""


def peers_run(
    folder: Path, *arguments: str, needs: str = "sh", fetch: str = "true", build: str = "true"
) -> tuple[int, str]:
    """Run the script on one made-up peer, with a `dwconf` that finds nothing wrong; its exit code and what it says."""
    (folder / "peers/engines/made-up").mkdir(parents=True)
    shutil.copy(ROOT / "peers/run", folder / "peers/run")
    text = PEER.format(needs=needs, fetch=fetch, build=build)
    (folder / "peers/engines/made-up/peer.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, str(folder / "peers/run"), *arguments]
    done = subprocess.run(
        command, env={**os.environ, "DWCONF": "true"}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout.partition("Peers:")[2]


def test_a_peer_is_built_and_judged(tmp_path: Path) -> None:
    code, said = peers_run(tmp_path, "--core")
    assert code == 0
    assert "ok       made-up: as expected" in said


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"needs": "no-such-tool"}, "needs no-such-tool on PATH"),
        ({"fetch": "false"}, "what it is built from cannot be had here"),
    ],
    ids=["toolchain", "release"],
)
def test_a_peer_that_cannot_be_had_is_skipped_unless_asked_for(
    tmp_path: Path, lacking: dict[str, str], reason: str
) -> None:
    code, said = peers_run(tmp_path / "all", "--core", **lacking)
    assert code == 0
    assert f"skipped  made-up: {reason}" in said
    code, said = peers_run(tmp_path / "named", "made-up", **lacking)
    assert code == 1
    assert f"failed   made-up: {reason}" in said


def test_a_peer_that_does_not_build_is_a_failure(tmp_path: Path) -> None:
    code, said = peers_run(tmp_path, "--core", build="false")
    assert code == 1
    assert "failed   made-up: its build ended with 1" in said
