"""The page by which a tablet comes to trust this server: for everybody, in both languages, and only the certificate leaves."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from hazard_flow.web.tls.authority import look, make
from hazard_flow.web.tls.naming import read
from tests.web.office import office

NAMES = read(["gas-server"])


def test_whoever_comes_gets_the_certificate_and_what_to_compare(tmp_path: Path):
    make(tmp_path / "tls", NAMES, now=datetime.now(UTC))
    with office(tmp_path, PUBLIC_URL="https://gas-server:8443") as desk:
        client = desk.browser()
        page = client.get("/tls", base_url="http://192.168.7.20:8080")
        given = client.get("/tls/ca.crt")

    root = look(tmp_path / "tls" / "ca.crt")
    assert root.fingerprint in re.sub(r"</?span>", "", page.text)
    assert "为什么不能直接点“继续访问”" in page.text
    assert "证书信任设置" in page.text
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "https://192.168.7.20:8443/field" in page.text, (
        "as the visitor reached us, on the port that speaks TLS"
    )
    assert given.mimetype == "application/x-x509-ca-cert"
    assert "hazard-flow-ca.crt" in given.headers["Content-Disposition"]
    assert x509.load_der_x509_certificate(given.data).not_valid_after_utc == root.ends_at


def test_it_speaks_english_too(tmp_path: Path):
    make(tmp_path / "tls", NAMES, now=datetime.now(UTC))
    with office(tmp_path, PUBLIC_URL="https://gas-server:8443") as desk:
        page = desk.browser().get("/tls?lang=en").text

    assert "Why clicking through the warning is not enough" in page
    assert "Certificate Trust Settings" in page


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PUBLIC_URL": "http://gas-server:8080"}, "还没有启用 HTTPS"),
        ({"PUBLIC_URL": "https://gas.example"}, "不需要安装"),
    ],
)
def test_where_there_is_nothing_to_install_it_says_so(tmp_path: Path, settings, said):
    with office(tmp_path, **settings) as desk:
        client = desk.browser()

        assert said in client.get("/tls").text
        assert client.get("/tls/ca.crt").status_code == 404


def test_a_certificate_of_the_settings_is_nobody_s_to_install(tmp_path: Path):
    make(tmp_path / "tls", NAMES, now=datetime.now(UTC))
    bought = {
        "TLS_CERTIFICATE": str(tmp_path / "tls" / "server.crt"),
        "TLS_KEY": str(tmp_path / "tls" / "server.key"),
    }
    with office(tmp_path, PUBLIC_URL="https://gas.example", **bought) as desk:
        assert "不需要安装" in desk.browser().get("/tls").text


def test_an_authority_that_cannot_be_read_is_no_reason_to_break(tmp_path: Path):
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "ca.crt").write_text("not this")
    with office(tmp_path, PUBLIC_URL="https://gas-server:8443") as desk:
        client = desk.browser()

        assert client.get("/tls").status_code == 200
        assert client.get("/tls/ca.crt").status_code == 404


@pytest.mark.parametrize("name", ["ca.key", "server.key", "server.crt", "..%2fsecret_key"])
def test_no_other_file_of_the_folder_leaves(tmp_path: Path, name: str):
    make(tmp_path / "tls", NAMES, now=datetime.now(UTC))
    with office(tmp_path, PUBLIC_URL="https://gas-server:8443") as desk:
        assert desk.browser().get(f"/tls/{name}").status_code in (303, 404)
