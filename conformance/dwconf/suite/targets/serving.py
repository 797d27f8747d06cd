"""The references as processes of their own: what `dwconf engine` and `dwconf app` serve.

Each imports its own reference alone, and only when it is served.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(eq=False)
class ServingError(Exception):
    """A reference that cannot be served: an unknown mutant or profile, a port in use, a file that is no store."""

    problem: str
    unreachable: bool = False
    """Whether it is the address that is at fault, rather than what was asked for."""

    def __str__(self) -> str:
        return self.problem


def serve_engine(
    *,
    host: str | None = None,
    port: int | None = None,
    path: Path | None = None,
    memory: bool = False,
    durable: Literal["normal", "full"] = "normal",
    mutant: str | None = None,
    profile: str = "reference",
    max_message_bytes: int,
    tls: tuple[Path, Path] | None = None,
    retention: Mapping[str, int] = NOTHING,
    announce: Callable[[str], None],
) -> None:
    """Serve the reference engine until SIGTERM; `announce` hears its address. Raises ServingError.

    `tls` is a certificate and its key; `retention` says in nanoseconds how long an instance of a status is kept.
    """
    from dwconf.engine.core.moment import Retention  # noqa: PLC0415
    from dwconf.engine.shell.main import Options, UnknownNameError, serve  # noqa: PLC0415
    from dwconf.engine.shell.server import BindError  # noqa: PLC0415
    from dwconf.engine.shell.sqlite import StoreError  # noqa: PLC0415
    from dwconf.engine.shell.tls import CertificateError  # noqa: PLC0415

    certificate, key = tls or (None, None)
    options = Options(
        host=host,
        port=port,
        path=path,
        memory=memory,
        durable=durable,
        mutant=mutant,
        profile=profile,
        max_message_bytes=max_message_bytes,
        certificate=certificate,
        key=key,
        retention=Retention(**retention),
    )
    try:
        serve(options, announce=announce)
    except (UnknownNameError, StoreError, CertificateError) as error:
        raise ServingError(str(error)) from error
    except BindError as error:
        raise ServingError(str(error), unreachable=True) from error


def serve_app(*, address: str | None = None, mutant: str | None = None) -> None:
    """Serve the reference worker's conformance app until SIGTERM. Raises ServingError."""
    from dwconf.worker.app.main import UnknownMutantError, serve  # noqa: PLC0415

    try:
        serve(environment=os.environ, mutant=mutant, address=address)
    except (UnknownMutantError, ValueError) as error:
        raise ServingError(str(error)) from error
