"""Run the command line: python -m rag.cli."""

import sys

from rag.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
