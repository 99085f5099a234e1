"""Let through only what the page needs, and tell the browser to allow nothing else."""

import asyncio
import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from rag.language.visible import visible
from rag.messages import message
from ui.access import address_of

__all__ = ["POLICY", "Guard", "names_of_this_machine"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy of every answer."""

_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_PUBLIC = "/static/"
_OPEN = (_PUBLIC, "/api/")
_EXACT = ("/", "/favicon.ico")
_SHOWN_CHARACTERS = 80  # of a header
_UPLOADS = "/api/documents"  # which limits sizes itself
_CHANGING = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_OURS = (b"x-trichdan", b"1")  # a header that another site's page cannot send unasked
_CLOSING = (  # more of such a request may come, and would be taken for the next
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_PORT = re.compile(r":\d+$")

_LARGEST = 128_000  # bytes of a request: a question with ten before it has 66,000 at most
_LARGEST_EXPORT = 2_000_000  # and a conversation of 200 turns some 1,500,000
_MOST_HELD = 64_000_000  # bytes of all requests that are being read
_HELD_FOR_SMALL = 16_000_000  # of these, which exports leave to questions
_MOST_HELD_OF_ONE = 8_000_000  # bytes of one address
_BODY_S = 10.0  # in which a body has to arrive, and more for more bytes
_SLOWEST = 20_000  # bytes a second

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """ASGI middleware, outside all others.

    A request that a page of another site makes is refused, also where that site's name has been
    made to lead to this machine: a name by which the server is called must be known. A request's
    body must arrive whole, in time, and be no larger than what the page sends.

    Args:
        app: What is guarded.
        names: By which the server may be called, beside addresses in numbers.
    """

    def __init__(self, app: App, names: Iterable[str]) -> None:
        self._app = app
        self._names = {name.lower() for name in names}
        self._held: Counter[str] = Counter()  # bytes, by address

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        answer = _with_headers(send, str(scope["path"]))
        refused = self._refusal(scope)
        if refused:
            await _refuse(answer, *refused)
        elif scope["path"] == _UPLOADS or scope["method"] not in _CHANGING:
            await self._app(scope, _in_time(receive), answer)
        else:
            await self._with_body(scope, receive, answer)

    async def _with_body(self, scope: Message, receive: Receive, send: Send) -> None:
        """Read a request's body before anybody else does."""
        body = bytearray()
        address = _address(scope)
        try:
            await self._read(scope, _in_time(receive), body, address)
            await self._app(scope, _replayed(bytes(body), receive), send)
        except _LeftError:
            return
        except HTTPException as error:
            await _refuse(send, HTTPStatus(error.status_code), error.detail)
        finally:
            self._held[address] -= len(body)
            if not self._held[address]:
                del self._held[address]

    async def _read(self, scope: Message, receive: Receive, body: bytearray, address: str) -> None:
        export = scope["path"] == "/api/export"
        largest = _LARGEST_EXPORT if export else _LARGEST
        most = _MOST_HELD - _HELD_FOR_SMALL if export else _MOST_HELD
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise _LeftError
            part = event.get("body", b"")
            body += part
            self._held[address] += len(part)
            if len(body) > largest:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if self._held[address] > _MOST_HELD_OF_ONE or self._held.total() > most:
                raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
            if not event.get("more_body"):
                return

    def _refusal(self, scope: Message) -> tuple[HTTPStatus, str] | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = str(scope["path"])
        host = headers.get(b"host", "")
        if b"content-length" in headers and b"transfer-encoding" in headers:
            return HTTPStatus.BAD_REQUEST, "how long is it?"  # a proxy may read it otherwise
        if path not in _EXACT and not path.startswith(_OPEN):
            return HTTPStatus.NOT_FOUND, ""
        if not self._is_known(_PORT.sub("", host)):
            return (
                HTTPStatus.FORBIDDEN,
                _told("page.unknown_host", host=host[:_SHOWN_CHARACTERS]),
            )
        if path.startswith(_PUBLIC):
            return None  # a font is asked for with an Origin that a proxy may have made wrong
        origin = headers.get(b"origin")
        # A browser says of itself whether a page asks its own server, where the way is secure.
        own = headers.get(b"sec-fetch-site") == "same-origin"
        if origin is not None and not own and not _is_of(origin, host):
            return (
                HTTPStatus.FORBIDDEN,
                _told(
                    "page.foreign_origin",
                    origin=origin[:_SHOWN_CHARACTERS],
                    host=host[:_SHOWN_CHARACTERS],
                ),
            )
        changes = scope["method"] in _CHANGING
        if changes and _OURS not in [(name.lower(), value) for name, value in scope["headers"]]:
            return HTTPStatus.FORBIDDEN, _told("page.not_from_the_page")
        return None

    def _is_known(self, name: str) -> bool:
        if name.lower() in self._names:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def _told(key: str, **values: object) -> str:
    """Return a message in both languages, a line each, of which the page shows one."""
    said = message(key, **values)
    return f"{visible(said.vietnamese)}\n{visible(said.english)}"


class _LeftError(Exception):
    pass


def _address(scope: Message) -> str:
    headers = {
        name.lower().decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
    }
    return address_of(scope["client"][0] if scope.get("client") else "", headers)


def _is_of(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def _in_time(receive: Receive) -> Receive:
    """Return what gives up on a body that comes too slowly."""
    begun: float | None = None
    received = 0
    whole = False

    async def take() -> Message:
        nonlocal begun, received, whole
        if whole:
            return await receive()  # which waits for the client to leave
        now = asyncio.get_running_loop().time()
        begun = now if begun is None else begun
        try:
            left = begun + _BODY_S + received / _SLOWEST - now
            event = await asyncio.wait_for(receive(), max(0.0, min(left, _BODY_S)))
        except TimeoutError as error:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from error
        received += len(event.get("body", b""))
        whole = not event.get("more_body")
        return event

    return take


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read before, and then what comes after it."""
    given = False

    async def take() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return take


def _with_headers(send: Send, path: str) -> Send:
    """Return what adds our headers to an answer."""

    async def send_with_headers(event: Message) -> None:
        if event["type"] == "http.response.start":
            ours = {name for name, _ in _HEADERS}
            given = event.get("headers", ())
            headers = [(name, value) for name, value in given if name.lower() not in ours]
            if path.startswith("/api/") and b"cache-control" not in dict(headers):
                headers.append((b"cache-control", b"no-store"))
            event["headers"] = [*headers, *_HEADERS]
        await send(event)

    return send_with_headers


async def _refuse(send: Send, status: HTTPStatus, words: str = "") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status in _CLOSING:
        headers.append((b"connection", b"close"))  # more of it may come
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": (words or status.phrase).encode()})


def names_of_this_machine() -> set[str]:
    """Return the names by which this machine calls itself."""
    own = socket.gethostname()
    return {"localhost", own, own.partition(".")[0], socket.getfqdn()}
