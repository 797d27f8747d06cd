"""A flag goes before the environment, that before the file, and that before the default; and which target is meant."""

from pathlib import Path

import click
import pytest

from dwconf.suite.cli import main
from dwconf.suite.cli.exits import Stopped
from dwconf.suite.cli.sidecar import sidecar_target
from dwconf.suite.cli.worker import LISTEN, worker_target
from dwconf.suite.running.plan import TargetSpec
from tests.suite.cli.commands import ours


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ours():
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def context(command: str, *words: str) -> click.Context:
    parent = click.Context(main, **main.context_settings)
    found = main.get_command(parent, command)
    assert found is not None
    return found.make_context(command, list(words), parent=parent)


def configure(text: str) -> None:
    Path("dwconf.toml").write_text(text, "utf-8")


def test_each_layer_goes_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert context("run").params["depth"] == "full"
    configure('depth = "soak"')
    assert context("run").params["depth"] == "soak"
    monkeypatch.setenv("DWCONF_DEPTH", "quick")
    assert context("run").params["depth"] == "quick"
    assert context("run", "--depth", "full").params["depth"] == "full"


def test_lists_flags_and_paths_come_from_every_layer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configure('rules = ["engine", "worker"]\nallow-unsafe = true\nknown = "k.yaml"\nseed = 7\njobs = 2')
    params = context("sidecar", "a:1").params
    assert params["rules"] == ("engine", "worker")
    assert params["allow_unsafe"] is True
    assert params["known"] == tmp_path / "k.yaml"
    assert (params["given_seed"], params["jobs"]) == (7, 2)
    monkeypatch.setenv("DWCONF_RULES", "engine/start engine/turns")
    assert context("sidecar", "a:1").params["rules"] == ("engine/start", "engine/turns")


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DWCONF_DEPTH", "deep")
    with pytest.raises(click.BadParameter) as caught:
        context("run")
    assert "DWCONF_DEPTH" in caught.value.format_message()


def test_help_needs_no_good_configuration() -> None:
    configure("x = [")
    with pytest.raises(click.exceptions.Exit):
        context("run", "--help")
    with pytest.raises(Stopped, match="not TOML"):
        context("sidecar", "--", "app", "--help")


def sidecar(*words: str) -> TargetSpec:
    ctx = context("sidecar", *words)
    return sidecar_target(ctx, served=ctx.params["served"] or "", address=ctx.params["address"] or "")


def test_an_address_is_attached_to() -> None:
    assert sidecar("localhost:50001") == TargetSpec("engine", "attached", address="localhost:50001")


def test_a_command_is_started() -> None:
    started = TargetSpec("engine", "started", command=("./engine", "--port", "{port}"))
    assert sidecar("--", "./engine", "--port", "{port}") == started


def test_a_command_may_choose_its_own_port() -> None:
    started = TargetSpec("engine", "started", address="localhost:4001", command=("./engine",))
    assert sidecar("--address", "localhost:4001", "--", "./engine") == started


def test_the_configured_sidecar_is_meant_when_none_is_typed() -> None:
    configure('[sidecar]\naddress = "localhost:1"\ncommand = ["./engine"]')
    assert sidecar() == TargetSpec("engine", "started", address="localhost:1", command=("./engine",))
    assert sidecar("localhost:2") == TargetSpec("engine", "attached", address="localhost:2")
    assert sidecar("--", "./other") == TargetSpec("engine", "started", command=("./other",))
    configure('[sidecar]\naddress = "localhost:1"')
    assert sidecar() == TargetSpec("engine", "attached", address="localhost:1")


def test_daprs_sidecar_is_meant_when_nothing_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAPR_GRPC_PORT", "50007")
    assert sidecar() == TargetSpec("engine", "attached", address="127.0.0.1:50007")
    configure('[sidecar]\ncommand = ["./engine"]')
    assert sidecar() == TargetSpec("engine", "started", command=("./engine",))


def test_a_worker_is_waited_for_where_apps_look() -> None:
    assert worker_target(context("worker"), listen="") == TargetSpec("worker", "attached", address=LISTEN)


def test_a_workers_command_is_started() -> None:
    configure('[worker]\ncommand = ["./configured"]')
    assert worker_target(context("worker"), listen="") == TargetSpec("worker", "started", command=("./configured",))
    typed = context("worker", "--", "./typed")
    assert worker_target(typed, listen="") == TargetSpec("worker", "started", command=("./typed",))
