"""An authority of one's own: good for this server and a private network, for nothing else, and never overwritten."""

import ipaddress
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.web.tls import authority
from hazard_flow.web.tls.authority import AUTHORITY_DAYS, SERVER_DAYS, AuthorityRefused, look, make, renew
from hazard_flow.web.tls.naming import PRIVATE_NETWORKS, NameRefused, Names, beyond, read

NOW = datetime.now(UTC)
NAMES = read(["gas-server", "gas-server.local", "192.168.7.20"])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def greeted(folder: Path, name: str, *, trusting: Path) -> str:
    """What a client that trusts an authority says of the certificate in `folder`, asking for this name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.crt", folder / "server.key")
    client = ssl.create_default_context(cafile=str(trusting))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=name):
            return "trusted"
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    finally:
        ours.close()
        thread.join()


def test_both_keys_are_their_owner_s_alone_and_the_certificates_last(tmp_path: Path):
    made = make(tmp_path / "tls", NAMES, now=NOW)

    folder = tmp_path / "tls"
    assert mode(folder) == 0o700
    assert {p.name: mode(p) for p in folder.iterdir()} == {
        "ca.crt": 0o644,
        "ca.key": 0o600,
        "server.crt": 0o644,
        "server.key": 0o600,
    }
    assert made.ends_at - made.begins_at == timedelta(days=SERVER_DAYS)
    root = look(folder / "ca.crt")
    assert root.ends_at - root.begins_at == timedelta(days=AUTHORITY_DAYS)
    assert "gas-server.local" in made.names.hosts
    assert {"localhost", "127.0.0.1", "192.168.7.20"} <= set(made.names.texts)


@pytest.mark.parametrize("name", ["gas-server", "gas-server.local", "localhost", "192.168.7.20", "127.0.0.1"])
def test_whoever_trusts_it_is_greeted_under_each_name(tmp_path: Path, name: str):
    make(tmp_path / "tls", NAMES, now=NOW)

    assert greeted(tmp_path / "tls", name, trusting=tmp_path / "tls" / "ca.crt") == "trusted"


def test_whoever_does_not_is_not_and_no_other_name_will_do(tmp_path: Path):
    make(tmp_path / "ours", NAMES, now=NOW)
    make(tmp_path / "theirs", NAMES, now=NOW)

    stranger = greeted(tmp_path / "ours", "gas-server", trusting=tmp_path / "theirs" / "ca.crt")
    other = greeted(tmp_path / "ours", "192.168.7.21", trusting=tmp_path / "ours" / "ca.crt")

    assert stranger != "trusted"
    assert "IP address mismatch" in other


def test_a_stolen_authority_vouches_for_no_bank(tmp_path: Path):
    folder = tmp_path / "tls"
    make(folder, NAMES, now=NOW)
    key, root = authority._load_key(folder / "ca.key"), authority._load(folder / "ca.crt")

    for strange in ("bank.example", "8.8.8.8"):
        authority._issue(folder, key, root, read([strange]), now=NOW)
        assert greeted(folder, strange, trusting=folder / "ca.crt") == "permitted subtree violation"


def test_an_address_outside_is_vouched_for_where_somebody_typed_it(tmp_path: Path):
    make(tmp_path / "tls", read(["203.0.113.9"]), now=NOW)

    assert greeted(tmp_path / "tls", "203.0.113.9", trusting=tmp_path / "tls" / "ca.crt") == "trusted"


def test_another_program_reads_it_the_same(tmp_path: Path):
    make(tmp_path / "tls", NAMES, now=NOW)

    said = subprocess.run(
        ["openssl", "x509", "-in", tmp_path / "tls" / "ca.crt", "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert said.endswith("=" + look(tmp_path / "tls" / "ca.crt").fingerprint)


def test_nothing_is_ever_overwritten(tmp_path: Path):
    make(tmp_path / "tls", NAMES, now=NOW)
    before = {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()}

    with pytest.raises(FileExistsError):
        make(tmp_path / "tls", NAMES, now=NOW)

    assert {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()} == before


def test_a_renewed_certificate_is_trusted_by_whoever_trusted_the_last(tmp_path: Path):
    folder = tmp_path / "tls"
    first = make(folder, NAMES, now=NOW - timedelta(days=400))
    assert greeted(folder, "gas-server", trusting=folder / "ca.crt") == "certificate has expired"

    second = renew(folder, None, now=NOW)

    assert second.names == first.names
    assert second.fingerprint != first.fingerprint
    assert greeted(folder, "gas-server", trusting=folder / "ca.crt") == "trusted"
    assert mode(folder / "server.key") == 0o600


def test_it_may_be_made_for_another_private_address_but_for_no_other_name(tmp_path: Path):
    folder = tmp_path / "tls"
    make(folder, NAMES, now=NOW)
    moved = renew(folder, read(["gas-server", "10.20.30.40"]), now=NOW)
    before = (folder / "server.crt").read_bytes()

    with pytest.raises(AuthorityRefused) as refused:
        renew(folder, read(["elsewhere.example", "8.8.8.8"]), now=NOW)

    assert ipaddress.ip_address("10.20.30.40") in moved.names.addresses
    assert "elsewhere.example, 8.8.8.8" in refused.value.english
    assert (folder / "server.crt").read_bytes() == before


def test_nothing_outlives_the_authority(tmp_path: Path):
    folder, made_at = tmp_path / "tls", NOW - timedelta(days=AUTHORITY_DAYS - 30)
    make(folder, NAMES, now=made_at)

    last = renew(folder, None, now=NOW)

    assert last.ends_at <= look(folder / "ca.crt").ends_at
    with pytest.raises(AuthorityRefused) as refused:
        renew(folder, None, now=NOW + timedelta(days=31))
    assert "the authority ended" in refused.value.english


@pytest.mark.parametrize("name", ["ca.key", "ca.crt"])
def test_files_that_are_something_else_are_named(tmp_path: Path, name: str):
    make(tmp_path / "tls", NAMES, now=NOW)
    (tmp_path / "tls" / name).write_text("not this")

    with pytest.raises(AuthorityRefused) as refused:
        renew(tmp_path / "tls", None, now=NOW)

    assert name in refused.value.english


@pytest.mark.parametrize(
    "word", ["", "a b", "-a", "a..b", "300.1.1.1", "1.2.3", "http://x", "*.local", "阀井", "a" * 64, "x:8443"]
)
def test_words_that_are_no_names_are_refused(word: str):
    with pytest.raises(NameRefused):
        read([word])


def test_names_are_read_as_people_write_them():
    assert read(["Gas-Server.", "[::1]", " 10.0.0.1 ", "10.0.0.1"]) == Names(
        ("gas-server",), (ipaddress.ip_address("::1"), ipaddress.ip_address("10.0.0.1"))
    )


@given(st.ip_addresses())
def test_the_private_networks_are_what_the_library_calls_private(address):
    if beyond(Names((), (address,)), hosts=(), networks=PRIVATE_NETWORKS) == ():
        assert address.is_private or address.is_link_local
