"""The rulebook: everything that rules, reports and selections look up, in one frozen value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dwconf.suite.rulebook.errors import (
    UnknownCapability,
    UnknownProfile,
    UnknownRequirements,
    UnknownRule,
    UnknownSource,
    near_matches,
)
from dwconf.suite.rulebook.model import (
    Capability,
    Chapter,
    Choice,
    Exclusion,
    Profile,
    RequirementSet,
    Rule,
    Side,
    Source,
)
from dwconf.suite.rulebook.selection import matching


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rules and what they refer to.

    `rules` and `sources` are keyed by id, in the order of the catalogues; `chapters`, `capabilities`, `choices` and
    `profiles` by `side/name`; `requirements` by release line, oldest first.
    """

    rules: Mapping[str, Rule]
    aliases: Mapping[str, str]
    chapters: Mapping[str, Chapter]
    sources: Mapping[str, Source]
    capabilities: Mapping[str, Capability]
    choices: Mapping[str, Choice]
    profiles: Mapping[str, Profile]
    requirements: Mapping[str, RequirementSet]
    exclusions: tuple[Exclusion, ...]

    def resolve(self, id_or_alias: str) -> Rule:
        """The rule of an id, or of an id that it once had.

        Raises:
            UnknownRule: there is none.
        """
        found = self.rules.get(self.aliases.get(id_or_alias, id_or_alias))
        if found is None:
            raise UnknownRule(id_or_alias, near_matches(id_or_alias, {*self.rules, *self.aliases}))
        return found

    def source(self, source_id: str) -> Source:
        """The statement or catalogue entry of an id.

        Raises:
            UnknownSource: there is none.
        """
        found = self.sources.get(source_id)
        if found is None:
            raise UnknownSource(source_id, near_matches(source_id, self.sources))
        return found

    def profile(self, side: Side, name: str) -> Profile:
        """The profile of a side.

        Raises:
            UnknownProfile: there is none of that name; the error lists those that there are.
        """
        found = self.profiles.get(f"{side}/{name}")
        if found is None:
            raise UnknownProfile(name, tuple(each.name for each in self.profiles.values() if each.side == side))
        return found

    def capability(self, side: Side, name: str) -> Capability:
        """The capability of a side.

        Raises:
            UnknownCapability: there is none of that name; the error names those that are near.
        """
        own = {one.name: one for one in self.capabilities.values() if one.side == side}
        if name not in own:
            raise UnknownCapability(name, near_matches(name, own))
        return own[name]

    def requirement_set(self, name: str) -> RequirementSet:
        """The requirement set of a release line.

        Raises:
            UnknownRequirements: there is none of that name; the error lists those that there are.
        """
        found = self.requirements.get(name)
        if found is None:
            raise UnknownRequirements(name, tuple(self.requirements))
        return found

    def select(self, patterns: Iterable[str] = ()) -> tuple[Rule, ...]:
        """The rules that any of the patterns selects, in the order of the rulebook; all of them without a pattern.

        Raises:
            UnknownPattern: a pattern selects nothing.
        """
        wanted = list(patterns)
        if not wanted:
            return tuple(self.rules.values())
        chosen = frozenset[str]().union(*(matching(each, self.rules, self.aliases) for each in wanted))
        return tuple(rule for name, rule in self.rules.items() if name in chosen)

    def uncited(self) -> tuple[str, ...]:
        """Catalogue entries that no rule cites and no exclusion explains yet."""
        settled = {source for rule in self.rules.values() for source in rule.sources}
        settled |= {exclusion.source for exclusion in self.exclusions}
        return tuple(name for name in self.sources if name.startswith(("ENG-", "WRK-")) and name not in settled)
