"""A sealing key that never leaves its token: PKCS#11 through python-pkcs11, which is installed only where there is a token.

`pkcs11:token=…;object=…?module-path=/usr/lib/….so` (RFC 7512); the PIN is the setting of the passphrase.
"""

import importlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from cryptography import x509

from hazard_flow.ledger.keys import KeyRefused


def token_key(
    location: str, pin: str
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...], Callable[[bytes, str], bytes]]:
    """Certificate, chain and signing function of the object a PKCS#11 address names. Raises KeyRefused."""
    place, asked = _parsed(location)
    try:
        pkcs11 = importlib.import_module("pkcs11")
    except ImportError as error:
        raise KeyRefused(
            "token_library",
            zh="使用密码设备需要另装 python-pkcs11（pip install python-pkcs11）",
            en="a token needs one more library: pip install python-pkcs11",
        ) from error
    try:
        token = pkcs11.lib(asked["module-path"]).get_token(token_label=place["token"])
        session = token.open(user_pin=pin)
        kinds, attribute = pkcs11.ObjectClass, pkcs11.Attribute
        private = session.get_key(object_class=kinds.PRIVATE_KEY, label=place["object"])
        found = [
            x509.load_der_x509_certificate(bytes(one[attribute.VALUE]))
            for one in session.get_objects({attribute.CLASS: kinds.CERTIFICATE})
            if one[attribute.LABEL] == place["object"]
        ]
    except Exception as error:  # the library raises a class per return code of the standard
        raise KeyRefused(
            "token",
            zh=f"密码设备不可用：{type(error).__name__} {error}".rstrip(),
            en=f"the token cannot be used: {type(error).__name__} {error}".rstrip(),
        ) from error
    if not found:
        raise KeyRefused(
            "incomplete",
            zh="密码设备里没有这把密钥的证书",
            en="the token holds no certificate beside that key",
        )
    return found[0], tuple(found[1:]), _signing_with(pkcs11, private)


def _signing_with(pkcs11: Any, private: Any) -> Callable[[bytes, str], bytes]:
    mechanism = pkcs11.Mechanism

    def sign(data: bytes, manner: str) -> bytes:
        if manner == "pss":
            given = (mechanism.SHA256, pkcs11.MGF.SHA256, 32)
            return bytes(private.sign(data, mechanism=mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=given))
        return bytes(private.sign(data, mechanism=mechanism.SHA256_RSA_PKCS))

    return sign


def _parsed(location: str) -> tuple[dict[str, str], dict[str, str]]:
    path, _, query = location.removeprefix("pkcs11:").partition("?")
    place = {
        name: unquote(value)
        for name, given, value in (part.partition("=") for part in path.split(";"))
        if given
    }
    asked = dict(parse_qsl(query))
    if {"token", "object"} <= place.keys() and "module-path" in asked:
        return place, asked
    raise KeyRefused(
        "token_address",
        zh="密码设备地址应为 pkcs11:token=…;object=…?module-path=…",
        en="the address of a token is pkcs11:token=…;object=…?module-path=…",
    )
