"""The page's server under people and programs that mean no good, on real sockets."""

import contextlib
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from rag.config import load_settings
from rag.service.assistant import Assistant
from rag.service.documents.library import Library
from rag.service.inbox import Inbox
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import build_index
from tests.served import GRADIOS_ROUTES, Served, serving
from ui import connections, guard
from ui.access import Access
from ui.connections import BoundedProtocol, Connections

PASSWORD = "mật khẩu dài"
QUESTION = {"question": "Where may staff park?"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "parking.md").write_text(
        "# Parking\n\nStaff may park in the yard behind the main building.\n", encoding="utf-8"
    )
    index, settings = folder / "index", load_settings(model="hash", chunk_tokens=64)
    embedder = HashEmbedder()
    build_index(corpus, index, settings, embedder)
    library = Library(
        index,
        settings=settings,
        removed=folder / "removed",
        embedder=embedder,
        reading_model=WordReadingModel(),
    )
    inbox = Inbox(folder / "questions.sqlite")
    with closing(library), serving(library, inbox, Access(PASSWORD)) as served:
        yield served


def asks(server: Served) -> str:
    """Ask as anybody does, and return the quote's source."""
    reply = server.request("POST", "/api/ask", QUESTION)
    assert reply.status == 200, reply.body
    return str(reply.json["quotes"][0]["source"])


# ---- a question is text ---------------------------------------------------------------------

