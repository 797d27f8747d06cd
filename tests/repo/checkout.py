"""The checkout that these tests look at: where it is, and which files belong to it."""

import subprocess
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = ("conformance", "reference_engine", "reference_worker", "protos", "reports")


def files(*patterns: str) -> list[PurePosixPath]:
    """Files of the repository that match a git pattern, committed or about to be; none that is ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [PurePosixPath(name) for name in names if (ROOT / name).is_file()]


def text_files() -> list[PurePosixPath]:
    """Those of `files()` that hold text, by whether they decode as UTF-8."""
    return [path for path in files() if _is_text(ROOT / path)]


def _is_text(path: Path) -> bool:
    try:
        return "\0" not in path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
