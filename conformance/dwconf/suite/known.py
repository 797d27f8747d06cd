"""The list of known failures: a YAML file that says which rules a target breaks, why, and where that is tracked.

    - rule: engine/timers/never-early
      reason: timers are rounded down to whole seconds
      link: https://example.org/issues/17
      expires: 2027-01-31

The list is strict, so that it can only shrink: a rule that is not in the rulebook, an entry without a reason, an entry
past its date and a rule that stands there twice are errors, and a listed rule that passes fails the run. `updated`
gives the list that a run needs; what is new in it has no reason yet, and until somebody gives one the list is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dwconf.reports.model import RuleResult, RuleVerdict
from dwconf.suite.rulebook import Rulebook, UnknownRule

TODO = "TODO: explain"
KEYS = ("rule", "reason", "link", "expires")


@dataclass(eq=False)
class KnownError(Exception):
    """A list of known failures that cannot be used (exit code 2)."""

    file: Path
    line: int
    problem: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.problem}\n  hint: {self.hint}"


@dataclass(frozen=True, slots=True)
class Known:
    """One known failure. `rule` is the rule's present id, whatever alias the file used."""

    rule: str
    reason: str
    link: str = ""
    expires: date | None = None


KnownList = Mapping[str, Known]
"""Known failures by rule id."""


def load_known(path: Path, rulebook: Rulebook, *, today: date, renewing: bool = False) -> KnownList:
    """Read a list.

    With `renewing` (it is about to be rewritten), a missing file is an empty list, and entries may lack a reason or be
    past their date.

    Raises:
        KnownError: the file cannot be read, or an entry cannot stand.
    """
    found: dict[str, Known] = {}
    for line, entry in _entries(path, _text(path, renewing=renewing)):
        known = _known(path, line, entry, rulebook)
        if known.rule in found:
            raise KnownError(path, line, f"{known.rule} is listed twice", "keep one of the two entries")
        if not renewing:
            _refuse_stale(path, line, known, today)
        found[known.rule] = known
    return found


def updated(known: KnownList, results: Iterable[RuleResult], *, warnings: bool = False) -> KnownList:
    """The list that a run needs: entries of rules that it did not judge stay, those that passed go, failures are in it.

    With `warnings`, a SHOULD that is not met counts as failing.
    """
    kept = dict(known)
    failing = {RuleVerdict.FAIL, RuleVerdict.KNOWN} | ({RuleVerdict.WARN} if warnings else set())
    for result in results:
        if result.verdict in failing:
            kept.setdefault(result.id, Known(result.id, TODO))
        elif result.verdict in (RuleVerdict.PASS, RuleVerdict.FIXED):
            kept.pop(result.id, None)
    return {rule: kept[rule] for rule in sorted(kept)}


def render(known: KnownList) -> str:
    """A list as YAML, by rule id: the same list always gives the same text."""
    entries = [_plain(known[rule]) for rule in sorted(known)]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=120) if entries else "[]\n"


def _plain(known: Known) -> dict[str, object]:
    entry: dict[str, object] = {"rule": known.rule, "reason": known.reason}
    if known.link:
        entry["link"] = known.link
    if known.expires is not None:
        entry["expires"] = known.expires
    return entry


def _text(path: Path, *, renewing: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if renewing:
            return ""
        hint = "check the path, or have the file written with --update-known"
        raise KnownError(path, 0, "there is no such file", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(path, 0, f"cannot be read: {error}", "it must be a readable file in UTF-8") from error


def _entries(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries with the lines that they begin on."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark is not None else 0
        raise KnownError(path, line, f"not YAML: {problem}", "mend the line that it names") from error
    except ValueError as error:  # a date that no calendar has
        raise KnownError(path, 0, f"not YAML: {error}", "write dates as 2027-01-31") from error
    if loaded is None:
        return
    if not isinstance(loaded, list) or not isinstance(node, yaml.SequenceNode):
        raise KnownError(path, 1, "must be a list of entries", "begin each entry with `- rule: …`")
    for item, value in zip(node.value, loaded, strict=True):
        line = item.start_mark.line + 1
        if not isinstance(value, dict):
            raise KnownError(path, line, f"{value!r} is no entry", "write `- rule: …`, and `reason: …` below it")
        yield line, value


def _known(path: Path, line: int, entry: dict[str, Any], rulebook: Rulebook) -> Known:
    for key in entry:
        if key not in KEYS:
            raise KnownError(path, line, f"unknown key {key!r}", f"an entry has {', '.join(KEYS)}")
    rule, reason, link = (_string(path, line, entry, key) for key in KEYS[:3])
    expires = entry.get("expires")
    if expires is not None and type(expires) is not date:
        raise KnownError(path, line, f"expires is {expires!r}", "write a date, as in 2027-01-31")
    try:
        return Known(rulebook.resolve(rule).id, reason.strip(), link, expires)
    except UnknownRule as error:
        hint = f"did you mean {' or '.join(error.near)}?" if error.near else "`dwconf list` shows all rules"
        raise KnownError(path, line, f"unknown rule {rule!r}", hint) from error


def _string(path: Path, line: int, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if value is None or value == "":
        if key == "rule":
            raise KnownError(path, line, "an entry without a rule", "begin it with `- rule: …`")
        return ""
    if not isinstance(value, str):
        raise KnownError(path, line, f"{key} is {value!r}", "write it as a text, in quotes")
    return value


def _refuse_stale(path: Path, line: int, known: Known, today: date) -> None:
    if not known.reason or known.reason == TODO:
        raise KnownError(path, line, f"{known.rule} has no reason", "say why the target breaks this rule")
    if known.expires is not None and known.expires < today:
        problem = f"{known.rule} expired on {known.expires.isoformat()}"
        raise KnownError(path, line, problem, "mend the failure, or give the entry a new date and say why")
