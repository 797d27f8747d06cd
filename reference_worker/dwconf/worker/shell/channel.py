"""The gRPC channel of a worker: one for each client, shared with nobody."""

from __future__ import annotations

import grpc
import grpc.aio

from dwconf.worker.core.connection import Endpoint
from dwconf.worker.core.decisions import Decisions


def open_channel(endpoint: Endpoint, decisions: Decisions, roots: bytes | None) -> grpc.aio.Channel:
    """A channel to the sidecar.

    Args:
        endpoint: where to, and whether with TLS.
        decisions: message sizes and the user agent.
        roots: PEM certificates to trust instead of the system's, for TLS.
    """
    options = [
        ("grpc.max_receive_message_length", decisions.largest_message()),
        ("grpc.max_send_message_length", decisions.largest_message()),
        ("grpc.primary_user_agent", decisions.user_agent()),
        ("grpc.use_local_subchannel_pool", 1),
        # How soon gRPC itself tries again; how often we do is a decision (WRK-A-06).
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1000),
    ]
    if endpoint.tls:
        return grpc.aio.secure_channel(endpoint.target, grpc.ssl_channel_credentials(roots), options)
    return grpc.aio.insecure_channel(endpoint.target, options)
