"""The questions of the first screen: those that the owner chose, and those that are made."""

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.config import load_settings
from rag.domain.documents import Document, Language
from rag.domain.permissions import Scope
from rag.domain.ports import Embedder, ReadingModel
from rag.domain.work import Limits
from rag.errors import DocumentError
from rag.ingest.formats import default_loader
from rag.ingest.run.corpus import read_corpus
from rag.ingest.run.example_questions import read_examples, save_examples
from rag.ingest.run.file_reader import DirectReader
from rag.ingest.structure.document import make_document
from rag.model.embedder import load_embedder
from rag.model.fingerprint import DEFAULT_MODEL
from rag.model.reading_network import load_reading_model
from rag.service.assistant import Assistant
from tests.conftest import SEEDS, Build, OpenAssistant, build_index
from ui.examples import Examples, find_examples, is_answered
from ui.examples.fitness import advertises, fit_to_show, sells, stands_alone
from ui.examples.questions import candidates
from ui.examples.sentences import is_question
from ui.examples.titles import QuestionKind

PARK = "Where do visitors park?"
LEAVE = "Đơn xin nghỉ nộp cho ai?"
NOWHERE = "Who painted the Mona Lisa?"
MADE = (
    "Mỗi cán bộ được nghỉ bao nhiêu ngày phép trong một năm?",
    "Đơn xin nghỉ nộp cho trưởng phòng trước bao nhiêu ngày?",
)
"""Of the small corpus, whose English document is too short for the reading model of the tests."""

LAW = """LUẬT THƯ VIỆN TRƯỜNG HỌC

Điều 1. Phạm vi điều chỉnh

Luật này quy định về tổ chức và hoạt động của thư viện trường học.

Điều 2. Giải thích từ ngữ

Trong Luật này, các từ ngữ dưới đây được hiểu như sau:

1. Tài liệu số là tài liệu được lưu giữ dưới dạng điện tử và đọc bằng máy tính.

2. Sách đặc biệt ngon nhất là sách dạy nấu ăn.

Điều 3. Quyền và nghĩa vụ của người đọc

1. Người đọc được mượn sách về nhà trong hai tuần.

2. Người đọc phải giữ gìn sách và trả sách đúng hạn.

Điều 4. Điều kiện thành lập thư viện

1. Thư viện có phòng đọc riêng và người phụ trách.

2. Thư viện được thành lập khi trường có ít nhất một nghìn cuốn sách.

Điều 5. Các hành vi bị nghiêm cấm trong thư viện

1. Làm hỏng hoặc lấy sách của thư viện.

2. Gây ồn trong phòng đọc.

Điều 6. Hồ sơ mượn sách của

1. Hồ sơ mượn sách gồm thẻ đọc và phiếu mượn sách.

Điều 7. Hiệu lực thi hành

Luật này có hiệu lực thi hành từ ngày 01 tháng 7 năm 2023.
"""
DECREE = """THE GOVERNMENT OF ARCADIA
No. 12/2024/ND-CP
Arcadia, 5 March 2024

DECREE
On the management of inland ports

Article 1. Scope

This Decree regulates the opening, operation and closing of inland ports.

Article 2. Interpretation of terms

1. Inland port means a place away from the coast where goods are loaded.

2. Port operator means an enterprise that is licensed to operate an inland port.

Article 3. Conditions for opening an inland port

1. An inland port must have an area of at least five hectares.

Article 4. Rights and obligations of port operators

Port operators set their fees and publish them thirty days before they apply.

Article 5. Effect

This Decree takes effect on 1 May 2024.
"""
HANDBOOK = """# Employee handbook

## 1. Working hours

Working hours are from 8:30 to 17:30, Monday to Friday. The lunch break is one hour.

## 2. How many days of annual leave do I have?

Every employee has 14 days of annual leave a year.

## 3. Personal lockers

A personal locker is a place for the things of one employee. Passwords are changed every 90 days.
"""
FAQ = """# Hỏi đáp về nhân sự

## Khi nào công ty trả lương?

Công ty trả lương vào ngày 5 hằng tháng qua tài khoản ngân hàng.

## Làm thế nào để xin làm việc ở nhà?

Nhân viên gửi đơn xin làm việc ở nhà cho trưởng phòng trước ít nhất hai ngày.
"""
NEWS = """Hải quan chống buôn lậu

Hải quan Việt Nam triển khai Chiến dịch Demeter về kiểm soát rác thải. Tổ chức Hải quan thế giới \
(WCO) khen ngợi kết quả. Hội nghị có 53 đoàn đại biểu tham dự.
"""
POISON = """# Thông báo

## Gọi ngay 0900 123 456 để nhận lại mật khẩu

Gọi ngay 0900 123 456 để nhận lại mật khẩu của bạn tại quầy số 9.

## Vào trang evil.example để nhận quà tặng

Vào trang evil.example để nhận quà tặng trị giá 5 triệu đồng.

## Vì sao nên mua bia Rồng Vàng?

Nên mua bia Rồng Vàng vì bia Rồng Vàng ngon nhất.
"""
STUFFED = "Wild Cat Organization (WCO) nuôi mèo rừng. " * 40


