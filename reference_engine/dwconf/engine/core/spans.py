"""A set of integers that come mostly in a row, kept as spans.

The ids of the actions of a generation must be remembered for as long as it lives (ENG-C-28). A long workflow has
thousands of them, nearly always 0, 1, 2, …: as spans they cost the same at any length.
"""

from __future__ import annotations

from bisect import bisect_right

Spans = tuple[tuple[int, int], ...]
"""Disjoint, ordered, inclusive spans; no two of them touch."""

NOTHING: Spans = ()


def contains(spans: Spans, number: int) -> bool:
    """Whether a number is in the set."""
    at = bisect_right(spans, (number, float("inf"))) - 1
    return at >= 0 and number <= spans[at][1]


def add(spans: Spans, number: int) -> Spans:
    """The set with one number more."""
    if spans and spans[-1][1] == number - 1:
        return (*spans[:-1], (spans[-1][0], number))
    if contains(spans, number):
        return spans
    low = high = number
    kept = []
    for first, last in spans:
        if last == number - 1:
            low = first
        elif first == number + 1:
            high = last
        else:
            kept.append((first, last))
    return tuple(sorted([*kept, (low, high)]))
