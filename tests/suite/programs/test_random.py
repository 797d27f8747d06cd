"""Random programs keep to the language, to what an app declares, and to what the oracle speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jsonschema
from hypothesis import given, settings, strategies as st

from dwconf.suite.oracle.meaning import Meaning
from dwconf.suite.programs import Step
from dwconf.suite.programs.random import NEEDS, STATEMENTS, Example, demanded, examples
from dwconf.suite.programs.schema import operations, schema

ALL = frozenset(operations())
FEATURES = frozenset({"retry", "event-timeout"})


def steps(blocks: Sequence[Step]) -> Iterator[Step]:
    for step in blocks:
        yield step
        for block in ("steps", "catch"):
            yield from steps(step.get(block, []))


@settings(deadline=None, max_examples=50)
@given(examples(ALL, FEATURES))
def test_every_program_is_one_of_the_language(example: Example) -> None:
    jsonschema.Draft202012Validator(schema()).validate(example.program)


@settings(deadline=None, max_examples=50)
@given(examples(ALL, FEATURES))
def test_every_program_has_a_meaning(example: Example) -> None:
    one = Meaning(example.program, now=0)
    assert one.demands or one.end is not None


DECLARED = st.frozensets(st.sampled_from(sorted(ALL)))


@settings(deadline=None, max_examples=200)
@given(DECLARED, st.frozensets(st.sampled_from(sorted(FEATURES))), st.data())
def test_an_app_is_given_what_it_declares(
    can_do: frozenset[str], features: frozenset[str], data: st.DataObject
) -> None:
    program = data.draw(examples(can_do, features)).program
    given_steps = list(steps(program["steps"]))
    assert {step["op"] for step in given_steps} <= can_do
    assert "retry" in features or not any("retry" in step for step in given_steps)
    assert "event-timeout" in features or not any("timeoutMs" in step for step in given_steps)
    assert {step["op"] for step in given_steps} <= demanded(program) <= can_do | features


def test_every_kind_of_statement_says_what_it_needs() -> None:
    assert set(NEEDS) == set(STATEMENTS)
    assert {need for needs in NEEDS.values() for need in needs} <= ALL | FEATURES
