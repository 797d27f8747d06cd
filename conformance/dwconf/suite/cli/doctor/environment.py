"""What is installed here, and where configuration comes from."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from dwconf.suite.config import ConfigError, find_config

PACKAGES = ("dwconf", "grpcio", "protobuf", "pytest", "pytest-xdist", "hypothesis", "msgspec")
VARIABLES = ("DAPR_GRPC_ENDPOINT", "DAPR_GRPC_PORT", "GITHUB_ACTIONS", "NO_COLOR")
SECRETS = ("DAPR_API_TOKEN",)

Sign = tuple[str, str]
"""A sign ("ok", "note" or "wrong") and what it is about."""


def environment() -> Iterator[Sign]:
    """The interpreter, the packages that matter, the configuration file, and the variables that are set."""
    yield "ok", f"Python {platform.python_version()} on {platform.system()} {platform.machine()} ({sys.executable})"
    yield "ok", ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    yield from _configuration()
    for name in VARIABLES:
        if name in os.environ:
            yield "ok", f"{name}={os.environ[name]}"
    for name in SECRETS:
        if os.environ.get(name):
            yield "ok", f"{name} is set (its value is never shown)"


def _configuration() -> Iterator[Sign]:
    try:
        found = find_config(Path.cwd())
    except ConfigError as error:
        yield "wrong", str(error)
        return
    yield ("ok", f"configuration: {found[0]}") if found else ("ok", "configuration: none, only options and variables")
