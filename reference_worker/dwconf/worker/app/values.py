"""Evaluating the values of a program (docs/conformance-app.md, "Values")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dwconf.worker.core.failures import ApplicationError
from dwconf.worker.core.jsontext import Json


class ProgramError(ApplicationError):
    """The program itself is wrong: no `try` catches this."""

    def __init__(self, message: str) -> None:
        super().__init__(f"BadProgram: {message}", error_type="BadProgram")


class UnsupportedError(ApplicationError):
    """The app does not implement this: no `try` catches it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Unsupported: {what}", error_type="Unsupported")


def look_up(name: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401  (values and handles)
    """What a name holds."""
    if name not in variables:
        raise ProgramError(f"{name!r} is not defined")
    return variables[name]


def evaluate(value: Json, variables: Mapping[str, Any]) -> Json:
    """A value with its `{"var": …}` replaced; of a program for somebody else only `vars` is evaluated."""
    if isinstance(value, list):
        return [evaluate(entry, variables) for entry in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get("var"), str):
        return look_up(value["var"], variables)
    if "steps" in value:
        return value | {"vars": evaluate(value["vars"], variables)} if "vars" in value else value
    return {key: evaluate(entry, variables) for key, entry in value.items()}
