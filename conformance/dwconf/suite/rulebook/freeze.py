"""Requirement sets are frozen lists; this adds the rules that are new to them.

A set holds every rule whose `since` is not later than its release. The lists are written out, so that a rule cannot
slip into an old set unseen: it takes a change of the file, and that change is read. After adding rules, run
`python -m dwconf.suite.rulebook.freeze`, and look at what it changed.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from dwconf.suite.rulebook.loader import DATA, RELEASES, read_rulebook
from dwconf.suite.rulebook.model import Rule

RULES_LIST = re.compile(r"^rules = \[[^\]]*\]$", re.MULTILINE)


def expected(release: str, rules: Iterable[Rule]) -> tuple[str, ...]:
    """The ids that belong to the set of a release, sorted."""
    up_to = RELEASES[: RELEASES.index(release) + 1]
    return tuple(sorted(rule.id for rule in rules if rule.since in up_to))


def frozen(text: str, ids: Iterable[str]) -> str:
    """The text of a requirements file with this list of rules."""
    lines = "".join(f'    "{name}",\n' for name in ids)
    return RULES_LIST.sub(f"rules = [\n{lines}]" if lines else "rules = []", text, count=1)


def freeze(data: Path = DATA) -> tuple[str, ...]:
    """Write each set's list anew; the releases whose list changed."""
    rules = read_rulebook(data).rules.values()
    changed = []
    for release in RELEASES:
        file = data / "requirements" / f"{release}.toml"
        before = file.read_text(encoding="utf-8")
        after = frozen(before, expected(release, rules))
        if after != before:
            file.write_text(after, encoding="utf-8")
            changed.append(release)
    return tuple(changed)


if __name__ == "__main__":
    freeze()
