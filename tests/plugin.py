"""House rules for a test run: real data may be absent, and is then left out by name; under CI nothing may be skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if DATA.is_dir():
        return
    absent = [item for item in items if item.get_closest_marker("realdata")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in set(absent)]
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(
                f"{len(absent)} tests on real data left out: there is no {DATA.name} folder beside the checkout"
            )


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and os.environ.get("XIAOHAO_NO_SKIP"):
        reporter.write_line(f"{len(skipped)} tests were skipped, and none may be")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
