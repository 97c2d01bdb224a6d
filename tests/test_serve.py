"""The service, asked over HTTP as any program would."""

import contextlib
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import coroutines
import hostile
import pytest
from conftest import need
from fake_service import DIE, GOOD, HANG, LARGE, RAISE, WAIT
from PIL import Image
from pydantic import TypeAdapter
from serving import TESTS, Said, Service
from test_incoming import WRONG
from test_privacy import reached
from test_workers import is_running

from locator.catalogue.languages import languages
from locator.cli import options
from locator.core import toml
from locator.core.reasons import RefusalCode
from locator.draw.style import Style
from locator.formats import FORMATS
from locator.formats.export import export
from locator.formats.record import to_dict
from locator.photo import sources
from locator.serve import errors
from locator.serve.application import FormatName, Limits, application
from locator.serve.schema import Record

pytestmark = pytest.mark.slow

ROOT = TESTS.parent
START = "Listening at "


@pytest.fixture(scope="module")
def service(locator):
    with Service("-m", "locator", "serve", "--port", "0", "--jobs", "2", "--megabytes", "1") as one:
        yield one.until()


def trapped(**settings):
    """A service whose reader hangs, dies or raises over certain photos, and reads all others as ever; see there."""
    return Service(str(TESTS / "fake_service.py"), json.dumps(settings))


@pytest.fixture(scope="module")
def small():
    """Such a service that takes one photo at a time."""
    with trapped(jobs=1, queue=0, timeout_s=60, light=True) as one:
        yield one.until()
    assert one.log.count("\n") == 1, one.log


def is_answered(service):
    """Whether a photo that needs no network is read."""
    said = service.locate(GOOD)
    return (said.status, said.body) == (200, GOOD)


@pytest.fixture(scope="module")
def photo(back):
    return back.read_bytes()


@pytest.fixture(scope="module")
def record(locator, photo):
    return to_dict(locator.locate(photo))


def problem(said, status, kind, code=None):
    """The problem that was answered, once it is found to be a whole one."""
    assert (said.status, said.headers["content-type"]) == (status, "application/problem+json")
    told = errors.Problem.model_validate_json(said.body)
    assert told.type.rpartition(":")[2] == kind
    assert told.status == status
    assert told.code == (code or kind)
    assert told.detail
    assert told.remedy
    assert "Traceback" not in said.body.decode()
    return told


# What photos get ------------------------------------------------------------------------------------


def test_the_record_is_the_one_that_locate_prints(service, samples):
    photos = [samples["standing"], samples["from_the_front"]]
    printed = subprocess.run(
        [sys.executable, "-m", "locator", "locate", *photos], capture_output=True, text=True
    ).stdout.splitlines()
    for file, line in zip(photos, printed, strict=True):
        expected = json.loads(line)
        expected["image"]["path"] = None
        said = service.locate(file.read_bytes())
        assert (said.status, said.headers["content-type"]) == (200, "application/json")
        assert said.document == expected
    assert said.document["refusal"]["code"] == "front_view"


def test_of_several_backs_any_or_all_can_be_asked_for(service):
    two = (TESTS / "data" / "group-couple.jpg").read_bytes()
    every = service.ask("POST", "/v1/locate/all", two).document
    assert [(one["person"], one["people"]) for one in every] == [(1, 2), (2, 2)]
    for number, one in enumerate(every, start=1):
        assert service.ask("POST", f"/v1/locate?person={number}", two).document == one
    said = service.ask("POST", "/v1/annotate?format=json&person=2", two).document
    assert said["points"] == every[1]["points"]
    assert service.ask("POST", "/v1/locate?person=3", two).document["refusal"]["code"] == "no_such_person"
    problem(service.ask("POST", "/v1/annotate?person=3", two), 422, "refused", "no_such_person")
    problem(service.ask("POST", "/v1/locate?person=0", two), 422, "wrong_parameter")


