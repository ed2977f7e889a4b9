"""House rules for a test run: what can't be done on this machine is left out by name; under CI nothing may be skipped."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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
    "mount": (_may_mount, "they mount a small disk, which is not allowed here"),
}


MAY_BE_LEFT_OUT = {"realdata"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker, (possible, why) in CONDITIONS.items():
        absent = [item for item in items if item.get_closest_marker(marker)]
        if absent and not possible():
            config.hook.pytest_deselected(items=absent)
            items[:] = [item for item in items if item not in set(absent)]
            if os.environ.get("XIAOHAO_NO_SKIP") and marker not in MAY_BE_LEFT_OUT:
                raise pytest.UsageError(
                    f"{len(absent)} tests marked {marker} can't run here, and none may be left out: {why}"
                )
            _say(config, f"left out {len(absent)} tests marked {marker}: {why}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and os.environ.get("XIAOHAO_NO_SKIP"):
        _say(session.config, f"{len(skipped)} tests were skipped, and none may be")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _say(config: pytest.Config, line: str) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(line)