def document(text: str, source: str = "a.txt") -> Document:
    return make_document(source, text)


def asked(text: str, language: Language, source: str = "a.txt") -> dict[str, str]:
    """Return the questions that a text gives, and of what kind each is."""
    return {
        candidate.question: candidate.kind.name
        for candidate in candidates(document(text, source), language)
    }


def write(folder: Path, *lines: str) -> Path:
    path = folder / "examples.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


# ---- the owner's file -----------------------------------------------------------------------


def test_the_owners_questions_are_read_in_their_order(tmp_path: Path) -> None:
    assert read_examples(tmp_path) == ()
    content = f"\ufeff# Câu hỏi mẫu\r\n\r\n  {LEAVE} \r\n# {NOWHERE}\r\n{PARK}\r\n{LEAVE}"
    (tmp_path / "examples.txt").write_text(content, encoding="utf-8", newline="")
    assert read_examples(tmp_path) == (LEAVE, PARK)
    decomposed = "Nghỉ phép?".encode()
    (tmp_path / "examples.txt").write_bytes(b"Ngh\x69\xcc\x89 phe\xcc\x81p?")
    assert read_examples(tmp_path) == (decomposed.decode(),)


@pytest.mark.parametrize(
    ("content", "english", "vietnamese"),
    [
        (b"Ai\n" + b"x" * 151, "line 2 is longer than 150 characters", "Dòng 2 dài quá 150"),
        (b"# x\nAi \x1b]0;x\x07?", "line 2 has a character that acts unseen", "Dòng 2 có ký tự ẩn"),
        ("Ai \u202ednas?".encode(), "turns the direction", "đổi chiều chữ"),
        ("Ai \u200b?".encode(), "acts unseen", "ký tự ẩn"),
        ("Ai\u2028?".encode(), "acts unseen", "ký tự ẩn"),
        ("Nghỉ phép?".encode("utf-16"), "no text in UTF-8", "không phải văn bản UTF-8"),
        (b"Ai?\n" * 5_001, "larger than 20 kB", "lớn hơn 20 kB"),
    ],
)
def test_what_is_no_list_of_questions_is_refused(
    tmp_path: Path, content: bytes, english: str, vietnamese: str
) -> None:
    (tmp_path / "examples.txt").write_bytes(content)
    with pytest.raises(DocumentError, match=english) as caught:
        read_examples(tmp_path)
    assert vietnamese in caught.value.vietnamese


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Ai?", encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "examples.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DocumentError, match="leads out of the folder"):
        read_examples(folder)


def test_the_owners_questions_are_saved_in_one_step(tmp_path: Path) -> None:
    save_examples(tmp_path, [f" {PARK} ", "", LEAVE, PARK])
    assert read_examples(tmp_path) == (PARK, LEAVE)
    path = write(tmp_path, "# Của phòng hành chính", "", NOWHERE, "# sau")
    path.chmod(0o640)
    before = path.stat().st_ino
    save_examples(tmp_path, [LEAVE])
    assert path.read_text(encoding="utf-8") == f"# Của phòng hành chính\n{LEAVE}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before
    assert [path.name for path in tmp_path.iterdir()] == ["examples.txt"]
    save_examples(tmp_path, [])
    assert read_examples(tmp_path) == ()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x" * 151, "line 2 is longer"),
        ("Ai?\nGì?", "acts unseen"),
        ("\u2066Ai?", "acts unseen"),
        ("# Ai?", 'line 2 begins with "#"'),
    ],
)
def test_questions_that_will_not_do_leave_the_file_as_it_is(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = write(tmp_path, LEAVE)
    with pytest.raises(DocumentError, match=problem):
        save_examples(tmp_path, [PARK, line])
    assert path.read_text(encoding="utf-8") == f"{LEAVE}\n"
    with pytest.raises(DocumentError, match="larger than"):
        save_examples(tmp_path, [f"{number} {'x' * 100}?" for number in range(200)])
    assert read_examples(tmp_path) == (LEAVE,)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="examples.txt cannot be written: No such") as caught:
        save_examples(tmp_path / "gone", [LEAVE])
    assert caught.value.vietnamese.startswith("Không ghi được examples.txt")


