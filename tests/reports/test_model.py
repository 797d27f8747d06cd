import json

import jsonschema
import msgspec
import pytest

from dwconf.reports.model import SCHEMA_VERSION, Report, RuleVerdict, Verdict, count_verdicts, worst
from dwconf.reports.schema import committed_schema, export_schema
from tests.reports.sample import engine_target, sample_report


def test_the_committed_schema_is_fresh() -> None:
    assert committed_schema() == export_schema(), "run: python -m dwconf.reports.schema"


def test_a_report_keeps_its_schema() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(committed_schema()))
    document = msgspec.to_builtins(sample_report())
    validator.validate(document)
    assert not validator.is_valid({**document, "verdict": "FINE"})
    assert not validator.is_valid({**document, "mood": "good"})


def test_a_report_survives_json() -> None:
    report = sample_report()
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert report.schema_version == SCHEMA_VERSION


def test_counts_name_every_verdict_and_add_up() -> None:
    target = engine_target()
    counts = count_verdicts(target.rules)
    assert list(counts) == list(RuleVerdict)
    assert sum(counts.values()) == len(target.rules)
    assert set(counts.values()) >= {1, 2}, "the sample must hold every verdict"
    assert min(counts.values()) == 1


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Verdict.INCONCLUSIVE),
        ([Verdict.CONFORMANT], Verdict.CONFORMANT),
        ([Verdict.CONFORMANT, Verdict.CONFORMANT_WITH_NOTES], Verdict.CONFORMANT_WITH_NOTES),
        ([Verdict.INCONCLUSIVE, Verdict.CONFORMANT_WITH_NOTES], Verdict.INCONCLUSIVE),
        ([Verdict.INCONCLUSIVE, Verdict.NOT_CONFORMANT, Verdict.CONFORMANT], Verdict.NOT_CONFORMANT),
    ],
)
def test_a_run_is_as_good_as_its_worst_target(verdicts: list[Verdict], expected: Verdict) -> None:
    assert worst(verdicts) is expected


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        sample_report().exit_code = 0  # type: ignore[misc]
