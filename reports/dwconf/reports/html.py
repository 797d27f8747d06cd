"""`report.html`: one file that holds everything, asks nothing of the network, and reads well without scripts.

The template gets the view of `view.py` and nothing else. Every expression passes through one gate, `_gate`: text is
bounded and made visible there, and Jinja escapes what comes out of it, so no field can be forgotten. The style sheet
and the script are our own files, put in as they are and named by their hashes in the content security policy: a
script that slipped through the gate would not run.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from dwconf.reports.model import Report
from dwconf.reports.text import shown
from dwconf.reports.view import present

_LIMIT = 20_000  # characters of one field: far more than anyone reads, far less than hurts a browser


def render_html(report: Report) -> str:
    """The whole document; lone surrogates cannot be in it, so it can be written as UTF-8."""
    style, script = _resource("report.css"), _resource("report.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = present(report)
    # Both files are ours and part of the package; nothing of a peer reaches them.
    inline = {"style": Markup(style), "script": Markup(script)}  # noqa: S704
    return _environment().get_template("report.html.jinja").render(page=page, policy=policy, **inline)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_gate,
        loader=FunctionLoader(_resource),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["plural"] = _plural
    return environment


def _gate(value: object) -> object:
    """Everything that the template prints: our markup as it is, all else as bounded, visible text."""
    if isinstance(value, Markup):
        return value
    return shown(str(value), limit=_LIMIT)


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _resource(name: str) -> str:
    return files("dwconf.reports").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
