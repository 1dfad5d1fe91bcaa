"""`verify`: checks a closure file by the file alone. Works offline, without settings, database or server."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from hazard_flow.cli.environment import stop
from hazard_flow.i18n import Label, both

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from hazard_flow.reports.verifying.findings import Report

INTACT, TAMPERED, UNREADABLE = 0, 1, 2
#: a closure file with 40 photos is 12 MB
FILE_BYTES_MAX = 256 * 1024**2
_MARKS = {True: "ok  ", False: "FAIL", None: "?   "}
_CERTIFICATE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--trust",
    type=_CERTIFICATE,
    multiple=True,
    help="Certificate of the sealing body or its authority. 签章单位或其认证机构的证书",
)
@click.option(
    "--tsa",
    type=_CERTIFICATE,
    multiple=True,
    help="Certificate of the time-stamping authority. 时间戳机构证书",
)
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the original evidence files. 佐证原始文件目录",
)
@click.option("--require", type=click.Choice(["T", "LTA"]), help="Least level of seal. 最低签章级别")
@click.option("--json", "as_json", is_flag=True, help="One JSON object. 输出 JSON")
def verify(
    file: Path,
    trust: tuple[Path, ...],
    tsa: tuple[Path, ...],
    evidence: Path | None,
    require: str | None,
    as_json: bool,
) -> None:
    """Check a closure file: seal, time, record, events, proof, manifest, pages. 核验销号档案。

    Exit 0 intact (without --trust the signer is not judged), 1 tampered, unsealed or not trusted, 2 unreadable.
    """
    # Imported here: the libraries take half a second to load.
    from hazard_flow.reports.seal.sealer import Level
    from hazard_flow.reports.verifying.findings import Unreadable
    from hazard_flow.reports.verifying.whole import verify as judge

    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise Unreadable(f"larger than {FILE_BYTES_MAX >> 20} MiB")
        report = judge(
            file.read_bytes(),
            trust=_certificates(trust),
            stampers=_certificates(tsa),
            evidence=evidence,
            require=Level(f"B-{require}") if require else None,
        )
    except (OSError, Unreadable) as error:
        _unreadable(file, str(error), as_json)
    if as_json:
        click.echo(json.dumps({"file": str(file)} | report.as_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(file, report)
    sys.exit(INTACT if report.is_intact else TAMPERED)


def _certificates(files: tuple[Path, ...]) -> "list[Certificate]":
    from cryptography import x509  # as above

    found: list[Certificate] = []
    for file in files:
        data = file.read_bytes()
        try:
            if b"-----BEGIN" in data:
                found += x509.load_pem_x509_certificates(data)
            else:
                found.append(x509.load_der_x509_certificate(data))
        except ValueError:
            stop(f"{file} holds no certificate.", f"{file} 里没有证书。", code=UNREADABLE)
    return found


def _tell(file: Path, report: "Report") -> None:
    for finding in report.findings:
        named = both(f"verifying.check.{finding.check}")
        click.echo(f"{_MARKS[finding.ok]}  {named.zh} {named.en}")
        click.echo(f"      {finding.said.zh}\n      {finding.said.en}")
    verdict = (
        both("verifying.intact") if report.is_intact else both("verifying.tampered", count=len(report.wrongs))
    )
    click.echo(f"{file.name}: {verdict.zh} {verdict.en}")


def _unreadable(file: Path, why: str, as_json: bool) -> NoReturn:
    said: Label = both("verifying.unreadable", why=why)
    if as_json:
        told = {
            "file": str(file),
            "intact": False,
            "unreadable": {"zh": said.zh, "en": said.en},
            "findings": [],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{file}: {said.zh} {said.en}", err=True)
    sys.exit(UNREADABLE)
