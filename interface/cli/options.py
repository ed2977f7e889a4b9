"""Options that many commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from application.store.home import Home
from interface import config


def with_home(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--home DIR`, also after the command's name; hands in a Home."""

    def chosen(ctx: click.Context, _: click.Parameter, value: str | None) -> Home:
        return config.home(value or ctx.find_root().obj)

    option = click.option("--home", callback=chosen, metavar="DIR", expose_value=True, help="The instance's folder.")
    return option(function)


def as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, also after the command's name."""

    def chosen(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            ctx.find_root().params["as_json"] = True

    option = click.option("--json", is_flag=True, callback=chosen, expose_value=False, help="For machines.")
    return option(function)
