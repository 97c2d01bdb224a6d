"""Nothing leaves the machine, nothing is stored unasked, exports carry no metadata."""

import base64
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import need
from PIL import Image
from test_incoming import WRONG

from lab.speed import browsing
from locator.core import resources
from locator.formats import FORMATS
from locator.models import registry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="watches system calls of Linux"),
]


def annotate(photo, out, *before, env=None):
    return subprocess.run(
        [*before, sys.executable, "-m", "locator", "annotate", str(photo), "--out", str(out)],
        capture_output=True,
        text=True,
        cwd=out.parent,
        env=env,
    )


def test_annotate_works_without_any_network(locator, back, tmp_path):
    unshare = shutil.which("unshare")
    isolates = unshare and subprocess.run([unshare, "--net", "--map-root-user", "true"]).returncode == 0
    need(isolates, "network namespaces")
    done = annotate(back, tmp_path / "marked.png", unshare, "--net", "--map-root-user")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "marked.png").exists()


CONNECT = re.compile(r"(?:connect|sendto|sendmsg|sendmmsg)\(.*?(?:sin6?_port=htons\((\d+)\).*?\"([^\"]+)\")")


def reached(trace: Path):
    """(address, port) of every IP socket that was written to, in any process of the trace."""
    return {(match[2], int(match[1])) for match in CONNECT.finditer(trace.read_text(errors="replace"))}


@pytest.fixture
def strace():
    found = shutil.which("strace")
    need(found, "strace")
    return found


def test_annotate_tries_no_connection_out_of_the_machine(strace, locator, back, tmp_path):
    trace = tmp_path / "trace"
    done = annotate(back, tmp_path / "marked.png", strace, "-f", "-qq", "-e", "trace=%network", "-o", str(trace))
    assert done.returncode == 0, done.stderr
    assert {address for address, _ in reached(trace) if not address.startswith("127.")} <= set()


def test_a_batch_tries_no_connection_either_in_any_of_its_processes(strace, locator, back, tmp_path):
    (tmp_path / "photos").mkdir()
    for n in range(2):
        (tmp_path / "photos" / f"{n}.jpg").write_bytes(back.read_bytes() + bytes(n))
    trace = tmp_path / "trace"
    command = [sys.executable, "-m", "locator", "batch", tmp_path / "photos", "--out", tmp_path / "out", "--jobs", "2"]
    done = subprocess.run([strace, "-f", "-qq", "-e", "trace=%network,execve", "-o", trace, *command])
    assert done.returncode == 0
    assert len(re.findall(r"execve\(.*multiprocessing\.spawn", trace.read_text())) >= 2
    assert {address for address, _ in reached(trace) if not address.startswith("127.")} <= set()


def answer_to(port, name, *lines, host="localhost"):
    """The first line of what the page answers to a request written out by hand."""
    with socket.create_connection(("localhost", port), browsing.PATIENCE_S) as connection:
        connection.sendall("\r\n".join([f"GET {name} HTTP/1.1", f"Host: {host}:{port}", *lines, "", ""]).encode())
        return connection.makefile("rb").readline().decode()


UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)


@pytest.mark.parametrize("start", ["checkout", "elsewhere", "everywhere"])
def test_the_page_looks_for_nobody_whoever_asks_it_for_what(strace, locator, tmp_path, start):
    trace = tmp_path / "trace"
    watch = (strace, "-D", "-f", "-qq", "-e", "trace=%network", "-o", str(trace))
    folder = ("env", f"--chdir={tmp_path}") if start == "elsewhere" else ()
    options = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"} if start == "everywhere" else {}
    with browsing.serving(resources.path("app.py"), *watch, *folder, **options) as (url, _):
        port = int(url.rpartition(":")[2])
        for origin in ("http://evil.example", "null", "http://192.0.2.77", f"http://evil.example:{port}"):
            assert " 403 " in answer_to(port, "/_stcore/stream", *UPGRADE, f"Origin: {origin}")
            assert " 403 " in answer_to(port, "/", f"Origin: {origin}")
        for name in ("evil.example", "192.0.2.77"):
            assert " 403 " in answer_to(port, "/_stcore/stream", *UPGRADE, f"Origin: http://{name}:{port}", host=name)
            assert " 403 " in answer_to(port, "/", host=name)
        own = f"Origin: http://localhost:{port}"
        assert " 101 " in answer_to(port, "/_stcore/stream", *UPGRADE, own)
        for request in WRONG.values():
            with socket.create_connection(("localhost", port), browsing.PATIENCE_S) as connection:
                connection.sendall(request)
                assert b" 400 " in connection.makefile("rb").readline()
        assert " 200 " in answer_to(port, "/", own)
    assert {address for address, _ in reached(trace) if not address.startswith("127.")} <= {"::1"}


def test_the_watch_sees_a_connection(strace, tmp_path):
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 443))"
    trace = tmp_path / "trace"
    subprocess.run([strace, "-f", "-qq", "-e", "trace=%network", "-o", str(trace), sys.executable, "-c", code])
    assert reached(trace) == {("192.0.2.1", 443)}


def test_the_library_says_nothing_on_standard_error(back):
    code = f"from locator import locate; print(locate({str(back)!r}).status)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("located\n", "")


