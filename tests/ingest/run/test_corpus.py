import itertools
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain.documents import BlockKind, Metadata
from rag.domain.work import Limits
from rag.errors import EmptyCorpusError
from rag.ingest import Corpus, read_corpus
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader
from rag.ingest.structure.blocks import find_blocks
from rag.ingest.structure.document import make_document
from rag.ingest.structure.sentences import find_sentences
from tests.conftest import SEEDS


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, text[block.start : block.end]) for block in find_blocks(text)]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in find_sentences(text, 0, len(text))]


def read(folder: Path) -> Corpus:
    return read_corpus(folder, DirectReader(default_loader(Limits())))


@pytest.mark.parametrize(
    "caption",
    [
        "Các đại biểu tham dự hội nghị (Ảnh: N.P)",
        "Toàn cảnh buổi lễ. Ảnh: Hồng Nụ",
        "Lễ ký kết hiệp định song phương. Ảnh minh họa",
        "Lễ ký kết hiệp định song phương. Ảnh minh hoạ.",
        "Hình 3. Sơ đồ quy trình thông quan",
        "The delegates at the closing session (Photo: AP).",
        "Officers inspect a container. Photo courtesy of the port authority",
        "Figure 2: Growth of imports by year",
        "hai quan viet nam khang dinh vi the hoi nhap quoc te",
    ],
)
def test_captions_are_told_from_prose(caption: str) -> None:
    prose = "Hải quan Việt Nam đã ký kết hiệp định với nhiều quốc gia trong năm qua."
    blocks = kinds(f"{prose}\n\n{caption}\n\n{prose}")
    assert blocks == [("prose", prose), ("caption", caption), ("prose", prose)]


@pytest.mark.parametrize(
    "prose",
    [
        "Ngành muốn xây dựng hình ảnh: đẹp, hiện đại, chuyên nghiệp.",
        "Ảnh hưởng của dịch bệnh là rất lớn.",
        "The photo of the suspect was sent to all posts.",
        "- passport",
        "1. Tuân thủ Hiến pháp và pháp luật.",
    ],
)
def test_prose_is_left_alone(prose: str) -> None:
    assert kinds(f"{prose}\n\nThêm một câu nữa cho đủ.")[0] == ("prose", prose)


def test_markup_is_kept_out_of_prose() -> None:
    text = (
        "Title of it\n===========\n\n[:gift:Xem chi tiết:gift:](https://a.vn/b)Theo đó, có một câu.\n"
        '\n![x](https://a.vn/c.jpg "Một hội nghị lớn")\nMột hội nghị lớn\n\n-----\n\n'
        "more(HDDTVN) – Với mục đích ấy, có câu này.\n\n[Đọc tiếp](https://a.vn)\n\n**Nụ Bùi**\n"
    )
    assert kinds(text) == [
        ("heading", "Title of it"),
        ("noise", "==========="),
        ("noise", "[:gift:Xem chi tiết:gift:](https://a.vn/b)"),
        ("prose", "Theo đó, có một câu."),
        ("noise", '![x](https://a.vn/c.jpg "Một hội nghị lớn")'),
        ("caption", "Một hội nghị lớn"),
        ("noise", "-----"),
        ("noise", "more(HDDTVN) –"),
        ("prose", "Với mục đích ấy, có câu này."),
        ("noise", "[Đọc tiếp](https://a.vn)"),
        ("label", "**Nụ Bùi**"),
    ]


def test_lines_broken_to_a_width_are_one_paragraph() -> None:
    text = (
        "This is a paragraph that somebody broke by hand so that every line\n"
        "has about the same length, and whose sentence goes on until here.\n"
        "Another one starts."
    )
    blocks = find_blocks(text)
    assert [text[block.start : block.end] for block in blocks] == [
        text[: text.index("\nAnother")],
        "Another one starts.",
    ]


