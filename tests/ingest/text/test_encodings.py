import unicodedata

import pytest

from rag.errors import DocumentError
from rag.ingest.text.encodings import Decoded, decode, repair
from tests.clock import slowest
from tests.hostile import Hostile

LAW = "Luật này quy định về việc thực hiện quyền tự do cư trú của công dân Việt Nam."
# The same sentence as other programs write it (VISCII and CP1258 by iconv, TCVN3 and VNI by hand).
LAW_BYTES = {
    "tcvn3": b"Lu\xcbt n\xb5y quy \xae\xdenh v\xd2 vi\xd6c th\xf9c hi\xd6n quy\xd2n t\xf9 do c\xad tr\xf3 c\xf1a c\xabng d\xa9n Vi\xd6t Nam.",
    "vni": b"Lua\xe4t na\xf8y quy \xf1\xf2nh ve\xe0 vie\xe4c th\xf6\xefc hie\xe4n quye\xe0n t\xf6\xef do c\xf6 tru\xf9 cu\xfba co\xe2ng da\xe2n Vie\xe4t Nam.",
    "viscii": b"Lu\xa7t n\xe0y quy \xf0\xb8nh v\xab vi\xaec th\xf1c hi\xaen quy\xabn t\xf1 do c\xdf tr\xfa c\xfca c\xf4ng d\xe2n Vi\xaet Nam.",
    "windows-1258": b"Lu\xe2\xf2t n\xe0y quy \xf0i\xf2nh v\xea\xcc vi\xea\xf2c th\xfd\xf2c hi\xea\xf2n quy\xea\xccn t\xfd\xf2 do c\xfd tr\xfa cu\xd2a c\xf4ng d\xe2n Vi\xea\xf2t Nam.",
}
LOWER = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
MARKED = [c for c in LOWER + LOWER.upper() if not c.isascii()]
# The bytes of MARKED's small letters, in TCVN 5712:1993.
TCVN3_LOWER = bytes.fromhex(
    "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbcccecfd0d1aad2d3d4d5d6d7d8dcdddedfe1e2e3e4abe5e6e7e8e9ac"
    "eaebecedeeeff1f2f3f4adf5f6f7f8f9fafbfcfdfeae"
)
TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", bytes.fromhex("a1a2a3a4a5a6a7"), strict=True))
VISCII_UPPER_HALF = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
VISCII = {c: 0x80 + i for i, c in enumerate(VISCII_UPPER_HALF)} | dict(
    zip("ẲẴẪỶỸỴ", (2, 5, 6, 0x14, 0x19, 0x1E), strict=True)
)
VNI_WORDS = {
    "aù aø aû aõ aï aâ aá aà aå aã aä aê aé aè aú aü aë": "á à ả ã ạ â ấ ầ ẩ ẫ ậ ă ắ ằ ẳ ẵ ặ",
    "eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò": "é è ẻ ẽ ẹ ê ế ề ể ễ ệ í ì ỉ ĩ ị",
    "où oø oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï": "ó ò ỏ õ ọ ô ố ồ ổ ỗ ộ ơ ớ ờ ở ỡ ợ",
    "uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ": "ú ù ủ ũ ụ ư ứ ừ ử ữ ự ý ỳ ỷ ỹ ỵ đ",
}


def test_there_are_134_letters() -> None:
    assert len(MARKED) == 134
    assert len(TCVN3_LOWER) == 67


@pytest.mark.parametrize("name", LAW_BYTES)
def test_a_real_sentence_in_each_encoding(name: str) -> None:
    assert decode(LAW_BYTES[name]) == Decoded(text=LAW, encoding=name)


@pytest.mark.parametrize("name", LAW_BYTES)
def test_the_first_letter_may_come_late(name: str) -> None:
    english = b"The first hundred thousand bytes are English.\r\n" * 2200
    decoded = decode(english + LAW_BYTES[name])
    assert decoded.encoding == name
    assert decoded.text.endswith("English.\n" + LAW)


