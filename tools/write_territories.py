"""Write rag/data/territories.tsv: countries, languages and currencies, English and Vietnamese.

    pip install babel && python -m tools.write_territories

The names are those of the Unicode CLDR (Unicode licence v3), as `babel` carries them.
"""

import re
from pathlib import Path

from babel import Locale

_TARGET = Path(__file__).parent.parent / "rag" / "data" / "territories.tsv"
_ASIDE = re.compile(r"\s*\(([^)]*)\)")
_CURRENCIES = "USD EUR GBP JPY CNY KRW THB SGD VND AUD CAD CHF INR RUB LAK KHR MYR IDR PHP HKD TWD"


def _names(name: str) -> list[str]:
    """Return a name without what stands in brackets, and that by itself if it is a name too."""
    asides = [aside for aside in _ASIDE.findall(name) if " " not in aside and "," not in aside]
    return [_ASIDE.sub("", name), *asides]


def main() -> None:
    english, vietnamese = Locale("en"), Locale("vi")
    lines = ["# English <tab> Vietnamese, from the Unicode CLDR; see README.md."]
    for code, name in sorted(english.territories.items()):
        if not code.isalpha() or len(code) != 2 or code in {"QO", "ZZ", "XA", "XB", "EZ"}:
            continue
        other = vietnamese.territories.get(code, "")
        left, right = _names(name), _names(other)
        if other and left != right:
            lines.append(f"{'; '.join(left).lower()}\t{'; '.join(right).lower()}")
    for code in _CURRENCIES.split():
        left = [english.currencies[code].lower(), code.lower()]
        lines.append(f"{'; '.join(left)}\t{vietnamese.currencies[code].lower()}; {code.lower()}")
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
