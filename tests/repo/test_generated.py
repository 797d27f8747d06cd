"""Generated code is committed, so it can be stale: the generator is run again and must have nothing to write."""

import subprocess
import sys

from tests.repo.checkout import ROOT


def test_generated_code_is_fresh() -> None:
    command = [sys.executable, "protos/generate.py", "--check"]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, f"run python protos/generate.py:\n{ended.stdout}{ended.stderr}"
