"""One PostgreSQL cluster and its server, a child process that is started again when it dies. 数据库集群"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg2

from application.platform.embedded.binaries import Binaries, User, runnable
from application.platform.embedded.supervisor import Supervisor
from application.platform.failures import OperatorError
from application.platform.home import writing
from application.platform.logins import let_in

LOGIN = DATABASE = "xiaohao"
PASSWORDS = "[0-9a-f]{32}"
TEMPORARY = "/tmp"  # noqa: S108 (a socket's path ends at 107 bytes, so it can't lie in the home; the folder in it is 0700)
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "log_statement": "none",
    # What a statement or a detail holds has no business in a log file.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "timezone": "UTC",
}
PATIENCE = 60.0  # seconds: a server that recovers after a kill, or shuts down on a slow disk
LOG_LIMIT = 4_000_000  # bytes
ADVICE = {
    "No space left": "; free some space",
    "Permission denied": "; its user has to reach it: `chmod a+x` each folder that leads there",
    "password authentication failed": "; keys/postgres.password is not this database's: move it away, and the next start sets "
    "a new one",
}


class Cluster:
    """`folder` is the data directory; `log` is where the server writes what it has to say."""

    def __init__(self, folder: Path, binaries: Binaries, who: User, *, log: Path) -> None:
        self.folder, self.who, self.log = folder, who, log
        self.binaries = runnable(binaries, who)
        # Every process of the server carries it in its title, which anybody may read: so we know who still runs.
        self.name = "xh-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._keeper: Supervisor | None = None
        self._sockets: Path | None = None

    def create(self, password: str) -> None:
        """initdb beside, then renamed: there is never half a cluster. Raises OperatorError."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        # The initdb of a set-up that was killed ends with it, but not at once, and takes that folder away as it ends.
        self._outlive(str(fresh).encode())
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
        with writing(Path(TEMPORARY)):
            file = tempfile.NamedTemporaryFile("w", prefix="xh-", dir=TEMPORARY)  # noqa: SIM115 (closed below)
        with file:
            with writing(Path(TEMPORARY)):
                file.write(password)
                file.flush()
            self.who.own(Path(file.name))
            command = [*self.who.prefix(), str(self.binaries.folder / "initdb"), "-D", str(fresh), "-U", LOGIN]
            command += ["-A", "scram-sha-256", f"--pwfile={file.name}", "-E", "UTF8", "--locale=C"]
            made = subprocess.run(command, capture_output=True, text=True, cwd="/", env=_environment())
        if made.returncode:
            told = _last_words(made.stderr)
            raise OperatorError(f"couldn't make a database cluster in {self.folder}: {told}{_advice(told)}")

    def set_password(self, password: str) -> None:
        """Of the owner, while no server runs: by PostgreSQL's single-user mode. Raises OperatorError."""
        self._outlive_predecessor()
        command = [
            *self.who.prefix(),
            str(self.binaries.folder / "postgres"),
            "--single",
            "-D",
            str(self.folder),
            "postgres",
        ]
        told = f"ALTER ROLE {LOGIN} PASSWORD '{password}'\n"
        done = subprocess.run(command, input=told, capture_output=True, text=True, cwd="/", env=_environment())
        if done.returncode or "ERROR" in done.stderr:
            raise OperatorError(f"couldn't set the password of the database {self.folder}: {_last_words(done.stderr)}")

    def start(self, password: str, **settings: str) -> str:
        """The owner's DSN once the server answers; it holds for as long as we run. Raises OperatorError."""
        with writing(Path(TEMPORARY)):
            self._sockets = Path(tempfile.mkdtemp(prefix="xh-", dir=TEMPORARY))
        self.who.own(self._sockets)
        address = f"host={self._sockets} port={SETTINGS['port']} user={LOGIN} password={password}"
        options = SETTINGS | settings | {"unix_socket_directories": str(self._sockets), "cluster_name": self.name}
        command = [*self.who.prefix(), str(self.binaries.folder / "postgres"), "-D", str(self.folder)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        said = self._trim_log()
        self._keeper = Supervisor(lambda: self._launch(command))
        try:
            self._keeper.start()
            self._wait_until_it_answers(address, said)
            self._keeper.settle()
        except BaseException:
            self.stop()
            raise
        return f"{address} dbname={DATABASE}"

    def stop(self) -> None:
        """Fast shutdown; safe twice."""
        if self._keeper is not None:
            self._keeper.stop()
            self._keeper = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    @property
    def pid(self) -> int | None:
        """The server's process; another one after it died and was started again."""
        return self._keeper.pid if self._keeper else None

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        self._outlive_predecessor()
        with writing(self.log):
            log = open(self.log, "ab")  # noqa: SIM115 (closed below)
        with log:
            # A session of its own: Ctrl-C reaches us, and we stop the server when our own work is done.
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )

    def _outlive_predecessor(self) -> None:
        """Wait for the server of a killed service, or what a killed server left behind; a pid file is no obstacle.

        Whoever calls holds the home's lock, so nobody works with that server any more.
        """
        self._outlive(self.name.encode(), self._recorded_pid())
        with writing(self.folder):
            (self.folder / "postmaster.pid").unlink(missing_ok=True)  # its number may belong to somebody else by now

    def _outlive(self, mark: bytes, recorded: int = -1) -> None:
        """Wait until no process has the mark in its title; the one with the recorded number is asked to end."""
        deadline = time.monotonic() + PATIENCE
        while living := _living(mark):
            if recorded in living:  # killed before it could ask to end with its service
                with suppress(ProcessLookupError):
                    os.kill(recorded, signal.SIGINT)
                recorded = -1
            if time.monotonic() > deadline:
                raise OperatorError(
                    f"couldn't start PostgreSQL on {self.folder}: an earlier server doesn't end "
                    f"(process {', '.join(map(str, living))}); end it, then try again"
                )
            time.sleep(0.02)

    def _recorded_pid(self) -> int:
        try:
            return int((self.folder / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return -1

    def _trim_log(self) -> int:
        """How much the log holds before this start; what is too long is kept once, beside."""
        with writing(self.log):
            if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
                self.log.replace(self.log.with_name(self.log.name + ".old"))
            return self.log.stat().st_size if self.log.exists() else 0

    def _wait_until_it_answers(self, address: str, said: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connection = psycopg2.connect(f"{address} dbname=postgres", connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                reason = "password authentication failed" if "password auth" in str(error) else ""
                if reason or self.pid is None or time.monotonic() > deadline:
                    told = reason or _last_words(self.log.read_bytes()[said:].decode(errors="replace")) or str(error)
                    raise OperatorError(
                        f"couldn't start PostgreSQL on {self.folder}: {told}{_advice(told)}; see {self.log}"
                    ) from None
                time.sleep(0.01)
        _make_ready(connection, f"{address} dbname={DATABASE}")


def _living(mark: bytes) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                if mark in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
    return found


def _advice(told: str) -> str:
    return next((each for words, each in ADVICE.items() if words in told), "")


def new_password() -> str:
    return secrets.token_hex(16)


def _make_ready(connection: psycopg2.extensions.connection, owner: str) -> None:
    """Our database is there, and so are those who may log in beside its owner."""
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        let_in(connection, owner)
    except psycopg2.Error as error:
        raise OperatorError(f"couldn't make the database: {str(error).strip()}") from None
    finally:
        connection.close()


def _environment() -> dict[str, str]:
    """Nothing of the caller's language or PG* settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    told = [line for line in lines if any(mark in line for mark in ("FATAL", "PANIC", "error", "ERROR", "could not"))]
    return "; ".join((told or lines)[-3:])
