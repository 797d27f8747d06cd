"""The badge in the shields.io endpoint format: a verdict and what it answers for, never a bare percentage."""

import json

from dwconf.reports.model import Report, Verdict

_COLOURS = {
    Verdict.CONFORMANT: "brightgreen",
    Verdict.CONFORMANT_WITH_NOTES: "green",
    Verdict.INCONCLUSIVE: "lightgrey",
    Verdict.NOT_CONFORMANT: "red",
}


def render_badge(report: Report) -> str:
    """One JSON document for `https://img.shields.io/endpoint?url=…`."""
    badge = {
        "schemaVersion": 1,
        "label": "Dapr Workflow protocol",
        "message": _message(report),
        "color": "lightgrey" if report.run.incomplete else _COLOURS[Verdict(report.verdict)],
    }
    return json.dumps(badge, ensure_ascii=False, indent=2) + "\n"


def _message(report: Report) -> str:
    verdict = "INCOMPLETE" if report.run.incomplete else str(report.verdict)
    return " · ".join([verdict, *_releases(report)])


def _releases(report: Report) -> list[str]:
    """The release that was answered for, as the verdict line says it: without a set that is the newest."""
    if report.run.requirements:
        return [f"Dapr {report.run.requirements}"]
    said = [part for target in report.targets for part in target.scope.split(" · ") if part.startswith("Dapr ")]
    return list(dict.fromkeys(said))
