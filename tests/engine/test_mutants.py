from __future__ import annotations

from dataclasses import fields

import pytest

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.mutants import MUTANTS, Mutant
from dwconf.engine.profiles import PROFILES
from dwconf.engine.shell.faults import NO_FAULTS


def replaced(decisions: Decisions) -> set[str]:
    return {f.name for f in fields(Decisions) if getattr(decisions, f.name) is not getattr(REFERENCE, f.name)}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_replaces_something_and_says_what(mutant: Mutant) -> None:
    assert replaced(mutant.decisions) or mutant.faults != NO_FAULTS
    assert mutant.breaks.startswith("engine/")
    assert mutant.title
    assert not mutant.title.endswith(".")


def test_a_profile_is_not_the_reference_unless_it_is_daprd() -> None:
    assert [name for name, decisions in PROFILES.items() if not replaced(decisions)] == ["reference", "daprd"]
