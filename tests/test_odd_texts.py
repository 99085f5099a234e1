"""Texts that nobody writes, and that stopped or broke something: they are handled like any other."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.domain.documents import Document, Passage
from rag.ingest.regulation.offices import issuing_office
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import read_front_matter
from rag.ingest.structure.passages import context_of, divide
from rag.ingest.structure.sentences import find_sentences
from rag.language.abbreviations import find_abbreviations
from rag.language.diacritics import DiacriticRestorer
from rag.language.english import correct_english
from rag.language.glossary import Glossary
from rag.language.numerals import numbered_things
from rag.language.syllables import SyllableModel, count_syllables
from rag.read.features import conflicting_numbers
from rag.testing.hash_embedder import HashEmbedder
from rag.understand.analyse import Analyser
from rag.understand.follow_up import understand
from rag.understand.follow_up_model import FollowUpModel

CORPUS = [
    "Hội nghị ASEM 13 diễn ra tại Hạ Long. Hiệp định Việt-Nhật ký năm 2008. Từ điển Anh-Việt. "
    "Tổng cục Hải quan (TCHQ) ban hành kế hoạch."
]


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SyllableModel]:
    count_syllables(CORPUS).write(tmp_path / "syllables.sqlite")
    with closing(SyllableModel(tmp_path / "syllables.sqlite")) as opened:
        yield opened


MODEL = FollowUpModel.load()


@pytest.fixture
def analyser(model: SyllableModel) -> Analyser:
    return Analyser(model, Glossary.default())


# --------------------------------------------------------------------------- brackets


@pytest.mark.parametrize("space", ["", " ", "   ", "\n", "\t \n", " " * 36_000])
def test_abbreviations_are_found_among_any_white_space(space: str) -> None:
    text = f"Tổng cục Hải quan ({space}gọi tắt là{space}“TCHQ”{space}) và ({space}"
    assert find_abbreviations([text]) == {"TCHQ": "Tổng cục Hải quan"}


# --------------------------------------------------------------------------- long words


@pytest.mark.parametrize("letter", ["x", "à", "đ", "Ă"])
def test_one_word_of_two_thousand_letters_stays_as_it_is(analyser: Analyser, letter: str) -> None:
    (meant,) = understand(letter * 2_000, [letter * 2_000] * 10, analyser, MODEL.likeliest).meanings
    assert meant.query.text == letter * 2_000


def test_slips_are_mended_in_words_that_can_be_meant(model: SyllableModel) -> None:
    restored = DiacriticRestorer(model).restore
    assert restored("hộii nghị") == "hội nghị"
    assert restored("hoạchhoạchho") == "hoạchhoạchho"


def test_english_words_are_mended_up_to_a_length() -> None:
    def weight(word: str) -> float:
        return float(word in ("internationalisation", "x" * 30))

    assert correct_english("internationalisatoin", weight) == "internationalisation"
    assert correct_english("x" * 29, weight) == "x" * 29


@pytest.mark.parametrize(
    ("question", "sentence", "conflicts"),
    [
        ("ASEM 13 họp ở đâu?", "ASEM 12 họp ở Đức.", 1),
        ("ASEM 13 họp ở đâu?", "ASEM 12 và ASEM 13 họp.", 0),
        ("ASEM 13 họp ở đâu?", "Họp 12 lần.", 0),
        ("Điều 5 khoản 2?", "ĐIỀU 6, khoản  3", 2),
        ("Điều 5 và Điều 6?", "Điều 6.", 1),
        ("Quý 4 năm 2024", "quy 3 nam 2024", 1),
        ("họp ở đâu?", "ASEM 12", 0),
        ("x" * 2_000, "x" * 5_000, 0),
    ],
)
def test_numbered_things_conflict(question: str, sentence: str, conflicts: int) -> None:
    assert conflicting_numbers(numbered_things(question), sentence) == conflicts


# --------------------------------------------------------------------------- hyphens


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Hiệp định Việt-Nhật ký năm nào?", ["Việt-Nhật"]),
        ("Hiệp định Việt–Nhật ký năm nào?", ["Việt–Nhật"]),
        ("Hiệp định Việt - Nhật có gì?", ["Việt", "Nhật có"]),
        ("Từ điển Anh-Việt có gì?", ["Anh-Việt"]),
        ("Hải-Quan làm gì?", ["Hải-Quan"]),
        ("Hiệp định Việt-Hàn-Nhật có gì?", ["Việt-Hàn-Nhật"]),
        ("Cục Hải-Quan Hà-Nội ở đâu?", ["Cục Hải-Quan Hà-Nội"]),
        ("Hiệp định ASEAN-Trung Quốc ký năm nào?", ["ASEAN-Trung Quốc"]),
        ("Jean-Pierre Dupont là ai?", ["Jean-Pierre Dupont"]),
        ("VIỆT-NHẬT?", ["VIỆT-NHẬT"]),
        ("Nga-Việt", ["Nga-Việt"]),
        ("Thủ tục Xuất-nhập khẩu?", ["Xuất-nhập"]),
        ("Dự án Nhật-Bản 2020?", ["Nhật-Bản 2020"]),
        ("Tỉnh Trà-Vinh-2?", ["Tỉnh Trà-Vinh-2"]),
        ("ASEM-13 ở đâu?", ["ASEM-13"]),
        ("-Việt", ["Việt"]),
        ("AB -", ["AB"]),
        ("A-", []),
    ],
)
def test_names_may_have_hyphens(analyser: Analyser, question: str, names: list[str]) -> None:
    assert analyser.names(question) == names
    understand(question, [question], analyser, MODEL.likeliest)


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (
            "Hiệp định Việt-Nhật ký năm nào?",
            "Mục đích của hiệp định này là gì?",
            "Việt-Nhật: Mục đích của hiệp định này là gì?",
        ),
        (
            "Hiệp định Việt-Nhật ký năm nào?",
            "Còn Việt-Hàn thì sao?",
            "Hiệp định Việt-Hàn ký năm nào?",
        ),
        ("Từ điển Anh-Việt có gì?", "Còn Pháp-Việt?", "Từ điển Pháp-Việt có gì?"),
        ("ASEM 13 diễn ra ở đâu?", "Hiệp định Việt-Nhật ký năm nào?", None),
        ("ASEM 13 diễn ra ở đâu?", "Còn Hải-Quan thì sao?", "Hải-Quan diễn ra ở đâu?"),
    ],
)
def test_follow_ups_may_have_hyphens(
    analyser: Analyser, earlier: str, question: str, understood: str | None
) -> None:
    meant = understand(question, [earlier], analyser, MODEL.likeliest)
    texts = [meaning.query.text for meaning in meant.meanings if meaning.query.follows]
    assert understood in (None, *texts)


# --------------------------------------------------------------------------- characters


def _divided(text: str) -> tuple[Document, tuple[Passage, ...]]:
    document = make_document("a.txt", text)
    passages = divide(document, max_tokens=8, count_tokens=HashEmbedder().count_tokens)
    return document, passages


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0xE000, 0xF900),  # for private use
        (0xFDD0, 0xFDF0),  # for use within a program
        (0x20, 0x3000),
        (0x20, sys.maxunicode + 1),
    ],
)
def test_a_text_may_have_all_characters(low: int, high: int) -> None:
    characters = "".join(chr(code) for code in range(low, high) if not 0xD800 <= code < 0xE000)
    step = max(1, len(characters) // 20_000)  # of as many as there are in all, not every one
    characters = characters[::step]
    document, passages = _divided(
        "".join(
            f"Điều {at // 500 + 1}. Chữ\n\n{characters[at : at + 500]} là chữ. Hết.\n\n"
            for at in range(0, len(characters), 500)
        )
    )
    ends = [0, *(passage.end for passage in passages)]
    starts = [*(passage.start for passage in passages), len(document.text)]
    between = "".join(document.text[end:start] for end, start in zip(ends, starts, strict=True))
    assert all(end <= start for end, start in zip(ends, starts, strict=True))
    assert not between.strip()
    assert all(document.text[passage.start : passage.end].strip() for passage in passages)


def test_what_has_no_tokens_is_said_once() -> None:
    """Even at the end of a passage, and where there is more of it than a passage has tokens."""
    text = "a b " + "… " * 500 + "c d e f g h i j k l " * 3 + "- " * 20 + "m n."
    document, passages = _divided(text)
    assert [
        word for passage in passages for word in document.text[passage.start : passage.end].split()
    ] == document.text.split()
    assert len(passages) > 500 // 8


def test_marks_in_a_text_divide_nothing() -> None:
    document, passages = _divided("một hai \ufdd0\ufdd1\ufdd2\ufdd3 ba bốn.")
    assert [document.text[passage.start : passage.end] for passage in passages] == [
        "một hai \ufdd0\ufdd1\ufdd2\ufdd3 ba bốn."
    ]


# --------------------------------------------------------------------------- tables


def test_a_row_tells_the_table_s_first_line() -> None:
    text = "Giá\n\n|Xe|Phí|\n|a|1|\n|b|2|\n\n|Cửa|Giờ|\n|c|3|\n"
    document = make_document("a.md", text)

    def told(words: str) -> str:
        start = text.index(words)
        passage = Passage(source="a.md", start=start, end=start + len(words))
        return context_of(document, passage).removeprefix(document.metadata.title).strip()

    assert told("|b|2|") == "|Xe|Phí|"
    assert told("|1|") == "|Xe|Phí|"
    assert told("|c|3|") == "|Cửa|Giờ|"
    assert told("|Cửa|") == ""
    assert told("Giá") == ""


def test_a_part_of_a_table_s_only_line_tells_it() -> None:
    document = make_document("a.md", "|một|hai|ba|")
    passage = Passage(source="a.md", start=4, end=12)
    assert context_of(document, passage) == "|một|hai|ba|"


# --------------------------------------------------------------------------- full stops


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Một… Hai.", ["Một…", "Hai."]),
        ("Một...... Hai?! Ba.", ["Một......", "Hai?!", "Ba."]),
        ("Hết./. Rồi.", ["Hết./.", "Rồi."]),
        ("Một“.” Hai..", ["Một“.”", "Hai.."]),
        ("a.b.c.d", ["a.b.c.d"]),
        ("......x", ["......x"]),
    ],
)
def test_full_stops_end_sentences(text: str, sentences: list[str]) -> None:
    texts = [text[start:end] for start, end in find_sentences(text, 0, len(text))]
    assert texts == sentences


def test_a_day_that_cannot_be_costs_no_other_word_of_the_front_matter() -> None:
    end, front_matter = read_front_matter(
        "---\ntitle: Một\ndate: 2026-13-45\nnumber: 5/QC\n---\nHai.\n"
    )
    assert front_matter == {"title": "Một", "date": "", "number": "5/QC"}
    assert end == 49
    assert read_front_matter("---\ndate: 2026-01-05\n---\n")[1] == {"date": "2026-01-05"}


@pytest.mark.parametrize(
    "written", ["CÔNG TY CẤP THOÁT NƯỚC", "KIỂM TOÁN HOÀNG LONG", "CÔNG TY DẦU KHOÁNG"]
)
def test_the_tone_marks_of_closed_syllables_stay(written: str) -> None:
    assert issuing_office([written]).upper() == written
