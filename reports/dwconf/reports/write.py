"""The report directory: written whole beside its place, then put there by a rename.

A run may be killed at any time, and a report that is half old and half new is worse than none. So all files are
written into a temporary directory on the same file system; the old report is moved aside and the new one into its
place by two renames, and if the second fails the first is undone. Only what we wrote ourselves is ever removed: a
directory that is not a report, or that holds files which the report does not list, is refused.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from dwconf.reports.badge import render_badge
from dwconf.reports.html import render_html
from dwconf.reports.junit import render_junit
from dwconf.reports.load import REPORT_FILE, TOOL_NAME
from dwconf.reports.model import Report
from dwconf.reports.summary import render_summary
from dwconf.reports.text import without_surrogates

DOCUMENTS = frozenset({REPORT_FILE, "report.html", "junit.xml", "summary.md", "badge.json"})


@dataclass(eq=False)
class OutputError(Exception):
    """The report cannot be put where the user wants it; `hint` says what to do about it."""

    out: Path
    detail: str

    hint = "Choose another directory with --out."

    def __str__(self) -> str:
        return f"{self.out} {self.detail}. {self.hint}"


class ForeignDirectoryError(OutputError):
    """What stands there is not a report of ours, so it is not ours to remove."""

    hint = "Choose another directory with --out, or empty this one yourself."


def write_reports(report: Report, out: Path, *, extra: Mapping[str, Path | bytes] | None = None) -> None:
    """Write the five documents and `extra` (name in the directory → content, or a file to copy) to `out`.

    The previous report in `out` is replaced as a whole. Raises `ForeignDirectoryError` or `OutputError`; then `out` is
    as it was.
    """
    extras = extra or {}
    out = out.resolve()
    check_output(out)
    complete = msgspec.structs.replace(report, files=sorted(_checked(name, out) for name in extras))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-", dir=out.parent))
    except OSError as error:
        raise OutputError(out, f"cannot be written ({error.strerror})") from error
    try:
        _fill(fresh, complete, extras)
        _swap(fresh, out)
    except OSError as error:
        raise OutputError(out, f"cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check_output(out: Path) -> None:
    """Raise `ForeignDirectoryError` unless `out` is missing, empty, or a report of ours: ask before a long run."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ForeignDirectoryError(out, "is not a directory")
    present = {str(path.relative_to(out).as_posix()) for path in out.rglob("*") if not path.is_dir()}
    if not present and not any(out.iterdir()):
        return
    listed = _listed(out / REPORT_FILE)
    if listed is None:
        raise ForeignDirectoryError(out, "holds no report of dwconf")
    if foreign := sorted(present - DOCUMENTS - listed):
        raise ForeignDirectoryError(out, f"holds files that are not part of the report: {', '.join(foreign[:3])}")


def render_json(report: Report) -> bytes:
    """`report.json`: the model as it is; only lone surrogates, which JSON cannot carry, are spelled out."""
    try:
        compact = msgspec.json.encode(report)
    except UnicodeEncodeError:
        compact = msgspec.json.encode(_encodable(msgspec.to_builtins(report)))
    return msgspec.json.format(compact, indent=1) + b"\n"


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return without_surrogates(value)
        case list():
            return [_encodable(item) for item in value]
        case dict():
            return {_encodable(key): _encodable(item) for key, item in value.items()}
        case _:
            return value


def _listed(report_file: Path) -> set[str] | None:
    """The files that a report of ours, of any schema, says it consists of; None when it is not one."""
    try:
        document = msgspec.json.decode(report_file.read_bytes())
    except (OSError, ValueError):
        return None
    match document:
        case {"schema_version": int(), "tool": {"name": tool}} if tool == TOOL_NAME:
            files = document.get("files")
            return {str(name) for name in files} if isinstance(files, list) else set()
        case _:
            return None


def _checked(name: str, out: Path) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or str(path) in DOCUMENTS:
        raise OutputError(out, f"cannot hold a file named {name!r}")
    return str(path)


def _fill(fresh: Path, report: Report, extras: Mapping[str, Path | bytes]) -> None:
    fresh.chmod(0o755)
    (fresh / REPORT_FILE).write_bytes(render_json(report))
    for name, document in (
        ("report.html", render_html(report)),
        ("junit.xml", render_junit(report)),
        ("summary.md", render_summary(report)),
        ("badge.json", render_badge(report)),
    ):
        (fresh / name).write_text(document, encoding="utf-8")
    for name, content in extras.items():
        place = fresh / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            shutil.copyfile(content, place)


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists() or not any(out.iterdir()):
        fresh.rename(out)  # POSIX renames onto an empty directory
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.old-", dir=out.parent))
    os.replace(out, aside)  # noqa: PTH105 - onto the empty directory just made
    try:
        fresh.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
