"""The language's JSON Schema, and what it names."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a program, language version 1."""
    text = resources.files(__package__).joinpath("program-1.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def operations() -> tuple[str, ...]:
    """The names of all operations, in the schema's order."""
    references = (entry["$ref"] for entry in schema()["$defs"]["step"]["oneOf"])
    return tuple(reference.rpartition("/")[2] for reference in references)
