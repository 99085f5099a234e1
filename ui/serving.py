"""Serve the page until the process is told to end."""

import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn

from rag.config import Settings, load_settings
from rag.domain.permissions import Scope
from rag.errors import SettingsError
from rag.service.documents.library import Library
from rag.service.inbox import Inbox
from ui.access import Access, Entrance
from ui.app import build_server
from ui.connections import BACKLOG, BoundedProtocol, Connections

__all__ = ["serve", "server_config"]

_FINISH_S = 5  # for answers under way when the process is told to end
_KEEP_ALIVE_S = 15
_LONGEST_HEAD = 32_000  # bytes


class _Server(uvicorn.Server):
    """uvicorn, which says where the page is once it answers, and closes the index at the end."""

    def __init__(self, config: uvicorn.Config, greeting: str, library: Library) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._library = library

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        print(self._greeting, flush=True)  # noqa: T201

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End answering; a signal then ends the process before `run` returns."""
        await super().shutdown(sockets)
        self._library.close()


class _SeldomRepeated(logging.Filter):
    """Drops what was just logged in the same words, so that trouble does not fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._last = ("", 0.0)

    def filter(self, record: logging.LogRecord) -> bool:
        message, since = self._last
        words = f"{record.name} {record.msg}"
        if words == message and record.created - since < 60:
            return False
        self._last = (words, record.created)
        return True


def serve(index: Path, *, host: str, port: int, owner_here: bool = False) -> NoReturn:
    """Serve the page, print its address, and end the process when it is told to end.

    Args:
        index: The index directory.
        host: The name or IPv4 address to listen on.
        port: 0 for any that is free.
        owner_here: Whether everybody at this machine may manage documents, without signing in.

    Raises:
        SettingsError: If the port cannot be used.
        TrichDanError: If the index cannot be opened.
    """
    # The threads of the models cannot be ended in order: the interpreter would abort over them.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    settings = load_settings()
    bound = _bind(host, port)
    access = Access(_password(settings), owner_here=owner_here)
    inbox = Inbox(settings.data_dir / "questions.sqlite", keep_names=settings.keep_names)
    problem = inbox.problem()
    if problem:
        print(f"trichdan: {problem}", file=sys.stderr, flush=True)  # noqa: T201
    library = Library(index, settings=settings)
    app = build_server(
        library,
        inbox,
        access,
        names=[host, *listed(settings.hosts)],
        scope=Scope(groups=frozenset(listed(settings.reader_groups))),
    )
    shown = "localhost" if host == "0.0.0.0" else host
    address = f"http://{shown}:{bound.getsockname()[1]}"
    for handler in logging.getLogger().handlers:
        handler.addFilter(_SeldomRepeated())
    greeting = f"Trích Dẫn: {address}  (Ctrl+C to stop){_for_owners(access)}"
    BoundedProtocol.connections_open = Connections()  # now that the index is open
    server = _Server(server_config(app), greeting, library)
    server.run([bound])
    # uvicorn calls `_end` for the signal that ended it; here it ended by itself.
    _leave(1)


def server_config(app: object) -> uvicorn.Config:
    """Return how uvicorn serves the page."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_level="error",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # what a header says is believed in `ui.access` only
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_FINISH_S,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
    )


def _for_owners(access: Access) -> str:
    if access.entrance is Entrance.CODE:
        return f"\nCode for document owners: {access.code}"
    if access.entrance is Entrance.HERE:
        return (
            "\nEverybody at this machine may manage the documents, and whoever comes through a "
            "proxy or tunnel on it that hides itself."
        )
    return ""


def _end(number: int, _frame: FrameType | None) -> None:
    _leave(128 + number)


def _leave(status: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, RuntimeError):  # closed, or interrupted in mid-writing
            continue
    os._exit(status)


def listed(names: str) -> list[str]:
    """Return names that are divided by commas."""
    return [name for part in names.split(",") if (name := part.strip())]


def _password(settings: Settings) -> str | None:
    return settings.owner_password.get_secret_value() if settings.owner_password else None


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before the model is loaded, so that it is known at once if that fails."""
    if ":" in host:
        raise SettingsError("page.not_served_on_host", host=host)
    bound = socket.socket(socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            "page.not_served_on_port", host=host, port=port, reason=reason
        ) from error
    return bound
