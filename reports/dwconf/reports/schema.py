"""The JSON schema of `report.json`; `python -m dwconf.reports.schema` writes the committed copy anew."""

import json
from importlib.resources import files
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
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def committed_schema() -> str:
    """The schema as it is published with the package."""
    return files("dwconf.reports").joinpath(SCHEMA_NAME).read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_NAME).write_text(export_schema(), encoding="utf-8")
