"""Write the help texts of LibreOffice in English and Vietnamese as pairs, for training.

    apt-get download libreoffice-help-en-us libreoffice-help-vi
    dpkg -x each of them to FOLDER
    python -m tools.write_parallel_help FOLDER DATA/libreoffice_help.txt

The texts (MPL-2.0) are matched by file and by the identifier of the paragraph.
"""

import argparse
import html
import re
from pathlib import Path

_HELP_FOLDER = "usr/share/libreoffice/help"
_PARAGRAPH = re.compile(r'<(p|h[1-6])\s+id="([^"]+)"[^>]*>(.*?)</\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_VIETNAMESE_LETTER = re.compile(r"[à-ỹđ]", re.IGNORECASE)


def _paragraphs(path: Path) -> dict[str, str]:
    paragraphs: dict[str, str] = {}
    for _, identifier, markup in _PARAGRAPH.findall(path.read_text(encoding="utf-8")):
        text = " ".join(html.unescape(_TAG.sub("", markup)).split())
        if text:
            paragraphs.setdefault(identifier, text)
    return paragraphs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    english, vietnamese = (
        arguments.folder / _HELP_FOLDER / language / "text" for language in ("en-US", "vi")
    )
    pairs: dict[tuple[str, str], None] = {}
    for path in sorted(english.rglob("*.html")):
        translated_path = vietnamese / path.relative_to(english)
        if translated_path.exists():
            translations = _paragraphs(translated_path)
            for identifier, text in _paragraphs(path).items():
                translation = translations.get(identifier, "")
                if _VIETNAMESE_LETTER.search(translation):  # what is not translated stays English
                    pairs[text, translation] = None
    lines = [f"{text}\t{translation}\n" for text, translation in pairs if text != translation]
    arguments.target.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} pairs")


if __name__ == "__main__":
    main()
