"""What no honest program asks over HTTP is refused, whoever it is sent to; what honest ones send is not."""

import h11
import pytest

from locator.core import incoming

PHOTO = bytes(range(256)) * 400


def asking(*headers):
    return "\r\n".join(["POST /v1/locate HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def chunked(photo, size):
    parts = [photo[at : at + size] for at in range(0, len(photo), size)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return asking("Transfer-Encoding: chunked") + body + b"0\r\n\r\n"


WRONG = {
    # Whoever stands between may take the end of the first request elsewhere, and the rest for another one.
    "two lengths": asking("Content-Length: 4", "Transfer-Encoding: chunked")
    + b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a chunk for every byte": chunked(PHOTO, 1),
    "thousands of parameters": b"GET /healthz?"
    + b"&".join(b"%x=" % n for n in range(20_000))
    + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "thousands of headers": asking(*(f"X-{n}: 1" for n in range(20_000))),
}


def body(*pieces):
    """What a server makes of a request that comes in pieces."""
    connection, found = incoming.Connection(h11.SERVER), b""
    for piece in pieces:
        connection.receive_data(piece)
        while (event := connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.EndOfMessage):
                return found
            found += getattr(event, "data", b"")
    raise AssertionError("it never ended")


@pytest.mark.parametrize("request_", WRONG.values(), ids=WRONG)
def test_what_no_honest_program_sends_is_refused(request_):
    with pytest.raises(h11.RemoteProtocolError):
        body(request_)


@pytest.mark.parametrize("size", [100, 5000, len(PHOTO)])
def test_a_photo_may_come_in_chunks(size):
    assert body(chunked(PHOTO, size)) == PHOTO


def test_a_photo_may_come_slowly_however_it_is_sent():
    """The network cuts what is sent as it likes."""
    for photo in (asking(f"Content-Length: {len(PHOTO)}") + PHOTO, chunked(PHOTO, 5000)):
        assert body(*(photo[at : at + 7] for at in range(0, len(photo), 7))) == PHOTO


def test_a_crumb_is_no_reproach():
    assert body(chunked(PHOTO[:900], 1)) == PHOTO[:900]


def test_a_request_that_turns_out_wrong_once_it_is_answered_is_not_answered_again():
    connection = incoming.Connection(h11.SERVER)
    connection.receive_data(asking("Transfer-Encoding: chunked"))
    connection.next_event()
    for event in (h11.Response(status_code=403, headers=[("Content-Length", "0")]), h11.EndOfMessage()):
        assert connection.send(event) is not None
    connection.receive_data(b"no chunk\r\n")
    with pytest.raises(h11.RemoteProtocolError):
        connection.next_event()
    for event in (h11.Response(status_code=400, headers=[]), h11.Data(data=b"wrong"), h11.EndOfMessage()):
        assert connection.send(event) == b""
