"""The plugin that pytest-xdist loads in its processes: `session`'s, without a session given."""

from __future__ import annotations

import pytest

from dwconf.suite.running.session import CasePlugin


def pytest_configure(config: pytest.Config) -> None:
    """Register the case plugin in a process that pytest-xdist started; the controlling one has it already."""
    if hasattr(config, "workerinput"):
        plugin = CasePlugin()
        config.pluginmanager.register(plugin, "dwconf-cases")
