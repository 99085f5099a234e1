"""Note each address that a Python process wants to reach, and each name that it looks up."""

import os
import sys
from pathlib import Path

_FILE = os.environ.get("RECORDED_ADDRESSES", "")


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        with Path(_FILE).open("a", encoding="utf-8") as file:
            file.write(f"{event} {address!r}\n")


if _FILE:
    sys.addaudithook(_note)
