import json
import os
from pathlib import Path

import msgspec
import pytest

from dwconf.reports.load import read_report
from dwconf.reports.write import DOCUMENTS, ForeignDirectoryError, OutputError, check_output, write_reports
from tests.reports.sample import sample_report


def names(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def neighbours(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir())


def test_writes_every_document_and_what_else_is_given(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_bytes(b"t" * 10)
    out = tmp_path / "deep" / "report"
    write_reports(sample_report(), out, extra={"trace.bin": trace, "counterexamples/one.json": b"{}"})
    assert names(out) == DOCUMENTS | {"trace.bin", "counterexamples/one.json"}
    assert (out / "trace.bin").read_bytes() == b"t" * 10
    assert read_report(out).files == ["counterexamples/one.json", "trace.bin"]
    assert neighbours(out) == ["report"]


def test_replaces_an_old_report_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_reports(sample_report(), out, extra={"old.bin": b"", "sub/old.bin": b""})
    write_reports(sample_report(), out, extra={"new.bin": b""})
    assert names(out) == DOCUMENTS | {"new.bin"}
    assert neighbours(out) == ["report"]


def test_replaces_an_empty_directory(tmp_path: Path) -> None:
    out = tmp_path / "report"
    out.mkdir()
    write_reports(sample_report(), out)
    assert names(out) == DOCUMENTS


def test_a_report_of_a_newer_schema_is_still_ours(tmp_path: Path) -> None:
    document = {"schema_version": 99, "tool": {"name": "dwconf"}, "files": ["map.svg"]}
    (tmp_path / "report.json").write_text(json.dumps(document))
    (tmp_path / "map.svg").touch()
    check_output(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"thesis.tex": "years of work"}, id="no-report"),
        pytest.param({"report.json": '{"tool": {"name": "other"}}'}, id="another-report"),
        pytest.param({"report.json": "no json"}, id="no-json"),
        pytest.param({".git/config": ""}, id="hidden"),
    ],
)
def test_leaves_what_is_not_ours(tmp_path: Path, files: dict[str, str]) -> None:
    out = tmp_path / "mine"
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(content)
    with pytest.raises(ForeignDirectoryError, match="--out"):
        write_reports(sample_report(), out)
    assert names(out) == set(files)
    assert neighbours(out) == ["mine"]


def test_leaves_a_report_with_a_file_of_someone_else(tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_reports(sample_report(), out)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ForeignDirectoryError, match=r"notes\.txt"):
        write_reports(sample_report(), out)
    assert (out / "notes.txt").read_text() == "mine"


def test_leaves_a_file(tmp_path: Path) -> None:
    out = tmp_path / "report"
    out.write_text("mine")
    with pytest.raises(ForeignDirectoryError, match="not a directory"):
        write_reports(sample_report(), out)
    assert out.read_text() == "mine"


@pytest.mark.parametrize("name", ["../out.bin", "/etc/out.bin", "report.json", "", "a/../../b"])
def test_extra_files_stay_inside_and_shadow_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot hold"):
        write_reports(sample_report(), tmp_path / "report", extra={name: b""})
    assert list(tmp_path.iterdir()) == []


def test_the_old_report_stays_when_the_new_one_cannot_be_finished(tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_reports(sample_report(), out, extra={"old.bin": b"old"})
    with pytest.raises(OutputError, match="cannot be written"):
        write_reports(sample_report(), out, extra={"trace.bin": tmp_path / "missing"})
    assert names(out) == DOCUMENTS | {"old.bin"}
    assert neighbours(out) == ["report"]


def test_the_old_report_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report"
    write_reports(sample_report(), out, extra={"old.bin": b"old"})
    rename = Path.rename

    def refuse_new(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(28, os.strerror(28))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(OutputError, match="No space"):
        write_reports(sample_report(), out)
    assert names(out) == DOCUMENTS | {"old.bin"}
    assert neighbours(out) == ["report"]


def test_a_lone_surrogate_does_not_stop_the_report(tmp_path: Path) -> None:
    report = sample_report()
    target = msgspec.structs.replace(report.targets[0], name="peer \udc80 <b>")
    out = tmp_path / "report"
    write_reports(msgspec.structs.replace(report, targets=[target]), out)
    assert read_report(out).targets[0].name == "peer \\udc80 <b>"
    for name in DOCUMENTS:
        (out / name).read_text(encoding="utf-8")
