"""Certificates that are signed by themselves, for servers of tests that speak TLS."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_MAKE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout private.key -out public.crt"
)
_KEEP = "openssl pkcs12 -export -inkey private.key -in public.crt -out keys.p12 -passout"


def certificate(directory: Path) -> Path:
    """Return the certificate of localhost, which is its own authority; its key is private.key.

    Skips the test where there is no openssl.
    """
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on PATH to make a certificate with")
    _run(_MAKE.split(), directory)
    return directory / "public.crt"


def key_store(directory: Path, password: str) -> Path:
    """Return the key and certificate of a directory in one file, as Java reads them."""
    _run([*_KEEP.split(), f"pass:{password}"], directory)
    return directory / "keys.p12"


def _run(command: list[str], directory: Path) -> None:
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
