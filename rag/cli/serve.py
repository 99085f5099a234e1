"""The commands that serve the page, and that tell what is wrong."""

import argparse
import os

from rag.service.doctor import examine
from rag.store.generations import check_there

__all__ = ["examine_all", "serve"]

_Arguments = argparse.Namespace


def serve(arguments: _Arguments) -> int:
    """Serve the page until it is stopped."""
    check_there(arguments.index)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # the server asks nobody; libraries would use it for themselves
    from ui.serving import serve as serve_page

    serve_page(
        arguments.index,
        host=arguments.host,
        port=arguments.port,
        owner_here=arguments.owner_here,
    )


def examine_all(arguments: _Arguments) -> int:
    """Print what was found of the program, its model and an index."""
    sound = True
    for finding in examine(arguments.index):
        print(f"{'ok ' if finding.sound else 'BAD'}  {finding.what}")
        sound = sound and finding.sound
    return 0 if sound else 1