OVERLAPPING = """
import os
from locator.core import native_log
first, second = native_log.hushed(), native_log.hushed()
os.write(2, b"before ")
first.__enter__()
os.write(2, b"in the first ")
second.__enter__()
os.write(2, b"in both ")
first.__exit__(None, None, None)
os.write(2, b"in the second ")
second.__exit__(None, None, None)
os.write(2, b"after")
"""


def test_what_one_thread_keeps_quiet_another_does_not_let_out_nor_keep_quiet_for_good():
    done = subprocess.run([sys.executable, "-c", OVERLAPPING], capture_output=True, text=True)
    assert done.stderr == "before after"


def test_usage_reports_of_the_pose_library_lead_nowhere(locator):
    assert os.environ["https_proxy"] == "http://127.0.0.1:9"
    assert "no_proxy" not in os.environ


def test_nothing_of_the_photo_is_left_anywhere_but_in_the_marked_picture(locator, back, tmp_path):
    # A home, a temporary folder and a working folder of its own: whatever is stored must be in one of them.
    out = tmp_path / "out" / "marked.png"
    folders = {name: tmp_path / name for name in ("home", "tmp", "out", "cache", "config")}
    for folder in folders.values():
        folder.mkdir()
    shutil.copytree(registry.folders()[-1], folders["cache"] / registry.folders()[-1].name)
    environment = {
        **os.environ,
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]),
        "XDG_CACHE_HOME": str(folders["cache"]),
        "XDG_CONFIG_HOME": str(folders["config"]),
    }
    done = annotate(back, out, env=environment)
    assert done.returncode == 0, done.stderr
    left = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    left = {name for name in left if not name.startswith(("cache/back-acupoint-locator", "cache/matplotlib"))}
    assert left == {"out/marked.png"}


# All that a reader of metadata may find in a file of each kind: how its pixels or pages are kept.
STRUCTURE = {
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "PNG": {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace"},
    "RIFF": {"VP8Version", "ImageWidth", "HorizontalScale", "ImageHeight", "VerticalScale"},
    "SVG": {"Xmlns", "SVGVersion", "ImageWidth", "ImageHeight", "ViewBox"},
    "PDF": {"PDFVersion", "Linearized", "PageLayout", "PageCount"},
}


@pytest.fixture(scope="module")
def secretive(run, back, tmp_path_factory):
    """A photo with a name, a place and a comment in it, saved in every format and compared: the files."""
    folder = tmp_path_factory.mktemp("out")
    photo = tmp_path_factory.mktemp("in") / "anna-tattoo.jpg"
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x8825] = {1: "N", 2: (48.0, 12.0, 1.0)}
    with Image.open(back) as image:
        image.save(photo, exif=exif, comment=b"my comment", quality=92)
    formats = [word for name in FORMATS for word in ("--format", name)]
    for command in (
        ["annotate", photo, "--out", folder, *formats],
        ["compare", photo, photo, "-o", folder / "two.jpg"],
    ):
        assert run(*command).returncode == 0
    return sorted(folder.iterdir())


def test_exiftool_finds_nothing_in_any_export(secretive):
    exiftool = shutil.which("exiftool")
    need(exiftool, "exiftool")
    pictures = [file for file in secretive if file.suffix not in {".json", ".csv"}]
    done = subprocess.run([exiftool, "-j", "-a", "-u", "-G", *pictures], check=True, capture_output=True, text=True)
    for tags in json.loads(done.stdout):
        for tag in tags:
            group, _, name = tag.partition(":")
            if group in {"", "SourceFile", "ExifTool", "Composite"} or not name:
                continue
            if group == "File":
                assert name not in {"Comment", "Warning"}, tags
            else:
                assert name in STRUCTURE[group], (tags["SourceFile"], tag)


def test_a_marked_photo_keeps_nothing_of_the_photos_metadata(secretive):
    for file in secretive:
        if file.suffix not in (".jpg", ".png"):
            continue
        for trace in (b"Exif", b"PhoneMaker", b"my comment", b"ICC_PROFILE", b"iCCP", b"tEXt", b"eXIf", b"tIME"):
            assert trace not in file.read_bytes(), (file.name, trace)
        with Image.open(file) as marked:
            assert not marked.getexif()


def test_the_embedded_photo_carries_nothing_either(secretive):
    for file in secretive:
        if file.suffix == ".svg" and "overlay" not in file.name:
            jpeg = base64.b64decode(re.search(rb"base64,([^\"]+)", file.read_bytes())[1])
            with Image.open(io.BytesIO(jpeg)) as photo:
                assert not photo.getexif()
                assert "comment" not in photo.info


def test_no_export_says_who_when_or_what_made_it(secretive):
    assert len(secretive) == len(FORMATS) + 1
    for file in secretive:
        data = file.read_bytes()
        for trace in (b"anna", b"PhoneMaker", b"my comment", b"CreationDate", b"Producer", b"/ID", b"fpdf", b"Exif",
                      b"<metadata"):  # fmt: skip
            assert trace not in data, (file.name, trace)


def test_the_page_sends_no_usage_statistics():
    settings = (Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text()
    assert re.search(r"gatherUsageStats\s*=\s*false", settings)
