"""Write the names of offices and places as they are written in a sentence.

At the head of a regulation they stand in capitals: "BỘ CÔNG THƯƠNG", "TỈNH QUẢNG NINH".
"""

import re
from collections.abc import Sequence

from rag.law.citations import CODE

__all__ = ["MOTTO", "OFFICE", "SIGNER", "issuing_office", "sentence_case"]

_OFFICES = """
Quốc hội
Ủy ban Thường vụ Quốc hội
Chủ tịch nước
Chính phủ
Thủ tướng Chính phủ
Văn phòng Quốc hội
Văn phòng Chủ tịch nước
Văn phòng Chính phủ
Thanh tra Chính phủ
Hội đồng Thẩm phán Tòa án nhân dân tối cao
Tòa án nhân dân tối cao
Tòa án nhân dân
Viện kiểm sát nhân dân tối cao
Viện kiểm sát nhân dân
Kiểm toán Nhà nước
Ngân hàng Nhà nước Việt Nam
Ngân hàng Nhà nước
Kho bạc Nhà nước
Bảo hiểm xã hội Việt Nam
Bảo hiểm xã hội
Ủy ban Dân tộc
Ủy ban Chứng khoán Nhà nước
Ủy ban nhân dân
Hội đồng nhân dân
Bộ Bưu chính, Viễn thông
Bộ Công an
Bộ Công nghiệp
Bộ Công Thương
Bộ Dân tộc và Tôn giáo
Bộ Giáo dục và Đào tạo
Bộ Giao thông vận tải
Bộ Kế hoạch và Đầu tư
Bộ Khoa học và Công nghệ
Bộ Lao động - Thương binh và Xã hội
Bộ Ngoại giao
Bộ Nội vụ
Bộ Nông nghiệp và Môi trường
Bộ Nông nghiệp và Phát triển nông thôn
Bộ Quốc phòng
Bộ Tài chính
Bộ Tài nguyên và Môi trường
Bộ Thông tin và Truyền thông
Bộ Thủy sản
Bộ Thương mại
Bộ Tư pháp
Bộ Văn hóa, Thể thao và Du lịch
Bộ Xây dựng
Bộ Y tế
Tổng cục Hải quan
Tổng cục Quản lý thị trường
Tổng cục Thống kê
Tổng cục Thuế
Tổng Liên đoàn Lao động Việt Nam
Liên đoàn Thương mại và Công nghiệp Việt Nam
""".strip().split("\n")
_PROVINCES = """
An Giang|Bà Rịa - Vũng Tàu|Bạc Liêu|Bắc Giang|Bắc Kạn|Bắc Ninh|Bến Tre|Bình Dương|Bình Định
|Bình Phước|Bình Thuận|Cà Mau|Cao Bằng|Cần Thơ|Đà Nẵng|Đắk Lắk|Đắk Nông|Điện Biên|Đồng Nai
|Đồng Tháp|Gia Lai|Hà Giang|Hà Nam|Hà Nội|Hà Tĩnh|Hải Dương|Hải Phòng|Hậu Giang|Hòa Bình
|Hồ Chí Minh|Huế|Hưng Yên|Khánh Hòa|Kiên Giang|Kon Tum|Lai Châu|Lạng Sơn|Lào Cai|Lâm Đồng
|Long An|Nam Định|Nghệ An|Ninh Bình|Ninh Thuận|Phú Thọ|Phú Yên|Quảng Bình|Quảng Nam
|Quảng Ngãi|Quảng Ninh|Quảng Trị|Sóc Trăng|Sơn La|Tây Ninh|Thái Bình|Thái Nguyên|Thanh Hóa
|Thừa Thiên Huế|Tiền Giang|Trà Vinh|Tuyên Quang|Vĩnh Long|Vĩnh Phúc|Yên Bái|Việt Nam
""".replace("\n", "").split("|")

MOTTO = re.compile(
    r"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA(?: VIỆT NAM)?|Độc lập\s*[-–]\s*Tự do"
    r"|(?:THE )?SOCIALIST REPUBLIC OF VIET ?NAM|Independence\s*[-–]\s*(?:Freedom|Liberty)",
    re.I,
)
"""The country's name and motto, which stand above every regulation."""

