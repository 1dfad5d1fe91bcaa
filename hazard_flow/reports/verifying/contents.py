"""The bytes of a seal as they lie in the file: no room for anything beside it, and nothing in it that it need not hold.

A seal's own container is the one place its hash does not cover, and a CMS has corners its signature does not cover. So the container
must be lower-case hexadecimal, one DER value, zeros after it; and the value must hold what a seal needs and nothing else: one signer,
exactly the certificates of its path, each with a signature that holds (that of a top whose issuer is not inside only `--trust` can
judge), at most one time stamp, everything in its one canonical form.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1
from cryptography import x509

_HEX = re.compile(rb"[0-9a-f]*")
_SET = 0x31
_STAMP = "signature_time_stamp_token"


class NotExact(Exception):
    """The container or the value in it is not in its one form; `code` names which rule, `where` the byte or the part."""

    def __init__(self, code: str, where: object = "") -> None:
        super().__init__(f"{code}: {where}")
        self.code = code
        self.where = where


def container(pdf: bytes, byte_range: Sequence[int]) -> bytes:
    """The DER value between the two covered ranges. Raises NotExact."""
    start, first, second, rest = byte_range
    if start != 0 or not 0 < first < second <= len(pdf) or second + rest > len(pdf):
        raise NotExact("byte_range", list(byte_range))
    digits = pdf[first + 1 : second - 1]
    if pdf[first : first + 1] != b"<" or pdf[second - 1 : second] != b">":
        raise NotExact("container_edges", first)
    match = _HEX.match(digits)
    assert match is not None
    if match.end() != len(digits) or len(digits) % 2:
        raise NotExact("container_digits", first + 1 + match.end())
    data = bytes.fromhex(digits.decode("ascii"))
    length = _der_length(data)
    if length is None or length > len(data):
        raise NotExact("container_length", first)
    if data[length:].strip(b"\0"):
        raise NotExact("container_padding", first + 1 + 2 * length)
    return data[:length]


def _der_length(data: bytes) -> int | None:
    """Bytes of the DER SEQUENCE at the beginning, in its shortest form; None where there is none."""
    if len(data) < 2 or data[0] != 0x30:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    if not 1 <= count <= 4 or len(data) < 2 + count or data[2] == 0:
        return None
    size = int.from_bytes(data[2 : 2 + count], "big")
    return 2 + count + size if size >= 0x80 else None


@contextlib.contextmanager
def _lazily_parsed(part: str) -> Iterator[None]:
    """The libraries open each part when it is looked at, and complain then, in classes of their own choosing."""
    try:
        yield
    except NotExact:
        raise
    except Exception as error:
        raise NotExact("cms_unreadable", part) from error


@_lazily_parsed("seal")
def check_seal(der: bytes) -> None:
    """A seal's CMS holds what it needs and nothing else. Raises NotExact."""
    signed = _signed_data(der, "seal")
    _expect(signed["version"].native == "v1", "cms_version", "seal")
    _expect(signed["encap_content_info"]["content_type"].native == "data", "cms_content", "seal")
    _expect(isinstance(signed["encap_content_info"]["content"], core.Void), "cms_content", "seal")
    signer = _only_signer(signed, "seal")
    stamps = []
    for attribute in _attributes(signer, "unsigned_attrs"):
        _expect(attribute["type"].native == _STAMP and len(attribute["values"]) == 1, "cms_unsigned", "seal")
        stamps.append(attribute["values"][0])
    _expect(len(stamps) <= 1, "cms_unsigned", "seal")
    for stamp in stamps:
        check_stamp(stamp.dump())


@_lazily_parsed("time stamp")
def check_stamp(der: bytes) -> None:
    """The same of a time stamp's CMS. Raises NotExact."""
    signed = _signed_data(der, "time stamp")
    _expect(signed["version"].native == "v3", "cms_version", "time stamp")
    _expect(signed["encap_content_info"]["content_type"].native == "tst_info", "cms_content", "time stamp")
    signer = _only_signer(signed, "time stamp")
    _expect(not list(_attributes(signer, "unsigned_attrs")), "cms_unsigned", "time stamp")


def certificates(der: bytes) -> list[x509.Certificate]:
    """The certificates a CMS carries, the signer's first, then each issuer. Raises NotExact where there are others or one is broken."""
    with _lazily_parsed("seal"):
        signed = cms.ContentInfo.load(der)["content"]
        return _path(signed, signed["signer_infos"][0], "seal")


