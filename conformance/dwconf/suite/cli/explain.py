"""`dwconf explain RULE`: everything about one rule."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from dwconf.suite.cli.exits import usage

if TYPE_CHECKING:
    from dwconf.suite.cli.catalogue import Entry
    from dwconf.suite.rulebook import Rulebook

WIDTH = 100
LABEL = 12
DAEMONS = {"engine": "dwconf sidecar -- dwconf engine", "worker": "dwconf worker -- dwconf app"}


@click.command(short_help="Show everything about a rule.")
@click.argument("rule")
def command(rule: str) -> None:
    """Show a RULE: its statement, its sources in their own words, what decides it, and how to see it broken."""
    from dwconf.suite.rulebook import UnknownRule, load_rulebook  # noqa: PLC0415  (`--help` does not need it)

    rulebook = load_rulebook()
    try:
        found = rulebook.resolve(rule)
    except UnknownRule as error:
        raise usage(str(error), hint="`dwconf list` shows all rules") from error
    from dwconf.suite.cli.catalogue import Catalogue  # noqa: PLC0415

    for line in explained(rulebook, Catalogue(rulebook).entry(found)):
        click.echo(line)


def explained(rulebook: Rulebook, entry: Entry) -> Iterator[str]:
    """The lines about one rule."""
    rule = entry.rule
    yield f"{rule.id} · {rule.level} · since Dapr {rule.since}"
    yield ""
    yield rule.title
    yield from textwrap.wrap(rule.statement, WIDTH)
    yield ""
    for source in rule.sources:
        found = rulebook.source(source)
        yield from _labelled("source", f"{source}: {found.text} ({found.page})")
    for source in rule.tension:
        yield from _labelled("tension", f"{source}: {rulebook.source(source).text}")
    if rule.latitude:
        yield from _labelled("tolerated", rule.latitude)
    if rule.choice is not None:
        options = rulebook.choices[f"{rule.side}/{rule.choice}"].options
        told = "; ".join(f"{name}: {text}" for name, text in options.items())
        yield from _labelled("choice", f"a profile chooses {rule.choice} ({told})")
    yield from _needs(rulebook, entry)
    yield from _labelled("evidence", f"{rule.evidence} on peers that ship")
    yield from _labelled("in sets", ", ".join(n for n, s in rulebook.requirements.items() if rule.id in s.rules))
    yield from _belongings(entry)
    yield ""
    yield from _commands(entry)


def _needs(rulebook: Rulebook, entry: Entry) -> Iterator[str]:
    for need in entry.rule.needs:
        capability = rulebook.capabilities[f"{entry.rule.side}/{need}"]
        yield from _labelled("needs", f"{need}: {capability.title}")


def _belongings(entry: Entry) -> Iterator[str]:
    yield from _listed("decided by", entry.checks, without="nothing yet")
    yield from _listed("cases", entry.cases, without="none yet")
    yield from _listed("mutants", entry.mutants, without="none yet")


def _commands(entry: Entry) -> Iterator[str]:
    rule = entry.rule
    own = "dwconf sidecar --rule {} HOST:PORT" if rule.side == "engine" else "dwconf worker --rule {} -- COMMAND"
    yield "Judge it alone:"
    yield f"  {own.format(rule.id)}"
    if entry.mutants:
        subject, _, reference = DAEMONS[rule.side].partition(" -- ")
        yield "See it broken:"
        yield f"  {subject} --rule {rule.id} -- {reference} --mutant {entry.mutants[0]}"


def _labelled(label: str, text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, WIDTH - LABEL) or ["-"]
    for number, line in enumerate(lines):
        yield f"{label if number == 0 else '':<{LABEL}}{line}"


def _listed(label: str, names: Iterable[str], *, without: str) -> Iterator[str]:
    for number, name in enumerate(names or (without,)):
        yield f"{label if number == 0 else '':<{LABEL}}{name}"
