"""What can be wrong with a target before any rule is judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class TargetError(Exception):
    """The target is not reachable, not started, never ready, or not of our kind (exit code 5)."""

    what: str
    where: str
    hint: str
    output: str = ""

    def __str__(self) -> str:
        lines = [f"{self.what}: {self.where}", f"  hint: {self.hint}"]
        if self.output:
            lines += ["  its last output:", *(f"    {line}" for line in self.output.splitlines())]
        return "\n".join(lines)
