"""See that there is a Chromium for the browser tests, installing one where that is possible.

Tests that need it are skipped where it is missing, except when CI is set: then they fail.
"""

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    if any(map(shutil.which, _NAMES)):
        return 0
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        print("installing Chromium for the browser tests")
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL)
    if not any(map(shutil.which, _NAMES)):
        print("no Chromium: the browser tests are left out; on Debian: sudo apt install chromium")
    return 0


if __name__ == "__main__":
    sys.exit(main())
