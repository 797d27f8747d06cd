"""Wrong workers are wrong: each mutant differs from the reference in what it decides."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_replaces_few_decisions(mutant: Mutant) -> None:
    replaced = [
        field.name
        for field in fields(Decisions)
        if getattr(mutant.decisions, field.name) is not getattr(REFERENCE, field.name)
    ]
    assert 1 <= len(replaced) <= 3
    assert mutant.breaks.startswith("worker/")
    assert mutant.title


@pytest.mark.parametrize("field", fields(Decisions), ids=lambda field: field.name)
def test_every_decision_names_what_it_keeps(field: object) -> None:
    name = getattr(field, "name", "")
    assert "WRK-" in (getattr(REFERENCE, name).__doc__ or ""), name
