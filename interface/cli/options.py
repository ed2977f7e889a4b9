"""Options that many commands take."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from application.platform.home import Home
from interface.runtime import config
from interface.runtime.proxies import Front


def with_home(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--home DIR`, also after the command's name; hands in a Home."""

    def chosen(ctx: click.Context, _: click.Parameter, value: str | None) -> Home:
        before = ctx.find_root().get_parameter_source("home") is ParameterSource.COMMANDLINE
        if value and before:
            raise click.UsageError("--home is given twice, before the command's name and behind it; give it once", ctx)
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


def behind_proxies(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--behind ADDRESS …` and `--public https://…`; hands in a Front as `front`. Nothing is believed without them."""

    @wraps(function)
    def chosen(*args: Any, behind: tuple[str, ...], public: str | None, **more: Any) -> Any:
        return function(*args, front=Front.read(behind, public), **more)

    for option in (
        click.option(
            "--public", metavar="https://HOST", help="The address that people use, where a proxy stands before it."
        ),
        click.option(
            "--behind",
            multiple=True,
            metavar="ADDRESS",
            help="A proxy that is believed: its address or network; may be said again. docs/proxy.md has the proxy's side.",
        ),
    ):
        chosen = option(chosen)
    return chosen
