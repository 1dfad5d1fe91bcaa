"""By which names and addresses people reach this server: what its certificate must hold."""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: what an authority of a LAN may vouch for besides the names it was made for: addresses that no two networks share a meaning of
PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
ALWAYS = ("localhost", "127.0.0.1", "::1")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
#: nothing is sent there: asking for the way shows which of our addresses the network knows (TEST-NET-1, RFC 5737)
_NOWHERE = ("192.0.2.1", 9)


class NameRefused(ValueError):
    """What was given is neither a host name nor an address."""


@dataclass(frozen=True)
class Names:
    """Host names and addresses, each once, in the order given."""

    hosts: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them as people write them."""
        return (*self.hosts, *(str(one) for one in self.addresses))


def read(given: Iterable[str]) -> Names:
    """Host names (lower case) and addresses out of words; NameRefused for the first that is neither."""
    hosts: list[str] = []
    addresses: list[Address] = []
    for word in given:
        text = word.strip().strip("[]").rstrip(".").lower()
        try:
            addresses.append(ipaddress.ip_address(text))
            continue
        except ValueError:
            pass
        # a number with dots that is no address is a slip of the hand, not a name
        if not _NAME.fullmatch(text) or len(text) > 253 or re.fullmatch(r"[0-9.]+", text):
            raise NameRefused(word)
        hosts.append(text)
    return Names(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(addresses)))


def beyond(names: Names, *, hosts: Sequence[str], networks: Sequence[Network]) -> tuple[str, ...]:
    """Those of the names that an authority limited to these hosts (and their subdomains) and networks cannot vouch for."""
    strange = [
        host
        for host in names.hosts
        if not any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)
    ]
    return (*strange, *(str(one) for one in names.addresses if not any(one in n for n in networks)))


def own_names() -> Names:
    """What this machine is called and its addresses in the networks it is part of, the way to the outside first."""
    name = socket.gethostname().lower()
    found = [name] if _NAME.fullmatch(name) else []
    found += [f"{name}.local"] if found and "." not in name else []
    return read([*found, *_addresses(name)])


def _addresses(name: str) -> list[str]:
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(_NOWHERE)
        found.append(str(probe.getsockname()[0]))
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    # a link-local address means something on one machine's own cable only
    usable = [text for text in found if "%" not in text and not ipaddress.ip_address(text).is_link_local]
    return list(dict.fromkeys(usable))
