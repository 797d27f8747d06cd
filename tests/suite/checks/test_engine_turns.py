"""What checks of turns take for latitude."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.instance import Instance
from dwconf.engine.mutants import MUTANTS, Mutant
from dwconf.wire.values import WorkflowVersion
from tests.suite.checks.test_engine_rerun import judged

NAMELESS = "nameless-patches"


def without_name(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    """Of an answer with patches those that are new are recorded, and nothing else."""
    recorded = REFERENCE.recorded_version(state, version)
    return replace(recorded, name=None) if recorded is not None and recorded.patches else recorded


def without_any_name(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    recorded = REFERENCE.recorded_version(state, version)
    return replace(recorded, name=None) if recorded is not None else None


@pytest.mark.parametrize(("recorded", "breaches"), [(without_name, 0), (without_any_name, 1)])
def test_a_version_may_lose_its_name_to_patches_alone(
    recorded: object, breaches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = replace(REFERENCE, recorded_version=recorded)  # type: ignore[arg-type]
    engine = Mutant(name=NAMELESS, breaks="engine/nothing", title="drops names", decisions=decisions)
    monkeypatch.setitem(MUTANTS, NAMELESS, engine)
    outcome = asyncio.run(judged("engine/turns/versions", NAMELESS))
    assert outcome.status == "done"
    said = [breach.seen for one in outcome.rules for breach in one.breaches]
    assert len(said) == breaches, said
