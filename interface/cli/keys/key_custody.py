"""For `xiaohao doctor`: officials' keys that no password protects yet. 密钥保管"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2

from application.platform.database import Database
from application.platform.embedded import server as embedded
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.vault.signing_keys import under_master_alone
from domain.errors import Unavailable
from interface.runtime import config


def wrapped(home: Home) -> Iterator[tuple[str, str, str]]:
    """(state, what was found, what to do), only where the log can be read without starting anything."""
    dsn = config.database_url() or embedded.attach(home)
    if dsn is None or not home.is_instance:
        return
    try:
        training = home.read()["mode"] == "training"
    except OperatorError:
        return  # told beside the line `home`
    if training:
        yield "ok", "a training log: people act without password, so their keys lie under the master key alone", ""
        return
    database = Database(dsn, size=1)
    try:
        alone, all_ = under_master_alone(database)
    except (Unavailable, psycopg2.Error) as error:
        yield "advice", f"can't be counted: {str(error).splitlines()[0]}", "serve the instance once with this program"
        return
    finally:
        database.close()
    if alone:
        todo = "let those people sign in once: that wraps their keys"
        yield "advice", f"{alone} of {all_} officials' keys lie under the master key alone, without a password", todo
    else:
        yield "ok", f"all {all_} officials' keys are wrapped under their passwords", ""
