"""The shape of the rulebook's files, and reading them strictly.

Each file is TOML. Every table is checked against a struct here: a key that the struct does not have, a missing one or
one of the wrong type is a `RulebookError` that names the file, the entry and the field, rather than a rule that is
silently not what its author meant.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dwconf.suite.rulebook.errors import RulebookError
from dwconf.suite.rulebook.model import Evidence, Level, Side

Entry = TypeVar("Entry", bound="Table")


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a rulebook file: exactly these keys, of exactly these types."""


class RuleTable(Table, frozen=True, kw_only=True):
    """A `[[rule]]`."""

    id: str
    level: Level
    title: str
    statement: str
    sources: tuple[str, ...]
    since: str
    evidence: Evidence
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    choice: str | None = None
    latitude: str = ""
    tension: tuple[str, ...] = ()


class ChapterFile(Table, frozen=True, kw_only=True):
    """`rules/<side>/<chapter>.toml`."""

    side: Side
    chapter: str
    letter: str
    title: str
    rule: list[dict[str, Any]] = []


class CapabilityTable(Table, frozen=True, kw_only=True):
    """A `[[capability]]`."""

    name: str
    side: Side
    title: str
    description: str
    probe: str
    operations: tuple[str, ...] = ()
    feature: bool = False
    shown: bool = False


class ChoiceTable(Table, frozen=True, kw_only=True):
    """A `[[choice]]`."""

    name: str
    side: Side
    title: str
    options: dict[str, str]


class DenialTable(Table, frozen=True, kw_only=True):
    """A `[denied.<capability>]`."""

    reason: str
    source: str


class ProfileFile(Table, frozen=True, kw_only=True):
    """`profiles/<side>/<name>.toml`: every capability that is not denied is claimed."""

    side: Side
    name: str
    title: str
    description: str
    from_manifest: bool = False
    denied: dict[str, DenialTable] = {}
    choices: dict[str, str] = {}


class MayLackTable(Table, frozen=True, kw_only=True):
    """Capabilities that a release line may lack, by side."""

    engine: tuple[str, ...]
    worker: tuple[str, ...]


class RequirementsFile(Table, frozen=True, kw_only=True):
    """`requirements/<release>.toml`."""

    release: str
    may_lack: MayLackTable
    rules: tuple[str, ...]


class ExclusionTable(Table, frozen=True, kw_only=True):
    """An `[[exclusion]]`."""

    source: str
    reason: str


class EntryTable(Table, frozen=True, kw_only=True):
    """An `[[entry]]` of a catalogue; only what rules cite is used here, the rest is for readers."""

    id: str
    chapter: str
    statement: str
    page: str = ""
    level: str = ""
    contract: str = ""
    confidence: str = ""
    basis: str = ""
    test: str = ""
    seen: str = ""
    upstream: str = ""
    differences: str = ""
    check: str = ""


class CatalogueFile(Table, frozen=True, kw_only=True):
    """`catalogue/<name>.toml`; `page` is where a reader finds it, unless an entry names a page of its own."""

    page: str
    entry: list[dict[str, Any]]


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a file, or a `RulebookError` that says where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulebookError(file, "file", str(error), "it must be readable as TOML 1.0") from error


def read_table(file: Path, shape: type[Entry], table: dict[str, Any], *, where: str) -> Entry:
    """One table as its struct; `where` names the entry in an error."""
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        field, problem = _explain(str(error))
        raise RulebookError(file, f"{where}{field}", problem, f"fields: {', '.join(_fields(shape))}") from error


def read_file(file: Path, shape: type[Entry]) -> Entry:
    """A whole file as its struct."""
    return read_table(file, shape, read_toml(file), where="file")


def read_entries(file: Path, shape: type[Entry], tables: object, *, key: str) -> list[Entry]:
    """Each table of an array of tables as its struct; an error names the entry by its `key`."""
    if not isinstance(tables, list):
        raise RulebookError(file, "file", "expected an array of tables")
    return [
        read_table(file, shape, table, where=str(table.get(key, f"entry {number}")))
        for number, table in enumerate(tables, start=1)
    ]


def _fields(shape: type[Table]) -> tuple[str, ...]:
    return shape.__struct_fields__


def _explain(message: str) -> tuple[str, str]:
    """From msgspec comes `problem - at `$.field``; we say the field first."""
    found = re.fullmatch(r"(?P<problem>.*) - at `\$\.?(?P<field>.*)`", message)
    if found is None:
        return "", message
    field = found["field"]
    return (f", field {field!r}" if field else ""), found["problem"]
