"""`dwconf selftest`: are the references clean, and is every mutant caught?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dwconf.suite.cli.exits import Exit

if TYPE_CHECKING:
    from dwconf.suite.selftest import MutantResult, RuleResult, SelftestReport

SIDES = ("engine", "worker")


@click.command(short_help="Test the suite itself, mutant by mutant.")
@click.argument("side", type=click.Choice(SIDES), required=False)
@click.option("--rule", "rules", multiple=True, metavar="PATTERN", help="These rules alone. Repeatable.")
@click.option(
    "--jobs",
    envvar="DWCONF_JOBS",
    show_envvar=True,
    type=click.IntRange(1),
    default=lambda: 2 * (os.cpu_count() or 1),
    show_default="twice the processors, because mutants mostly keep us waiting",
    help="Processes.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(side: str | None, rules: tuple[str, ...], jobs: int, form: str) -> None:
    """Test the suite itself: the references must be clean, and each mutant must be caught by the rule that it breaks.

    Exit codes: 0 all of that holds, 1 it does not.
    """
    from dwconf.suite.cli.progress import counting  # noqa: PLC0415  (`--help` does not need it)
    from dwconf.suite.cli.running import stopping  # noqa: PLC0415
    from dwconf.suite.selftest import selftest  # noqa: PLC0415

    with stopping(), counting("cases") as tell:
        report = selftest((side,) if side else SIDES, rules=rules, jobs=jobs, tell=tell)
    if form == "json":
        click.echo(as_json(report))
    else:
        for line in as_text(report):
            click.echo(line)
    click.get_current_context().exit(Exit.NOT_CONFORMANT if report.problems else Exit.CONFORMANT)


def as_json(report: SelftestReport) -> str:
    """The report as one JSON document."""
    import msgspec  # noqa: PLC0415  (only this format needs it)

    document = {
        "mutants": report.mutants,
        "killed": report.killed,
        "problems": report.problems,
        "rules": [_rule(rule) for rule in report.rules],
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def _rule(rule: RuleResult) -> dict[str, object]:
    return {
        "rule": rule.rule,
        "level": rule.level,
        "reference": "clean" if rule.clean else rule.note,
        "proven": rule.proven,
        "mutants": [_mutant(mutant) for mutant in rule.mutants],
    }


def _mutant(mutant: MutantResult) -> dict[str, object]:
    killers = [mutant.breaks] if mutant.killed else []
    return {
        "name": mutant.name,
        "title": mutant.title,
        "killed": mutant.killed,
        "killed_by": [*killers, *mutant.others],
        "note": mutant.note,
    }


def as_text(report: SelftestReport) -> Iterator[str]:
    """A line for each rule and each of its mutants, then what is wrong, then the score."""
    for rule in report.rules:
        yield f"{'✓' if rule.proven else '✕'} {rule.rule} · {rule.level}{'' if rule.clean else f'   {rule.note}'}"
        for mutant in rule.mutants:
            note = f" ({mutant.note})" if mutant.killed and mutant.note else ""
            yield f"    {'killed  ' if mutant.killed else 'SURVIVES'}  {mutant.name}: {mutant.title}{note}"
    yield ""
    for problem in report.problems:
        yield f"✕ {problem}"
    proven = sum(rule.proven for rule in report.rules)
    yield f"{proven} of {len(report.rules)} rules proven · {report.killed} of {report.mutants} mutants killed"
