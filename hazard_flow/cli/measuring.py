"""`bench` and `soak`: how fast it is, and the full counts of what the tests only sample."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import stop
from hazard_flow.resources import PACKAGE
from hazard_flow.simulation.process import ServerMissing

if TYPE_CHECKING:
    from hazard_flow.bench import Line


@click.command()
@click.argument("name", required=False)
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write [{name, value, unit, versus, ratio}]. 写入 JSON 文件",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for a plot (SVG) and the single rounds (CSV). 图与逐轮数据的目录",
)
@click.option("--quick", is_flag=True, help="A small run; its figures say little. 小规模试跑")
@click.option(
    "--peers",
    is_flag=True,
    help="Also measure other programs, installed for it into the cache folder. 同时测量同类程序",
)
def bench(name: str | None, file: Path | None, out: Path | None, quick: bool, peers: bool) -> None:
    """Run a benchmark; without a name, list them. 运行性能测试；不带名称则列出。"""
    # Imported here: a benchmark loads the whole application.
    from hazard_flow import bench as benches

    known = benches.names()
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        stop(f"There is no benchmark {name}; there are: {', '.join(known)}.", f"没有名为 {name} 的测试。")
    try:
        lines = benches.run(name, benches.Options(quick=quick, peers=peers, out=out))
    except ServerMissing as missing:
        stop(
            f"This benchmark needs a server that is not installed: {missing}.",
            f"缺少所需的服务程序：{missing}。",
        )
    for line in lines:
        click.echo(_told(line))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=2) + "\n", "utf-8"
        )


def _told(line: "Line") -> str:
    compared = f"{line.ratio:.4g} × {line.versus}" if line.ratio is not None else line.versus
    verdict = "" if line.bar is None else f"{line.bar} {'holds 达标' if line.holds else 'MISSED 未达标'}"
    return f"{line.name:<32} {line.value:>12.3f} {line.unit:<7} {compared:<28} {verdict}".rstrip()


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
