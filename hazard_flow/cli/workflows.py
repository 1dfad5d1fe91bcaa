"""`workflow …`: files looked at without a database, and the two commands that need one, `replay` and `migrate`."""

import json
import sys
from pathlib import Path

import click

from hazard_flow.cli.environment import stop
from hazard_flow.cli.migrating import migrate
from hazard_flow.cli.replaying import replay


@click.group()
def workflow() -> None:
    """Workflow files and what runs under them. 检查、查看、试算和换用流程。"""


workflow.add_command(replay)
workflow.add_command(migrate)


@workflow.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print [{file, line, rule, message}]. 以 JSON 输出")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Would these files load? 0 accepted, 1 refused, 2 unreadable. 检查流程文件能否加载。"""
    # Imported here: reading the vocabulary takes a moment `--help` need not wait for.
    from hazard_flow.workflow.check import check_files

    code, rows = check_files(files)
    if as_json:
        told = [{**row, "message": f"{row['message']} Mend: {row['mend']}"} for row in rows]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        sys.exit(code)
    for row in rows:
        click.echo(f"{row['file']}:{row['line']}: rule {row['rule']}: {row['message']}")
        if row.get("mend"):
            click.echo(f"    mend: {row['mend']}")
    if code == 0:
        click.echo(f"{len(files)} accepted 通过")
    sys.exit(code)


@workflow.command("release")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def release(file: Path) -> None:
    """Prove FILE of the workflows folder and freeze it by its hash. 论证通过后登记发布，此后不得修改。"""
    from hazard_flow.resources import resource_dir
    from hazard_flow.workflow.check import check_files
    from hazard_flow.workflow.loader import load_all, load_file
    from hazard_flow.workflow.problems import WorkflowRefused
    from hazard_flow.workflow.released import check_overlap, record
    from hazard_flow.workflow.vocabulary import default_vocabulary

    code, rows = check_files([file])
    if code != 0:
        row = rows[0]
        stop(
            f"Not released: {row['file']}:{row['line']}: rule {row['rule']}: {row['message']}",
            "未发布：流程文件未通过检查。",
        )
    folder = resource_dir("workflows")
    if file.resolve().parent != folder.resolve():
        stop(
            f"Put the file into {folder} first: only installed files are released.",
            "请先将文件放入流程目录。",
        )
    vocabulary = default_vocabulary()
    found = load_file(file, vocabulary)
    claims = check_overlap(found, load_all(folder, vocabulary).values(), file=str(file))
    if claims:
        stop(f"Not released: {claims[0]}", "未发布：适用范围与其他流程重叠。")
    try:
        new = record(folder, found)
    except WorkflowRefused as refused:
        stop(f"Not released: {refused}", "未发布：该版本已发布且内容不同。")
    click.echo(
        f"{found.id} released 已发布: {found.sha256}" if new else f"{found.id} was released before 此前已发布"
    )


@workflow.command("schema")
def schema() -> None:
    """Print the JSON Schema of workflow files, for editors. 输出流程文件的 JSON Schema，供编辑器使用。"""
    from hazard_flow.workflow.schema import json_schema
    from hazard_flow.workflow.vocabulary import default_vocabulary

    click.echo(json.dumps(json_schema(default_vocabulary()), ensure_ascii=False, indent=2))


@workflow.command("diagram")
@click.argument("key")
@click.option(
    "--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language. 语言"
)
def diagram(key: str, locale: str) -> None:
    """The newest release of a workflow as a Mermaid diagram. 以 Mermaid 图显示流程。"""
    from hazard_flow.resources import resource_dir
    from hazard_flow.workflow.diagram import mermaid
    from hazard_flow.workflow.loader import load_all, newest
    from hazard_flow.workflow.vocabulary import default_vocabulary

    workflows = load_all(resource_dir("workflows"), default_vocabulary())
    try:
        found = newest(key, workflows.values())
    except KeyError:
        known = ", ".join(sorted({one.key for one in workflows.values()}))
        stop(f"There is no workflow {key}; there are: {known}.", f"没有流程 {key}。")
    click.echo(mermaid(found, locale), nl=False)
