"""The JSON schema of `report.json`; `python -m dwconf.reports.schema` writes the committed copy anew.

Releases of msgspec differ in how they indent a description, how they order alternatives, and in whether they say what
the keys of an object are. The schema is a contract of ours, so all is brought to one form, whichever is installed.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path

import msgspec

from dwconf.reports.model import SCHEMA_VERSION, Report

SCHEMA_NAME = f"report-{SCHEMA_VERSION}.schema.json"


def export_schema() -> str:
    """The schema of the model as it is now, as JSON text."""
    (reference,), components = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"dwconf report, version {SCHEMA_VERSION}",
        **reference,
        "$defs": components,
    }
    return json.dumps(_settled(schema), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _settled(node: object, key: str = "") -> object:
    """What stands under a schema's key, in the form that does not depend on the release of msgspec."""
    match node:
        case Mapping():
            return {name: _settled(value, name) for name, value in node.items() if name != "propertyNames"}
        case list():
            settled = [_settled(item) for item in node]
            return sorted(settled, key=json.dumps) if key == "anyOf" else settled
        case str() if key == "description":
            return cleandoc(node)
        case _:
            return node


def committed_schema() -> str:
    """The schema as it is published with the package."""
    return files("dwconf.reports").joinpath(SCHEMA_NAME).read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_NAME).write_text(export_schema(), encoding="utf-8")
