from __future__ import annotations

import pytest

from dwconf.suite.running.plan import TargetSpec


@pytest.mark.parametrize("side", ["engine", "worker"])
def test_a_started_target_never_writes_into_the_working_directory(side: str) -> None:
    with pytest.raises(ValueError, match="a folder of its own"):
        TargetSpec(side, "started", command=("x",)).make("")
    TargetSpec(side, "started", command=("x",), folder="elsewhere").make("")
