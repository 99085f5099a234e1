"""Let through only what the page needs, and tell the browser to allow nothing else."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

__all__ = ["POLICY", "Guard"]

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
_CHANGING = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_OURS = (b"x-trichdan", b"1")  # a header that another site's page cannot send unasked

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """ASGI middleware: unknown paths are not there, changes come from the page itself.

    Args:
        app: What is guarded; of Gradio's own routes only those for asking are let through.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in _HEADERS}
                others = [one for one in message.get("headers", ()) if one[0].lower() not in ours]
                message["headers"] = [*others, *_HEADERS]
            await send(message)

        path = str(scope["path"])
        if path not in _EXACT and not path.startswith(_OPEN):
            await _refuse(send_with_headers, HTTPStatus.NOT_FOUND)
        elif (
            scope["method"] in _CHANGING
            and path.startswith("/api/")
            and _OURS not in scope["headers"]
        ):
            await _refuse(send_with_headers, HTTPStatus.FORBIDDEN)
        else:
            await self._app(scope, receive, send_with_headers)


async def _refuse(send: Send, status: HTTPStatus) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": status.phrase.encode()})
