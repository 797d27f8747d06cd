"""The rules of the connection, as functions (WRK-A)."""

from __future__ import annotations

import itertools

import pytest

from dwconf.worker.core import connection
from dwconf.worker.core.connection import Endpoint


@pytest.mark.parametrize(
    ("address", "target", "tls"),
    [
        ("localhost:50001", "localhost:50001", False),
        ("127.0.0.1:4001", "127.0.0.1:4001", False),
        ("http://127.0.0.1:4001", "127.0.0.1:4001", False),
        ("https://example.com:4001", "example.com:4001", True),
        ("https://example.com", "example.com:443", True),
        ("example.com", "example.com:50001", False),
        ("dns:example.com:4001", "example.com:4001", False),
        ("dns:example.com:4001?tls=true", "example.com:4001", True),
        ("dns://authority:53/example.com:4001?tls=true", "example.com:4001", True),
        ("[::1]:4001", "[::1]:4001", False),
        ("unix:/run/dapr.sock", "unix:/run/dapr.sock", False),
    ],
)
def test_endpoints(address: str, target: str, *, tls: bool) -> None:
    assert connection.endpoint(address) == Endpoint(target, tls=tls)


@pytest.mark.parametrize("address", ["", "http://", "ftp://example.com:1"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"names no host|not known"):
        connection.endpoint(address)


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"DAPR_GRPC_ENDPOINT": "https://a:1", "DAPR_GRPC_PORT": "2"}, "https://a:1"),
        ({"DAPR_GRPC_PORT": "2"}, "127.0.0.1:2"),
        ({"DAPR_GRPC_ENDPOINT": "", "DAPR_GRPC_PORT": ""}, "127.0.0.1:50001"),
        ({}, "127.0.0.1:50001"),
    ],
    ids=["endpoint", "port", "empty", "neither"],
)
def test_the_environment_says_where(environment: dict[str, str], address: str) -> None:
    assert connection.endpoint_address(environment) == address


def test_streams_that_fail_at_once_are_fewer_than_sixty_in_thirty_seconds() -> None:
    times = itertools.accumulate(connection.reconnect_delay(failures) for failures in itertools.count(1))
    assert 10 < sum(1 for _ in itertools.takewhile(lambda at: at < 30, times)) < 60


@pytest.mark.parametrize("status", connection.TRANSPORT_FAILURES)
def test_results_are_sent_again_for_a_while_after_a_transport_failure(status: str) -> None:
    delays = [connection.resend_delay(status, attempt) for attempt in range(connection.LAST_ATTEMPT + 1)]
    assert delays[-1] is None
    assert sum(delay or 0 for delay in delays) > 20
    assert not connection.replaces_result(status)


@pytest.mark.parametrize("status", ["OK", "INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED"])
def test_other_answers_are_final(status: str) -> None:
    assert connection.resend_delay(status, 0) is None
