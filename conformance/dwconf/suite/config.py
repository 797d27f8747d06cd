"""The configuration file: `dwconf.toml`, or `[tool.dwconf]` in `pyproject.toml`.

It is searched from the working directory upwards; the first folder that has one decides, and `dwconf.toml` goes before
`pyproject.toml`. Keys are those of the command line, at the top for all commands or in a table for one:

    requirements = "1.18"
    known = "known.yaml"

    [worker]
    command = ["python", "conformance_app.py"]

A path is relative to the file that names it. A flag or a variable of the environment goes before the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

FILE = "dwconf.toml"
PROJECT = "pyproject.toml"


@dataclass(eq=False)
class ConfigError(Exception):
    """A configuration file that cannot be used (exit code 2)."""

    file: Path
    where: str
    problem: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else str(self.file)
        return f"{place}: {self.problem}\n  hint: {self.hint}"


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may hold. `kind` is "text", "texts", "whole", "number", "flag" or "path"."""

    kind: str
    choices: tuple[str, ...] = ()
    option: str = ""
    """The name of the option's parameter, where it is not the key's."""


SHARED: Mapping[str, Key] = {
    "rules": Key("texts"),
    "skip": Key("texts"),
    "level": Key("texts", ("MUST", "SHOULD", "MAY", "INFO"), option="levels"),
    "requirements": Key("text"),
    "depth": Key("text", ("quick", "full", "soak")),
    "seed": Key("whole", option="given_seed"),
    "jobs": Key("whole"),
    "timeout-scale": Key("number"),
    "out": Key("path"),
    "known": Key("path"),
    "fail-on": Key("text", ("fail", "warn", "regressions")),
    "allow-unsafe": Key("flag"),
    "durations": Key("whole"),
}
TARGET: Mapping[str, Key] = {"profile": Key("text"), "lacks": Key("texts"), "command": Key("texts")}
TABLES: Mapping[str, Mapping[str, Key]] = {
    "run": SHARED,
    "sidecar": {**SHARED, **TARGET, "address": Key("text")},
    "worker": {**SHARED, **TARGET, "listen": Key("text")},
}


def defaults_for(command: str, start: Path) -> dict[str, object]:
    """What the configuration says for a command, by parameter name. `start` is where the search begins.

    Raises:
        ConfigError: the file is no TOML, has an unknown key, or a value of the wrong kind.
    """
    found = find_config(start)
    if found is None:
        return {}
    file, content = found
    return dict(_settings(file, content, command))


def find_config(start: Path) -> tuple[Path, dict[str, Any]] | None:
    """The file that counts in a folder, and its content. Raises ConfigError."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE, _read(folder / FILE)
        if (folder / PROJECT).is_file():
            content = _read(folder / PROJECT).get("tool", {}).get("dwconf")
            if content is not None:
                return folder / PROJECT, _table(folder / PROJECT, "tool.dwconf", content)
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "", f"not TOML: {error}", "mend the line that it names") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(file, "", f"cannot be read: {error}", "it must be a readable file in UTF-8") from error


def _settings(file: Path, content: dict[str, Any], command: str) -> Iterator[tuple[str, object]]:
    """Settings for all commands, then those of the command's table, which win. Every key is checked."""
    own: list[tuple[str, object]] = []
    for name, value in content.items():
        if name in TABLES:
            found = [_setting(file, f"{name}.{key}", TABLES[name], v) for key, v in _table(file, name, value).items()]
            own += found if name == command else []
        else:
            setting = _setting(file, name, SHARED, value, tables=tuple(TABLES))
            if command in TABLES:
                yield setting
    yield from own


def _setting(
    file: Path, where: str, keys: Mapping[str, Key], value: object, *, tables: tuple[str, ...] = ()
) -> tuple[str, object]:
    name = where.rsplit(".", 1)[-1]
    if name not in keys:
        near = get_close_matches(name, [*keys, *tables], n=2, cutoff=0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it may hold {', '.join([*keys, *tables])}"
        raise ConfigError(file, where, "unknown key", hint)
    key = keys[name]
    return key.option or name.replace("-", "_"), _value(file, where, key, value)


def _table(file: Path, where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(file, where, "must be a table", f"write [{where}], and its keys below")
    return value


def _value(file: Path, where: str, key: Key, value: object) -> object:
    problem = _mismatch(key, value)
    if problem:
        hint = f'write {value!r} in quotes: "{value}"' if _unquoted(key, value) else "see docs/cli.md"
        raise ConfigError(file, where, f"is {value!r}, but must be {problem}", hint)
    return str(file.parent / str(value)) if key.kind == "path" else value


def _unquoted(key: Key, value: object) -> bool:
    return key.kind in ("text", "path") and isinstance(value, int | float) and not isinstance(value, bool)


def _mismatch(key: Key, value: object) -> str:
    """What the key must hold, if the value is not that; empty if it is."""
    wanted = f"one of {', '.join(key.choices)}"
    match key.kind, value:
        case ("flag", bool()):
            return ""
        case ("text" | "path", str()):
            return "" if not key.choices or value in key.choices else wanted
        case ("texts", list()) if all(isinstance(each, str) for each in value):
            return "" if not key.choices or set(value) <= set(key.choices) else f"a list with each {wanted}"
        case ("whole", int()) if not isinstance(value, bool):
            return ""
        case ("number", int() | float()) if not isinstance(value, bool):
            return ""
        case _:
            return _KINDS[key.kind]


_KINDS = {
    "text": "a text",
    "texts": "a list of texts",
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "path": "a path, as a text",
}
