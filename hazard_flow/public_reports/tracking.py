"""The code a reporter asks by: made from the form's own key, so that the same form sent twice is one report with one code. Pure."""

import hashlib

#: without letters and digits that look alike on paper
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 30¹² ≈ 5 × 10¹⁷: nobody finds another one's by trying
LENGTH = 12


def code_of(request_key: str) -> str:
    """The code of the report sent with this key: `7KQF-2M9X-3TWB`."""
    number = int.from_bytes(hashlib.sha256(b"public report\0" + request_key.encode()).digest())
    found = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(_LETTERS))
        found += _LETTERS[place]
    return "-".join(found[i : i + 4] for i in range(0, LENGTH, 4))


def digest_of(code: str) -> str:
    """What is kept of it, whatever blanks and small letters somebody typed."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())[:40]
    return hashlib.sha256(b"tracking\0" + plain.encode()).hexdigest()
