"""The library's own cases for recorders, on every PostgreSQL that we promise."""

from __future__ import annotations

import unittest

import pytest
from eventsourcing.tests import persistence as cases

from application.log.event_table import EventTable
from application.platform.database import Database
from tests import servers
from tests.application.log.plain import PlainCodec


class OnPostgres:
    version: int

    def setUp(self):
        self.dsn = servers.fresh(self.version)
        self.opened = []

    def tearDown(self):
        for table in self.opened:
            table.close()
            table.database.close()
        servers.drop(self.dsn, self.version)

    def create_recorder(self):
        table = EventTable(Database(self.dsn, size=4), PlainCodec())
        self.opened.append(table)
        return table


def on(version):
    class Recorder(OnPostgres, cases.ApplicationRecorderTestCase):
        EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    class Interleaving(OnPostgres, cases.NonInterleavingNotificationIDsBaseCase):
        insert_num = 1000

    Recorder.version = Interleaving.version = version
    return Recorder, Interleaving


@pytest.mark.parametrize("version", servers.VERSIONS)
@pytest.mark.parametrize("case", [0, 1], ids=["recorder", "interleaving"])
def test_the_librarys_cases(version, case):
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(on(version)[case])
    result = unittest.TestResult()

    suite.run(result)

    assert result.testsRun > 0
    assert result.wasSuccessful(), "\n".join(text for _, text in result.errors + result.failures)
    assert not result.skipped
