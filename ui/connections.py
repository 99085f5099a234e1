"""Connections that are idle, slow or too many do not keep others from theirs."""

import asyncio
import resource
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BACKLOG", "BoundedProtocol", "Connections"]

HEAD_S = 10.0
"""How long the head of a request may take to arrive."""

STALLED_S = 30.0
"""How long a client may read nothing of what waits for it."""

BACKLOG = 32
"""How many connections the system keeps that are not accepted yet: as many are opened at once."""

_MOST = 1_000
_FEWEST = 16
_RESERVED = 32  # descriptors for files that are opened meanwhile
_OPEN_FILES = Path("/proc/self/fd")  # of Linux
_USUALLY_OPEN = 64  # elsewhere


class Connections:
    """All open connections. Where there is no room, one that waits for a request is closed.

    It is one of the address that has the most, and of these the one that has waited longest, so
    that many idle connections of one address cost others nothing.

    Args:
        most: How many there may be; by default as many as the process may have open beside what
            it has open already. Twice the backlog may be accepted and about to be closed.
    """

    def __init__(self, most: int | None = None) -> None:
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors == resource.RLIM_INFINITY:
            descriptors = sys.maxsize
        opened = len(list(_OPEN_FILES.iterdir())) if _OPEN_FILES.is_dir() else _USUALLY_OPEN
        room = descriptors - opened - 2 * BACKLOG - _RESERVED
        self.most = most or max(_FEWEST, min(_MOST, room))
        self._open: dict[BoundedProtocol, None] = {}  # in the order of what each did last

    def add(self, connection: "BoundedProtocol") -> None:
        """Take up a new connection."""
        self._open[connection] = None
        if len(self._open) > self.most:
            self._make_room()

    def _make_room(self) -> None:
        counts = Counter(connection.address for connection in self._open)
        idle = [connection for connection in self._open if connection.is_idle]
        # Where none is idle one of an address that has many gives way, and not who has few.
        closed = max(idle or self._open, key=lambda connection: counts[connection.address])
        closed.transport.abort()
        self.remove(closed)

    def touch(self, connection: "BoundedProtocol") -> None:
        """Take note that a connection has done something."""
        if self._open.pop(connection, self) is None:
            self._open[connection] = None

    def remove(self, connection: "BoundedProtocol") -> None:
        """Forget a connection."""
        self._open.pop(connection, None)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 by uvicorn, with limits on the time for a request's head and for reading answers.

    uvicorn has a limit for connections that are kept alive, and none before a request is whole.
    How long a body may take is for `ui.guard`.
    """

    connections_open = Connections()  # anew for each server, see `ui.serving`

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.address = ""
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered: none has come, or not all of one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.connections_open.add(self)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self.connections_open.remove(self)
        for timer in (self._head_timer, self._stall_timer):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in some of a request."""
        super().data_received(data)
        self.connections_open.touch(self)
        head_came = self.cycle is not None and not self.cycle.response_complete
        if head_came and self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        elif not head_came and self._head_timer is None:
            self._await_head()

    def pause_writing(self) -> None:
        """Take note that the client does not read what is sent."""
        super().pause_writing()
        if self._stall_timer is None:
            self._watch_reading(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Take note that the client has read some of what is sent."""
        super().resume_writing()
        if self._stall_timer:
            self._stall_timer.cancel()
            self._stall_timer = None

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing() and self.transport.get_write_buffer_size():
            # What is left over is written on closing, however long that takes.
            self._watch_reading(self.transport.get_write_buffer_size())

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self.transport.abort)

    def _watch_reading(self, unread: int) -> None:
        """Break off if the client goes on reading nothing."""
        if self._stall_timer:
            self._stall_timer.cancel()

        def look() -> None:
            self._stall_timer = None
            now = self.transport.get_write_buffer_size()
            if now >= unread:
                self.transport.abort()
            elif now:
                self._watch_reading(now)

        self._stall_timer = self.loop.call_later(STALLED_S, look)
