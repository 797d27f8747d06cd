"""Loading the rulebook from its files.

The files are read in the order in which they refer to each other: catalogues, capabilities, choices, rules, profiles,
requirement sets, exclusions. Every reference is checked when it is read, so that a rulebook that loads has no dangling
id: what a report, `list` or `explain` shows can always be looked up.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from dwconf.suite.rulebook.errors import RulebookError, near_matches
from dwconf.suite.rulebook.model import (
    Capability,
    Chapter,
    Choice,
    Denial,
    Exclusion,
    Profile,
    RequirementSet,
    Rule,
    Side,
    Source,
)
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.rulebook.schema import (
    CapabilityTable,
    CatalogueFile,
    ChapterFile,
    ChoiceTable,
    EntryTable,
    ExclusionTable,
    ProfileFile,
    RequirementsFile,
    RuleTable,
    read_entries,
    read_file,
    read_toml,
)

DATA = Path(__file__).parent / "data"
RELEASES = ("1.16", "1.17", "1.18", "1.19")
ID_PARTS = 3

Value = TypeVar("Value")


@cache
def load_rulebook() -> Rulebook:
    """The rulebook of this version of the suite.

    Raises:
        RulebookError: a file is malformed or refers to something that does not exist.
    """
    return read_rulebook(DATA)


def read_rulebook(data: Path) -> Rulebook:
    """A rulebook from a folder laid out like ours.

    Raises:
        RulebookError: a file is malformed or refers to something that does not exist.
    """
    sources = _keyed(_sources(data))
    capabilities = _keyed(_capabilities(data / "capabilities.toml"))
    choices = _keyed(_choices(data / "choices.toml"))
    chapters, rules = _rules(data, sources=sources, capabilities=capabilities, choices=choices)
    return Rulebook(
        rules=rules,
        aliases=_aliases(data, rules),
        chapters=chapters,
        sources=sources,
        capabilities=capabilities,
        choices=choices,
        profiles=_keyed(_profiles(data, capabilities, choices)),
        requirements=_keyed(_requirements(data, rules, capabilities)),
        exclusions=tuple(_exclusions(data / "exclusions.toml", sources, rules)),
    )


def _keyed(entries: Iterable[tuple[Path, str, Value]]) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for file, name, value in entries:
        if name in found:
            raise RulebookError(file, name, "is there twice", "names are unique; remove or rename one of the two")
        found[name] = value
    return MappingProxyType(found)


def _known(file: Path, where: str, kind: str, name: str, names: Iterable[str]) -> None:
    all_names = set(names)
    if name not in all_names:
        near = near_matches(name, all_names)
        raise RulebookError(file, where, f"unknown {kind} {name!r}", f"near: {', '.join(near)}" if near else "")


def _sources(data: Path) -> Iterator[tuple[Path, str, Source]]:
    for file in sorted((data / "catalogue").glob("*.toml")):
        catalogue = read_file(file, CatalogueFile)
        for entry in read_entries(file, EntryTable, catalogue.entry, key="id"):
            yield file, entry.id, Source(id=entry.id, text=entry.statement, page=entry.page or catalogue.page)


def _capabilities(file: Path) -> Iterator[tuple[Path, str, Capability]]:
    for entry in read_entries(file, CapabilityTable, read_toml(file).get("capability"), key="name"):
        yield (
            file,
            f"{entry.side}/{entry.name}",
            Capability(
                name=entry.name,
                side=entry.side,
                title=entry.title,
                description=entry.description,
                probe=entry.probe,
                operations=entry.operations,
                feature=entry.feature,
                shown=entry.shown,
            ),
        )


def _choices(file: Path) -> Iterator[tuple[Path, str, Choice]]:
    for entry in read_entries(file, ChoiceTable, read_toml(file).get("choice"), key="name"):
        options = MappingProxyType(dict(entry.options))
        choice = Choice(name=entry.name, side=entry.side, title=entry.title, options=options)
        yield file, f"{entry.side}/{entry.name}", choice


def _rules(
    data: Path,
    *,
    sources: Mapping[str, Source],
    capabilities: Mapping[str, Capability],
    choices: Mapping[str, Choice],
) -> tuple[Mapping[str, Chapter], Mapping[str, Rule]]:
    chapters: list[tuple[Path, str, Chapter]] = []
    rules: list[tuple[Path, str, Rule]] = []
    for file, chapter, tables in _chapter_files(data):
        chapters.append((file, f"{chapter.side}/{chapter.name}", chapter))
        for table in tables:
            rule = _rule(file, chapter, table)
            _check_references(file, rule, sources=sources, capabilities=capabilities, choices=choices)
            rules.append((file, rule.id, rule))
    return _keyed(chapters), _keyed(rules)


def _chapter_files(data: Path) -> list[tuple[Path, Chapter, list[RuleTable]]]:
    found = []
    for side in Side:
        for file in (data / "rules" / side).glob("*.toml"):
            read = read_file(file, ChapterFile)
            if (read.side, read.chapter) != (side, file.stem):
                raise RulebookError(file, "file", f"says that it is {read.side}/{read.chapter}", "the path decides")
            chapter = Chapter(side=side, name=read.chapter, letter=read.letter, title=read.title)
            found.append((file, chapter, read_entries(file, RuleTable, read.rule, key="id")))
    return sorted(found, key=lambda each: (each[1].side, each[1].letter))


def _rule(file: Path, chapter: Chapter, table: RuleTable) -> Rule:
    parts = table.id.split("/")
    if len(parts) != ID_PARTS or parts[:2] != [chapter.side, chapter.name]:
        raise RulebookError(file, table.id, "is not an id of this file", f"{chapter.side}/{chapter.name}/<slug>")
    return Rule(
        id=table.id,
        side=chapter.side,
        chapter=chapter.name,
        slug=parts[2],
        level=table.level,
        title=table.title,
        statement=table.statement,
        sources=table.sources,
        since=table.since,
        evidence=table.evidence,
        needs=table.needs,
        aliases=table.aliases,
        choice=table.choice,
        latitude=table.latitude,
        tension=table.tension,
    )


def _check_references(
    file: Path,
    rule: Rule,
    *,
    sources: Mapping[str, Source],
    capabilities: Mapping[str, Capability],
    choices: Mapping[str, Choice],
) -> None:
    if not rule.sources:
        raise RulebookError(file, rule.id, "cites no source", "every rule says where it comes from")
    for source in (*rule.sources, *rule.tension):
        _known(file, rule.id, "source", source, sources)
    for need in rule.needs:
        _known(file, rule.id, "capability", f"{rule.side}/{need}", capabilities)
    if rule.choice is not None:
        _known(file, rule.id, "choice", f"{rule.side}/{rule.choice}", choices)
    _known(file, rule.id, "release", rule.since, RELEASES)


def _aliases(data: Path, rules: Mapping[str, Rule]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for rule in rules.values():
        for alias in rule.aliases:
            if alias in rules or alias in found:
                file = data / "rules" / rule.side / f"{rule.chapter}.toml"
                raise RulebookError(file, rule.id, f"alias {alias!r} is taken", "an old id belongs to one rule")
            found[alias] = rule.id
    return MappingProxyType(found)


def _profiles(
    data: Path, capabilities: Mapping[str, Capability], choices: Mapping[str, Choice]
) -> Iterator[tuple[Path, str, Profile]]:
    for side in Side:
        for file in sorted((data / "profiles" / side).glob("*.toml")):
            read = read_file(file, ProfileFile)
            if (read.side, read.name) != (side, file.stem):
                raise RulebookError(file, "file", f"says that it is {read.side}/{read.name}", "the path decides")
            _check_profile(file, read, capabilities, choices)
            yield file, f"{side}/{read.name}", _profile(read, capabilities)


def _check_profile(
    file: Path, read: ProfileFile, capabilities: Mapping[str, Capability], choices: Mapping[str, Choice]
) -> None:
    for name in read.denied:
        _known(file, f"denied.{name}", "capability", f"{read.side}/{name}", capabilities)
    for name, option in read.choices.items():
        _known(file, f"choices.{name}", "choice", f"{read.side}/{name}", choices)
        _known(file, f"choices.{name}", "option", option, choices[f"{read.side}/{name}"].options)
    for choice in choices.values():
        if choice.side == read.side and choice.name not in read.choices:
            raise RulebookError(file, "choices", f"makes no choice for {choice.name!r}", ", ".join(choice.options))


def _profile(read: ProfileFile, capabilities: Mapping[str, Capability]) -> Profile:
    names = [each.name for each in capabilities.values() if each.side == read.side]
    denials = {name: Denial(reason=each.reason, source=each.source) for name, each in read.denied.items()}
    return Profile(
        name=read.name,
        side=read.side,
        title=read.title,
        description=read.description,
        capabilities=MappingProxyType({name: name not in read.denied for name in names}),
        denials=MappingProxyType(denials),
        overrides=MappingProxyType(dict(read.choices)),
        from_manifest=read.from_manifest,
    )


def _requirements(
    data: Path, rules: Mapping[str, Rule], capabilities: Mapping[str, Capability]
) -> Iterator[tuple[Path, str, RequirementSet]]:
    for release in RELEASES:
        file = data / "requirements" / f"{release}.toml"
        read = read_file(file, RequirementsFile)
        if read.release != release:
            raise RulebookError(file, "file", f"says that it is {read.release}", "the name of the file decides")
        for name in read.rules:
            _known(file, "rules", "rule", name, rules)
        may_lack = {f"engine/{name}" for name in read.may_lack.engine}
        may_lack |= {f"worker/{name}" for name in read.may_lack.worker}
        for name in sorted(may_lack):
            _known(file, "may_lack", "capability", name, capabilities)
        yield file, release, RequirementSet(name=release, rules=read.rules, may_lack=frozenset(may_lack))


def _exclusions(file: Path, sources: Mapping[str, Source], rules: Mapping[str, Rule]) -> Iterator[Exclusion]:
    cited = {source for rule in rules.values() for source in rule.sources}
    for entry in read_entries(file, ExclusionTable, read_toml(file).get("exclusion"), key="source"):
        _known(file, entry.source, "source", entry.source, sources)
        if entry.source in cited:
            raise RulebookError(file, entry.source, "is excluded, and a rule cites it", "drop one of the two")
        yield Exclusion(source=entry.source, reason=entry.reason)
