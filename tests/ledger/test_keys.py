"""The sealing key: made once, held, and refused by name when it cannot be used."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from hazard_flow.ledger.keys import KeyHolder, KeyRefused, SigningKey, load_key
from hazard_flow.ledger.new_key import MadeKey, make_key

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeKey:
    folder = tmp_path_factory.mktemp("keys") / "keys"
    return make_key(folder, organisation="恒川燃气有限公司", country="CN", passphrase="", now=NOW)


@pytest.fixture(scope="module")
def key(made: MadeKey) -> SigningKey:
    return load_key(str(made.key_file))


def test_what_it_signs_its_certificate_verifies(key: SigningKey) -> None:
    public = key.certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 3072
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    public.verify(key.sign(b"checkpoint"), b"checkpoint", pss, hashes.SHA256())
    public.verify(key.sign_pkcs1(b"seal"), b"seal", padding.PKCS1v15(), hashes.SHA256())
    assert key.alg == "RSA-PSS-SHA256"
    assert key.key_id == key.certificate.fingerprint(hashes.SHA256()).hex()
    assert key.holder == "恒川燃气有限公司"


def test_the_authority_vouches_for_the_seal_alone_and_nobody_can_read_the_key(made: MadeKey) -> None:
    made.certificate.verify_directly_issued_by(made.authority)
    assert stat.S_IMODE(made.key_file.stat().st_mode) == 0o600
    assert x509.load_pem_x509_certificate(made.trust_file.read_bytes()) == made.authority
    private, _, others = pkcs12.load_key_and_certificates(made.key_file.read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.public_key() == made.certificate.public_key()
    assert others == [made.authority]


def test_it_never_overwrites(made: MadeKey) -> None:
    before = made.key_file.read_bytes()
    with pytest.raises(FileExistsError):
        make_key(made.key_file.parent, organisation="别家", country="CN", passphrase="", now=NOW)
    assert made.key_file.read_bytes() == before


@pytest.mark.parametrize("name", ["", "  ", "长" * 65])
def test_a_name_no_certificate_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        make_key(tmp_path, organisation=name, country="CN", passphrase="", now=NOW)


def _store(
    path: Path,
    *,
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    passphrase: str = "",
    **usage: bool,
) -> Path:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "别的证书")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(NOW + timedelta(days=2))
    )
    if usage:
        every = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        builder = builder.add_extension(x509.KeyUsage(**every | usage), critical=True)
    certificate = builder.sign(private, hashes.SHA256())
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", private, certificate, None, lock))
    return path


def _refusal(path: Path | str, passphrase: str = "", at: datetime = NOW) -> str:
    with pytest.raises(KeyRefused) as refused:
        KeyHolder(str(path), passphrase).key(at)
    assert refused.value.said.zh
    assert refused.value.said.en
    return refused.value.code


def test_the_longest_chinese_name_still_gets_its_certificates(tmp_path: Path) -> None:
    made = make_key(tmp_path, organisation="燃" * 64, country="CN", passphrase="", now=NOW)
    for certificate, end in (
        (made.certificate, " 电子签章 seal"),
        (made.authority, " 自建根证书 self-made CA"),
    ):
        (organisation,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        (common,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert organisation.value == "燃" * 64
        assert str(common.value).startswith("燃燃燃")
        assert str(common.value).endswith(f"燃{end}")


def test_each_thing_wrong_with_a_key_has_its_name(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    locked = _store(tmp_path / "locked.p12", private=private, passphrase="对的口令")
    assert _refusal(locked, "wrong") == "passphrase"
    assert _refusal(locked) == "passphrase"
    assert KeyHolder(str(locked), "对的口令").key(NOW) is not None
    assert _refusal(locked, "对的口令", NOW + timedelta(days=3)) == "expired"
    assert _refusal(locked, "对的口令", NOW - timedelta(days=3)) == "not_yet_valid"
    assert _refusal(tmp_path / "none.p12") == "missing"
    assert _refusal(_store(tmp_path / "tls.p12", private=private, key_encipherment=True)) == "not_for_signing"
    assert _refusal(_store(tmp_path / "ec.p12", private=ec.generate_private_key(ec.SECP256R1()))) == "not_rsa"
    assert _refusal(_store(tmp_path / "weak.p12", private=rsa.generate_private_key(65537, 1024))) == "weak"
    (tmp_path / "text.p12").write_text("-----BEGIN PRIVATE KEY-----")
    assert _refusal(tmp_path / "text.p12") == "unreadable"
    assert _refusal("pkcs11:token=a") == "token_address"


def test_no_key_is_no_fault_until_one_is_named(tmp_path: Path) -> None:
    assert KeyHolder(str(tmp_path / "none.p12"), is_required=False).key(NOW) is None


def test_a_key_is_held_and_read_again_when_its_file_changes(tmp_path: Path) -> None:
    path = _store(tmp_path / "seal.p12", private=rsa.generate_private_key(65537, 2048))
    holder = KeyHolder(str(path))
    first = holder.key(NOW)
    assert holder.key(NOW) is first
    other = _store(tmp_path / "new.p12", private=rsa.generate_private_key(65537, 2048))
    other.replace(path)
    second = holder.key(NOW)
    assert second is not None
    assert first is not None
    assert second.key_id != first.key_id
