"""Generated data: the seed says what they are, and loading more of them works."""

from __future__ import annotations

from application.platform.embedded.server import running
from application.platform.home import Home
from application.verifier.formats.entry import body_of, loads
from interface.bootstrap import services
from interface.demo.load import load
from interface.first_start import create

MATTERS, SEED = 8, 5


def told(home: Home) -> list[tuple]:
    """What happened, who in which role, when, and the words of it that are not drawn at random."""
    with services(home) as made, made.database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event ORDER BY position")
        payloads = [loads(body_of(bytes(entry))) for (entry,) in cursor.fetchall()]
    kept = ("title", "note", "reason", "number", "due_on", "result", "points_x10", "document", "channel", "name")
    return [
        (p["type"], p["role"], p["unit"], p["recorded_at"], *(p["data"].get(name) for name in kept)) for p in payloads
    ]


def test_the_seed_says_what_happens_and_once_more_it_happens_to_others(tmp_path):
    homes = [Home(tmp_path / name) for name in ("first", "second")]
    for home in homes:
        create(home, origin="t.example/campaign", training=True)

    with running(homes[0]), running(homes[1]):
        for home in homes:
            load(home, problems=MATTERS, seed=SEED)
        first, second = map(told, homes)
        assert first[5:] == second[5:]  # the first ones are of the moment in which the instance was made
        assert {"problem.closed", "deduction.decided"} <= {topic for topic, *_ in first}

        events = load(homes[0], problems=MATTERS, seed=SEED)
        assert len(told(homes[0])) == len(first) + events