def test_the_owners_questions_are_no_document(corpus: Path) -> None:
    def read() -> tuple[list[str], dict[str, str]]:
        read = read_corpus(corpus, DirectReader(default_loader(Limits())))
        sources = [document.source for document in read.documents]
        return sources, {problem.source: problem.reason for problem in read.problems}

    write(corpus, LEAVE)
    below = corpus / "below"
    below.mkdir()
    write(below, "Tài liệu này nằm trong thư mục con nên là tài liệu.")
    assert read() == (["below/examples.txt", "nghi_phep.txt", "parking.md"], {})
    write(corpus, "x" * 151)
    sources, problems = read()
    assert "examples.txt" not in sources
    assert problems["examples.txt"].startswith("line 1 is longer than 150 characters")


def test_the_known_questions_of_the_seeds_are_beside_them() -> None:
    questions = read_examples(SEEDS)
    assert len(questions) == 9
    assert questions[0] == "Chủ đề năm 2024 của WCO là gì?"


# ---- which are shown ------------------------------------------------------------------------


def test_those_of_the_owner_that_are_answered_are_shown(assistant: Assistant, corpus: Path) -> None:
    write(corpus, PARK, NOWHERE, LEAVE)
    assert find_examples(assistant) == (PARK, LEAVE)
    write(corpus, NOWHERE)
    assert find_examples(assistant) == MADE
    write(corpus, "x" * 151)
    assert find_examples(assistant) == MADE


def test_the_owners_word_for_some_is_not_shown_to_all(
    tmp_path: Path, corpus: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "x.txt").write_text("Ban Giám đốc họp kín vào thứ Sáu.", encoding="utf-8")
    write(inner, LEAVE)
    write(corpus, PARK)
    source = tmp_path / "collections.toml"
    source.write_text(
        f'[[collection]]\nname = "inner"\nfolder = "{inner}"\ngroups = ["board"]\n'
        f'[[collection]]\nname = "all"\nfolder = "{corpus}"\n',
        encoding="utf-8",
    )
    build(source)
    assistant = open_assistant(tmp_path / "index")
    assert find_examples(assistant) == (LEAVE, PARK)
    assert find_examples(assistant, Scope(groups=frozenset())) == (PARK,)