@pytest.mark.parametrize("format", FORMATS)
def test_annotate_answers_with_the_file_that_export_makes(service, locator, photo, format):
    said = service.ask("POST", f"/v1/annotate?format={format}&labels=numbers&language=zh-Hant&size=1.5", photo)
    picture, result = locator.read(photo)
    assert said.status == 200
    assert said.headers["content-type"].partition(";")[0] == FORMATS[format].media_type
    assert said.body == export(format, picture.rgb, result, Style("numbers", "zh-Hant", 1.5))


def test_a_mirrored_photo_has_its_true_sides_where_it_is_said_that_it_is_one(service, photo):
    plain, said = (service.ask("POST", f"/v1/locate?mirrored={on}", photo).document for on in ("false", "true"))
    other = {"subject-left": "subject-right", "subject-right": "subject-left", "midline": "midline"}
    assert [other[point["side"]] for point in said["points"]] == [point["side"] for point in plain["points"]]
    assert [point["x_px"] for point in said["points"]] == [point["x_px"] for point in plain["points"]]
    problem(service.ask("POST", "/v1/locate?mirrored=perhaps", photo), 422, "wrong_parameter")


def test_a_sheet_has_the_paper_and_the_day_that_were_asked_for(service, locator, photo):
    said = service.ask("POST", "/v1/annotate?format=sheet&paper=letter&date=2026-01-31", photo)
    picture, result = locator.read(photo)
    day = datetime.date(2026, 1, 31)
    assert said.body == export("sheet", picture.rgb, result, paper="letter", date=day)


def test_a_refused_photo_cannot_be_annotated_and_the_answer_says_why(service, samples):
    said = service.ask("POST", "/v1/annotate", samples["from_the_front"].read_bytes())
    told = problem(said, 422, "refused", "front_view")
    assert told.detail == RefusalCode.FRONT_VIEW.message


@pytest.mark.parametrize("page", ["/v1/locate", "/v1/annotate"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"Dear Anna", "not_an_image"),
        (b"GIF89a" + bytes(50), "unsupported_format"),
        (b"\xff\xd8\xff\xe0 and no more", "damaged"),
    ],
)
def test_what_is_no_photo_is_unreadable(service, page, body, code):
    problem(service.ask("POST", page, body), 422, "unreadable", code)


def test_a_photo_in_chunks_is_read_like_any_other(service, photo, record):
    parts = [photo[at : at + 5000] for at in range(0, len(photo), 5000)]
    assert service.ask("POST", "/v1/locate", iter(parts), encode_chunked=True).document == record


# What is refused ------------------------------------------------------------------------------------


def test_too_many_bytes_are_refused_whether_announced_or_not(service):
    most = bytes(1_000_000)
    problem(service.ask("POST", "/v1/locate", most), 422, "unreadable", "not_an_image")
    told = problem(service.ask("POST", "/v1/locate", most + b"!"), 413, "too_many_bytes")
    assert "1 megabyte" in told.detail
    chunks = iter([most[:400_000]] * 3)
    problem(service.ask("POST", "/v1/locate", chunks, encode_chunked=True), 413, "too_many_bytes")