FILE = {"path": "http://93.184.216.34/x", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    "body",
    [
        {"question": FILE},
        {"question": "a", "earlier": [FILE]},
        {"question": "a", "collections": [FILE]},
        {"question": ["a"]},
        {"question": 1},
        {"question": "a", "earlier": "a"},
        {"question": "a", "as_typed": "yes"},
        {"question": "a", "session_hash": "b"},
        {"question": "a", "earlier": ["a"] * 11},
        {"question": "a", "earlier": ["a" * 2_001]},
        {"question": "a" * 30_001},
        {"question": "a", "collections": ["a"] * 101},
        {"question": "\ud800"},
        {"data": ["a", [], False, []]},
        {},
        [],
        "a",
        None,
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_question_is_text_and_nothing_else(server: Served, body: object) -> None:
    reply = server.request("POST", "/api/ask", body)
    assert (reply.status // 100, reply.status != 500) == (4, True)
    assert len(reply.body) < 1_000, "what was sent is not sent back"
    assert b"93.184" not in reply.body


def test_none_of_gradios_routes_is_there(server: Served) -> None:
    paths = set(re.findall(r'"(/[\w/{}:.-]*)"', GRADIOS_ROUTES.read_text()))
    assert len(paths) > 30
    tried = {
        prefix + path.replace("{", "").replace("}", "")
        for path in paths - {"/", "/favicon.ico"}
        for prefix in ("", "/gradio_api")
    }
    for path in sorted(tried - {"/"}):
        if path.startswith("/static/"):
            continue
        for method in ("GET", "POST"):
            assert server.request(method, path, {"data": []}).status == 404, (method, path)


def test_what_proxies_and_gradio_put_into_a_request_changes_nothing(server: Served) -> None:
    headers = {"x-gradio-history-bucket": "evil/bucket", "x-gradio-server": "http://1.2.3.4"}
    assert server.request("POST", "/api/ask", QUESTION, headers).json["answered"]


def test_a_websocket_is_a_request_like_others(server: Served) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    assert server.request("GET", "/", headers=upgrade).status == 200
    assert server.request("GET", "/gradio_api/queue/join", headers=upgrade).status == 404


def test_what_is_no_collection_is_not_searched(server: Served) -> None:
    for names in (["another"], ["x" * 200] * 100):
        reply = server.request("POST", "/api/ask", {**QUESTION, "collections": names})
        assert (reply.status, reply.json["quotes"]) == (200, [])


def test_marks_are_few_and_lie_within_the_quote(server: Served) -> None:
    def marked(marks: str) -> int:
        path = f"/api/source?d=parking.md&language=en&s=11&e=40&m={marks}"
        return int(server.request("GET", path).json["html"].count('class="key"'))

    assert marked("11-16,17-20") == 2
    assert marked("0-5,39-60,11-11,20-15") == 0
    assert marked(",".join(["11-16"] * 150)) == 1
    assert server.request("GET", f"/api/source?d=a&language=en&m={'1-2,' * 600}").status == 422
    assert server.request("GET", "/api/source?d=a&language=en&s=-1&e=2").status == 422


# ---- what waits is bounded ------------------------------------------------------------------


def test_thousands_of_questions_that_nobody_reads_stop_nothing(server: Served) -> None:
    body = b'{"question":"Where may staff park?"}'
    head = (
        f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Trichdan: 1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for _ in range(24):
        sockets = [server.open_socket(head + body) for _ in range(90)]
        for opened in sockets:
            opened.close()
    other = server.request("POST", "/api/ask", QUESTION, source="127.0.0.3")
    assert other.json["answered"], "at once"
    told = server.request("POST", "/api/ask", QUESTION)
    for _ in range(10):  # who has left is noticed within a second
        if told.status != 503:
            break
        time.sleep(int(told.headers["retry-after"]))
        told = server.request("POST", "/api/ask", QUESTION)
    assert told.json["answered"]


def test_who_asks_too_much_is_told_when_to_come_again_and_others_are_answered(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()
    ask = Assistant.ask

    def slow(self: Assistant, question: str, *rest: object, **named: object) -> object:
        if question == "slow":
            may_end.wait(20)
        return ask(self, question, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Assistant, "ask", slow)

    def post(source: str) -> tuple[int, str]:
        reply = server.request("POST", "/api/ask", {"question": "slow"}, source=source, timeout=60)
        return reply.status, reply.headers.get("retry-after", "")

    with ThreadPoolExecutor(200) as pool:
        replies = [pool.submit(post, "127.0.0.2") for _ in range(60)]
        while sum(reply.done() for reply in replies) < 60 - 22:
            time.sleep(0.05)
        refused = [reply.result() for reply in replies if reply.done()]
        other = pool.submit(server.request, "POST", "/api/ask", QUESTION, None, "127.0.0.3", 60)
        may_end.set()
        assert other.result().status == 200
        told = Counter(reply.result()[0] for reply in replies)
    assert told == {200: 22, 503: 38}  # two are answered and twenty may wait
    assert all(status == 503 and int(seconds) >= 1 for status, seconds in refused)
    assert asks(server) == "parking.md"


def test_opinions_are_not_taken_without_end(server: Served) -> None:
    told = Counter(
        server.request(
            "POST",
            "/api/opinions",
            {"kind": "passed-on", "question": f"câu hỏi {i}"},
            source="127.0.0.9",
        ).status
        for i in range(40)
    )
    assert (told[200] >= 30, told[429] >= 5) == (True, True)
    assert len(server.inbox.entries()) == told[200]


@pytest.mark.parametrize(
    "turns",
    [
        [{"question": "a", "quotes": ["a"]}],
        [{"question": "a", "quotes": [None]}],
        [{"question": "a", "quotes": [{"source": "parking.md", "start": 1e400, "end": 2}]}],
        [{"question": "a", "quotes": [{"source": "parking.md", "start": -1, "end": 2}]}],
        [{"question": "a", "quotes": [{"source": "parking.md", "start": 2**70, "end": 2}]}],
        [{"question": "a"}] * 201,
        [{}],
        "a",
    ],
)
def test_what_is_no_conversation_is_not_exported(server: Served, turns: object) -> None:
    body = {"turns": turns, "language": "vi", "form": "markdown"}
    assert server.request("POST", "/api/export", body).status == 422


# ---- bodies and connections -----------------------------------------------------------------


def test_a_request_that_is_too_large_is_refused(server: Served) -> None:
    assert server.request("POST", "/api/ask", b"a" * 200_000).status == 413
    assert server.request("POST", "/api/opinions", b"a" * 200_000).status == 413
    assert asks(server) == "parking.md"


def ends(opened: socket.socket, within: float) -> bool:
    """Tell whether the other side ends a connection, whatever it says before."""
    opened.settimeout(within)
    try:
        while opened.recv(10_000):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_what_comes_too_slowly_is_ended(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.5)
    monkeypatch.setattr(guard, "_BODY_S", 0.5)
    host = f"Host: 127.0.0.1:{server.port}\r\nX-Trichdan: 1\r\n".encode()
    for sent in (
        b"",
        b"GET / HTTP/1.1\r\n",
        b"POST /api/ask HTTP/1.1\r\n" + host + b"Content-Length: 90\r\n\r\n{",
        b"PUT /api/documents?name=a.txt HTTP/1.1\r\n" + host + b"Content-Length: 90\r\n\r\n",
        b"GET /favicon.ico HTTP/1.1\r\n" + host + b"\r\nGET / HTTP/1.1\r\nHost",
    ):
        opened = server.open_socket(sent)
        # What is refused before its body has come is closed as an idle connection is.
        assert ends(opened, 20), sent
        opened.close()
    dripping = server.open_socket(b"GET / HTTP/1.1\r\n")
    begun = time.monotonic()
    with pytest.raises(OSError):
        while time.monotonic() - begun < 5:
            dripping.sendall(b"X-A: a\r\n")
            time.sleep(0.05)
    dripping.close()


def test_idle_connections_do_not_keep_others_from_theirs(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "connections_open", Connections(most=20))
    idle = [server.open_socket(source="127.0.0.2") for _ in range(60)]
    kept = server.open_socket(b"GET / HTTP/1.1\r\n", source="127.0.0.3")
    assert [asks(server) for _ in range(5)] == ["parking.md"] * 5
    kept.sendall(f"Host: 127.0.0.1:{server.port}\r\n\r\n".encode())
    assert kept.recv(15) == b"HTTP/1.1 200 OK", "of an address that has few"
    for opened in [*idle, kept]:
        opened.close()


def test_bodies_that_do_not_come_keep_nobody_from_asking(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "connections_open", Connections(most=20))
    head = (
        f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Trichdan: 1\r\n"
        "Content-Length: 50\r\n\r\n"
    ).encode()
    waiting = [server.open_socket(head, source="127.0.0.2") for _ in range(60)]
    assert [asks(server) for _ in range(5)] == ["parking.md"] * 5
    for opened in waiting:
        opened.close()


def test_large_bodies_that_stop_short_leave_room_for_questions(server: Served) -> None:
    head = (
        f"POST /api/export HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Trichdan: 1\r\n"
        "Content-Length: 2000000\r\n\r\n"
    ).encode()
    held = []
    for i in range(36):
        opened = server.open_socket(source=f"127.0.0.{20 + i // 4}")
        opened.settimeout(2)
        held.append(opened)
        with contextlib.suppress(OSError):
            opened.sendall(head + b" " * 1_999_000)
    assert asks(server) == "parking.md"
    for opened in held:
        opened.close()


def test_a_length_that_is_told_in_two_ways_is_refused(server: Served) -> None:
    opened = server.open_socket(
        f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Trichdan: 1\r\n"
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        f"GET /api/start HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    )
    opened.settimeout(10)
    told = b""
    while part := opened.recv(10_000):
        told += part
    opened.close()
    assert told.count(b"HTTP/1.1 ") == 1
    assert told.startswith(b"HTTP/1.1 400")


def test_a_probe_may_ask_for_the_head_only(server: Served) -> None:
    reply = server.request("HEAD", "/")
    assert (reply.status, reply.body) == (200, b"")


# ---- owners ---------------------------------------------------------------------------------


def test_wrong_passwords_never_delay_the_right_one(server: Served) -> None:
    with ThreadPoolExecutor(40) as pool:
        wrong = [
            pool.submit(server.request, "POST", "/api/owner", {"password": f"đoán {i}"})
            for i in range(35)
        ]
        time.sleep(0.2)
        assert not any(reply.done() for reply in wrong)
        right = server.request("POST", "/api/owner", {"password": PASSWORD})
        assert right.status == 200
        assert not all(reply.done() for reply in wrong), "it did not wait for them"
        assert {reply.result().status for reply in wrong} == {403}


@pytest.mark.parametrize("password", ["\ud800", "", "a" * 1_001, 1, None, ["a"]])
def test_what_is_no_password(server: Served, password: object) -> None:
    reply = server.request("POST", "/api/owner", {"password": password})
    assert reply.status in (403, 422)
    assert server.request("GET", "/api/documents").status == 403


def test_an_owners_session(server: Served) -> None:
    plain = server.request("POST", "/api/owner", {"password": PASSWORD}).headers["set-cookie"]
    assert "Max-Age=43200" in plain
    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    assert "Secure" not in plain
    by_tls = {"Origin": f"https://127.0.0.1:{server.port}"}
    reply = server.request("POST", "/api/owner", {"password": PASSWORD}, by_tls)
    assert "Secure" in reply.headers["set-cookie"]
    cookie = {"Cookie": plain.partition(";")[0]}
    assert server.request("GET", "/api/documents", headers=cookie).status == 200
    left = server.request("DELETE", "/api/owner", headers=cookie)
    assert 'trichdan_owner=""' in left.headers["set-cookie"]
    assert server.request("GET", "/api/documents", headers=cookie).status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/documents"),
        ("PUT", "/api/documents?name=a.txt"),
        ("DELETE", "/api/documents?d=parking.md"),
        ("POST", "/api/indexing"),
        ("GET", "/api/questions"),
        ("GET", "/api/questions.csv"),
        ("POST", "/api/questions/1"),
    ],
)
def test_what_is_for_owners_only(server: Served, method: str, path: str) -> None:
    for headers in ({}, {"Cookie": "trichdan_owner=a"}, {"Host": "127.0.0.1:7860"}):
        assert server.request(method, path, {"resolved": True}, headers).status == 403


# ---- proxies and other sites ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://127.0.0.1:8443", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"X-Trichdan": "2"}, 403),
    ],
)
def test_who_may_ask(server: Served, headers: dict[str, str], status: int) -> None:
    filled = {name: value.format(port=server.port) for name, value in headers.items()}
    assert server.request("POST", "/api/ask", QUESTION, filled).status == status


def test_a_proxy_that_changes_the_host_is_told_of(server: Served) -> None:
    headers = {"Origin": "http://tra-cuu.example:8443"}
    assert server.request("GET", "/").status == 200  # a browser says no origin of it
    for path in ("/static/app.js", "/static/fonts/be-vietnam-pro-latin-400-normal.woff2"):
        assert server.request("GET", path, headers=headers).status == 200, "the page is there"
    reply = server.request("POST", "/api/ask", QUESTION, headers)
    assert reply.status == 403
    vietnamese, english = reply.body.decode().split("\n")
    assert "has to pass on the Host header" in english
    assert "phải chuyển nguyên tiêu đề Host" in vietnamese


def test_all_addresses_of_the_page_are_relative(server: Served) -> None:
    html = server.request("GET", "/").body.decode()
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert len(addresses) > 5
    assert not [address for address in addresses if address.startswith("/")]
    quote = server.request("POST", "/api/ask", QUESTION).json["html"]
    assert re.findall(r'href="([^"]*)"', quote)[0].startswith("?d=parking.md")


def test_nothing_of_the_api_is_kept_by_browsers(server: Served) -> None:
    for path in ("/api/start", "/api/documents", "/api/nothing"):
        assert server.request("GET", path).headers["cache-control"] == "no-store"
