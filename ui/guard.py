"""Let through only what the page needs, and tell the browser to allow nothing else."""

import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

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
_OPEN = ("/static/", "/api/", "/gradio_api/call/ask")
_EXACT = ("/", "/favicon.ico", "/gradio_api/startup-events")
_UPLOADS = "/api/documents"  # which limits sizes itself
_CHANGING = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_OURS = (b"x-trichdan", b"1")  # a header that another site's page cannot send unasked
_LARGEST = 2_000_000  # bytes of a request
_PORT = re.compile(r":\d+$")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class _TooLargeError(Exception):
    pass


class Guard:
    """ASGI middleware, outside all others.

    Of Gradio's own routes only those for asking are there. A request that a page of another site
    makes is refused, also where that site's name has been made to lead to this machine: a name by
    which the server is called must be known.

    Args:
        app: What is guarded.
        names: By which the server may be called, beside addresses in numbers.
    """

    def __init__(self, app: App, names: Iterable[str]) -> None:
        self._app = app
        self._names = {name.lower() for name in names}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                ours = {name for name, _ in _HEADERS}
                others = [one for one in message.get("headers", ()) if one[0].lower() not in ours]
                message["headers"] = [*others, *_HEADERS]
            await send(message)

        refused = self._refusal(scope)
        if refused:
            await _refuse(send_with_headers, *refused)
            return
        try:
            await self._app(scope, _limited(scope, receive), send_with_headers)
        except _TooLargeError:
            if not begun:
                await _refuse(send_with_headers, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def _refusal(self, scope: Message) -> tuple[HTTPStatus, str] | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = str(scope["path"])
        host = headers.get(b"host", "")
        if path not in _EXACT and not path.startswith(_OPEN):
            return HTTPStatus.NOT_FOUND, ""
        if not self._is_known(_PORT.sub("", host)):
            return (
                HTTPStatus.FORBIDDEN,
                f"the server does not know itself as {host[:80]!r}; the administrator can add the "
                "name to TRICHDAN_HOSTS",
            )
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return HTTPStatus.FORBIDDEN, "another site may not ask here"
        changes = scope["method"] in _CHANGING and path.startswith("/api/")
        if changes and _OURS not in [(name.lower(), value) for name, value in scope["headers"]]:
            return HTTPStatus.FORBIDDEN, "changes come from the page itself only"
        return None

    def _is_known(self, name: str) -> bool:
        if name.lower() in self._names:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def _limited(scope: Message, receive: Receive) -> Receive:
    """Return what stops reading a request that is too large."""
    if scope["path"] == _UPLOADS:
        return receive
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > _LARGEST:
            raise _TooLargeError
        return message

    return count


async def _refuse(send: Send, status: HTTPStatus, words: str = "") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": (words or status.phrase).encode()})


def names_of_this_machine() -> set[str]:
    """Return the names by which this machine calls itself."""
    own = socket.gethostname()
    return {"localhost", own, own.partition(".")[0], socket.getfqdn()}
