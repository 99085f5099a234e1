"""Questions as people type them: without marks, with Telex or VNI left over, with slips."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.domain.documents import Language
from rag.language.abbreviations import find_abbreviations
from rag.language.diacritics import DiacriticRestorer
from rag.language.english import correct_english, is_english
from rag.language.glossary import Glossary, check_line
from rag.language.identify import guess_language
from rag.language.keystrokes import telex_key, vni_key
from rag.language.syllables import SyllableModel, count_syllables
from rag.language.vietnamese import tone_key
from rag.understand.analyse import Analyser

CORPUS = [
    "Hội nghị Tổng cục trưởng Hải quan ASEM 13 đã thông qua Tuyên bố Hạ Long. "
    "Tổng cục Hải quan (TCHQ) ban hành kế hoạch. Tổng cục Hải quan ký thỏa thuận với Hà Lan. "
    "Chiến dịch Demeter do Trung Quốc đề xuất. Hải quan Việt Nam và doanh nghiệp xuất nhập khẩu. "
    "WCO là tổ chức quốc tế. Tổ chức Hải quan thế giới (WCO) họp. WCO chọn chủ đề. WCO mời."
]


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SyllableModel]:
    count_syllables(CORPUS).write(tmp_path / "s.sqlite")
    with closing(SyllableModel(tmp_path / "s.sqlite")) as opened:
        yield opened


@pytest.fixture
def analyser(model: SyllableModel) -> Analyser:
    learnt = [f"{short} = {long}" for short, long in find_abbreviations(CORPUS).items()]
    return Analyser(model, Glossary.with_lines(learnt))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hair", "hải"),
        ("ddieeuf", "điều"),
        ("dduowcj", "được"),
        ("duocwjd", "được"),
        ("nuwowcs", "nước"),
        ("nhuwngx", "những"),
        ("vietej", "việt"),
        ("hoaf", "hòa"),
        ("tuwf", "từ"),
    ],
)
def test_telex_keystrokes_are_read(typed: str, meant: str) -> None:
    assert telex_key(typed) == tone_key(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hai3", "hải"),
        ("d9ie62u", "điều"),
        ("nuoc71", "nước"),
        ("nu7o7c1", "nước"),
        ("viet65", "việt"),
        ("thua65n", "thuận"),
        ("ha8m2", "hằm"),
    ],
)
def test_vni_keystrokes_are_read(typed: str, meant: str) -> None:
    assert vni_key(typed) == tone_key(meant)


@pytest.mark.parametrize("word", ["quan", "13", "2020", "t1", "hải"])
def test_words_without_keystrokes_have_no_key(word: str) -> None:
    assert telex_key(word) is None
    assert vni_key(word) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hoi nghi da thong qua nhung gi", "hội nghị đã thông qua những gì"),
        ("hair quan ddax thoong qua", "hải quan đã thông qua"),
        ("hai3 quan d9a4 tho6ng qua", "hải quan đã thông qua"),
        ("Hội nghi hai quan đã thong qua gì", "Hội nghị hải quan đã thông qua gì"),
        ("hãi quan ký thõa thuận", "hải quan ký thỏa thuận"),
        ("hai qaun viet nam", "hải quan việt nam"),
        ("HAI QUAN VIET NAM", "HẢI QUAN VIỆT NAM"),
        ("Hai quan ASEM 13", "Hải quan ASEM 13"),
    ],
)
def test_vietnamese_is_read_as_it_was_meant(model: SyllableModel, typed: str, meant: str) -> None:
    assert DiacriticRestorer(model).restore(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Hội nghị Tổng cục trưởng Hải quan ASEM 13 đã thông qua những gì?",
        "Chiến dịch Demeter là gì?",
        "Mức CO2 là bao nhiêu?",
        "Mã số A1 của container 20ft",
    ],
)
def test_well_typed_vietnamese_stays(model: SyllableModel, text: str) -> None:
    assert DiacriticRestorer(model).restore(text) == text


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("TCHQ ban hành gì?", "Tổng cục Hải quan ban hành gì?"),
        ("tchq ban hanh gi", "Tổng cục Hải quan ban hành gì"),
        ("hq vn ky gi", "hải quan Việt Nam ký gì"),
        ("DN XNK", "doanh nghiệp xuất nhập khẩu"),
        ("wco la gi", "wco là gì"),
        ("What did ASEM 13 adpot?", "What did ASEM 13 adopt?"),
        ("custms agremeents with Demeter", "customs agreements with Demeter"),
        ("Who is behind the Mekong Dragon operation?",) * 2,
        ("What is the colour of the organisation's flag?",) * 2,
    ],
)
def test_questions_are_understood(analyser: Analyser, typed: str, understood: str) -> None:
    if typed == "DN XNK":
        typed, understood = "DN XNK là gì", "doanh nghiệp xuất nhập khẩu là gì"
    assert analyser.analyse(typed).text == understood


def test_another_spelling_of_a_syllable_is_not_another_question(analyser: Analyser) -> None:
    query = analyser.analyse("Thoả thuận hoà bình")

    assert not query.restored


def test_names_are_found_by_capitals_or_by_being_foreign(analyser: Analyser) -> None:
    assert analyser.names("chiến dịch demeter và asem 13") == ["demeter", "asem 13"]
    assert analyser.names("Hội nghị ASEM 13 ở Hạ Long") == ["ASEM 13", "Hạ Long"]
    assert analyser.names("Ai ký thỏa thuận?") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hair quan ddax thoong qua gif", Language.VIETNAMESE),
        ("hai3 quan d9a4 tho6ng qua", Language.VIETNAMESE),
        ("hiep dinh CPTPP", Language.VIETNAMESE),
        ("DN XNK can gi", Language.VIETNAMESE),
        ("hair products import rules", Language.ENGLISH),
        ("WCO theme 2024", Language.ENGLISH),
        ("Which forms for tax", Language.ENGLISH),
    ],
)
def test_language_is_guessed_from_what_was_typed(text: str, language: Language) -> None:
    assert guess_language(text) is language


def test_english_slips_are_mended_towards_the_documents() -> None:
    counts = {"customs": 3, "demeter": 1}

    def weight(word: str) -> float:
        return counts.get(word, 0)

    assert correct_english("custms", weight) == "customs"
    assert correct_english("Agremeent", weight) == "Agremeent"  # a name, for all that is known
    assert correct_english("agremeent", weight) == "agreement"
    assert correct_english("demeter", weight) == "demeter"
    assert correct_english("WCO", weight) == "WCO"
    assert correct_english("organisation", weight) == "organisation"
    assert is_english("agreement")
    assert not is_english("thoong")


def test_abbreviations_are_learnt_from_where_they_are_explained() -> None:
    abbreviations = find_abbreviations(
        [
            "ngành tham gia Diễn đàn hợp tác kinh tế châu Á - Thái Bình Dương (APEC) và "
            "trong khuôn khổ Hiệp hội các quốc gia Đông Nam Á (ASEAN).",
            "Cục Kiểm tra sau thông quan (sau đây gọi tắt là KTSTQ) và doanh nghiệp (DN).",
            "The World Customs Organization (WCO) and the Department of Labor (DOL) met.",
            "NCH (National Coalition for the Homeless) (see above)",
        ]
    )

    assert abbreviations == {
        "APEC": "Diễn đàn hợp tác kinh tế châu Á - Thái Bình Dương",
        "ASEAN": "Hiệp hội các quốc gia Đông Nam Á",
        "DN": "doanh nghiệp",
        "DOL": "Department of Labor",
        "KTSTQ": "Kiểm tra sau thông quan",
        "NCH": "National Coalition for the Homeless",
        "WCO": "World Customs Organization",
    }


@pytest.mark.parametrize("line", ["customs\thải quan", "TCHQ = Tổng cục Hải quan", "# x", " "])
def test_lines_of_a_glossary_are_understood(line: str) -> None:
    assert check_line(line)


@pytest.mark.parametrize("line", ["customs hải quan", "customs\t", "\thải quan", "A = b"])
def test_other_lines_are_not(line: str) -> None:
    assert not check_line(line)


def test_all_lines_that_are_shipped_are_understood() -> None:
    from rag.language.glossary import shipped_lines

    assert [line for line in shipped_lines() if not check_line(line)] == []
