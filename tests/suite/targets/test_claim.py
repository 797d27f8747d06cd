"""A sidecar that serves already is tested by one run at a time, and an earlier one's leftovers are known by its id."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwconf.suite.targets.claim import Claim
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError

HERE = Endpoint("127.0.0.1", 50_001)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def lock(folder: Path) -> Path:
    """The path of the file by which HERE is claimed; it is not there."""
    Claim.take(HERE).release(clean=True)
    (file,) = folder.iterdir()
    file.unlink()
    return file


def test_one_run_at_a_time() -> None:
    claim = Claim.take(HERE)
    with pytest.raises(TargetError, match="another run of dwconf is testing this sidecar"):
        Claim.take(Endpoint("localhost", 50_001))
    Claim.take(Endpoint("127.0.0.1", 50_002)).release(clean=True)
    claim.release(clean=True)
    Claim.take(HERE).release(clean=True)


def test_runs_that_were_cut_off_are_remembered_until_their_leftovers_are_gone() -> None:
    for run, earlier in (("aaaaaa", ()), ("bbbbbb", ("aaaaaa",))):
        claim = Claim.take(HERE)
        assert claim.earlier == earlier
        claim.note(run)
        claim.release(clean=False)
    last = Claim.take(HERE)
    assert last.earlier == ("aaaaaa", "bbbbbb")
    last.note("cccccc")
    last.release(clean=True)
    assert Claim.take(HERE).earlier == ()


def test_a_file_that_cannot_be_opened_is_no_reason_to_refuse(folder: Path) -> None:
    lock(folder).mkdir()
    claim = Claim.take(HERE)
    claim.note("aaaaaa")
    assert claim.earlier == ()
    claim.release(clean=True)


def test_a_link_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Anybody may write into the folder for temporary files: whatever a link there leads to is not ours to empty."""
    elsewhere = tmp_path_factory.mktemp("theirs") / "elsewhere"
    elsewhere.write_text("precious", "utf-8")
    lock(folder).symlink_to(elsewhere)
    claim = Claim.take(HERE)
    claim.note("aaaaaa")
    claim.release(clean=True)
    assert elsewhere.read_text("utf-8") == "precious"
