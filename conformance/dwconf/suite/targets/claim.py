"""Who tests a sidecar that is already running: one run at a time.

Any stream may be handed any item, so two runs against one sidecar would take each other's. On one machine a locked file
tells them apart, which the system unlocks when its process ends, however that happens. It holds the id of the run that
has the lock: whoever finds one there knows that an earlier run was cut off, and which instances are its leftovers. Runs
of other machines, and workers that are not dwconf, are found by preflight (see `running.exclusive`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import tempfile
from pathlib import Path

from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError

RUN = re.compile(r"[0-9a-f]{6}")
MOST_EARLIER = 20
"""How many runs that were cut off are remembered."""


class Claim:
    """A sidecar that is ours until `release`. `earlier` holds the ids of runs that were cut off."""

    def __init__(self, file: int | None) -> None:
        self._file = file
        self.earlier = tuple(RUN.findall(self._read()))

    @classmethod
    def take(cls, endpoint: Endpoint) -> Claim:
        """Claim a sidecar. Raises TargetError when another run of this machine has it."""
        try:
            file = os.open(_path(endpoint), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError:  # a file of another user's, or a link to somewhere: then only preflight can tell
            return cls(None)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            what, hint = "another run of dwconf is testing this sidecar", "wait for its end, or use another sidecar"
            raise TargetError(what, endpoint.address, hint) from error
        return cls(file)

    def note(self, run: str) -> None:
        """Write down whose instances are there from now on, beside those of earlier runs."""
        if run not in self.earlier:
            self._write("\n".join([*self.earlier[-MOST_EARLIER:], run]))

    def release(self, *, clean: bool) -> None:
        """Let others have it; `clean` says that nothing of ours, or of earlier runs, is left there."""
        if self._file is not None:
            if clean:
                self._write("")
            os.close(self._file)
            self._file = None

    def _read(self) -> str:
        return "" if self._file is None else os.pread(self._file, 4096, 0).decode("ascii", "replace")

    def _write(self, text: str) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk costs the next run its knowledge, and nothing else
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, text.encode(), 0)


def _path(endpoint: Endpoint) -> Path:
    """The file of an address, whatever name it was given."""
    host = endpoint.host
    with contextlib.suppress(OSError):
        host = str(socket.getaddrinfo(endpoint.host, endpoint.port, proto=socket.IPPROTO_TCP)[0][4][0])
    name = re.sub(r"[^0-9A-Za-z.]", "_", f"{host}-{endpoint.port}")
    return Path(tempfile.gettempdir()) / f"dwconf-sidecar-{name}.lock"
