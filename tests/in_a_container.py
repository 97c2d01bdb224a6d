"""``PLAN``: runs the service where it has no network, no rights and no disk to write to, and prints what came of it."""

import fcntl
import http.client
import json
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

NO_RIGHTS = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]


SIOCSIFFLAGS, IFF_UP = 0x8914, 1  # of Linux's sockios.h and if.h


def bring_up_loopback():
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def ask(method, page, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=300)
    try:
        connection.request(method, page, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except ConnectionRefusedError:
        return 0, b""


def written():
    try:
        Path("/tmp/written-by-a-test").touch()
    except OSError:
        return False
    return True


def main():
    plan = json.loads(sys.argv[1])
    bring_up_loopback()
    service = subprocess.Popen(
        [*NO_RIGHTS, *plan["serve"]], env=plan["environment"], cwd="/", stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 300
        while ask("GET", "/readyz")[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        rights = Path(f"/proc/{service.pid}/status").read_text().partition("CapEff:")[2].split()[0]
        said = {
            "written": written(),
            "rights": int(rights, 16),
            "healthy": subprocess.run(plan["check"], env=plan["environment"]).returncode,
            "status": json.loads(ask("POST", "/v1/locate", Path(plan["photo"]).read_bytes())[1])["status"],
        }
        service.terminate()
        said["log"] = service.communicate(timeout=300)[1]
    finally:
        service.kill()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