@pytest.mark.parametrize(
    "name", ["utf-8", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-16", "utf-32"]
)
def test_unicode_with_and_without_a_byte_order_mark(name: str) -> None:
    text = "Điều 12. Nơi cư trú của người chưa thành niên\nChữ Hán: 中文"
    expected = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    assert decode(text.replace("\n", "\r\n").encode(name)) == Decoded(
        text=text, encoding=expected.get(name, name)
    )


def test_all_letters_of_tcvn3() -> None:
    table = dict(zip(MARKED[:67], TCVN3_LOWER, strict=True)) | TCVN3_CAPITALS
    letters = b"\n".join(b"T" + bytes([byte]) for byte in table.values())
    lines = decode((LAW_BYTES["tcvn3"] + b"\n") * 50 + letters).text.split("\n")
    assert lines[50:] == [f"T{c}" for c in table]


def test_all_letters_of_viscii() -> None:
    letters = b"\n".join(b"V" + bytes([VISCII[c]]) for c in MARKED)
    lines = decode((LAW_BYTES["viscii"] + b"\n") * 50 + letters).text.split("\n")
    assert lines[50:] == [f"V{c}" for c in MARKED]


@pytest.mark.parametrize("vni", VNI_WORDS)
def test_all_letters_of_vni(vni: str) -> None:
    line = vni + "\n" + vni.upper() + "\n"
    text = decode(line.encode("latin-1") + LAW_BYTES["vni"] * 50).text
    assert text.split("\n")[:2] == [VNI_WORDS[vni], VNI_WORDS[vni].upper()]


def test_all_letters_of_windows_1258() -> None:
    marks = {
        "\u0300": b"\xcc",
        "\u0309": b"\xd2",
        "\u0303": b"\xde",
        "\u0301": b"\xec",
        "\u0323": b"\xf2",
    }
    bases = {"Ă": b"\xc3", "ă": b"\xe3", "Đ": b"\xd0", "đ": b"\xf0", "Ơ": b"\xd5", "ơ": b"\xf5"}
    bases |= {"Ư": b"\xdd", "ư": b"\xfd"}
    data = b""
    for letter in MARKED:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in marks)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in marks))
        data += bases.get(base, base.encode("latin-1", "ignore")) + marks.get(tone, b"") + b" "
    assert decode(LAW_BYTES["windows-1258"] + b"\n" + data).text == f"{LAW}\n{' '.join(MARKED)} "


@pytest.mark.parametrize(
    "text",
    [
        "He said “no” — it’s €5 at the café…",
        "Grüße aus München, schöne Straße",
        "El niño está aquí, señor Muñoz.",
        "déjà vu, élève, été",
    ],
)
def test_western_text(text: str) -> None:
    assert decode(text.encode("cp1252")) == Decoded(text=text, encoding="windows-1252")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
        b"\x7fELF\x02\x01\x01\0\0\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 24,
        bytes(range(1, 256)),
    ],
)
def test_binary(data: bytes) -> None:
    with pytest.raises(DocumentError, match="it is binary, not text; convert it") as caught:
        decode(data)
    assert caught.value.vietnamese.startswith("Tệp nhị phân, không phải văn bản;")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет мир, как дела", "cp1251"),
        ("中文测试文本", "gbk"),
        ("日本語のテキスト", "shift_jis"),
    ],
)
def test_an_encoding_that_is_not_known(text: str, encoding: str) -> None:
    with pytest.raises(DocumentError, match="save it again with encoding UTF-8") as caught:
        decode(text.encode(encoding))
    assert caught.value.vietnamese.endswith("lưu lại với mã UTF-8.")


