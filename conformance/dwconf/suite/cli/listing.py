"""`dwconf list`: the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from dwconf.suite.cli.exits import usage

if TYPE_CHECKING:
    from dwconf.suite.cli.catalogue import Entry
    from dwconf.suite.rulebook import Rule, Rulebook


@click.command(short_help="Show the rules.")
@click.argument("patterns", metavar="[PATTERN…]", nargs=-1)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(["MUST", "SHOULD", "MAY", "INFO"]),
    metavar="LEVEL",
    help="Rules of this level alone: MUST, SHOULD, MAY or INFO. Repeatable.",
)
@click.option("--requirements", metavar="RELEASE", help="Rules of this Dapr release alone: 1.18.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(patterns: tuple[str, ...], levels: tuple[str, ...], requirements: str | None, form: str) -> None:
    """Show the rules, or those that a PATTERN selects: an id, a chapter, the beginning of ids, or a glob.

    As JSON, each rule comes with all its fields, its cases, and the mutants that break it.
    """
    from dwconf.suite.rulebook import UnknownName, load_rulebook  # noqa: PLC0415  (`--help` does not need it)

    rulebook = load_rulebook()
    try:
        rules = select(rulebook, patterns, levels=levels, requirements=requirements)
    except UnknownName as error:
        raise usage(str(error), hint="without a pattern, all rules are listed") from error
    if not rules:
        raise usage("nothing is selected", hint="a level, a requirement set and a pattern have to hold together")
    if form == "json":
        click.echo(as_json(rulebook, rules))
        return
    for line in as_text(rulebook, rules):
        click.echo(line)


def select(
    rulebook: Rulebook, patterns: Iterable[str], *, levels: tuple[str, ...], requirements: str | None
) -> list[Rule]:
    """The rules that are asked for. Raises UnknownName."""
    chosen = rulebook.select(patterns)
    required = set(rulebook.requirement_set(requirements).rules) if requirements else None
    return [
        rule for rule in chosen if (not levels or rule.level in levels) and (required is None or rule.id in required)
    ]


def as_text(rulebook: Rulebook, rules: list[Rule]) -> Iterator[str]:
    """The rules by chapter, a line for each."""
    width = max(len(rule.id) for rule in rules)
    for chapter, members in groupby(rules, key=lambda rule: f"{rule.side}/{rule.chapter}"):
        named = rulebook.chapters[chapter]
        yield f"{chapter}  ({named.letter}) {named.title}"
        for rule in members:
            yield f"  {rule.id:<{width}}  {rule.level:<6}  {rule.title}"
        yield ""
    yield f"{len(rules)} rules"


def as_json(rulebook: Rulebook, rules: list[Rule]) -> str:
    """The rules with everything that belongs to them, as a JSON array."""
    import msgspec  # noqa: PLC0415  (only this format needs it)

    from dwconf.suite.cli.catalogue import Catalogue  # noqa: PLC0415

    catalogue = Catalogue(rulebook)
    return msgspec.json.format(msgspec.json.encode([fields(catalogue.entry(rule)) for rule in rules])).decode()


def fields(entry: Entry) -> dict[str, object]:
    """A rule's fields, as JSON names them."""
    rule = entry.rule
    return {
        "id": rule.id,
        "level": rule.level.value,
        "side": rule.side.value,
        "chapter": rule.chapter,
        "title": rule.title,
        "statement": rule.statement,
        "sources": rule.sources,
        "since": rule.since,
        "needs": rule.needs,
        "evidence": rule.evidence.value,
        "choice": rule.choice,
        "latitude": rule.latitude,
        "tension": rule.tension,
        "aliases": rule.aliases,
        "cases": entry.cases,
        "checks": entry.checks,
        "mutants": entry.mutants,
    }
