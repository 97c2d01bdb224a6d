"""One viewer's frames, from the camera through a live session and back; knows WebRTC and no widgets."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import av
import numpy as np
from aioice import ice
from aiortc.codecs import CODECS, h264, is_rtx, vpx
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc.relay import get_global_relay

from locator import Locator
from locator.core.arrays import RGBArray
from locator.draw.overlay import View
from locator.live.session import Live, Shown
from locator.web.limits import Seats, SettingError

LOG = logging.getLogger("locator.page")

ICE_SERVERS = "LOCATOR_ICE_SERVERS"
"""The environment variable that names the servers by which distant viewers are reached."""

# Bits a second of a video, either way: at first, and at most. With the library's own, half a million, browsers send a
# quarter of the pixels, and letters blur. Less is sent where the network carries less.
_BITS_S, _MOST_BITS_S = 2_000_000, 6_000_000

_SILENT_S = 3.0  # without a frame for as long, something is wrong
_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")
_EXAMPLE = '[{"urls": "turn:example.org:3478", "username": "name", "credential": "secret"}]'

IceServer = dict[str, "str | list[str]"]


class Stream:
    """One viewer's frames. Safe to share between threads.

    The marks are found from the first frame on, or as soon as there is a seat; a stream that has been closed begins
    anew with its next frame.

    Args:
        locator: whose models are used; it may be shared.
        seats: where every viewer of this server needs one.

    Attributes:
        view: what the viewer wants to see; assignable at any time.
        rgb: the newest frame as it came in, (height, width, 3) uint8; None before the first.
        waits: whether there is no seat for this viewer; the frames go back as they came.
    """

    def __init__(self, locator: Locator, seats: Seats) -> None:
        self._locator, self._seats = locator, seats
        self._viewer = object()
        self._live: Live | None = None
        self._has_failed = False
        self.view = View()
        self.rgb: RGBArray | None = None
        self.waits = False
        self._seen_s: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether frames have come since the camera was switched on."""
        return self._seen_s is not None

    @property
    def is_silent(self) -> bool:
        """Whether the camera is on, but no frame has come for so long that something must be wrong."""
        seen_s = self._seen_s
        return seen_s is not None and time.monotonic() - seen_s > _SILENT_S

    @property
    def latest(self) -> Shown | None:
        """What the newest frame came to."""
        return self._live.latest if self._live else None

    def show(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with its marks; as it came, if something goes wrong. Called for one frame at a time."""
        try:
            self._seen_s = now_s = time.monotonic()
            rgb: RGBArray = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            self.rgb = rgb
            self.waits = not self._seats.keep(self._viewer)
            if self.waits:
                return frame
            if self._live is None:
                self._live = Live(self._locator, self.view)
            self._live.view = self.view
            shown = self._live.show(rgb, now_s if frame.time is None else frame.time)
            return av.VideoFrame.from_ndarray(shown.rgb, format="rgb24")
        except Exception:
            if not self._has_failed:  # thirty times a second is too often
                LOG.exception("a frame could not be answered")
            self._has_failed = True
            return frame

    def close(self) -> None:
        """Free the models and forget the frames."""
        live, self._live = self._live, None
        self.rgb = self._seen_s = None
        self.waits = False
        if live is not None:
            live.close()
        self._seats.leave(self._viewer)


def keep_newest_only() -> None:
    """Make the library pass on the newest frame only, wherever frames come faster than they can be taken.

    Its relay would queue them all, and with an encoder that falls behind the picture would lag further and further.
    """
    relay = get_global_relay()
    relay.subscribe = functools.partial(MediaRelay.subscribe, relay, buffered=False)  # type: ignore[method-assign]


def send_every_pixel() -> None:
    """Make the library begin with as many bits as a video in its full resolution takes, and ask browsers to, too."""
    codecs: list[Any] = [vpx, h264]
    for codec in codecs:
        codec.DEFAULT_BITRATE, codec.MAX_BITRATE = _BITS_S, _MOST_BITS_S
    for offered in CODECS["video"]:
        if not is_rtx(offered):
            offered.parameters["x-google-start-bitrate"] = _BITS_S // 1000


class _OnThisComputer:
    """In place of asking the network where a browser is that does not tell its address."""

    async def resolve(self, hostname: str) -> str:
        return "127.0.0.1"


def listen_only_at(addresses: Sequence[str]) -> None:
    """Make the library open its sockets at these addresses, in place of every address that this computer has."""

    def known(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [address for address in addresses if (use_ipv6 if ":" in address else use_ipv4)]

    async def nobody_else(subscriber: object) -> _OnThisComputer:
        return _OnThisComputer()

    ice.get_host_addresses = known
    if all(ip_address(address).is_loopback for address in addresses):
        ice.get_or_create_mdns_protocol = nobody_else  # type: ignore[assignment]


def ice_servers(environment: Mapping[str, str]) -> list[IceServer]:
    """The servers that :data:`ICE_SERVERS` names, in the form that browsers take; none where it is not set.

    Raises:
        SettingError: if it is no JSON list of such servers.
    """
    text = environment.get(ICE_SERVERS, "").strip()
    try:
        servers = json.loads(text or "[]")
    except json.JSONDecodeError as error:
        raise SettingError(f"{ICE_SERVERS} is no JSON ({error}). It looks like {_EXAMPLE}") from None
    if not isinstance(servers, list):
        raise SettingError(f"{ICE_SERVERS} must be a list of servers. It looks like {_EXAMPLE}")
    return [_server(server, f"{ICE_SERVERS}, server {number}") for number, server in enumerate(servers, 1)]


def _server(given: object, where: str) -> IceServer:
    if not isinstance(given, dict):
        raise SettingError(f"{where}: expected an object such as {_EXAMPLE[1:-1]}")
    unknown = given.keys() - {"urls", "username", "credential"}
    if unknown:
        raise SettingError(f"{where}: {', '.join(sorted(unknown))} is not known; expected urls, username, credential")
    urls = given.get("urls")
    every = urls if isinstance(urls, list) else [urls]
    if not every or not all(isinstance(url, str) and url.startswith(_SCHEMES) for url in every):
        raise SettingError(f"{where}: urls must begin with one of {', '.join(_SCHEMES)}")
    login = [given.get(name) for name in ("username", "credential")]
    needs_login = any(str(url).startswith("turn") for url in every)
    if not all(isinstance(one, str) for one in login if one is not None or needs_login):
        raise SettingError(f"{where}: username and credential must be texts; turn servers need both")
    return given