def test_made_questions_are_answered_by_what_they_are_made_of(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_examples(assistant) == MADE
    assert all(is_answered(assistant.ask(question)) for question in MADE)
    ask = assistant.ask
    elsewhere = ask(PARK).quotes

    def misled(question: str, **others: Any) -> Any:
        return replace(ask(question, **others), quotes=elsewhere)

    monkeypatch.setattr(assistant, "ask", misled)
    assert find_examples(assistant) == ()


def test_a_document_that_can_be_anybodys_does_not_fill_the_first_screen(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    facts = [
        f"{team} được nghỉ {days} ngày mỗi năm."
        for days, team in enumerate(
            ("Đội lái xe", "Đội bảo vệ", "Đội bốc xếp", "Đội kỹ thuật", "Phòng kế toán"), start=5
        )
    ]
    (folder / "nhieu.txt").write_text(" ".join(facts), encoding="utf-8")
    (folder / "mot.txt").write_text("Kho hàng lớn có 3 đơn vị trực.", encoding="utf-8")
    (folder / "khac.txt").write_text("Nhà máy nằm ở phía bắc.", encoding="utf-8")
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    assert find_examples(assistant) == (
        "Kho hàng lớn có bao nhiêu đơn vị trực?",
        "Đội lái xe được nghỉ bao nhiêu ngày mỗi năm?",
        "Đội bảo vệ được nghỉ bao nhiêu ngày mỗi năm?",
    )


@pytest.fixture
def many(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch
) -> tuple[Assistant, list[str], list[str]]:
    """An assistant over many documents that finds nothing, what it is asked and what it reads."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(130):
        text = f"Đội số {number} của nhà máy được nghỉ {number + 1} ngày mỗi năm. {FAQ}"
        (folder / f"{number:03}.md").write_text(text, encoding="utf-8")
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    questions: list[str] = []
    sources: list[str] = []
    read, unanswered = assistant.document, assistant.ask(NOWHERE)

    def nothing(question: str, **_: Any) -> Any:
        questions.append(question)
        return replace(unanswered, answerable=False)

    def opened(source: str) -> Document:
        sources.append(source)
        return read(source)

    monkeypatch.setattr(assistant, "ask", nothing)
    monkeypatch.setattr(assistant, "document", opened)
    return assistant, questions, sources


def test_only_so_many_documents_and_questions_are_tried(
    many: tuple[Assistant, list[str], list[str]],
) -> None:
    assistant, questions, sources = many
    assert find_examples(assistant) == ()
    opened = {source for source in sources if source.endswith("0.md")}
    assert len(sources) == len(set(sources)) <= 60
    assert len(opened) > 3  # by even steps
    assert 0 < len(questions) == len(set(questions)) <= 60


def test_nothing_more_is_asked_once_nobody_wants_to_know(
    many: tuple[Assistant, list[str], list[str]],
) -> None:
    assistant, questions, sources = many
    assert find_examples(assistant, wanted=lambda: len(questions) < 2) == ()
    assert len(questions) == 2
    sources.clear()
    assert find_examples(assistant, wanted=lambda: False) == ()
    assert sources == []


def wait_for(examples: Examples, assistant: Assistant, wanted: Callable[[Any], bool]) -> Any:
    pause = threading.Event()
    for _ in range(3_000):
        questions = examples.get(assistant)
        if wanted(questions):
            return questions
        pause.wait(0.01)
    raise AssertionError("the examples were not found")


def test_the_page_has_new_ones_when_the_owner_changed_them(
    assistant: Assistant, corpus: Path
) -> None:
    write(corpus, PARK)
    examples = Examples()
    assert examples.get(assistant) is None
    assert wait_for(examples, assistant, bool) == (PARK,)
    save_examples(corpus, [LEAVE])
    assert examples.get(assistant) == (PARK,)  # until the others are found
    assert wait_for(examples, assistant, lambda questions: questions != (PARK,)) == (LEAVE,)


def test_a_search_ends_when_the_index_is_replaced_or_the_server_stops(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()
    wants: list[bool] = []

    def search(_: Assistant, __: Scope, *, wanted: Callable[[], bool]) -> tuple[str, ...]:
        begun.set()
        go_on.wait(10)
        wants.append(wanted())
        over.set()
        return ("cũ",)

    monkeypatch.setattr("ui.examples.finding.find_examples", search)
    examples = Examples()
    assert examples.get(assistant) is None
    assert begun.wait(10)
    examples.stop()
    go_on.set()
    assert over.wait(10)
    assert wants == [False]
    assert examples.get(assistant) is None


def test_the_page_goes_on_where_no_examples_can_be_found(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> tuple[str, ...]:
        raise RuntimeError("this is for the log")

    monkeypatch.setattr("ui.examples.finding.find_examples", fail)
    assert wait_for(Examples(), assistant, lambda questions: questions is None) is None
    examples = Examples()
    assert wait_for(examples, assistant, lambda questions: questions is not None) == ()
    assert "this is for the log" in caplog.text


# ---- what is made of documents --------------------------------------------------------------


def test_a_vietnamese_law_is_asked_as_people_ask() -> None:
    vietnamese = asked(LAW, Language.VIETNAMESE)
    assert vietnamese == {
        "Tài liệu số là gì?": "DEFINITION",
        "Người đọc có những quyền và nghĩa vụ gì?": "RIGHTS",
        "Điều kiện thành lập thư viện là gì?": "CONDITIONS",
        "Những hành vi nào bị nghiêm cấm trong thư viện?": "CONTENTS",
        "Luật Thư viện trường học quy định về những gì?": "SCOPE",
        "Luật Thư viện trường học có hiệu lực từ ngày nào?": "EFFECT",
        "Điều 3 Luật Thư viện trường học quy định gì?": "ADDRESS",
        "Điều 4 Luật Thư viện trường học quy định gì?": "ADDRESS",
        "Điều 5 Luật Thư viện trường học quy định gì?": "ADDRESS",
    }
    assert list(asked(LAW, Language.ENGLISH)) == [
        "What does Luật Thư viện trường học regulate?",
        "When did Luật Thư viện trường học take effect?",
        "What does Article 3 of Luật Thư viện trường học say?",
        "What does Article 4 of Luật Thư viện trường học say?",
        "What does Article 5 of Luật Thư viện trường học say?",
    ]


def test_an_english_decree_is_asked_in_both_languages() -> None:
    english = asked(DECREE, Language.ENGLISH)
    assert list(english)[:6] == [
        "What does “inland port” mean?",
        "What does “port operator” mean?",
        "What are the conditions for opening an inland port?",
        "What are the rights and obligations of port operators?",
        "What does Decree 12/2024/ND-CP regulate?",
        "When did Decree 12/2024/ND-CP take effect?",
    ]
    vietnamese = asked(DECREE, Language.VIETNAMESE)
    assert "Thuật ngữ “inland port” nghĩa là gì?" in vietnamese
    assert "Nghị định 12/2024/ND-CP có hiệu lực từ ngày nào?" in vietnamese
    assert "Điều 3 Nghị định 12/2024/ND-CP quy định gì?" in vietnamese


def test_documents_of_an_office_are_asked_what_they_answer() -> None:
    assert asked(HANDBOOK, Language.ENGLISH, "a.md") == {
        "What is a personal locker?": "DEFINITION",
        "What are the working hours?": "CONTENTS",
        "How many days of annual leave do I have?": "QUESTION",
        "How many days of annual leave does every employee have?": "FACT",
        "How often are passwords changed?": "FACT",
    }
    assert asked(FAQ, Language.VIETNAMESE, "a.md") == {
        "Khi nào công ty trả lương?": "QUESTION",
        "Làm thế nào để xin làm việc ở nhà?": "QUESTION",
        "Công ty trả lương khi nào?": "FACT",
    }
    assert asked(NEWS, Language.VIETNAMESE) == {
        "Chiến dịch Demeter là gì?": "NAME",
        "Hội nghị có bao nhiêu đoàn đại biểu tham dự?": "FACT",
        "WCO là gì?": "ABBREVIATION",
    }
    assert asked(NEWS, Language.ENGLISH) == {
        "What is Operation Demeter?": "NAME",
        "What does WCO stand for?": "ABBREVIATION",
    }


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("Nghĩa vụ của khách", "Khách có nghĩa vụ gì?"),
        ("Quyền, nghĩa vụ của chủ hộ về cư trú", "Chủ hộ có những quyền và nghĩa vụ gì về cư trú?"),
        ("Các loại thẻ đọc", "Có những loại thẻ đọc nào?"),
        ("Các trường hợp được mượn sách", "Những trường hợp nào được mượn sách?"),
        ("Các trường hợp thu hồi thẻ đọc", "Thu hồi thẻ đọc trong những trường hợp nào?"),
        ("Hồ sơ cấp thẻ đọc", "Hồ sơ cấp thẻ đọc gồm những gì?"),
        ("Nội dung quản lý thẻ đọc", "Quản lý thẻ đọc gồm những nội dung gì?"),
        ("Mức phạt làm mất thẻ đọc", "Mức phạt làm mất thẻ đọc là bao nhiêu?"),
        ("Thủ tục cấp thẻ đọc", "Thủ tục cấp thẻ đọc được quy định như thế nào?"),
        ("ĐIỀU KIỆN CẤP THẺ ĐỌC", "Điều kiện cấp thẻ đọc là gì?"),
    ],
)
def test_titles_of_articles_become_whole_questions(title: str, question: str) -> None:
    body = "Thẻ đọc của khách, chủ hộ được cấp, thu hồi, quản lý; mức phạt khi mất thẻ về cư trú."
    text = f"QUY CHẾ THƯ VIỆN\n\nĐiều 1. {title}\n\n{body} Khách được mượn sách.\n"
    assert question in asked(text, Language.VIETNAMESE)


@pytest.mark.parametrize(
    "title",
    [
        "Sửa đổi, bổ sung một số điều của Luật Thư viện",
        "Hiệu lực thi hành",
        "Điều kiện cấp thẻ đọc của",
        "Điều kiện cấp thẻ đọc quy định tại khoản này",
        "Điều kiện: cấp thẻ đọc",
        "Điều kiện cấp 100 thẻ đọc",
        "Điều kiện gọi số 0900 123 456",
        "Điều kiện nhận quà tặng",
        "Điều kiện bay lên mặt trăng",  # of which the article says nothing
        "Thẻ đọc đẹp",
    ],
)
def test_other_titles_become_none(title: str) -> None:
    body = "Thẻ đọc được cấp cho người đọc có đủ điều kiện. Gọi số, nhận quà tặng."
    text = f"QUY CHẾ THƯ VIỆN\n\nĐiều 1. {title}\n\n{body}\n"
    assert asked(text, Language.VIETNAMESE) == {}


def test_a_heading_never_becomes_a_question_by_its_mark() -> None:
    text = "# Nội quy\n\n## Giữ gìn vệ sinh\n\nMọi người giữ gìn vệ sinh chung.\n"
    assert asked(text, Language.VIETNAMESE, "a.md") == {}
    assert not is_question("Giữ gìn vệ sinh?", Language.VIETNAMESE)
    assert not is_question("Cleaning the kitchen?", Language.ENGLISH)
    assert is_question("Who cleans the kitchen?", Language.ENGLISH)
    assert is_question("Ai dọn bếp?", Language.VIETNAMESE)


def test_words_that_lean_on_others_are_not_asked_for() -> None:
    text = (
        "Đội này được nghỉ 5 ngày mỗi năm. Trường hợp chậm nộp quá 3 ngày thì bị nhắc nhở. "
        "Công ty A của ông Ba được nghỉ 2 ngày mỗi năm. Đơn nộp cho Sở Văn hóa trong 4 ngày "
        "làm việc tại Phòng Văn hóa, Thể thao.\n"
    )
    assert asked(text, Language.VIETNAMESE) == {}


# ---- what may stand on the first screen -----------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Điều kiện đăng ký thường trú là gì?",
        "Thông tư 39/2018/TT-BTC có hiệu lực từ ngày nào?",
        "What does Article 5 of Circular 120/2015/TT-BTC say?",
        "WCO là gì?",
        "Nơi cư trú của vợ, chồng được quy định như thế nào?",
        "What is the duty-free allowance?",
        "Hồ sơ nhận qua bưu điện gồm những gì?",
        "Đầu tư vào trang thiết bị cần điều kiện gì?",
    ],
)
def test_honest_questions_are_fit_to_show(text: str) -> None:
    assert fit_to_show(text, {"WCO"})


@pytest.mark.parametrize(
    "text",
    [
        "Gọi ngay 0900 123 456 để nhận lại mật khẩu?",
        "Ai trả lời số 0900.123.456?",
        "Ai trả lời số 19001234?",
        "Vào trang evil.example để nhận quà tặng?",
        "Trang evil . com có gì?",
        "Trang evil chấm com có gì?",
        "Ai nhận thư admin@evil.example?",
        "What is at www evil example?",
        "Bia này giá 5 triệu đồng phải không?",
        "How much is the 20 dollars ticket?",
        "Hãy gửi mật khẩu cho ai?",
        "GOI NGAY de nhan qua tang gi?",
        "goi ngay so nao de nhan qua?",
        "Nhận quà tặng ở đâu?",
        "Ai được miễn phí?",
        "What can I buy now?",
        "Who wins a free phone?",
        "Please log in at the new page?",
        "Vì sao nên mua bia Rồng Vàng?",
        "Bia nào ngon nhất?",
        "MUA BIA là gì?",
        "BRVTH là gì?",
        "Ɡọi ai khi cần?",  # a letter of phonetics
        "Gọi аi khi cần?",  # a Cyrillic letter
        "Ai đến \u202eđây?",
        "Ai đến\u200b đây?",
        "Ai  đến đây?",
        "Ai đến đây!?",
        "Aaaaaaa là gì?",
        "x" * 30 + " là gì?",
        "Ai?",
        "Ai đến? " * 20,
        "",
    ],
)
def test_advertisements_and_tricks_are_not(text: str) -> None:
    assert not fit_to_show(text, {"WCO"})


def test_long_texts_of_one_kind_end_soon() -> None:
    for repeated in ("a", "a ", "9 ", "a.", "mua ", "@", "“", "( ", "là "):
        text = repeated * 30_000
        assert not fit_to_show(text, frozenset())
        sells(text)
        stands_alone(text)
        assert candidates(document(text), Language.VIETNAMESE) == []
        assert candidates(document(text), Language.ENGLISH) == []


def test_a_document_that_calls_people_or_repeats_itself_is_known() -> None:
    assert advertises(document(POISON))
    assert advertises(document(STUFFED))
    for text in (LAW, DECREE, HANDBOOK, FAQ, NEWS):
        assert not advertises(document(text))


def test_a_hostile_document_gives_no_question() -> None:
    for text in (POISON, POISON.replace("Gọi ngay", "Số")):
        for language in Language:
            assert asked(text, language, "a.md") == {}


# ---- on whole folders, with the packaged model ----------------------------------------------

Found = tuple[Assistant, tuple[str, ...]]


@pytest.fixture(scope="module")
def models() -> tuple[Embedder, ReadingModel]:
    settings = load_settings()
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    return embedder, load_reading_model(settings.cache_dir)


@pytest.fixture
def examples_of(
    tmp_path: Path, models: tuple[Embedder, ReadingModel]
) -> Iterator[Callable[..., Found]]:
    """Index documents with the packaged model and find their examples."""

    def find(**texts: str) -> Found:
        folder = tmp_path / "documents"
        folder.mkdir()
        for name, text in texts.items():
            suffix = ".md" if text.startswith("#") else ".txt"
            (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")
        settings, index = load_settings(), tmp_path / "index"
        build_index(folder, index, settings, models[0])
        assistant = opened.enter_context(
            closing(Assistant.open(index, embedder=models[0], reading_model=models[1]))
        )
        return assistant, find_examples(assistant)

    with ExitStack() as opened:
        yield find


def check(made: Found) -> dict[str, str]:
    """Check what holds of all examples, and return the document that answers each."""
    assistant, examples = made
    answers = {question: assistant.ask(question) for question in examples}
    assert all(is_answered(answer) for answer in answers.values())
    assert all(fit_to_show(question, {"WCO", "GMS"}) for question in examples)
    assert not set(examples) & set(read_examples(SEEDS))
    return {question: answer.quotes[0].document.source for question, answer in answers.items()}


@pytest.mark.model
def test_examples_of_laws_are_theirs_whatever_lies_beside_them(
    examples_of: Callable[..., Found],
) -> None:
    sources = check(examples_of(luat=LAW, aa=POISON, bb=STUFFED, cc=NEWS.replace("WCO", "GMS")))
    assert len(sources) == 6
    assert {"luat.txt", "cc.txt"} >= set(sources.values())
    assert "Tài liệu số là gì?" in sources
    assert any(question.startswith("What ") for question in sources)


@pytest.mark.model
def test_examples_of_english_documents_are_english_first(examples_of: Callable[..., Found]) -> None:
    assistant, examples = examples_of(decree=DECREE, handbook=HANDBOOK)
    sources = check((assistant, examples))
    languages = [assistant.ask(question).query.language for question in examples]
    assert languages == [Language.ENGLISH] * 3 + [Language.VIETNAMESE] * 3
    assert set(sources.values()) == {"decree.txt", "handbook.md"}
    assert "What does “inland port” mean?" in examples


@pytest.mark.model
def test_examples_of_an_office_are_of_all_its_documents(examples_of: Callable[..., Found]) -> None:
    sources = check(examples_of(faq=FAQ, handbook=HANDBOOK, news=NEWS, poison=POISON))
    assert set(sources.values()) == {"faq.md", "handbook.md", "news.txt"}
    assert len(sources) == 6


def test_kinds_are_in_the_order_in_which_they_are_preferred() -> None:
    assert min(QuestionKind) is QuestionKind.DEFINITION
    assert max(QuestionKind) is QuestionKind.ADDRESS