def _signed_data(der: bytes, part: str) -> Any:
    _expect(is_canonical(der), "cms_not_canonical", part)
    info = cms.ContentInfo.load(der, strict=True)
    _expect(info["content_type"].native == "signed_data", "cms_content", part)
    signed = info["content"]
    _expect(isinstance(signed["crls"], core.Void), "cms_crls", part)
    listed = [one.dump() for one in signed["certificates"]]
    _expect(listed == sorted(listed), "cms_certificates", part)
    return signed


def is_canonical(der: bytes) -> bool:
    """Whether bytes are one DER value down to its leaves: shortest definite lengths, sets in order. A tenth of encoding it anew."""
    try:
        return _end(der, 0, len(der)) == len(der)
    except (IndexError, ValueError):
        return False


def _end(data: bytes, start: int, limit: int) -> int:
    tag, size, at = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise ValueError("no tag this long is in use")
    if size & 0x80:
        count = size & 0x7F
        size = int.from_bytes(data[at : at + count], "big")
        if not 1 <= count <= 4 or size < 0x80 or data[at] == 0:
            raise ValueError("not the shortest length")
        at += count
    end = at + size
    if end > limit:
        raise ValueError("longer than what it lies in")
    if tag & 0x20:
        parts = []
        while at < end:
            after = _end(data, at, end)
            parts.append(data[at:after])
            at = after
        if tag == _SET and parts != sorted(parts):
            raise ValueError("a set out of order")
    return end


def _only_signer(signed: Any, part: str) -> Any:
    _expect(len(signed["signer_infos"]) == 1, "cms_signers", part)
    signer = signed["signer_infos"][0]
    _expect(signer["version"].native == "v1", "cms_version", part)
    _expect(signer["sid"].name == "issuer_and_serial_number", "cms_signers", part)
    _expect(len(signed["digest_algorithms"]) == 1, "cms_algorithms", part)
    digest = signer["digest_algorithm"]
    _expect(signed["digest_algorithms"][0].dump() == digest.dump(), "cms_algorithms", part)
    for given in (digest, signer["signature_algorithm"]):
        _expect(_is_plain(given), "cms_algorithms", part)
    _path(signed, signer, part)
    return signer


def _is_plain(given: Any) -> bool:
    """A known algorithm written as the standards write it: parameters absent or NULL, or those of PSS."""
    if "." in given["algorithm"].native:
        return False
    if given["algorithm"].native == "rsassa_pss":
        return isinstance(given["parameters"], algos.RSASSAPSSParams)
    return given["parameters"].dump() in (b"", b"\x05\x00")


def _attributes(signer: Any, name: str) -> Iterator[Any]:
    found = signer[name]
    if isinstance(found, core.Void):
        return
    _expect(len(found) > 0, "cms_unsigned", name)
    yield from found


def _path(signed: Any, signer: Any, part: str) -> list[x509.Certificate]:
    given: list[asn1.Certificate] = []
    for one in signed["certificates"]:
        _expect(one.name == "certificate", "cms_certificates", part)
        given.append(one.chosen)
    by_name = {one.dump(): one for one in given}
    _expect(len(by_name) == len(given), "cms_certificates", part)
    wanted = signer["sid"].chosen
    at = next(
        (
            one for one in given
            if one.serial_number == wanted["serial_number"].native and one.issuer.dump() == wanted["issuer"].dump()
        ),
        None,
    )  # fmt: skip
    _expect(at is not None, "cms_certificates", part)
    assert at is not None
    path = [_opened(at, part)]
    left = [_opened(one, part) for one in given if one is not at]
    while left:
        issuer = next((one for one in left if one.subject == path[-1].issuer), None)
        if issuer is None or path[-1].issuer == path[-1].subject:
            raise NotExact("cms_certificates", part)
        _check_issued(path[-1], issuer, part)
        path.append(issuer)
        left.remove(issuer)
    top = path[-1]
    if top.issuer == top.subject:
        _check_issued(top, top, part)
    elif not _names_its_issuer(top):
        # RFC 5280 asks it of every certificate but a root: this is a root with another name written over its issuer
        raise NotExact("cms_certificates", part)
    return path


def _names_its_issuer(certificate: x509.Certificate) -> bool:
    try:
        certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return True


def _opened(certificate: asn1.Certificate, part: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(certificate.dump())
    except Exception as error:  # not only ValueError: an unknown version has a class of its own
        raise NotExact("cms_certificates", part) from error


def _check_issued(certificate: x509.Certificate, issuer: x509.Certificate, part: str) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception as error:  # unknown algorithms raise other classes than wrong signatures
        raise NotExact("cms_certificates", part) from error


def _expect(holds: bool, code: str, where: object) -> None:
    if not holds:
        raise NotExact(code, where)
