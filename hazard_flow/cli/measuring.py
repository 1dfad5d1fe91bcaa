"""`bench` and `soak`: how fast it is, and the full counts of what the tests only sample."""

import json
import subprocess
import sys
from pathlib import Path

import click

from hazard_flow.cli.environment import stop
from hazard_flow.resources import PACKAGE


@click.command()
@click.argument("name", required=False)
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write [{name, value, unit, versus, ratio}]. 写入 JSON 文件",
)
def bench(name: str | None, file: Path | None) -> None:
    """Run a benchmark; without a name, list them. 运行性能测试；不带名称则列出。"""
    # Imported here: a benchmark loads the whole application.
    from hazard_flow import bench as benches

    known = benches.names()
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        stop(f"There is no benchmark {name}; there are: {', '.join(known)}.", f"没有名为 {name} 的测试。")
    lines = benches.run(name)
    for line in lines:
        compared = f"{line.ratio:.2f} × {line.versus}" if line.ratio is not None else line.versus
        click.echo(f"{line.name:<40} {line.value:>12.3f} {line.unit:<8} {compared}")
    if file is not None:
        file.write_text(
            json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=2) + "\n", "utf-8"
        )


@click.command()
@click.argument("name")
def soak(name: str) -> None:
    """Run the full counts of NAME; needs a checkout. 运行完整次数的长测，需要源码目录。"""
    root = PACKAGE.parent
    if not (root / "tests").is_dir():
        stop(
            "The full counts live with the tests: run this in a checkout (python3 -m hazard_flow.dev soak NAME).",
            "长测与测试代码在一起，请在源码目录中运行 python3 -m hazard_flow.dev soak NAME。",
        )
    command = [sys.executable, "-m", "pytest", "-m", "soak", "-k", name, "-s", "--timeout=0"]
    sys.exit(subprocess.run(command, cwd=root, check=False).returncode)
