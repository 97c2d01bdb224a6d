"""From where the page may be reached: by which names, by which other sites, and on which addresses.

A page that runs on one's own computer can be asked by every other page that is open in the same browser, and by a name
that its owner points at this computer. Streamlit would look up this computer's addresses on the internet to judge
them; here only what is set is known.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from streamlit import config

from locator.web.limits import SettingError

FRAMES = "LOCATOR_PAGE_FRAMES"
"""The environment variable that names the sites that may show the page in a frame."""

_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_WILDCARDS = ("0.0.0.0", "::")
_SITE = re.compile(r"https?://[a-z0-9.*-]+(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class Reach:
    """From where the page may be reached.

    Attributes:
        address: that the server is bound to, as it is set; None for every address of the computer.
        names: by which the page may be asked for, beside the address that a connection has come in at.
        allowed: patterns of names; where there are any, they are the only ones.
        origins: other sites that may ask, as browsers write them.
        framers: other sites that may show the page in a frame, as browsers write them.
    """

    address: str | None
    names: tuple[str, ...] = _OWN_NAMES
    allowed: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    framers: tuple[str, ...] = ()

    def allows_host(self, host: str, reached: str | None) -> bool:
        """Whether a ``Host`` header may name the page; ``reached`` is the address that the connection came in at."""
        name = _name(host)
        if name is None:
            return False
        if self.allowed:
            return any(_matches(name, pattern) for pattern in self.allowed)
        return name in self.names or name == _plain(reached or "")

    def allows_origin(self, origin: str, host: str) -> bool:
        """Whether an ``Origin`` header is of the page itself, asked for by this ``Host``, or of an allowed site."""
        scheme, _, place = origin.lower().partition("://")
        return (scheme in ("http", "https") and place == host.lower()) or origin in self.origins

    @property
    def is_this_computer_only(self) -> bool:
        """Whether nobody but a browser on the same computer can be at the page, not even through a proxy."""
        own = {*_OWN_NAMES, *({self.address} if _is_loopback(self.address) else ())}
        return _is_loopback(self.address) and own.issuperset((*self.names, *self.allowed)) and not self.origins

    def media_addresses(self) -> tuple[str, ...] | None:
        """The addresses on which video may come in; None for every one of the computer."""
        if self.is_this_computer_only:
            return ("127.0.0.1",)
        if self.address is None or _is_loopback(self.address):
            return None  # who comes through a proxy has the computer's other addresses only
        try:
            return (str(ipaddress.ip_address(self.address)),)
        except ValueError:
            return None  # a name, which would have to be looked up


def read(environment: Mapping[str, str]) -> Reach:
    """What Streamlit's settings and :data:`FRAMES` say.

    Raises:
        SettingError: if :data:`FRAMES` names something else than sites.
    """
    address = config.get_option("server.address") or None
    told = [str(config.get_option("browser.serverAddress") or "")]
    if address is not None and address not in _WILDCARDS:
        told.append(address)
    names = dict.fromkeys((*_OWN_NAMES, *(_plain(name) for name in told if name)))
    framers = tuple(environment.get(FRAMES, "").split())
    for site in framers:
        if not _SITE.fullmatch(site):
            raise SettingError(f"{FRAMES} must name sites, such as https://example.org; it has {site[:40]!r}")
    return Reach(
        address=None if address in _WILDCARDS else address,
        names=tuple(names),
        allowed=tuple(_plain(pattern) for pattern in config.get_option("server.allowedHosts")),
        origins=tuple(origin.strip() for origin in config.get_option("server.corsAllowedOrigins")),
        framers=framers,
    )


def _name(host: str) -> str | None:
    """The name or address in a ``Host`` header; None if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.hostname is None or parts.netloc != host or "@" in host:
        return None
    return _plain(parts.hostname)


def _plain(name: str) -> str:
    """A name as names are compared; an IPv4 address is the same where it came through an IPv6 socket."""
    plain = name.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return plain
    return str(getattr(address, "ipv4_mapped", None) or address)


def _matches(name: str, pattern: str) -> bool:
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def _is_loopback(address: str | None) -> bool:
    if address in _OWN_NAMES:
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
