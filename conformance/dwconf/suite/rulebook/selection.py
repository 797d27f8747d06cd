"""Selecting rules by id, alias, prefix or glob.

A pattern is, in this order: an exact id or alias; a glob when it holds `*`, `?` or `[`; the chapters and rules below
a path (`engine/timers`); the beginning of ids (`engine/timers/past`). So naming one rule never selects another one
that happens to begin with the same letters.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from dwconf.suite.rulebook.errors import UnknownPattern, near_matches
from dwconf.suite.rulebook.model import Rule


def matching(pattern: str, rules: Mapping[str, Rule], aliases: Mapping[str, str]) -> frozenset[str]:
    """The ids of the rules that a pattern selects.

    Raises:
        UnknownPattern: it selects none.
    """
    wanted = pattern.strip()
    exact = aliases.get(wanted, wanted)
    if exact in rules:
        return frozenset({exact})
    if any(sign in wanted for sign in "*?["):
        found = _by_glob(wanted, rules, aliases)
    else:
        below = wanted.rstrip("/") + "/"
        found = _by_prefix(below, rules) or _by_prefix(wanted, rules)
    if not found:
        raise UnknownPattern(pattern, near_matches(wanted, _names(rules, aliases)))
    return found


def _by_glob(pattern: str, rules: Mapping[str, Rule], aliases: Mapping[str, str]) -> frozenset[str]:
    ids = {name for name in rules if fnmatchcase(name, pattern)}
    return frozenset(ids | {target for alias, target in aliases.items() if fnmatchcase(alias, pattern)})


def _by_prefix(prefix: str, rules: Mapping[str, Rule]) -> frozenset[str]:
    return frozenset(name for name in rules if prefix and name.startswith(prefix))


def _names(rules: Mapping[str, Rule], aliases: Mapping[str, str]) -> set[str]:
    chapters = {f"{rule.side}/{rule.chapter}" for rule in rules.values()}
    return {*rules, *aliases, *chapters}
