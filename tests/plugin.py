"""House rules for a test run: what can't be done on this machine is left out by name; under CI nothing may be skipped."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

from tests import places
from tests.on_day import LIBRARY

DATA = Path(__file__).parents[2] / "shared" / "data"
SYS_ADMIN = 21  # the capability to mount


def _may_mount() -> bool:
    status = Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) >> SYS_ADMIN & 1)


# marker: (whether its tests can run here, why they can't)
CONDITIONS: dict[str, tuple[Callable[[], bool], str]] = {
    "realdata": (DATA.is_dir, f"there is no {DATA.name} folder beside the checkout"),
    "root": (lambda: os.geteuid() == 0, "they need root"),
    "faketime": (lambda: LIBRARY is not None, "they move the clock: install Debian's package libfaketime"),
    "nginx": (lambda: os.geteuid() == 0 and which("nginx") is not None, "they need root and Debian's nginx-light"),
    "mount": (_may_mount, "they mount a small disk, which is not allowed here"),
}


MAY_BE_LEFT_OUT = {"realdata"}


@pytest.hookimpl(tryfirst=True)  # before pytest makes up its mind where `tmp_path` is
def pytest_configure(config: pytest.Config) -> None:
    if not config.option.basetemp:  # neither the caller nor the process that gave this one its tests has named one
        config.option.basetemp = str(places.folder() / "tmp")
    if hasattr(config, "workerinput"):
        return  # the process that gave this one its tests has said it already
    for marker, why in _impossible():
        if os.environ.get("XIAOHAO_NO_SKIP") and marker not in MAY_BE_LEFT_OUT:
            raise pytest.UsageError(f"tests marked {marker} can't run here, and none may be left out: {why}")
        print(f"tests marked {marker} are left out: {why}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = {item for item in items for marker, _ in _impossible() if item.get_closest_marker(marker)}
    config.hook.pytest_deselected(items=list(absent))
    items[:] = [item for item in items if item not in absent]


def _impossible() -> list[tuple[str, str]]:
    return [(marker, why) for marker, (possible, why) in CONDITIONS.items() if not possible()]


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and os.environ.get("XIAOHAO_NO_SKIP"):
        reporter.write_line(f"{len(skipped)} tests were skipped, and none may be")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
