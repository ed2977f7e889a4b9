"""What instance.json has to say, read from the log's first entry. 实例说明"""

from __future__ import annotations

from application.platform.database import Database
from application.platform.failures import OperatorError
from application.platform.home import MODES, Home
from application.platform.presence import log_size
from application.preflight.home_keys import LogRecord, log_key_flaws
from application.vault.letterbox import Letterbox


def described(home: Home, dsn: str) -> dict[str, str]:
    """The members; the database must be this home's: the log that it holds names the keys that lie here. Raises OperatorError."""
    if not log_size(dsn):
        raise OperatorError(
            f"couldn't describe {home.path}: its database holds no log; let DATABASE_URL name the right one"
        )
    database = Database(dsn, size=1)
    try:
        record = LogRecord(database)
        origin, mode = record.opened.get("origin"), record.opened.get("mode")
        if mode not in MODES or not origin:
            raise OperatorError(f"couldn't describe {home.path}: the log's first entry can't be read")
        if (wrong := next(log_key_flaws(home, record), None)) is not None:
            raise OperatorError(f"couldn't describe {home.path}: keys and database are not of one log: {wrong}")
    finally:
        database.close()
    commission = Letterbox(home.epochs.parent / "commission.pub").fingerprint
    return {"origin": origin, "mode": mode} | ({"commission": commission} if commission else {})
