"""Schedules are data: every one of them survives being written and read, and nothing else is read."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings

from dwconf.suite.schedules.generation import schedules
from dwconf.suite.schedules.operations import Act, Answer, Open, Schedule, Start, read, written


@given(schedules)
@settings(max_examples=50, derandomize=True, deadline=None, database=None)
def test_every_schedule_can_be_written_and_read(schedule: Schedule) -> None:
    assert read(written(schedule)) == schedule


def test_a_schedule_is_short_json() -> None:
    text = '[{"type":"Open"},{"type":"Start"},{"type":"Answer","acts":["task","end"]}]'
    assert written((Open(), Start(), Answer(acts=(Act.TASK, Act.END)))) == text


@pytest.mark.parametrize("text", ["", "{}", '[{"type":"Fly"}]', '[{"type":"Answer","acts":["fly"]}]', "[1]"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(text)