def test_rows_of_a_table_are_prose_each_for_itself() -> None:
    text = (
        "| Grade | Salary |\n|:------|-------:|\n| A | 900 USD |\n| B | 700 USD |\n\nThe end of it."
    )
    assert [kind for kind, _ in kinds(text)] == ["prose", "noise", "prose", "prose", "prose"]


def test_items_after_a_colon_are_prose_and_headings_are_not() -> None:
    text = "Documents\n\nBring these papers:\n\nPassport\n\nTwo photographs\n\nThe end of it."
    assert [kind for kind, _ in kinds(text)] == ["heading", "prose", "prose", "prose", "prose"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Một câu. Hai câu!", ["Một câu.", "Hai câu!"]),
        ("TS. Nguyễn Văn A đến TP. Hà Nội. Ông về.", ["TS. Nguyễn Văn A đến TP. Hà Nội.", "Ông về."]),
        ("Cách mạng 4.0 đang đến. Giá 3.500 đồng.", ["Cách mạng 4.0 đang đến.", "Giá 3.500 đồng."]),
        ("Ảnh của N. Phương. Hết.", ["Ảnh của N. Phương.", "Hết."]),
        ("1. Khoản một. 2. Khoản hai.", ["1. Khoản một.", "2. Khoản hai."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("Lào, Nhật Bản... và các nước khác. Hết./.", ["Lào, Nhật Bản... và các nước khác.", "Hết./."]),
        ("See Sec. 4.2 of it, e.g. for staff. Done", ["See Sec. 4.2 of it, e.g. for staff.", "Done"]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="aă .!?…\n\"')(Đ1;", max_size=80))
def test_sentences_are_slices_in_order_and_lose_nothing(text: str) -> None:
    spans = list(find_sentences(text, 0, len(text)))
    assert all(start < end for start, end in spans)
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(spans))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(
        text.split()
    )


@given(st.text(max_size=200))
def test_blocks_hold_all_that_is_not_white_space(text: str) -> None:
    document = make_document("x.txt", text.replace("\r", "\n"))
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip(
            " \t\n\f\v\u00a0\u200b\ufeff\x1c\x1d\x1e\x1f\x85\u2028\u2029"
        )
        position = block.end
    for sentence in document.sentences:
        assert 0 <= sentence.start < sentence.end <= len(document.text)


def test_text_is_composed_and_offsets_are_into_it() -> None:
    document = make_document("x.txt", unicodedata.normalize("NFD", "Điều ước đã có hiệu lực."))
    assert document.text == "Điều ước đã có hiệu lực."
    assert [(sentence.start, sentence.end) for sentence in document.sentences] == [(0, 24)]


def test_seeds_are_read_with_their_catalogue() -> None:
    corpus = read(SEEDS)
    assert [len(document.sentences) for document in corpus.documents] == [23, 19, 12, 15, 16]
    assert corpus.problems == ()
    assert corpus.documents[2].metadata == Metadata(
        title="Hải quan Việt Nam đẩy mạnh hợp tác và hội nhập quốc tế",
        publisher="HDDTVN",
        url="https://hddtvn.com/hai-quan-viet-nam-day-manh-hop-tac-va-hoi-nhap-quoc-te/",
        author="Nụ Bùi",
    )
    assert corpus.documents[3].metadata == Metadata(date="2025-12-29")


def test_seeds_have_nothing_quotable_but_sentences() -> None:
    for document in read(SEEDS).documents:
        for sentence in document.sentences:
            text = document.text[sentence.start : sentence.end]
            assert "Ảnh" not in text
            assert not text.startswith(("![", "[:", "more(", "date ", "=", "-"))
            assert text[-1] in ".…”"


def test_bad_files_are_named_and_the_others_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Có một câu ở đây.", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("Ã©".encode("latin-1") + b"\xff")
    (tmp_path / "binary.md").write_bytes(b"a\0b")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    (tmp_path / "huge.txt").write_bytes(b"a" * 2_000)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / ".hidden.txt").write_text("Không đọc.", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    corpus = read_corpus(tmp_path, DirectReader(default_loader(Limits())), max_bytes=1_000)
    assert [document.source for document in corpus.documents] == ["good.txt"]
    reasons = {problem.source: problem.reason for problem in corpus.problems}
    assert sorted(reasons) == [
        "binary.md", "empty.txt", "gone.txt", "huge.txt", "latin.txt", "picture.png",
    ]  # fmt: skip
    assert reasons["latin.txt"].endswith("save it again with encoding UTF-8")
    assert "raise TRICHDAN_MAX_FILE_MB" in reasons["huge.txt"]
    assert reasons["empty.txt"] == "it is empty"
    assert "binary" in reasons["binary.md"]
    assert reasons["gone.txt"].startswith("it is a link that leads nowhere")


def test_pipes_and_links_that_lead_out_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("Một bí mật.", encoding="utf-8")
    (folder / "good.txt").write_text("Một câu.", encoding="utf-8")
    (folder / "within.txt").symlink_to("good.txt")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(folder / "pipe.txt")
    corpus = read(folder)
    assert [document.source for document in corpus.documents] == ["good.txt"]
    assert corpus.duplicates == {"within.txt": "good.txt"}
    reasons = {problem.source: problem.reason for problem in corpus.problems}
    assert "leads out of the folder" in reasons["out.txt"]
    assert "no ordinary file" in reasons["pipe.txt"]


def test_a_name_that_is_no_utf8_is_read_all_the_same(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("Một câu.", encoding="utf-8")
    assert [document.source for document in read(tmp_path).documents] == ["\\xff.txt"]


def test_offsets_are_those_of_the_file_as_python_reads_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffMột câu.\r\n\r\nHai câu.\r".encode())
    document = read(tmp_path).documents[0]
    assert document.text == (tmp_path / "a.txt").read_text(encoding="utf-8")
    assert [document.text[sentence.start : sentence.end] for sentence in document.sentences] == [
        "Một câu.",
        "Hai câu.",
    ]


def test_a_broken_catalogue_is_reported_and_the_documents_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Một câu.", encoding="utf-8")
    (tmp_path / "catalogue.toml").write_text('[[document]]\nsource="a.txt"\nyear="x"')
    corpus = read(tmp_path)
    assert len(corpus.documents) == 1
    assert [problem.source for problem in corpus.problems] == ["catalogue.toml"]
    assert "known are: source, title, publisher, date, url, author" in corpus.problems[0].reason


def test_no_documents_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpusError, match=r"no document in .* can be read \(of \.csv \.docm"):
        read(tmp_path)
    with pytest.raises(EmptyCorpusError, match="there is no folder .* --source FOLDER"):
        read(tmp_path / "nowhere")


def test_sections_are_the_headings_above() -> None:
    document = make_document(
        "a.md", "# Handbook\n\n## Leave\n\nTwelve days.\n\n## Pay\n\nMonthly.\n"
    )
    assert document.metadata.title == "Handbook"
    assert [sentence.section for sentence in document.sentences] == ["Leave", "Pay"]
    assert BlockKind.HEADING in {block.kind for block in document.blocks}


def test_text_for_an_old_font_is_put_right_and_other_text_is_as_it_is(tmp_path: Path) -> None:
    old = "Céng hßa x· héi chñ nghÜa ViÖt Nam\n§éc lËp - Tù do - H¹nh phóc\n"
    new = "Cộng hòa xã hội chủ nghĩa Việt Nam\nĐộc lập - Tự do - Hạnh phúc\n"
    (tmp_path / "old.txt").write_text(old, encoding="utf-8")
    mixed = f"{new}{old.splitlines()[0]}\n"
    (tmp_path / "mixed.txt").write_text(mixed, encoding="utf-8")
    texts = {document.source: document.text for document in read(tmp_path).documents}
    assert texts == {"old.txt": new, "mixed.txt": mixed}
