"""One PostgreSQL cluster as a child process: made, started, stopped. 数据库集群"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg2

from application.failures import CouldNot
from application.store.binaries import Binaries, User, runnable
from application.store.home import writing

LOGIN = DATABASE = "xiaohao"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "log_min_error_statement": "panic",  # a statement may hold ciphertext; it has no business in a log file
    "log_statement": "none",
    "timezone": "UTC",
}
START, STOP = 30.0, 20.0  # seconds


class Cluster:
    """`folder` is the data directory; `log` is where the server writes what it has to say."""

    def __init__(self, folder: Path, binaries: Binaries, who: User, *, log: Path) -> None:
        self.folder, self.who, self.log = folder, who, log
        self.binaries = runnable(binaries, who)
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    def create(self, password: str) -> None:
        """initdb beside, then renamed: there is never half a cluster. Raises CouldNot."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        with writing(self.folder):
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            self.who.own(fresh)
        try:
            self._initdb(fresh, password)
            fresh.rename(self.folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _initdb(self, fresh: Path, password: str) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="xh-") as file:
            file.write(password)
            file.flush()
            self.who.own(Path(file.name))
            arguments = ["-D", fresh, "-U", LOGIN, "-A", "scram-sha-256", f"--pwfile={file.name}"]
            made = subprocess.run(
                [*self.who.prefix(), self.binaries.folder / "initdb", *arguments, "-E", "UTF8", "--locale=C"],
                capture_output=True,
                text=True,
                cwd="/",
            )
        if made.returncode:
            raise CouldNot(f"couldn't make a database cluster in {self.folder}: {_last_words(made.stderr)}")

    def start(self, password: str, **settings: str) -> str:
        """The owner's DSN once the server answers. Raises CouldNot.

        The server ends with the thread that forks it (PR_SET_PDEATHSIG), so only the main thread may start it.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a server must be started from the main thread: it ends with the thread that forked it")
        self._outlive_predecessor()
        # A socket's path ends at 107 bytes, so it can't lie in the home.
        self._sockets = Path(tempfile.mkdtemp(prefix="xh-", dir="/tmp"))
        self.who.own(self._sockets)
        options = SETTINGS | settings | {"unix_socket_directories": str(self._sockets)}
        command = [*self.who.prefix(), self.binaries.folder / "postgres", "-D", self.folder]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        address = f"host={self._sockets} user={LOGIN} password={password}"
        self._wait_until_it_answers(address)
        return f"{address} dbname={DATABASE}"

    def _outlive_predecessor(self) -> None:
        """A server whose service was killed is still shutting down; a pid file whose process is gone is no obstacle."""
        deadline = time.monotonic() + STOP
        while (pid := self._recorded_pid()) is not None and _is_postgres(pid):
            if time.monotonic() > deadline:
                raise CouldNot(f"couldn't start PostgreSQL: another server (process {pid}) runs on {self.folder}")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.05)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.folder / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def _wait_until_it_answers(self, address: str) -> None:
        deadline = time.monotonic() + START
        while True:
            try:
                connection = psycopg2.connect(f"{address} dbname=postgres", connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    said = _last_words(self.log.read_text(errors="replace")) or str(error)
                    self.stop()
                    raise CouldNot(f"couldn't start PostgreSQL on {self.folder}: {said}; see {self.log}") from None
                time.sleep(0.02)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Fast shutdown; safe twice."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                try:
                    self._process.wait(STOP)
                except subprocess.TimeoutExpired:
                    self._process.send_signal(signal.SIGQUIT)
                    self._process.wait()
            self._process = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None


def new_password() -> str:
    return secrets.token_hex(16)


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "error" in line or "ERROR" in line or "could not" in line]
    return "; ".join((told or lines)[-3:])
