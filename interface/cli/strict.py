"""No argument is passed over in silence: an option that takes one value and is given two is a wrong question."""

from __future__ import annotations

from collections import Counter

import click


class Once(click.Command):
    """A command each of whose options counts; the first of two values would else be forgotten."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        refuse_twice(self, ctx, args)
        return super().parse_args(ctx, args)


class Errands(click.Group):
    """A group of such commands, and such a command itself."""

    command_class = Once

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        refuse_twice(self, ctx, args)
        return super().parse_args(ctx, args)


def refuse_twice(command: click.Command, ctx: click.Context, args: list[str]) -> None:
    """Raises UsageError for an option that is given twice and can't be."""
    _, _, given = command.make_parser(ctx).parse_args(list(args))
    for param, times in Counter(given).items():
        if times > 1 and isinstance(param, click.Option) and not (param.multiple or param.count or param.is_flag):
            raise click.UsageError(f"{param.opts[0]} is given {times} times; give it once", ctx)
