from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from dwconf.engine.core.spans import NOTHING, add, contains

numbers = st.lists(st.integers(-20, 20), max_size=30)


@given(numbers)
def test_spans_are_a_set(given_numbers: list[int]) -> None:
    spans = NOTHING
    for number in given_numbers:
        spans = add(spans, number)
    assert [number for number in range(-25, 25) if contains(spans, number)] == sorted(set(given_numbers))


@given(numbers)
def test_spans_are_ordered_and_do_not_touch(given_numbers: list[int]) -> None:
    spans = NOTHING
    for number in given_numbers:
        spans = add(spans, number)
    assert all(low <= high for low, high in spans)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(spans))


def test_a_row_of_numbers_is_one_span() -> None:
    spans = NOTHING
    for number in range(1000):
        spans = add(spans, number)
    assert spans == ((0, 999),)
