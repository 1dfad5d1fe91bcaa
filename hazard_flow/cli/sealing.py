"""`seal init`: makes a sealing key for who has none, and says what it proves."""

from datetime import UTC, datetime

import click

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.ledger.keys import fingerprint


@click.group()
def seal() -> None:
    """The key closure files are sealed with. 销号档案的签章密钥。"""


@seal.command()
@click.option(
    "--organisation",
    prompt="Organisation that seals 签章单位",
    help="Name in the certificate. 证书上的单位名称",
)
@click.option("--country", default="CN", show_default=True, help="Two letters. 国家代码")
@click.option(
    "--years", default=10, show_default=True, type=click.IntRange(1, 30), help="Valid for. 有效年数"
)
def init(organisation: str, country: str, years: int) -> None:
    """Make a key and a certificate under DATA_DIR/keys; never overwrites. 生成签章密钥与证书，绝不覆盖已有的。"""
    # Imported here: `--help` needs none of it.
    from hazard_flow.ledger.new_key import make_key

    settings = settings_or_exit()
    if settings.SIGNING_KEY:
        stop(
            "HAZARD_FLOW_SIGNING_KEY names a key already; unset it to make one of your own.",
            "HAZARD_FLOW_SIGNING_KEY 已指定密钥；如要自建，请先取消该设置。",
        )
    passphrase = settings.SIGNING_KEY_PASSPHRASE.get_secret_value()
    folder = settings.DATA_DIR / "keys"
    now = datetime.now(UTC)
    try:
        made = make_key(
            folder, organisation=organisation, country=country, passphrase=passphrase, now=now, years=years
        )
    except FileExistsError as there:
        stop(
            f"{there} is there already; nothing was changed.",
            f"{there} 已存在，未作任何改动。",
        )
    except ValueError as refused:
        stop(f"The name cannot stand in a certificate: {refused}.", f"名称不能写入证书：{refused}。")
    click.echo(f"key 密钥            {made.key_file}")
    click.echo(f"hand out 对外公布   {made.trust_file}")
    click.echo(f"SHA-256 seal 签章   {fingerprint(made.certificate)}")
    click.echo(f"SHA-256 CA 根证书   {fingerprint(made.authority)}")
    click.echo(f"valid until 有效至  {made.certificate.not_valid_after_utc:%Y-%m-%d}")
    if not passphrase:
        click.echo(_OPEN)
    click.echo(_MEANING)


_OPEN = """
The key file has no passphrase: only its file permissions (0600) protect it. To have one, remove the file, set
HAZARD_FLOW_SIGNING_KEY_PASSPHRASE_FILE and run this again.
密钥文件未设口令，仅由文件权限（0600）保护。如需口令，请删除该文件，设置 HAZARD_FLOW_SIGNING_KEY_PASSPHRASE_FILE 后重新执行。"""

_MEANING = """
What this self-made certificate proves: that a file was sealed with this key and not changed since, to everybody who has
received seal-ca.pem from you by a way they trust (handed over, or its SHA-256 compared by telephone). What it does not prove:
who you are. No authority has checked the name in it, and a reader of PDF will say that it does not know the issuer. The
authority's own key was thrown away: it can never vouch for another certificate.
For a certificate that others know, ask an authority for a document-signing certificate (RSA, PKCS#12), then set
HAZARD_FLOW_SIGNING_KEY=/path/to/file.p12 and HAZARD_FLOW_SIGNING_KEY_PASSPHRASE_FILE.

自建证书能证明：文件由本密钥签章，此后未被改动——前提是对方以可信的方式（当面交付，或电话核对其 SHA-256）从贵单位取得 seal-ca.pem。
不能证明：贵单位的身份。证书上的名称未经任何机构核实，PDF 阅读器会提示不认识签发者。根证书的私钥已当场销毁，不能再为其他证书作保。
如需他人普遍认可的证书，请向电子认证机构申领文档签名证书（RSA，PKCS#12 格式），然后设置
HAZARD_FLOW_SIGNING_KEY=/路径/文件.p12 和 HAZARD_FLOW_SIGNING_KEY_PASSPHRASE_FILE。"""
