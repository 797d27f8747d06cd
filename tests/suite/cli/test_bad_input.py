"""Bad input ends in time, with its exit code and one message: what is wrong, where, and how to mend it."""

from pathlib import Path

import pytest

from tests.suite.cli.commands import Ended, process
from tests.suite.cli.peers import EXITS, GARBAGE, SILENT, listener, nobody, serves_nothing

FAST = ("--timeout-scale", "0.02")
USAGE, UNREACHABLE = 2, 5


def one_message(ended: Ended, code: int, *said: str) -> None:
    """The command ended with the code, and its one message says all of that and gives a hint."""
    assert ended.code == code, ended.err
    assert ended.err.count("dwconf: ") == 1, ended.err
    assert ended.err.count("hint: ") == 1, ended.err
    assert "Traceback" not in ended.err + ended.out
    for part in said:
        assert part in ended.err


def test_nothing_at_the_address(tmp_path: Path) -> None:
    address = nobody()
    one_message(process("sidecar", *FAST, address, cwd=tmp_path), UNREACHABLE, address)
    assert list(tmp_path.iterdir()) == []


def test_a_listener_that_never_answers(tmp_path: Path) -> None:
    with listener() as address:
        one_message(process("sidecar", *FAST, address, cwd=tmp_path), UNREACHABLE, address)


def test_a_server_that_serves_something_else(tmp_path: Path) -> None:
    with serves_nothing() as address:
        one_message(process("sidecar", address, cwd=tmp_path), UNREACHABLE, address)


@pytest.mark.parametrize("mode", ["sidecar", "worker"])
def test_a_command_that_exits(tmp_path: Path, mode: str) -> None:
    one_message(process(mode, "--", *EXITS, cwd=tmp_path), UNREACHABLE, "exited with code 3", "no database")


@pytest.mark.parametrize("mode", ["sidecar", "worker"])
def test_a_command_that_prints_garbage_and_is_never_ready(tmp_path: Path, mode: str) -> None:
    ended = process(mode, *FAST, "--", *GARBAGE, cwd=tmp_path)
    one_message(ended, UNREACHABLE, "its last output")
    assert all(char.isprintable() or char == "\n" for char in ended.err)


@pytest.mark.parametrize("mode", ["sidecar", "worker"])
def test_a_command_that_is_never_ready(tmp_path: Path, mode: str) -> None:
    one_message(process(mode, *FAST, "--", *SILENT, cwd=tmp_path), UNREACHABLE)


@pytest.mark.parametrize("mode", ["sidecar", "worker"])
def test_a_command_that_does_not_exist(tmp_path: Path, mode: str) -> None:
    one_message(process(mode, "--", "./no-such-program", cwd=tmp_path), UNREACHABLE, "./no-such-program")


def test_nobody_connects(tmp_path: Path) -> None:
    address = nobody()
    ended = process("worker", *FAST, "--listen", address, cwd=tmp_path)
    assert ended.err.startswith(f"Waiting for the app at {address}")
    one_message(ended, UNREACHABLE, "no worker connected", f"DAPR_GRPC_ENDPOINT=http://{address}")


def test_the_port_to_listen_on_is_in_use(tmp_path: Path) -> None:
    with listener() as address:
        one_message(process("worker", "--listen", address, cwd=tmp_path), UNREACHABLE, address, "in use")


def test_the_references_port_is_in_use(tmp_path: Path) -> None:
    with listener() as address:
        ended = process("engine", "--port", address.rpartition(":")[2], cwd=tmp_path)
    assert ended.code == UNREACHABLE
    assert address in ended.err


@pytest.mark.parametrize("command", ["engine", "app"])
def test_an_unknown_mutant(tmp_path: Path, command: str) -> None:
    ended = process(command, "--mutant", "no-such-mutant", cwd=tmp_path)
    assert ended.code == USAGE
    assert "no-such-mutant" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("sidecar", "nonsense"), ("not an address", "nonsense", "HOST:PORT"), id="no address"),
        pytest.param(("sidecar", "host:0"), ("not an address", "host:0"), id="no port"),
        pytest.param(("sidecar", "--"), ("nothing stands after --",), id="no command"),
        pytest.param(("sidecar",), ("no sidecar is named",), id="no target"),
        pytest.param(("sidecar", "a:1", "--", "b"), ("both an address and a command",), id="two targets"),
        pytest.param(("worker", "app"), ("'app'", "-- app"), id="a word that is no option"),
        pytest.param(("run", "--", "app"), ("starts no command",), id="a command for the references"),
        pytest.param(("run", "--rule", "engine/strat"), ("unknown rule pattern 'engine/strat'",), id="unknown pattern"),
        pytest.param(("run", "--skip", "engine/strat"), ("unknown rule pattern",), id="unknown pattern to skip"),
        pytest.param(("selftest", "--rule", "nonsense"), ("unknown rule pattern",), id="unknown pattern of a selftest"),
        pytest.param(("run", "--skip", "*"), ("leaves no rule to judge", "skipped"), id="nothing selected"),
        pytest.param(("run", "--requirements", "1.1"), ("unknown requirement set '1.1'",), id="unknown release"),
        pytest.param(("sidecar", "--profile", "x", "a:1"), ("unknown profile 'x'",), id="unknown profile"),
        pytest.param(
            ("sidecar", "--lacks", "message-limits", "a:1"),
            ("unknown capability 'message-limits'", "did you mean message-limit?"),
            id="unknown capability",
        ),
        pytest.param(("worker", "--lacks", "message-limit", "--", "x"), ("unknown capability",), id="of another side"),
        pytest.param(("run", "--known", "known.yaml"), ("known.yaml", "no such file"), id="no list"),
        pytest.param(("run", "--update-known"), ("no file to write",), id="no list to update"),
        pytest.param(("run", "--debug", "engine/start/plane"), ("unknown case",), id="unknown case"),
        pytest.param(("explain", "engine/start/nonsense"), ("unknown rule",), id="unknown rule"),
        pytest.param(("list", "nonsense"), ("unknown rule pattern",), id="unknown pattern of a list"),
    ],
)
def test_usage(tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    one_message(process(*words, cwd=tmp_path), USAGE, *said)


def test_a_broken_list_of_known_failures(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("- rule: engine/x\n  reason: [", "utf-8")
    one_message(process("run", "--known", "known.yaml", cwd=tmp_path), USAGE, "known.yaml:", "not YAML")


@pytest.mark.parametrize(
    ("text", "said"),
    [("x = [", ("dwconf.toml", "not TOML")), ("dpeth = 1", ("dwconf.toml", "dpeth", "did you mean depth"))],
    ids=["no TOML", "unknown key"],
)
def test_a_broken_configuration(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    (tmp_path / "dwconf.toml").write_text(text, "utf-8")
    one_message(process("run", cwd=tmp_path), USAGE, *said)


def test_a_place_for_the_report_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious", "utf-8")
    ended = process("run", "--out", ".", cwd=tmp_path)
    assert ended.code == USAGE, ended.err
    assert "--out" in ended.err
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "precious"


def test_an_option_that_does_not_exist(tmp_path: Path) -> None:
    ended = process("run", "--shard", "1/2", cwd=tmp_path)
    assert ended.code == USAGE
    assert "--shard" in ended.err
