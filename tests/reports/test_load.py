import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dwconf.reports.load import (
    InvalidReportError,
    NewerReportError,
    NotAReportError,
    ReportError,
    ReportNotFoundError,
    TruncatedReportError,
    parse_report,
    read_report,
)
from dwconf.reports.write import render_json
from tests.reports.sample import sample_report

PLACE = Path("report.json")
WHOLE = render_json(sample_report())


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(WHOLE)
    change(document)
    return json.dumps(document).encode()


def test_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(WHOLE)
    assert read_report(tmp_path / "report.json") == sample_report()
    assert read_report(tmp_path) == sample_report()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", NotAReportError, id="empty"),
        pytest.param(b"\x89PNG\r\n", NotAReportError, id="binary"),
        pytest.param(b"[1, 2]", NotAReportError, id="another-json"),
        pytest.param(b'{"schema_version": 1, "tool": {"name": "other"}}', NotAReportError, id="another-tool"),
        pytest.param(b'{"a":' * 5000, NotAReportError, id="deep"),
        pytest.param(WHOLE[: len(WHOLE) // 2], TruncatedReportError, id="half"),
        pytest.param(WHOLE[:-3], TruncatedReportError, id="almost-whole"),
        pytest.param(edited(lambda it: it.update(schema_version=99)), NewerReportError, id="newer"),
        pytest.param(edited(lambda it: it.update(schema_version=99, mood="x")), NewerReportError, id="newer-with-more"),
        pytest.param(edited(lambda it: it.update(schema_version=0)), InvalidReportError, id="no-such-version"),
        pytest.param(edited(lambda it: it.update(mood="x")), InvalidReportError, id="unknown-field"),
        pytest.param(edited(lambda it: it.update(verdict="FINE")), InvalidReportError, id="unknown-verdict"),
        pytest.param(edited(lambda it: it["run"].pop("seed")), InvalidReportError, id="missing-field"),
        pytest.param(edited(lambda it: it["targets"][0]["rules"].pop()), InvalidReportError, id="rule-taken-out"),
        pytest.param(
            edited(lambda it: it["targets"][0]["rules"][0].update(verdict="error")),
            InvalidReportError,
            id="verdict-edited",
        ),
    ],
)
def test_each_way_to_be_unreadable_has_its_error(data: bytes, error: type[ReportError]) -> None:
    with pytest.raises(error) as caught:
        parse_report(data, PLACE)
    assert type(caught.value) is error
    assert str(PLACE) in str(caught.value)
    assert caught.value.hint in str(caught.value)


def test_every_cut_is_noticed() -> None:
    for length in range(1, len(WHOLE) - 1, 997):
        with pytest.raises(TruncatedReportError):
            parse_report(WHOLE[:length], PLACE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportNotFoundError, match=r"nowhere\.json"):
        read_report(tmp_path / "nowhere.json")
    with pytest.raises(ReportNotFoundError, match=r"report\.json"):
        read_report(tmp_path)
