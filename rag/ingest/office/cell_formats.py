"""Show the value of a spreadsheet's cell as a person sees it."""

import datetime
import re

__all__ = ["CellValue", "format_value"]

CellValue = str | bool | int | float | datetime.date | datetime.time | datetime.timedelta | None
"""What openpyxl reads out of a cell."""

_ERROR_VALUE = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)"
)
_FORMAT_SECTION = re.compile(r'((?:"[^"]*+"|\\.|\[[^\]\[]*+\]|[^;])*+)(?:;|$)', re.S)
_CURRENCY = re.compile(r"\[\$([^\]\[-]*+)(?:-[^\]\[]*+)?\]")
_TOKEN = re.compile(r'"([^"]*+)"|\\(.)|[_*].|\[[^\]\[]*+\]|([,.]{0,9}+[#0?][#0?,.]*+)|(.)', re.S)
_SCIENTIFIC_OR_FRACTION = re.compile(r"[Ee][+-]|[#0?]\s*/\s*[#0?\d]")
_MAX_SIGNIFICANT_DIGITS = 15  # Excel keeps no more
_MAX_FORMAT_CHARACTERS = 255  # characters; Excel writes no longer one


def format_value(value: CellValue, number_format: str, *, vietnamese: bool) -> str:
    """Return a cell's value as its format shows it.

    Numbers and dates are written as in the language of the sheet: 1.234,5 and 20/04/2018 in a
    Vietnamese one, 1,234.5 and 2018-04-20 in another. Errors ("#N/A") are shown as nothing.

    Args:
        value: As openpyxl reads it.
        number_format: The cell's format code, such as "#,##0" or "0%".
        vietnamese: Whether the sheet is in Vietnamese.
    """
    if len(number_format) > _MAX_FORMAT_CHARACTERS:
        number_format = "General"
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if _ERROR_VALUE.fullmatch(value) else value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _format_number(value, number_format, vietnamese=vietnamese)
    if isinstance(value, datetime.date):
        return _format_date(value, number_format, vietnamese=vietnamese)
    return f"{value:%H:%M}" if isinstance(value, datetime.time) else str(value)


def _format_date(value: datetime.date, number_format: str, *, vietnamese: bool) -> str:
    code = re.sub(r'"[^"]*+"|\[[^\]\[]*+\]|\\.', "", number_format).lower()
    if "y" in code and "d" not in code:
        if "m" not in code:
            return f"{value.year}"
        return f"{value:%m/}{value.year}" if vietnamese else f"{value.year}{value:-%m}"
    day = f"{value:%d/%m/}{value.year}" if vietnamese else value.isoformat()[:10]
    timed = isinstance(value, datetime.datetime) and (value.hour or value.minute)
    return f"{day} {value:%H:%M}" if timed else day


def _format_number(value: float, number_format: str, *, vietnamese: bool) -> str:
    sections = [section for section in _FORMAT_SECTION.findall(number_format) if section]
    section = _CURRENCY.sub(lambda match: f'"{match[1]}"', sections[0] if sections else "")
    bare_section = re.sub(r'"[^"]*"|\\.', "", section)
    if (
        "general" in bare_section.lower()
        or not re.search("[#0?]", bare_section)
        or _SCIENTIFIC_OR_FRACTION.search(bare_section)
    ):
        return _separated(_shortest(value), grouped=False, vietnamese=vietnamese)
    pieces: list[str] = []
    digit_positions: list[int] = []
    percent = False
    for quoted, escaped, digits, literal in _TOKEN.findall(section):
        if digits:
            digit_positions.append(len(pieces))
        percent = percent or literal == "%"
        pieces.append(quoted or escaped or digits or literal)
    if len(digit_positions) > 1:
        return _apply_mask(value, pieces, digit_positions)
    code = pieces[digit_positions[0]]
    scaled = value * (100 if percent else 1)
    pieces[digit_positions[0]] = _apply_code(abs(scaled), code, vietnamese=vietnamese)
    sign = "-" if scaled < 0 and re.search("[1-9]", pieces[digit_positions[0]]) else ""
    return sign + re.sub(r"\s+", " ", "".join(pieces)).strip()


def _apply_code(value: float, code: str, *, vietnamese: bool) -> str:
    """Return a number in the form of a code such as "#,##0.00"."""
    code, thousands = code.rstrip(","), len(code) - len(code.rstrip(","))
    value /= 1000**thousands if thousands else 1
    whole, _, decimals = code.partition(".")
    least, most = decimals.count("0"), len(decimals.replace(",", ""))
    fixed = f"{value:.{most}f}"
    integer, _, fraction = fixed.partition(".")
    while len(fraction) > least and fraction.endswith("0"):
        fraction = fraction[:-1]
    integer = integer.zfill(whole.replace(",", "").count("0"))
    number = f"{integer}.{fraction}" if fraction else integer
    return _separated(number, grouped="," in whole, vietnamese=vietnamese)


def _separated(number: str, *, grouped: bool, vietnamese: bool) -> str:
    integer, _, fraction = number.partition(".")
    if grouped:
        first = len(integer) % 3
        thousands = (integer[start : start + 3] for start in range(first, len(integer), 3))
        integer = ",".join(filter(None, (integer[:first], *thousands)))
    if vietnamese:
        integer = integer.replace(",", ".")
    return integer + (("," if vietnamese else ".") + fraction if fraction else "")


def _shortest(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    written = f"{value:.{_MAX_SIGNIFICANT_DIGITS}g}"
    return (
        f"{value:.{_MAX_SIGNIFICANT_DIGITS}f}".rstrip("0").rstrip(".")
        if "e" in written
        else written
    )


def _apply_mask(value: float, pieces: list[str], digit_positions: list[int]) -> str:
    """Return the digits of a number spread over a mask, such as 0000.00.00 of tariff codes."""
    digits = str(round(abs(value)))
    for position in reversed(digit_positions):
        size = len(pieces[position])
        first = position == digit_positions[0]
        part = digits if first else digits[-size:]
        digits = digits[:-size]
        pieces[position] = part.zfill(pieces[position].count("0"))
    return "".join(pieces).strip()