def test_damaged_utf8_is_refused_with_the_place() -> None:
    data = LAW.encode() + b"\xff" + LAW.encode()
    with pytest.raises(DocumentError, match=rf"not UTF-8 text \(byte {len(LAW.encode())}\); save"):
        decode(data)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        ("COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA"),
        ("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("Cµng hòa xã hµi chü nghîa Vi®t Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Côòng hoÌa xaÞ hôòi chuÒ nghiÞa", "Cộng hòa xã hội chủ nghĩa"),
        ("quyÕt ®Þnh cña Bé tr\u00adëng Bé Tµi chÝnh", "quyết định của Bộ trưởng Bộ Tài chính"),
        ("quyÕt ®Þnh cña Bé trëng Bé Tµi chÝnh", "quyết định của Bộ trưởng Bộ Tài chính"),
        ("n-íc ta, nh- LuËt ®· ghi", "nước ta, như Luật đã ghi"),
        ("Hμ Néi, ngμy 22 th¸ng 11 n¨m 2002", "Hà Nội, ngày 22 tháng 11 năm 2002"),
        ("ViÖt Nam", "Việt Nam"),
        ("Hä tªn", "Họ tên"),
        ("Cá»™ng hÃ²a xÃ£ há»™i", "Cộng hòa xã hội"),
        ("Cá»\x99ng hÃ²a xÃ£ há»\x99i", "Cộng hòa xã hội"),
        ("Cá»™ng hÃ²a\nBá»™", "Cộng hòa\nBộ"),
        ("CÃ¡Â»â„¢ng hÃƒÂ²a xÃƒÂ£ hÃ¡Â»â„¢i", "Cộng hòa xã hội"),
        (
            "Cộng hòa — Cá»™ng hÃ²a xÃ£ há»™i\nCá»™ng hÃ²a xÃ£ há»™i",
            "Cộng hòa — Cá»™ng hÃ²a xÃ£ há»™i\nCộng hòa xã hội",
        ),
    ],
)
def test_repair(broken: str, expected: str) -> None:
    assert repair(broken) == expected


def test_short_lines_follow_the_others() -> None:
    broken = "Céng hßa x· héi chñ nghÜa ViÖt Nam\nBé\nThe café is open.\nHä tªn: NguyÔn V¨n A"
    assert repair(broken) == (
        "Cộng hòa xã hội chủ nghĩa Việt Nam\nBộ\nThe café is open.\nHọ tên: Nguyễn Văn A"
    )


@pytest.mark.parametrize(
    "text",
    [
        LAW,
        "Có cá",
        "Là gì? Có thêm, có bớt.",
        "Bé há to",
        "Cong hoa xa hoi chu nghia Viet Nam",
        "Ông là ai",
        unicodedata.normalize("NFD", LAW),
        "He paid £5 for the résumé at the café.",
        "§ 5 applies; see ¶ 7. © 2018 Intel® — 5 µm ± 2 µm, 53°N to 66°N",
        "A · B · C, m², x¹",
        "L’élève a été à l’école; où est le thé? «i giorni», thaï, haï",
        "Der Mädchenname „Müller“, schön grün, Öl, SPÖ…",
        "¿A qué se debe? El niño está aquí, señor Muñoz; sí, él.",
        "Não há razão; são as mães de João. É só isso, né?",
        "Perché così è più bello? Però no, lì.",
        "På ön är det då för ålar. Å, ø og æ.",
        "Příliš žluťoučký kůň úpěl ďábelské ódy.",
        "ﬁnal &amp; ‘curly’ “quotes”…", "A\u00a0B\u00adC", "L’été \x93cité\x94", "ﾊﾛｰ ＡＢ", "été \ufffd",
        "中文测试文本", "Привет мир", "Γειά σου μικρέ",
    ],
)  # fmt: skip
def test_other_text_stays(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize("unit", ["Ã", "Ã ", "Ã²", "á»™ ", "á»™é", "“Ã²” ", "Ã²\n", "ÃƒÂ²"])
def test_long_texts_take_proportionately_long(unit: str) -> None:
    assert not slowest(repair, Hostile("", unit))
