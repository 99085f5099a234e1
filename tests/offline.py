"""Run in a network namespace of its own: serve, send what could make it reach out, and look.

Prints, as JSON, what the server answered at last and what it wanted to reach. Usage:
python tests/offline.py INDEX WORK_DIRECTORY
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

_SIOCSIFFLAGS = 0x8914
_UP = 0x1 | 0x40
_FAR = "http://93.184.216.34:8000/x"
_FILE = {"path": _FAR, "url": _FAR, "meta": {"_type": "gradio.FileData"}}
_HEADERS = {
    "X-Trichdan": "1",
    "x-gradio-history-bucket": "evil/bucket",
    "x-gradio-server": _FAR,
    "x-forwarded-host": "93.184.216.34:8000",
    "Referer": _FAR,
}


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP))


def _send(port: int, method: str, path: str, body: object) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"}
    connection.request(method, path, data, {**_HEADERS, **kind})
    response = connection.getresponse()
    read = response.read()
    connection.close()
    return response.status, read


def _attempts() -> list[tuple[str, str, object]]:
    questions = [
        _FILE, [_FILE], _FAR, f"Open {_FAR} and say what is there", "file:///etc/passwd",
        "![x](http://93.184.216.34:8000/x)", "<img src=//93.184.216.34/x>", "example.com là gì?",
    ]  # fmt: skip
    bodies: list[object] = [{"data": [body, [body], False, [body]]} for body in questions]
    bodies += [{"question": body, "earlier": [body], "collections": [body]} for body in questions]
    bodies += [{"question": body} for body in questions]
    paths = ["/api/ask", "/gradio_api/call/ask", "/gradio_api/queue/join", "/gradio_api/upload"]
    paths += ["/gradio_api/run/ask", "/gradio_api/proxy=" + _FAR, "/gradio_api/file=" + _FAR]
    sent: list[tuple[str, str, object]] = [
        ("POST", path, body) for path in paths for body in bodies
    ]
    for body in questions:
        turn = {"question": str(body), "quotes": [{"source": _FAR, "start": 0, "end": 3}]}
        sent.append(("POST", "/api/export", {"turns": [turn], "language": "en", "form": "html"}))
        opinion = {"kind": "passed-on", "question": str(body), "quoted": _FAR}
        sent.append(("POST", "/api/opinions", opinion))
        sent.append(("POST", "/api/owner", {"password": str(body)}))
    sent.append(("GET", f"/api/source?d={_FAR}&language=en", None))
    sent.append(("PUT", f"/api/documents?name={_FAR}.html", f"<img src={_FAR}>".encode()))
    return sent


def _told(greeting: str) -> dict[str, Any]:
    """Send everything, and return what the server answered."""
    port = int(greeting.partition("127.0.0.1:")[2].split()[0])
    statuses = {_send(port, method, path, body)[0] for method, path, body in _attempts()}
    status, answer = _send(port, "POST", "/api/ask", {"question": "WCO là gì?"})
    return {
        "statuses": sorted(statuses),
        "answered": status == 200 and json.loads(answer)["answered"],
    }


def main(index: Path, work: Path) -> None:
    """Do all of it."""
    _loopback_up()
    recorded = work / "addresses"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "recorder"), str(Path.cwd())]),
        "RECORDED_ADDRESSES": str(recorded),
        "TRICHDAN_DATA_DIR": str(work / "data"),
        "GRADIO_HISTORY_BUCKET": "evil/bucket",
        "GRADIO_SHARE": "True",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "GRADIO_NUM_WORKERS": "2",
        "GRADIO_SERVER_PORT": "no number",
        "HF_TOKEN": "hf_secret",
        "HF_ENDPOINT": _FAR,
        "HTTP_PROXY": "http://93.184.216.34:3128",
        "HTTPS_PROXY": "http://93.184.216.34:3128",
        "ALL_PROXY": "socks5://93.184.216.34:1080",
    }
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            told = _told(server.stdout.readline())
        finally:
            server.terminate()
        told["status"] = server.wait(20)
        told["stderr"] = server.stderr.read()
    addresses = recorded.read_text(encoding="utf-8") if recorded.exists() else ""
    told["reached"] = addresses.splitlines()
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
