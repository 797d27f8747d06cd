"""TLS: the certificate that the engine shows."""

from __future__ import annotations

import ssl
from pathlib import Path

import grpc


class CertificateError(Exception):
    """A certificate and a key that cannot be served with."""

    def __init__(self, certificate: Path, key: Path, reason: str) -> None:
        super().__init__(certificate, key, reason)
        self.certificate, self.key, self.reason = certificate, key, reason

    def __str__(self) -> str:
        return (
            f"TLS cannot be served with {self.certificate} and {self.key}: {self.reason}; "
            "both must be PEM, and the key that of the certificate, without a passphrase"
        )


def credentials(certificate: Path, key: Path) -> grpc.ServerCredentials:
    """What the server shows: `certificate` with its chain, and its key. Raises CertificateError.

    The pair is tried first: gRPC itself says nothing of one that does not fit until a client comes.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_passphrase)
        return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    except (OSError, ValueError) as error:
        raise CertificateError(certificate, key, str(error)) from error


def _no_passphrase() -> bytes:
    """Nobody is there to be asked for one."""
    return b""
