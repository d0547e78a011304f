"""The command `seqlab`: one module per subcommand, imported when it is used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from seqlab import __version__

COMMANDS = (
    "run",
    "evaluate",
    "reproduce",
    "predict",
    "generate",
    "inspect",
    "list",
    "show",
    "data",
    "plugins",
    "doctor",
)


class LazyGroup(click.Group):
    """Imports the module of a subcommand when it is used, and reports its errors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands, `run` first."""
        return [*COMMANDS]  # `list` may be the imported module seqlab.cli.list here

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of the module `seqlab.cli.<name>`."""
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing or cmd_name.startswith("-"):
                return None
            raise click.exceptions.NoSuchCommand(cmd_name, possibilities=COMMANDS, ctx=ctx)
        command = importlib.import_module(f"seqlab.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand; an error becomes a message and an exit status."""
        arguments = [*ctx.args]  # `list` may be the imported module seqlab.cli.list here
        try:
            return super().invoke(ctx)
        except click.exceptions.NoSuchOption as error:
            raise _with_remedy(error, arguments) from None
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise  # click handles these itself
        except (Exception, KeyboardInterrupt) as error:
            from seqlab.cli.failures import report

            ctx.exit(report(error))


def _with_remedy(
    error: click.exceptions.NoSuchOption, arguments: Sequence[str]
) -> click.exceptions.NoSuchOption:
    """The error with the `-o` that sets what was meant, where the command takes `-o`."""
    from seqlab.options.synonyms import option_elsewhere, role_option

    name = error.option_name.lstrip("-")
    option = role_option(name) or option_elsewhere(name)
    command = error.ctx.command if error.ctx else None
    takes_options = command and any("-o" in parameter.opts for parameter in command.params)
    if option is None or "." not in option or not takes_options:
        return error
    following = [*arguments, "", ""]
    position = next((i for i, a in enumerate(arguments) if a.startswith(error.option_name)), -2)
    value = following[position].partition("=")[2] or following[position + 1]
    value = "VALUE" if not value or value.startswith("-") else value
    message = f"No such option '{error.option_name}'. Write -o {option}={value}"
    return click.exceptions.NoSuchOption(error.option_name, message, ctx=error.ctx)


EXAMPLES = """\b
seqlab run --task sentiment --model lstm
seqlab predict runs/NAME "not bad at all"

\b
The shell completes commands, options and names if its start-up file contains
  eval "$(_SEQLAB_COMPLETE=bash_source seqlab)"      in ~/.bashrc
  eval "$(_SEQLAB_COMPLETE=zsh_source seqlab)"       in ~/.zshrc
  _SEQLAB_COMPLETE=fish_source seqlab | source       in ~/.config/fish/config.fish
"""


@click.group(
    cls=LazyGroup, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__)
def cli() -> None:
    """Train, evaluate and use sequence models.

    Any sequence layer x any tokenizer x any sequence task, on any device.
    """


def main() -> None:
    """The entry point of `seqlab` and `python -m seqlab`."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # None if the caller has closed it
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    cli(prog_name="seqlab")
