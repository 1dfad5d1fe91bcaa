"""The command line. Commands load on demand: `--help` answers at once, and WeasyPrint is never imported by `serve`."""

import importlib
import keyword

import click

import hazard_flow

#: command → module that holds it; the module is imported when the command is asked for
COMMANDS = {
    "serve": "serving",
    "web": "serving",
    "worker": "serving",
    "migrate": "serving",
    "demo": "demo",
    "check": "checking",
    "drill": "drilling",
    "timers": "watching",
    "messages": "watching",
    "seal": "sealing",
    "tls": "certificates",
    "verify": "verifying",
    "workflow": "workflows",
    "ledger": "ledger",
    "import": "exchanging",
    "export": "exchanging",
    "organisation": "people",
    "person": "people",
    "token": "people",
    "bench": "measuring",
    "soak": "measuring",
    "telemetry": "telemetry",
}


class Lazily(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"hazard_flow.cli.{COMMANDS[cmd_name]}")
        # `import` is a word of the language: its function ends in an underscore
        command = getattr(module, f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Lazily, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(hazard_flow.__version__, prog_name="hazard-flow")
def main() -> None:
    """Hazard Flow: the hidden-danger workflow engine for urban gas safety. 燃气隐患闭环管理。

    Settings are environment variables HAZARD_FLOW_<NAME> or HAZARD_FLOW_<NAME>_FILE. 设置项为环境变量。
    """