_ENGLISH_OFFICE = (
    r"(?:THE )?(?:(?:MINISTRY|DEPARTMENT|GENERAL DEPARTMENT|STANDING COMMITTEE) (?:OF|FOR)"
    r"|GOVERNMENT(?:$| OF)|NATIONAL ASSEMBLY|PRIME MINISTER|STATE BANK|STATE AUDIT"
    r"|(?:SUPREME )?PEOPLE[’'`]S (?:COMMITTEE|COUNCIL|COURT|PROCURACY))"
)
OFFICE = re.compile(
    r"(?:CHÍNH PHỦ|THỦ TƯỚNG CHÍNH PHỦ|QUỐC HỘI|CHỦ TỊCH NƯỚC|BỘ(?! LUẬT| TIÊU CHÍ| CHỈ SỐ)"
    r"|TỔNG CỤC|CỤC|CHI CỤC|(?:ỦY|UỶ) BAN|UBND|HĐND|HỘI ĐỒNG|NGÂN HÀNG|SỞ(?! HỮU)"
    r"|VIỆN(?! PHÍ| TRỢ)|T(?:ÒA|OÀ) ÁN|KIỂM TOÁN|BAN(?! HÀNH)|VĂN PHÒNG|TRƯỜNG(?! HỢP)"
    r"|CÔNG TY|TỔNG CÔNG TY|TẬP ĐOÀN|KHO BẠC|THANH TRA|BẢO HIỂM XÃ HỘI(?= VIỆT| TỈNH| THÀNH)"
    rf"|TỔNG LIÊN ĐOÀN|LIÊN ĐOÀN|{_ENGLISH_OFFICE})(?!\w)"
)
"""How the name of an office begins, in capitals."""

SIGNER = re.compile(
    r"(?:BỘ TRƯỞNG|(?:TỔNG |CHI )?CỤC TRƯỞNG|CHỦ TỊCH|(?:TỔNG )?GIÁM ĐỐC|THỐNG ĐỐC|CHÁNH ÁN"
    r"|VIỆN TRƯỞNG|HIỆU TRƯỞNG|TRƯỞNG BAN|CHÁNH VĂN PHÒNG|TỔNG KIỂM TOÁN|TỔNG THANH TRA"
    r"|TỔNG CỤC TRƯỞNG|(?:THE )?MINISTER OF|THE PRIME MINISTER)\b"
)
"""How the line begins that says, in capitals, in what capacity somebody signs."""

_HALF = {"ỦY BAN THƯỜNG VỤ", "UỶ BAN THƯỜNG VỤ", "VĂN PHÒNG", "THANH TRA", "HỘI ĐỒNG THẨM PHÁN"}
_NO_NAME = re.compile(
    r"(?:DỰ THẢO|(?:HỎA|HOẢ) TỐC|(?:THƯỢNG )?KHẨN|(?:TỐI |TUYỆT )?MẬT|BẢN SAO|SAO Y|CÔNG BÁO)\b"
)
_MINISTRY = re.compile(r"(?:BỘ|MINISTRY)\b")
_PLACE_KIND = re.compile(
    r"\b(tỉnh|thành phố|tp\.?|quận|huyện|thị xã|thị trấn|phường|xã(?! hội))(?= )", re.I
)
_COMPANY = re.compile(r"(?:tổng )?công ty|tập đoàn|trường|ngân hàng (?:thương mại|tmcp)", re.I)
_COMPANY_KIND = re.compile(
    r"\b(?:trách nhiệm hữu hạn|cổ phần|một thành viên|thương mại|và|của)\b", re.I
)
_VOWEL = re.compile(r"[aeiouyàáảãạăắằẳẵặâấầẩẫậèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵ]")
_ROMAN = re.compile(r"[IVX]{1,4}")
_SMALL_ENGLISH = {"of", "and", "the", "for", "in", "on"}
_MOST_LINES = 4


_OLD_STYLE = tuple(
    (re.compile(old), new)
    for old, new in (
        (r"uỷ(?!\w)", "ủy"), (r"oà(?!\w)", "òa"), (r"oá(?!\w)", "óa"), ("–", "-"),
    )
)  # fmt: skip


def _key(text: str) -> str:
    """Return a name with its tone marks in the new place; in closed syllables there is no other."""
    for old, new in _OLD_STYLE:
        text = old.sub(new, text)
    return text


_NAMES = {_key(name.lower()): name for name in _OFFICES}
# "Sở Tài chính" and "Cục Hải quan" are written as the ministry and the general department.
_FIELDS = {
    _key(name.lower()).partition(" ")[2]: name.partition(" ")[2]
    for name in _OFFICES
    if name.startswith("Bộ ")
} | {"hải quan": "Hải quan", "thuế": "Thuế", "thống kê": "Thống kê"}
_PROPER = re.compile(rf"\b(?:{'|'.join(name.lower() for name in _PROVINCES)})\b", re.I)
_PROPER_NAMES = {name.lower(): name for name in _PROVINCES}
_LAW_NAME = re.compile(r"\b((?:bộ )?luật|pháp lệnh) (?!này|và|của|về|sửa đổi)(\w)")
_KNOWN = re.compile(
    rf"\b(?:{'|'.join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True))})\b", re.I
)


