"""A Dask cluster on the loopback: a scheduler and workers, each a process of its own, ended by their pids."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.contract.sshd import free_port

LIMIT_S = 60
BARE = ("--no-dashboard", "--host", "127.0.0.1")
CALM = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
}
"""Dask looks at itself fifty times a second, which costs each idle worker 2 % of a core."""


@dataclass(frozen=True)
class DaskCluster:
    """``engine`` is the word behind ``--engine``; ``environment`` what Dask's own processes and clients need."""

    port: int
    workers: tuple[subprocess.Popen[bytes], ...]
    environment: Mapping[str, str]

    @property
    def engine(self) -> str:
        return f"dask://127.0.0.1:{self.port}"

    def kill(self, number: int) -> None:
        self.workers[number].send_signal(signal.SIGKILL)


@contextmanager
def dask_cluster(home: Path, labels: Sequence[str], *, tls: bool = False) -> Iterator[DaskCluster]:
    """A cluster with a worker for each of ``labels``, which are its resources; the block begins when all are there."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {**CALM, **(_authority(home) if tls else {})}
    port, scheme = free_port(), "tls" if tls else "tcp"
    with ExitStack() as ending:

        def begin(name: str, *words: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.dask_{name.rstrip('0123456789')}", *words]
            with (home / f"{name}.log").open("wb") as log:
                process = subprocess.Popen(
                    [*command, *BARE],
                    cwd=home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **environment},
                )
            ending.callback(_end, process)
            return process

        begin("scheduler", "--port", str(port), "--protocol", scheme)
        _until(home / "scheduler.log", "Scheduler at:")
        workers = tuple(
            begin(f"worker{number}", f"{scheme}://127.0.0.1:{port}", "--no-nanny", "--nthreads", "1",
                  "--memory-limit", "0", "--protocol", scheme, "--resources", f"{label}=1",
                  "--local-directory", str(home))
            for number, label in enumerate(labels)
        )  # fmt: skip
        for number in range(len(labels)):
            _until(home / f"worker{number}.log", "Registered to:")
        yield DaskCluster(port, workers, environment)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until(log: Path, word: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while word not in (text := log.read_text(errors="replace")):
        assert time.monotonic() < deadline, f"{log.name} does not say {word!r}:\n{text}"
        time.sleep(0.05)


def _authority(home: Path) -> dict[str, str]:
    """A certificate that signs itself, for everybody in the cluster; as Dask's configuration in the environment."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (home / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (home / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    found = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(home / "cert.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        found[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(home / "cert.pem")
        found[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(home / "key.pem")
    return found
