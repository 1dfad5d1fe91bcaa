"""`tls init`, `tls renew`: HTTPS for a network of one's own, without which no tablet keeps the field app."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.settings import Settings
from hazard_flow.web.tls.files import CA_CERTIFICATE, CA_KEY, CERTIFICATE, TlsFiles, files_of, own_folder
from hazard_flow.web.tls.naming import NameRefused, Names, own_names, read

if TYPE_CHECKING:
    from hazard_flow.web.tls.authority import Certificate

#: a certificate of our own that ends sooner is renewed when the server starts
RENEW_WITHIN = timedelta(days=30)

_HOSTS = click.option(
    "--host",
    "hosts",
    multiple=True,
    help="Name or address people use; as often as needed. 访问本系统所用的主机名或 IP，可多次指定",
)
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder; DATA_DIR/tls if not given. 目录，默认 DATA_DIR/tls",
)


@click.group()
def tls() -> None:
    """HTTPS on a network of one's own. 局域网 HTTPS 证书。"""


@tls.command()
@_HOSTS
@_OUT
def init(hosts: tuple[str, ...], out: Path | None) -> None:
    """Make an authority of your own and a certificate by it; never overwrites. 生成根证书和服务器证书，绝不覆盖已有的。"""
    # Imported here, as everywhere in this module: `--help` needs none of it.
    from hazard_flow.web.tls.authority import make

    settings = settings_or_exit()
    folder = (out or own_folder(settings)).resolve()
    names = _read(hosts) if hosts else own_names()
    try:
        made = make(folder, names, now=datetime.now(UTC))
    except FileExistsError as there:
        stop(
            f"{there} is there already; nothing was changed. For another certificate run: hazard-flow tls renew",
            f"{there} 已存在，未作任何改动。如需重新签发，请运行：hazard-flow tls renew",
        )
    _told(folder, made)
    click.echo(_NEXT)


@tls.command()
@_HOSTS
@_OUT
def renew(hosts: tuple[str, ...], out: Path | None) -> None:
    """Another certificate of the same authority; tablets notice nothing. 由原根证书重新签发，终端无需重装。"""
    from hazard_flow.web.tls import authority

    settings = settings_or_exit()
    folder = (out or own_folder(settings)).resolve()
    try:
        made = authority.renew(folder, _read(hosts) if hosts else None, now=datetime.now(UTC))
    except FileNotFoundError:
        stop(
            f"There is no authority in {folder}; make one with: hazard-flow tls init",
            f"{folder} 中没有根证书；请先运行：hazard-flow tls init",
        )
    except authority.AuthorityRefused as refused:
        stop(f"{refused.english}.", f"{refused.chinese}。")
    _told(folder, made)


def usable_files(settings: Settings) -> TlsFiles:
    """The certificate to serve with; ends the command where there is none. One of our own that ends soon is renewed here."""
    files = files_of(settings)
    if not files.are_there:
        stop(
            f"There is no certificate at {files.certificate}. Make one with: hazard-flow tls init",
            f"没有找到证书 {files.certificate}。请先运行：hazard-flow tls init",
        )
    from hazard_flow.web.tls import authority

    folder, now = files.certificate.parent, datetime.now(UTC)
    if files.authority is not None and (folder / CA_KEY).is_file():
        try:
            if authority.look(files.certificate).ends_at - now < RENEW_WITHIN:
                authority.renew(folder, None, now=now)
                click.echo("The certificate was renewed. 证书已自动续签。", err=True)
        except (authority.AuthorityRefused, OSError) as refused:
            click.echo(f"The certificate could not be renewed 证书未能续签: {refused}", err=True)
    return files


def first_name(files: TlsFiles) -> str:
    """The name a certificate was made for first: where people go who are told no better."""
    from hazard_flow.web.tls import authority

    try:
        return next(iter(authority.look(files.certificate).names.texts), "localhost")
    except (authority.AuthorityRefused, OSError) as refused:
        stop(f"{refused}.", f"证书无法读取：{refused}。")


def _read(hosts: tuple[str, ...]) -> Names:
    try:
        return read(hosts)
    except NameRefused as refused:
        stop(
            f"{refused} is neither a host name (letters, digits and hyphens) nor an IP address.",
            f"“{refused}”既不是主机名（字母、数字和连字符），也不是 IP 地址。",
        )


def _told(folder: Path, made: "Certificate") -> None:
    from hazard_flow.web.tls.authority import look

    click.echo(f"names 可用名称        {', '.join(made.names.texts)}")
    click.echo(f"certificate 服务器证书 {folder / CERTIFICATE}")
    click.echo(f"valid until 有效至     {made.ends_at:%Y-%m-%d}")
    click.echo(f"hand out 发给终端      {folder / CA_CERTIFICATE}")
    click.echo(f"SHA-256 根证书指纹     {look(folder / CA_CERTIFICATE).fingerprint}")


_NEXT = """
Now start: hazard-flow serve --host 0.0.0.0 --tls --http-port 8080
Then open http://<this machine>:8080/tls on each tablet: it shows how to install ca.crt, and its SHA-256 to compare.
Keep ca.key: whoever has it can pose as this server to every tablet that trusts ca.crt. It can vouch for nothing but the
names above and private addresses.

接下来启动：hazard-flow serve --host 0.0.0.0 --tls --http-port 8080
然后在每台平板上打开 http://<本机>:8080/tls，按页面说明安装 ca.crt，并核对 SHA-256 指纹。
请妥善保管 ca.key：持有者可以向所有信任 ca.crt 的终端冒充本服务器；但只能用于上述名称和内网地址。"""