def issuing_office(lines: Sequence[str]) -> str:
    """Return the office that issues a regulation, of the lines in capitals at its head.

    Where a higher office stands above it, it is the lower; a name can take several lines.
    """
    groups: list[str] = []
    taken = 0
    for line in lines:
        begins = OFFICE.match(line) is not None
        open_name = bool(groups) and (groups[-1] in _HALF or groups[-1].endswith(("-", "–", " VÀ")))
        if begins and not open_name:
            groups.append(line)
            taken = 1
        elif groups and taken < _MOST_LINES and not _NO_NAME.match(line):
            groups[-1] += f" {line}"
            taken += 1
    if not groups:
        return ""
    if len(groups) > 1 and all(map(_MINISTRY.match, groups)):
        return " – ".join(map(_office_name, groups))
    return _office_name(groups[-1])


def _office_name(written: str) -> str:
    """Return an office's name, or several that are joined by dashes."""
    written = " ".join(written.split()).strip(" -–")
    if re.match(_ENGLISH_OFFICE, written):
        return _english_title(written.removeprefix("THE "))
    parts: list[str] = []
    for part in re.split(r" ?[-–] ", written):
        if parts and not OFFICE.match(part):
            parts[-1] += f" - {part}"
        else:
            parts.append(part)
    return " – ".join(map(_one_name, parts))


def _one_name(written: str) -> str:
    text = _key(written.lower())
    text = re.sub(r"^ubnd\b", "ủy ban nhân dân", text)
    text = re.sub(r"^hđnd\b", "hội đồng nhân dân", text)
    if text in _NAMES:
        return _NAMES[text]
    place = _PLACE_KIND.search(text)
    office = text[: place.start()].strip() if place else text
    named = _NAMES.get(office) or _named_by_field(office, written)
    return f"{named} {_place(text[place.start() :])}" if place else named


def _named_by_field(office: str, written: str) -> str:
    """Return an office's name by its first words and its field: "Chi cục Hải quan …"."""
    originals = written.split()
    head = OFFICE.match(written)
    noun = _key(head[0].lower()) if head else ""
    if noun not in ("", office) and not office.startswith(noun):
        noun = office.split()[0]
    known = _KNOWN.match(office)
    if known:
        return f"{_NAMES[known[0]]} {_proper(office[known.end() :].strip())}".strip()
    tail = office[len(noun) :].strip()
    if _COMPANY.match(noun):
        tail = _COMPANY_KIND.sub(lambda one: one[0].lower(), _each_capital(tail))
    field = next((one for one in sorted(_FIELDS, key=len, reverse=True) if tail == one), "")
    field = field or next((one for one in _FIELDS if tail.startswith(f"{one} ")), "")
    if field:
        tail = f"{_FIELDS[field]} {tail[len(field) :].strip()}".strip()
    else:
        tail = tail[:1].upper() + tail[1:]
    name = f"{noun[:1].upper()}{noun[1:]} {_proper(tail)}".strip()
    # What has no vowel is an abbreviation; what is a Roman number stays one.
    kept = {
        word.lower(): word
        for word in originals
        if not _VOWEL.search(word.lower()) or _ROMAN.fullmatch(word)
    }
    return " ".join(kept.get(word.lower(), word) for word in name.split())


def _place(text: str) -> str:
    """Return a place's name with each syllable of it in capitals: "tỉnh Quảng Ninh"."""
    found = _PLACE_KIND.sub(lambda one: f"\0{one[0].lower()}\0", _each_capital(text))
    pieces = [piece.strip() for piece in found.split("\0") if piece.strip()]
    return " ".join("TP." if piece in ("tp.", "tp") else piece for piece in pieces)


def _each_capital(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def _proper(text: str) -> str:
    return _PROPER.sub(lambda one: _PROPER_NAMES[one[0].lower()], text)


def _english_title(text: str) -> str:
    words = text.lower().split()
    return " ".join(word if word in _SMALL_ENGLISH else word.capitalize() for word in words)


def sentence_case(text: str) -> str:
    """Return a subject that is all in capitals as a sentence has it; others as they are."""
    bare = re.sub(CODE, "", text)
    if not bare.isupper():
        return text
    codes = re.findall(CODE, text)
    pieces = [piece.lower() for piece in re.split(CODE, text)]
    lowered = pieces[0] + "".join(
        code + piece for code, piece in zip(codes, pieces[1:], strict=True)
    )
    lowered = _KNOWN.sub(lambda one: _NAMES[one[0]], lowered)
    lowered = _LAW_NAME.sub(lambda one: f"{one[1].capitalize()} {one[2].upper()}", lowered)
    lowered = re.sub(r"\b(circular|decree|decision|law) no\b", _english_number, lowered)
    lowered = _proper(lowered)
    return lowered[:1].upper() + lowered[1:]


def _english_number(match: re.Match[str]) -> str:
    return f"{match[1].capitalize()} No"
