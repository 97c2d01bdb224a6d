"""Who is let in to the pages, and what those read who are not."""

from __future__ import annotations

import pytest
from coroutines import run
from streamlit import config

from locator.catalogue.languages import languages
from locator.catalogue.words import words
from locator.web import reach
from locator.web.gate import Gate
from locator.web.limits import SettingError
from locator.web.reach import Reach

HOME = Reach(address="localhost")


@pytest.fixture
def settings(monkeypatch):
    """Streamlit's settings, as a test sets them."""
    set_to = {"server.address": "localhost", "browser.serverAddress": "localhost", "server.allowedHosts": [],
              "server.corsAllowedOrigins": []}  # fmt: skip
    monkeypatch.setattr(config, "get_option", set_to.__getitem__)
    return set_to


class Inside:
    """Stands behind the gate, and remembers who was let in."""

    def __init__(self):
        self.scopes = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"inside"})


def asked(reach, kind="http", reached="127.0.0.1", path="/", also=(), **headers):
    """(what came back, its headers, its text, what the server inside was asked)."""
    inside, sent = Inside(), []
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    raw += also
    scope = {"type": kind, "method": "GET", "path": path, "headers": raw, "server": (reached, 8501)}

    async def send(message):
        sent.append(message)

    run(Gate(inside, reach)(scope, None, send))
    first = sent[0]
    told = {name.decode(): value.decode() for name, value in first.get("headers", [])}
    return first.get("status", first["type"]), told, b"".join(m.get("body", b"") for m in sent).decode(), inside.scopes


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "LOCALHOST.:80", "127.0.0.1:8501", "[::1]:8501"])
def test_the_page_answers_by_its_own_names(host):
    assert asked(HOME, host=host)[0] == 200
    assert asked(HOME, "websocket", host=host)[0] == "websocket.accept"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "192.168.1.9", "localhost:x", "a@localhost",
     "localhost/a", "", "[::1", "0x7f.1", "127.0.0.1.nip.io"],
)  # fmt: skip
def test_by_no_other_name(host):
    assert asked(HOME, host=host)[0] == 403
    assert asked(HOME, "websocket", host=host)[0] == "websocket.close"


def test_without_a_name_or_with_two_it_does_not_answer():
    assert asked(HOME)[0] == 403
    assert asked(HOME, also=[(b"host", b"evil.example")], host="localhost")[0] == 403


@pytest.mark.parametrize("origin", ["null", "", "http://evil.example", "http://localhost:3000", "file://localhost",
                                    "http://localhost:8501.evil.example", "http://localhost"])  # fmt: skip
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_site_and_one_without_a_name_are_refused(kind, origin):
    answer, _, _, inside = asked(HOME, kind, host="localhost:8501", origin=origin)
    assert answer in (403, "websocket.close")
    assert not inside


def test_the_page_itself_is_let_in_and_streamlit_is_not_asked_to_judge_it_again():
    answer, _, _, (scope,) = asked(HOME, "websocket", host="localhost:8501", origin="http://localhost:8501", cookie="a")
    assert answer == "websocket.accept"
    assert [name for name, _ in scope["headers"]] == [b"host", b"cookie"]


def test_a_site_that_is_allowed_is_let_in():
    allowing = Reach("localhost", origins=("https://example.org",))
    assert asked(allowing, "websocket", host="localhost", origin="https://example.org")[0] == "websocket.accept"
    assert asked(allowing, "websocket", host="localhost", origin="https://a.example.org")[0] == "websocket.close"


def test_at_the_address_that_the_connection_came_in_at_it_answers_too(settings):
    settings["server.address"] = "0.0.0.0"
    everywhere = reach.read({})
    assert asked(everywhere, reached="192.168.1.20", host="192.168.1.20:8501")[0] == 200
    assert asked(everywhere, reached="::ffff:192.168.1.20", host="192.168.1.20:8501")[0] == 200
    assert asked(everywhere, reached="192.168.1.20", host="192.168.1.21:8501")[0] == 403
    assert asked(everywhere, reached="192.168.1.20", host="0.0.0.0:8501")[0] == 403


def test_names_can_be_allowed_and_are_the_only_ones_then(settings):
    settings["server.allowedHosts"] = ["Home.Example.", "*.example.org"]
    named = reach.read({})
    for host, answer in {"home.example:80": 200, "a.example.org": 200, "example.org": 403, "localhost": 403}.items():
        assert asked(named, host=host)[0] == answer
    settings["server.allowedHosts"] = ["*"]
    assert asked(reach.read({}), host="anything.example")[0] == 200


def test_the_address_that_the_page_is_told_to_have_is_a_name_of_it(settings):
    settings["server.address"], settings["browser.serverAddress"] = "192.168.1.20", "home.example"
    told = reach.read({})
    assert asked(told, reached="10.0.0.1", host="192.168.1.20:8501")[0] == 200
    assert asked(told, reached="10.0.0.1", host="home.example")[0] == 200


@pytest.mark.parametrize(
    ("why", "headers"),
    [("name", {"host": "evil.example"}), ("site", {"host": "localhost", "origin": "null"}),
     ("frame", {"host": "localhost", "sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"})],
)  # fmt: skip
def test_who_is_refused_reads_why_in_every_language(why, headers):
    status, told, text, inside = asked(HOME, **headers)
    assert (status, inside) == (403, [])
    assert told["content-type"].startswith("text/html")
    for language in languages():
        saying = getattr(words(language).gate, why)
        assert saying.say in text
        assert saying.why in text


def test_every_answer_carries_the_security_headers():
    _, told, _, _ = asked(HOME, host="localhost")
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "same-origin"
    assert "default-src 'self'" in told["content-security-policy"]
    assert told["content-security-policy"].endswith("frame-ancestors 'self'")


def test_sites_that_may_show_the_page_in_a_frame_are_set(settings):
    framed = reach.read({"LOCATOR_PAGE_FRAMES": "https://example.org  http://localhost:3000"})
    of_frame = {"host": "localhost", "sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"}
    status, told, _, _ = asked(framed, **of_frame, referer="https://example.org/")
    assert status == 200
    assert told["content-security-policy"].endswith("frame-ancestors 'self' https://example.org http://localhost:3000")
    assert asked(framed, **of_frame, referer="https://evil.example/")[0] == 403
    assert asked(framed, **of_frame)[0] == 200  # the browser itself knows who frames it
    own = {**of_frame, "sec_fetch_site": "same-origin"}
    assert asked(HOME, **own)[0] == 200  # components live in frames of the page itself


@pytest.mark.parametrize("text", ["example.org", "https://example.org/a", "https://a;script-src *", "'self'"])
def test_a_wrong_site_is_named(text, settings):
    with pytest.raises(SettingError, match="LOCATOR_PAGE_FRAMES must name sites"):
        reach.read({"LOCATOR_PAGE_FRAMES": text})


def test_video_comes_in_where_the_page_does(settings):
    def media(**changed):
        settings.update({name.replace("_", "."): value for name, value in changed.items()})
        return reach.read({}).media_addresses()

    assert media() == ("127.0.0.1",)
    assert media(server_address="::1") == ("127.0.0.1",)
    assert media(server_allowedHosts=["localhost"]) == ("127.0.0.1",)
    assert media(server_allowedHosts=["home.example"]) is None  # through a proxy
    assert media(server_allowedHosts=[], server_address="192.168.1.20") == ("192.168.1.20",)
    assert media(server_address="0.0.0.0") is None
    assert media(server_address=None) is None
