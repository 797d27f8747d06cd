"""A certificate that a test makes for itself, with openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine, and its key, both in PEM; where there is no openssl the test is skipped."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = [*MAKE.split(), *names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
