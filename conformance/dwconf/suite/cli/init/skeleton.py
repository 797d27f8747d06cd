"""What `dwconf init` writes.

A skeleton is the app of a peer as it stands: the same files that the published SDK is judged with, so that each of them
has been run against the whole suite. Only what surrounds an app (its README, its pipeline) comes from templates here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

COMMON = (".gitignore", "build", "run")
"""Every peer has these."""
TEMPLATES = files("dwconf.suite.cli.init") / "templates"


@dataclass(frozen=True, slots=True)
class App:
    """A peer's app as a skeleton."""

    sdk: str
    """What it is written on, in words."""
    pin: str
    """The file that names the SDK's version."""
    sources: tuple[str, ...]
    """The files of its folder that belong to the app, besides the common ones."""
    setup: str = ""
    """The step of GitHub Actions that brings its toolchain."""

    @property
    def files(self) -> tuple[str, ...]:
        return (*COMMON, *self.sources)


APPS: Mapping[str, App] = {
    "python": App("PyPI's dapr", "requirements.txt", ("app.py", "requirements.txt")),
    "javascript": App(
        "npm's @dapr/dapr",
        "package.json",
        ("app.js", "package.json", "package-lock.json"),
        'actions/setup-node@v4\n        with: { node-version: "20" }',
    ),
    "go": App(
        "durabletask-go",
        "go.mod",
        ("main.go", "interpreter.go", "operations.go", "activities.go", "go.mod", "go.sum"),
        "actions/setup-go@v5\n        with: { go-version: stable }",
    ),
    "java": App(
        "Maven's dapr-sdk-workflows",
        "pom.xml",
        (
            "pom.xml",
            *(
                f"src/main/java/dwconf/{name}.java"
                for name in ("Activities", "App", "Interpreter", "Json", "Operations")
            ),
            "src/main/resources/sdk.properties",
        ),
        'actions/setup-java@v4\n        with: { distribution: temurin, java-version: "17" }',
    ),
    "rust": App(
        "the crate dapr-durabletask",
        "Cargo.toml",
        (
            "Cargo.toml",
            "Cargo.lock",
            "rustfmt.toml",
            *(f"src/{name}.rs" for name in ("activities", "interpreter", "main", "operations", "problem")),
        ),
    ),
}
"""The languages that there is a tested app for."""


def configuration() -> Mapping[str, str]:
    """The configuration file, by its name."""
    return {"dwconf.toml": (TEMPLATES / "dwconf.toml").read_text("utf-8")}


def skeleton(language: str, *, folder: str) -> Mapping[str, str]:
    """The files of a skeleton, by path; `folder` is where they will lie, for the pipeline to find them."""
    app = APPS[language]
    sources = {name: _read(_peers() / language, name) for name in app.files}
    return {**sources, **_surroundings(app, language, folder)}


def _surroundings(app: App, language: str, folder: str) -> Mapping[str, str]:
    words = {"language": language, "sdk": app.sdk, "pin": app.pin, "folder": folder, "setup": _step(app.setup)}
    templates = {"README.md": "README.md", "known.yaml": "known.yaml", "ci.yml": "ci.yml", "dwconf.toml": "app.toml"}
    return {
        name: _Words((TEMPLATES / source).read_text("utf-8")).substitute(words) for name, source in templates.items()
    }


class _Words(Template):
    """Words stand as `%{word}`, because `$` belongs to the pipelines."""

    delimiter = "%"


def _step(action: str) -> str:
    return f"\n      - uses: {action}" if action else ""


def _peers() -> Traversable:
    """The folder of the peers' apps: beside this module where dwconf was installed, else in the checkout."""
    packed = files("dwconf.suite.cli.init") / "apps"
    return packed if packed.is_dir() else Path(__file__).parents[5] / "peers" / "apps"


def _read(folder: Traversable, name: str) -> str:
    return folder.joinpath(*name.split("/")).read_text("utf-8")
