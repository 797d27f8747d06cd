"""Reading a report back: each way to be unreadable is an error of its own, with a hint how to mend it.

The order of the questions matters: is it whole JSON, is it a report of ours, is its schema one that we know, and only
then: does it keep the schema, and do its counters still add up.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dwconf.reports.model import SCHEMA_VERSION, Report, TargetReport, count_verdicts

TOOL_NAME = "dwconf"
REPORT_FILE = "report.json"


@dataclass(eq=False)
class ReportError(Exception):
    """A file that cannot be used as a report; `hint` says what to do about it."""

    path: Path
    detail: str = ""

    what = "cannot be read as a report"
    hint = "Name a report.json that dwconf wrote, or the directory that holds it."

    def __str__(self) -> str:
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.path} {self.what}{detail}. {self.hint}"


class ReportNotFoundError(ReportError):
    """There is no such file."""

    what = "does not exist or cannot be opened"


class NotAReportError(ReportError):
    """JSON or not, it was not written as a report."""

    what = "is not a dwconf report"


class TruncatedReportError(ReportError):
    """The file ends too early."""

    what = "is cut off"
    hint = "Copy the file again, or run again: dwconf writes a report whole or not at all."


class NewerReportError(ReportError):
    """Written by a version with a later schema."""

    what = "was written by a newer dwconf"
    hint = "Update dwconf to read it."


class InvalidReportError(ReportError):
    """A report of ours that does not keep the schema, or whose counters do not add up: it was edited."""

    what = "was changed after it was written"
    hint = "Use the file as dwconf wrote it, or run again."


def read_report(path: Path) -> Report:
    """The report in `path`, a file or the directory that holds it. Raises a `ReportError` that says why not."""
    file = path / REPORT_FILE if path.is_dir() else path
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ReportNotFoundError(file, error.strerror or "") from error
    return parse_report(data, file)


def parse_report(data: bytes, path: Path) -> Report:
    """The report in `data`; `path` is where it came from, for the errors."""
    _check_version(_check_ours(_parse_json(data, path), path), path)
    try:
        report = msgspec.json.decode(data, type=Report)
    except msgspec.ValidationError as error:
        raise InvalidReportError(path, str(error)) from error
    for target in report.targets:
        _check_counts(target, path)
    return report


def _parse_json(data: bytes, path: Path) -> Any:  # noqa: ANN401 - JSON has no type before it is validated
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if "truncated" in str(error) and data.lstrip().startswith(b"{"):
            raise TruncatedReportError(path, f"it ends after {len(data):,} bytes") from error
        raise NotAReportError(path, str(error)) from error


def _check_ours(document: Any, path: Path) -> dict[str, Any]:  # noqa: ANN401 - as above
    match document:
        case {"schema_version": int(), "tool": {"name": "dwconf"}}:
            return dict(document)
        case _:
            raise NotAReportError(path, "it does not name dwconf as its tool")


def _check_version(document: dict[str, Any], path: Path) -> None:
    version = document["schema_version"]
    if version > SCHEMA_VERSION:
        raise NewerReportError(path, f"its schema is version {version}, this program knows {SCHEMA_VERSION}")
    if version < 1:
        raise InvalidReportError(path, f"there never was a schema of version {version}")


def _check_counts(target: TargetReport, path: Path) -> None:
    counted = {verdict: number for verdict, number in count_verdicts(target.rules).items() if number}
    if counted != {verdict: number for verdict, number in target.counts.items() if number}:
        raise InvalidReportError(path, f"the counters of {target.side} {target.name!r} do not match its rules")
