"""Write rag/data/territories.tsv: countries, languages and currencies, English and Vietnamese.

    pip install babel && python -m tools.write_territories

The names are those of the Unicode CLDR (Unicode licence v3), as `babel` carries them.
"""

import re
from pathlib import Path

from babel import Locale

_TARGET = Path(__file__).parent.parent / "rag" / "data" / "territories.tsv"
_IN_BRACKETS = re.compile(r"\s*\(([^)]*)\)")
_CURRENCIES = "USD EUR GBP JPY CNY KRW THB SGD VND AUD CAD CHF INR RUB LAK KHR MYR IDR PHP HKD TWD"


def _names(name: str) -> list[str]:
    """Return a name without what stands in brackets, and that by itself if it is a name too."""
    bracketed = [
        inside for inside in _IN_BRACKETS.findall(name) if " " not in inside and "," not in inside
    ]
    return [_IN_BRACKETS.sub("", name), *bracketed]


def main() -> None:
    english, vietnamese = Locale("en"), Locale("vi")
    lines = ["# English <tab> Vietnamese, from the Unicode CLDR; see README.md."]
    for code, name in sorted(english.territories.items()):
        if not code.isalpha() or len(code) != 2 or code in {"QO", "ZZ", "XA", "XB", "EZ"}:
            continue
        translation = vietnamese.territories.get(code, "")
        english_names, vietnamese_names = _names(name), _names(translation)
        if translation and english_names != vietnamese_names:
            left, right = "; ".join(english_names), "; ".join(vietnamese_names)
            lines.append(f"{left.lower()}\t{right.lower()}")
    for code in _CURRENCIES.split():
        left, right = english.currencies[code].lower(), vietnamese.currencies[code].lower()
        lines.append(f"{left}; {code.lower()}\t{right}; {code.lower()}")
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
