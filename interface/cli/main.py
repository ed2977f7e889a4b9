"""`xiaohao`: one command for each errand; each is imported only when it is called. 命令行"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from application.platform.failures import OperatorError
from domain.errors import Refusal, Unavailable
from interface.cli.strict import Errands

COMMANDS = {
    "backup": "interface.cli.instance.backup:backup",
    "backup-key": "interface.cli.instance.backup:backup_key",
    "bundle": "interface.cli.exports.bundle:bundle",
    "clock": "interface.cli.instance.clock:clock",
    "demo": "interface.cli.instance.demo:demo",
    "describe": "interface.cli.instance.describe:describe",
    "doctor": "interface.cli.instance.doctor:doctor",
    "documents": "interface.cli.instance.documents:documents",
    "export": "interface.cli.exports.export:export",
    "fsck": "interface.cli.log.fsck:fsck",
    "health": "interface.cli.instance.health:health",
    "import": "interface.cli.imports.import_:import_",
    "init": "interface.cli.instance.init:init",
    "keys": "interface.cli.keys.keys:keys",
    "lead": "interface.cli.commission.lead:lead",
    "master-key": "interface.cli.keys.master_key:master_key",
    "oversight": "interface.cli.instance.oversight:oversight",
    "proof": "interface.cli.log.proof:proof",
    "publish": "interface.cli.log.publish:publish",
    "rebuild": "interface.cli.instance.rebuild:rebuild",
    "reconcile": "interface.cli.vault.reconcile:reconcile",
    "restore": "interface.cli.instance.restore:restore",
    "rules": "interface.cli.instance.rules:rules",
    "second-factor": "interface.cli.keys.second_factor:second_factor",
    "serve": "interface.cli.instance.serve:serve",
    "vault": "interface.cli.vault.vault:vault",
    "verifier": "interface.cli.log.verifier:verifier",
    "verify": "interface.cli.log.verify:verify",
    "verify-opening": "interface.cli.commission.verify_opening:verify_opening",
    "witness": "interface.cli.commission.witness:witness",
}


class Commands(Errands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        return getattr(import_module(module), name)

    def invoke(self, ctx: click.Context) -> Any:
        """What the machine or the rules refuse is one sentence, not a trace."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our lines has gone; click ends quietly
        except (OperatorError, Refusal, OSError) as refused:
            sentence = _sentence(refused)
        except Exception as error:
            if not type(error).__module__.startswith("psycopg2"):  # not imported where no database is used
                raise
            sentence = f"couldn't do it: the database says {' '.join(str(error).split())}"
        from interface.cli.verdict import verdict

        with ctx:
            verdict(False, sentence)


def _sentence(refused: Exception) -> str:
    if isinstance(refused, OSError):
        where = f" {refused.filename}" if refused.filename else ""
        return f"couldn't use{where or ' a file'}: {refused.strerror or refused}"
    if isinstance(refused, Unavailable):
        from interface.cli.verdict import CAUSES, cause

        return f"couldn't record it: {cause(refused)}" + (", then run this again" if str(refused) in CAUSES else "")
    if isinstance(refused, Refusal):
        from interface.i18n.refusal_text import in_english

        return in_english(str(refused))
    return str(refused)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", envvar="XIAOHAO_HOME", metavar="DIR", help="The instance's folder. [default: .home]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines for people.")
@click.version_option(package_name="xiaohao")
@click.pass_context
def main(ctx: click.Context, home: str | None, as_json: bool) -> None:
    """销号: a rectification campaign on one verifiable, signed log."""
    ctx.obj = home