def test_bytes_are_not_taken_once_there_are_too_many(service):
    with socket.create_connection(("127.0.0.1", service.port), timeout=300) as connection:
        connection.sendall(b"POST /v1/locate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_what_has_too_many_pixels_or_too_much_code_for_the_service_is_refused(locator, photo, samples):
    small = Image.fromarray(sources.read(samples["standing"]).rgb).resize((300, 400))
    heic = hostile.encoded(small, "HEIF", quality=90)
    assert locator.locate(heic).status == "located"  # as the command does
    with trapped(jobs=1, max_pixels=300_000, max_code_bytes=len(heic) // 2) as service:
        service.until()
        problem(service.locate(photo), 422, "unreadable", "too_many_pixels")
        for page in ("/v1/locate", "/v1/locate/all", "/v1/annotate"):
            told = problem(service.ask("POST", page, heic), 422, "unreadable", "too_complex")
            assert "would take too long to open" in told.detail
            assert "save it as a new JPEG" in told.remedy


def test_the_table_of_limits_tells_those_that_hold():
    table = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8").partition("## Limits")[2]
    told = dict(re.findall(r"^\| `--(\w+)` \| (\d+) \|", table, re.MULTILINE))
    limits = Limits()
    assert told == {
        "queue": str(limits.queue),
        "seconds": f"{limits.timeout_s:g}",
        "megabytes": f"{limits.max_bytes / 1e6:g}",
        "megapixels": f"{limits.max_pixels / 1e6:g}",
    }
    assert f"HEIC and AVIF may lie in {limits.max_code_bytes / 1e6:g} MB of code" in table


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("format=gif", "format"),
        ("labels=", "labels"),
        ("language=de", "language"),
        ("size=3.01", "size"),
        ("size=nan", "size"),
        ("paper=a5", "paper"),
        ("date=2026-02-30", "date"),
        ("date=0", "date"),
        ("lable=codes", "lable"),
    ],
)
def test_a_wrong_parameter_is_named(service, photo, query, name):
    told = problem(service.ask("POST", f"/v1/annotate?{query}", photo), 422, "wrong_parameter")
    assert told.detail.startswith(f"{name}: ")
    if name == "date":
        assert "2026-01-31" in told.detail


@pytest.mark.parametrize(
    ("method", "page"),
    [
        *(("POST", page) for page in ("/v1/locate", "/v1/locate/all", "/v1/annotate")),
        *(("GET", page) for page in ("/healthz", "/readyz", "/metrics", "/openapi.json")),
    ],
)
def test_an_unknown_parameter_is_refused_at_every_address(service, photo, method, page):
    told = problem(service.ask(method, f"{page}?lable=codes", photo), 422, "wrong_parameter")
    assert told.detail == "lable: there is no such parameter"


def test_a_parameter_that_is_given_twice_is_refused_instead_of_one_being_heeded(service, photo):
    told = problem(service.ask("POST", "/v1/annotate?size=1&size=2", photo), 422, "wrong_parameter")
    assert told.detail == "size: it is given more than once"


@pytest.mark.parametrize("person", ["1.5", "two", "", "%D9%A1"])
def test_a_person_that_is_no_number_is_told_that_it_should_be_one(service, photo, person):
    told = problem(service.ask("POST", f"/v1/locate?person={person}", photo), 422, "wrong_parameter")
    assert told.detail.startswith("person: ")
    assert "integer" in told.detail


def test_a_form_is_told_so(service, photo):
    form = b"--edge\r\nContent-Disposition: form-data; name=photo\r\n\r\n" + photo + b"\r\n--edge--\r\n"
    said = service.ask("POST", "/v1/locate", form, {"Content-Type": "multipart/form-data; boundary=edge"})
    told = problem(said, 415, "a_form")
    assert "curl --data-binary" in told.remedy
    said = service.ask("POST", "/v1/locate", photo, {"Content-Type": "multipart/form-data"})
    assert said.status == 200  # any Content-Type will do


