"""`xiaohao second-factor`: whether signing in and weighty acts demand one, and who has none yet. 动态验证码"""

from __future__ import annotations

from uuid import UUID

import click

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict


@click.command("second-factor", cls=Once)
@click.option("--required/--optional", "demanded", default=None, help="From now on; also while the instance is served.")
@with_home
@as_json
def second_factor(home: Home, demanded: bool | None) -> None:
    """Say who in office has no second factor; demand one of everybody, at sign-in and for weighty acts, or no longer.

    Whoever has none when it is demanded enrols one under 我的账户, and does nothing before.
    """
    from application.core.permissions import held
    from interface.bootstrap import services

    with services(home) as made:
        authority, owners = made.ledger.authority(), made.vault.second_factors.owners()
        officials = [UUID(one) for one in authority.roles if held(authority, one, made.ledger.today)]
        logins = made.vault.people.logins(one for one in officials if one not in owners)
    if demanded is not None:
        kept = {name: value for name, value in home.read().items() if name != "second_factor"}
        home.describe(**kept | ({"second_factor": "required"} if demanded else {}))
    without = sorted(logins.values())
    for login in without:
        say(f"{login}  has no second factor")
    state = "required at sign-in and for weighty acts" if home.demands_second_factor else "optional"
    verdict(
        True,
        f"a second factor is {state}; {len(without)} of {len(officials)} accounts in office have none",
        required=home.demands_second_factor,
        without=without,
        accounts=len(officials),
    )
