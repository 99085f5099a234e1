"""The page's server on a real socket, over a small library, in a thread of the test."""

import gc
import json
import socket
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import gradio.routes
import uvicorn

from rag.service.documents.library import Library
from rag.service.inbox import Inbox
from ui.access import Access
from ui.app import build_server
from ui.serving import server_config

GRADIOS_ROUTES = Path(gradio.routes.__file__)
PAGE = {"X-Trichdan": "1", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """Where it listens, and what it is made of."""

    port: int
    access: Access
    inbox: Inbox

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
        timeout: float = 20,
    ) -> Reply:
        """Send a request as the page does, with further headers, from an address of this machine."""
        connection = HTTPConnection(
            "127.0.0.1", self.port, timeout=timeout, source_address=(source, 0)
        )
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, {**PAGE, **(headers or {})})
            response = connection.getresponse()
            return Reply(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def open_socket(self, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        """Return a socket on which something was sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), 10, source_address=(source, 0))
        opened.sendall(sent)
        return opened


@contextmanager
def serving(library: Library, inbox: Inbox, access: Access) -> Iterator[Served]:
    """Serve until the block ends."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = build_server(library, inbox, access)
        gc.collect()  # Gradio makes event loops for its locks, and leaves them open
    server = uvicorn.Server(server_config(app))
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield Served(port=bound.getsockname()[1], access=access, inbox=inbox)
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()
