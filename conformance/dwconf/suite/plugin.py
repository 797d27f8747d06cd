"""The pytest plugin: run the cases from your own test suite, and select them with `-k`.

    pytest --dwconf-worker "python app.py" -k timers
    pytest --dwconf-sidecar 127.0.0.1:50001 --dwconf-profile daprd

It is loaded in every environment that has dwconf, so it imports nothing heavy until one of its options is used.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; each has effect only together with a target."""
    group = parser.getgroup("dwconf", "conformance to the Dapr Workflow protocol")
    group.addoption("--dwconf-sidecar", metavar="TARGET", help="test the sidecar at HOST:PORT, or of this command")
    group.addoption("--dwconf-worker", metavar="COMMAND", help="test the SDK whose conformance app this command starts")
    group.addoption("--dwconf-rule", metavar="PATTERN", action="append", default=[], help="judge these rules only")
    group.addoption("--dwconf-profile", metavar="NAME", help="what the target claims to support")


def pytest_configure(config: pytest.Config) -> None:
    """Add the cases to what is collected, if a target is named."""
    if config.getoption("--dwconf-sidecar") or config.getoption("--dwconf-worker"):
        from dwconf.suite.running.guest import join  # noqa: PLC0415  (heavy: only for those who ask)

        join(config)