def exchange(service, head):
    """All that is answered until the connection is closed."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=300) as connection:
        connection.sendall(head)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        said = Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        with contextlib.suppress(ConnectionResetError):  # as the system says it where not all was taken in
            assert connection.recv(100) == b""
        return said


@pytest.mark.parametrize(
    "head",
    [
        b"no HTTP at all\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        b"POST /v1/locate HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nLong: " + bytes(100_000).replace(b"\0", b"x"),
    ],
)
def test_what_is_no_http_gets_a_problem_too(service, head):
    said = exchange(service, head)
    problem(said, 400, "malformed")
    assert said.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", WRONG)
def test_what_no_honest_client_sends_closes_the_connection(service, name):
    problem(exchange(service, WRONG[name]), 400, "malformed")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", "", "127.0.0.1.evil.example", "[bad"])
def test_a_name_that_is_not_the_services_is_refused(service, photo, host):
    problem(service.ask("POST", "/v1/locate", photo, {"Host": host}), 421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.:80", "127.0.0.1:1", "[::1]:8000", "192.168.1.20"])
def test_the_services_own_names_are_taken(service, host):
    assert service.ask("GET", "/healthz", headers={"Host": host}).status == 200


def test_the_names_of_a_service_are_a_setting():
    assert options.hosts([], "127.0.0.1") == ("localhost",)
    assert options.hosts([], "0.0.0.0") == ()
    assert options.hosts(["Photos.example."], "0.0.0.0") == ("photos.example",)
    with trapped(jobs=1, hosts=["photos.example"], light=True) as service:
        assert service.ask("GET", "/healthz", headers={"Host": "photos.example:80"}).status == 200
        problem(service.ask("GET", "/healthz", headers={"Host": "other.example"}), 421, "wrong_host")


@pytest.mark.parametrize("page", ["/healthz", "/readyz", "/metrics"])
def test_a_monitor_may_ask_without_wanting_a_body(service, page):
    said = service.ask("HEAD", page)
    assert (said.status, said.body) == (200, b"")
    assert int(said.headers["content-length"]) > 0


def test_wrong_addresses_and_methods_are_told(service):
    problem(service.ask("GET", "/"), 404, "no_such_page")
    said = service.ask("GET", "/v1/locate")
    problem(said, 405, "wrong_method")
    assert said.headers["allow"] == "POST"


# Nobody pays for another's photo --------------------------------------------------------------------


def test_a_photo_that_hangs_costs_the_others_nothing():
    with trapped(jobs=2, timeout_s=12, light=True) as service:
        service.until()
        hanging = service.at_once(HANG)
        service.until_counted("locator_requests_in_progress")
        assert is_answered(service)
        assert service.count("locator_requests_in_progress") == 1  # it still hangs
        told = problem(hanging()[0], 504, "read_too_slowly")
        assert "12 seconds" in told.detail
        assert service.count('locator_readers_replaced_total{reason="late"}') == 1
        assert is_answered(service)


def test_photos_that_break_their_readers_cost_the_others_nothing(locator, photo, record):
    with trapped(jobs=2, timeout_s=30) as service:
        service.until()
        *broken, first, second = service.at_once(DIE, RAISE, photo, photo)()
        for said in broken:
            problem(said, 500, "reader_ended")
        assert first.document == second.document == record
        assert service.locate(photo).document == record
        assert service.count('locator_readers_replaced_total{reason="ended"}') == 2
    assert service.log.startswith(START)
    assert service.log.count("\n") == 1, service.log


def test_a_full_service_says_when_to_come_again(small, tmp_path):
    go_on = tmp_path / "go on"
    waiting = small.at_once(WAIT + os.fsencode(go_on))
    small.until_counted("locator_requests_in_progress")
    said = small.locate(GOOD)
    problem(said, 429, "busy")
    assert int(said.headers["retry-after"]) > 0
    assert small.ask("GET", "/healthz").status == 200
    go_on.touch()
    problem(waiting()[0], 422, "unreadable", "not_an_image")
    assert is_answered(small)
    assert small.count('locator_requests_total{operation="locate",outcome="busy"}') == 1


def asked_at_once(app, method, path):
    """(status, what is said) of an application that is not started up, without a server around it."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "state": {}}
    coroutines.run(app(scope, None, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def test_every_operation_that_takes_a_photo_needs_a_place_and_is_counted():
    app = application(Limits(jobs=0, queue=0), int)  # no place at all
    taking = {page: each["post"]["operationId"] for page, each in app.openapi()["paths"].items() if "post" in each}
    assert len(taking) == 3
    for page in taking:
        assert asked_at_once(app, "POST", page)[0] == 429
    _, counts = asked_at_once(app, "GET", "/metrics")
    for name in taking.values():
        assert f'locator_requests_total{{operation="{name}",outcome="busy"}} 1.0'.encode() in counts


def test_a_photo_does_not_wait_for_ever():
    with trapped(jobs=1, timeout_s=12, light=True) as service:
        service.until()
        answers = service.at_once(HANG, HANG)
        service.until_counted("locator_queue")
        first, second = answers()
        assert {first.status, second.status} == {504, 503}
        waited = first if first.status == 503 else second
        problem(waited, 503, "none_free")
        assert int(waited.headers["retry-after"]) > 0


def test_memory_is_given_back_once_large_photos_are_answered(locator):
    def resident_mb():
        pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    with trapped(jobs=1, queue=5, light=True) as service:
        need(Path("/proc/self/statm").exists(), "memory counts in /proc")
        service.until().locate(b"the first request loads some libraries")
        before = resident_mb()
        for _ in range(3):
            assert {said.status for said in service.at_once(*[bytes(15_000_000)] * 6)()} == {422}
        assert resident_mb() < before + 45


def test_whoever_sends_slowly_is_told_and_holds_up_nobody():
    with trapped(jobs=1, queue=1, timeout_s=12, light=True) as service:
        service.until()
        with socket.create_connection(("127.0.0.1", service.port), timeout=300) as slow:
            slow.sendall(b"POST /v1/locate HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n12345")
            assert is_answered(service)
            answer = http.client.HTTPResponse(slow)
            answer.begin()
            assert (answer.status, json.load(answer)["code"]) == (408, "sent_too_slowly")
        service.until_counted("locator_requests_in_progress", 0)


def test_a_connection_on_which_nothing_comes_to_an_end_is_cut():
    with trapped(jobs=1, timeout_s=2, light=True) as service:
        with socket.create_connection(("127.0.0.1", service.port), timeout=300) as slow:
            slow.sendall(b"POST /v1/loc")
            assert slow.recv(100) == b""
        assert service.ask("GET", "/healthz").status == 200


def test_whoever_does_not_fetch_the_answer_holds_a_place_and_is_cut():
    with trapped(jobs=1, queue=0, timeout_s=6, light=True) as service:
        service.until()
        assert len(service.locate(LARGE).body) == 40_000_000
        with socket.create_connection(("127.0.0.1", service.port), timeout=300) as slow:
            slow.sendall(b"POST /v1/locate HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n" + LARGE)
            assert slow.recv(12) == b"HTTP/1.1 200"
            problem(service.locate(LARGE), 429, "busy")  # answers take memory as photos do
            while service.locate(LARGE).status == 429:
                time.sleep(0.1)
            assert sum(iter(lambda: len(slow.recv(1 << 20)), 0)) < 40_000_000
        service.until_counted("locator_requests_in_progress", 0)


def test_whoever_goes_away_leaves_the_place_to_others(small):
    with socket.create_connection(("127.0.0.1", small.port)) as gone:
        gone.sendall(b"POST /v1/locate HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n12345")
        small.until_counted("locator_requests_in_progress")
    small.until_counted("locator_requests_in_progress", 0)
    assert is_answered(small)


# What it says of itself -----------------------------------------------------------------------------


def test_it_is_alive_but_not_ready_while_no_photo_can_be_read():
    with trapped(jobs=1, timeout_s=2, able=False) as service:
        assert service.ask("GET", "/healthz").status == 200
        problem(service.ask("GET", "/readyz"), 503, "not_ready")
        problem(service.locate(b"photo"), 503, "none_free")
        while not service.count('locator_readers_replaced_total{reason="failed"}'):
            time.sleep(0.05)
    assert "A process could not be started: no model here" in service.log


def test_metrics_count_the_requests_by_outcome(service, photo):
    def counts():
        return {
            outcome: service.count(f'locator_requests_total{{operation="locate",outcome="{outcome}"}}')
            for outcome in ("located", "unreadable", "too_many_bytes")
        }

    before = counts()
    service.locate(photo)
    service.locate(b"")
    service.locate(bytes(1_000_001))
    assert counts() == {outcome: count + 1 for outcome, count in before.items()}
    assert service.count('locator_request_seconds_count{operation="locate"}') >= 3
    assert service.count("locator_readers_ready") == 2


def test_the_description_names_every_answer_with_an_example():
    described = application(Limits(), int).openapi()
    named = set()
    for page in described["paths"].values():
        for operation in page.values():
            for status, answer in operation["responses"].items():
                for kind, example in answer["content"].get(errors.MEDIA_TYPE, {"examples": {}})["examples"].items():
                    named.add(kind)
                    assert errors.Problem.model_validate(example["value"]).status == int(status)
    # Those two are answers to what is not described.
    assert named == set(toml.data("serve/problems")) - {"no_such_page", "wrong_method"}
    records = described["paths"]["/v1/locate"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    assert {TypeAdapter(Record).validate_python(one["value"]).status for one in records.values()} == {
        "located",
        "refused",
    }
    parameters = {one["name"]: one["schema"] for one in described["paths"]["/v1/annotate"]["post"]["parameters"]}
    assert parameters["language"]["enum"] == list(languages())


def test_the_service_knows_every_format():
    assert list(get_args(FormatName)) == list(FORMATS)


@pytest.mark.parametrize("name", ["standing", "without_the_head", "from_the_front"])
def test_records_are_as_described(service, samples, name):
    said = service.locate(samples[name].read_bytes())
    TypeAdapter(Record).validate_json(said.body, strict=False)


def test_no_page_names_another_host_or_may_be_kept(service):
    pages = ["/openapi.json", "/healthz", "/readyz", "/metrics", "/docs", "/redoc", "/docs/oauth2-redirect", "/"]
    for page in pages:
        said = service.ask("GET", page)
        assert not re.search(rb"(?i)https?:|//[a-z0-9-]+\.[a-z]", said.body), page
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["x-content-type-options"] == "nosniff"
        assert "server" not in said.headers


def test_the_log_says_nothing_of_photos_and_of_who_sent_them(locator, photo):
    with Service("-m", "locator", "serve", "--port", "0", "--jobs", "1") as service:
        service.until()
        service.locate(photo)
        service.locate(b"Dear Anna")
        service.ask("POST", "/v1/annotate?anna=1", photo)
        with socket.create_connection(("127.0.0.1", service.port)) as odd:
            odd.sendall(b"no HTTP at all\r\n\r\n")
            assert odd.recv(100)
    assert re.fullmatch(
        rf"{START}http://127\.0\.0\.1:\d+; what it answers is described at /openapi\.json\.\n", service.log
    )


def test_it_tries_no_connection_out_of_the_machine_in_any_of_its_processes(locator, photo, tmp_path):
    strace, trace = shutil.which("strace"), tmp_path / "trace"
    need(strace, "strace")
    watch = [strace, "-f", "-qq", "-e", "trace=%network,execve", "-o", str(trace)]
    with Service("-m", "locator", "serve", "--port", "0", "--jobs", "1", before=watch) as service:
        assert service.until().locate(photo).status == 200
        served = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text()
        os.kill(int(served), signal.SIGTERM)
    assert re.search(r"execve\(.*multiprocessing\.spawn", trace.read_text())
    assert {address for address, _ in reached(trace) if not address.startswith("127.")} <= set()


def test_a_failure_of_its_own_is_told_without_a_trace(caplog):
    app = application(Limits(), int)  # never started up, so that nothing is

    @app.get("/fails")
    async def fails():
        raise RuntimeError("the photo of Anna")

    status, said = asked_at_once(app, "GET", "/fails")
    assert status == 500
    assert json.loads(said)["code"] == "failed"
    assert "RuntimeError in " in caplog.text
    assert "fails" in caplog.text
    assert "Anna" not in caplog.text


# The whole ------------------------------------------------------------------------------------------


def test_it_ends_when_told_and_leaves_no_process_behind(locator):
    with Service("-m", "locator", "serve", "--port", "0", "--jobs", "2") as service:
        service.until()
        lists = list(Path(f"/proc/{service.process.pid}/task").glob("*/children"))
        need(lists, "lists of child processes in /proc")
        readers = [int(pid) for children in lists for pid in children.read_text().split()]
        assert len(readers) > 2
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(300) == 130
    deadline = time.monotonic() + 300  # on a busy machine a reader takes a moment to see that it is alone
    while any(map(is_running, readers)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_address_that_is_taken_and_a_missing_library_are_told(service, tmp_path):
    command = [sys.executable, "-m", "locator", "serve", "--port", str(service.port)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot be listened at" in done.stderr
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError(name='fastapi')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 5
    assert "needs fastapi" in done.stderr
    assert "[serve]" in done.stderr
    assert "Traceback" not in done.stderr


def schemathesis(service, *options, **environment):
    # In a folder of its own, as it keeps what it has found.
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/openapi.json", "--no-color"]
    command += ["--request-timeout=300", *options]  # its own ten seconds are few on a busy machine
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


def test_schemathesis_finds_nothing_wrong_with_good_photos(service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = os.pathsep.join([str(TESTS), *sys.path])
    options = ("--phases=fuzzing", "--max-examples=20", "--seed=1")
    done = schemathesis(service, *options, SCHEMATHESIS_HOOKS="schemathesis_photos", PYTHONPATH=path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 selected" in done.stdout


def test_schemathesis_finds_nothing_wrong_with_any_bytes(service, tmp_path, monkeypatch):
    # Bytes of its own making are no photos, however well they fit the schema.
    monkeypatch.chdir(tmp_path)
    done = schemathesis(service, "--max-examples=30", "--seed=1", "--exclude-checks=positive_data_acceptance")
    assert done.returncode == 0, done.stdout + done.stderr


# The container --------------------------------------------------------------------------------------


def instructions():
    """(name, rest) of every instruction of the container file."""
    text = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text())
    lines = (line.strip() for line in text.splitlines())
    return [tuple(line.split(None, 1)) for line in lines if line and not line.startswith("#")]


def last(name):
    return [rest for one, rest in instructions() if one == name][-1]


def test_the_container_is_built_from_what_the_program_needs_and_runs_unprivileged():
    names = [name for name, _ in instructions()]
    assert names[0] == "FROM"
    assert set(names) <= {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
    copied = {word for name, rest in instructions() if name == "COPY" for word in rest.split()[:-1]}
    assert all((ROOT / word).exists() for word in copied)
    wheel = toml.load(ROOT / "pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert copied >= {*wheel["force-include"], *wheel["packages"], "pyproject.toml", "README.md", "requirements"}
    user = last("USER")
    assert all(int(number) > 0 for number in user.split(":"))
    assert names.index("USER") > max(at for at, name in enumerate(names) if name in ("RUN", "COPY"))
    assert "curl" not in last("HEALTHCHECK")


def test_the_containers_command_runs_without_network_rights_and_a_place_to_write(locator, photo):
    unshare = shutil.which("unshare")
    isolates = unshare and subprocess.run([unshare, "--net", "--mount", "--map-root-user", "true"]).returncode == 0
    need(isolates and shutil.which("setpriv"), "namespaces")
    settings = dict(rest.split("=", 1) for name, rest in instructions() if name == "ENV")
    settings["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    plan = {
        "environment": {**settings, "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        "serve": [sys.executable, "-m", *json.loads(last("ENTRYPOINT")), "--jobs", "1"],
        "check": [sys.executable, *json.loads(last("HEALTHCHECK").partition("CMD")[2])[1:]],
        "photo": str(ROOT / "sample_images" / "standing.jpg"),
    }
    bare = 'mount --make-rprivate / && mount -o remount,ro,bind / && mount -t tmpfs tmpfs /dev/shm && exec "$@"'
    done = subprocess.run(
        [unshare, "--net", "--mount", "--map-root-user", "sh", "-c", bare, "sh",
         sys.executable, TESTS / "in_a_container.py", json.dumps(plan)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["written"] is False
    assert said["rights"] == 0
    assert said["healthy"] == 0
    assert said["status"] == "located"
    assert re.fullmatch(rf"{START}\S+; what it answers is described at /openapi\.json\.\n", said["log"])
