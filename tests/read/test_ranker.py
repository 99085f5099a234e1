"""Reading sentences in their surroundings, and what follows for quotes, order and figures."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings, load_settings
from rag.domain.vectors import PassageReading
from rag.errors import GoldError, ModelError
from rag.evaluation import asked_in, evaluate_squad, opened, read_squad
from rag.evaluation.squad import token_f1
from rag.ingest.structure.document import make_document
from rag.model.embedder import load_embedder
from rag.model.fingerprint import DEFAULT_MODEL
from rag.model.packaged import unpack_packaged_model
from rag.model.reading_network import TunedReadingModel, encode_pairs, load_reading_model
from rag.present.markdown import answer_as_markdown
from rag.present.schema import answer_as_json
from rag.read.reading_windows import ReadWindow, read_windows
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import Build, OpenAssistant

TEXT = "Mở đầu ở đây. Hội nghị họp ngày 9/10 tại Hạ Long. Có 53 đoàn tham dự. " + (
    "Câu này dài và không nói gì thêm. " * 30
)
DOCUMENT = make_document("a.txt", TEXT)


class Recorder:
    """Remembers what it was given, and says that each text answers less than the one before."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.leads: list[str] = []

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        del question
        self.texts += texts
        self.leads += leads
        return [
            PassageReading(
                answerable_logit=float(-i),
                spans=np.array([[0, len(text)]], dtype=np.int32),
                starts=np.zeros(1, dtype=np.float32),
                ends=np.zeros(1, dtype=np.float32),
            )
            for i, text in enumerate(texts)
        ]


def test_a_sentence_is_read_with_its_neighbours_once() -> None:
    model = Recorder()
    sentences = DOCUMENT.sentences

    windows = read_windows(
        model,
        "?",
        [(DOCUMENT, sentences[1]), (DOCUMENT, sentences[2]), (DOCUMENT, sentences[-1])],
        5,
    )

    assert [window.start for window in windows] == [0, windows[1].start]
    assert windows[0].end - windows[0].start <= 700
    assert windows[1].end == sentences[-1].end
    assert model.texts == [TEXT[window.start : window.end] for window in windows]
    assert model.leads == ["", "Mở đầu ở đây."]


def test_no_more_windows_are_read_than_asked_for() -> None:
    far = [(DOCUMENT, DOCUMENT.sentences[0]), (DOCUMENT, DOCUMENT.sentences[-1])]

    assert len(read_windows(Recorder(), "?", far, 1)) == 1


def test_a_sentence_longer_than_a_window_is_read_alone() -> None:
    document = make_document("b.txt", f"Trước. {'dài ' * 300}hết. Sau.")
    long = document.sentences[1]

    [window] = read_windows(Recorder(), "?", [(document, long)], 3)

    assert (window.start, window.end) == (long.start, long.end)


def test_the_likeliest_answer_of_a_sentence_is_within_it() -> None:
    text = "Họp ngày 9/10. Tại Hạ Long."
    spans = np.array([[0, 3], [3, 8], [8, 14], [14, 18], [18, 21], [21, 27]], dtype=np.int32)
    chances = np.log(np.array([0.01, 0.01, 0.18, 0.1, 0.3, 0.4], dtype=np.float32))
    window = ReadWindow(
        document=make_document("c.txt", text),
        start=0,
        end=len(text),
        reading=PassageReading(answerable_logit=1.0, spans=spans, starts=chances, ends=chances),
    )

    likely, words = window.answer_within(0, 14)

    assert likely == pytest.approx(np.log(0.2), abs=1e-5)
    assert words == (9, 13)
    assert text[slice(*words)] == "9/10"
    assert window.answer_within(100, 200) == (-np.inf, None)


def test_words_that_answer_are_marked_within_the_quote(assistant: Assistant) -> None:
    for question in ("Where may staff park?", "Mỗi cán bộ được nghỉ mấy ngày phép?"):
        for quote in assistant.ask(question).quotes:
            for start, end in quote.highlights:
                assert quote.start <= start < end <= quote.end


def test_figures_that_differ_are_shown_newest_first(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for year, count in ((2020, 40), (2025, 50), (2023, 45)):
        (folder / f"{year}.txt").write_text(
            f"Bản tin năm {year} của ngành.\n\nHải quan đã ký {count} thỏa thuận với các nước.\n",
            encoding="utf-8",
        )
    build(folder)
    assistant = open_assistant(tmp_path / "index")

    newest = assistant.ask("Hải quan đã ký bao nhiêu?")
    older = assistant.ask("Năm 2020 hải quan đã ký bao nhiêu?")

    assert [quote.document.source for quote in newest.quotes] == [
        "2025.txt",
        "2023.txt",
        "2020.txt",
    ]
    assert newest.conflicting == 3
    assert "different" not in answer_as_markdown(newest)
    assert "theo thời gian" in answer_as_markdown(newest)
    assert older.quotes[0].document.source == "2020.txt"
    assert older.conflicting == 0
    assert assistant.ask("Giai đoạn 2020-2025 hải quan đã ký bao nhiêu?").conflicting == 0


def test_a_follow_up_is_answered_about_its_subject(assistant: Assistant) -> None:
    answer = assistant.ask("And the fees?", [{"question": "Where is Parking for visitors?"}, {}])

    assert answer.query.follows
    assert answer_as_json(answer)["understood"] == answer.query.text != "And the fees?"


SQUAD = {
    "data": [
        {
            "title": "x",
            "paragraphs": [
                {
                    "context": "Nhân viên đỗ xe ở sân sau.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "Nhân viên đỗ xe ở đâu?",
                            "answers": [{"text": "sân sau", "answer_start": 18}],
                        },
                        {"id": "2", "question": "Phí là bao nhiêu?", "answers": []},
                    ],
                },
                {"context": "Mỗi năm nghỉ 12 ngày phép.", "qas": []},
            ],
        }
    ]
}


def test_a_squad_set_is_scored(tmp_path: Path, hash_settings: Settings) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(SQUAD), encoding="utf-8")
    squad = read_squad(path)

    with opened(
        squad.passages, hash_settings, embedder=HashEmbedder(), reading_model=WordReadingModel()
    ) as assistant:
        report = evaluate_squad(assistant, squad.questions)

    assert squad.passages == ("Nhân viên đỗ xe ở sân sau.", "Mỗi năm nghỉ 12 ngày phép.")
    assert report["questions"] == 2
    assert report["R@1"] == report["R@10"] == report["MRR"] == report["nDCG@10"] == 1.0
    assert set(report) >= {"span F1", "missed", "false answers"}
    assert asked_in(squad, squad) == squad


def test_what_is_no_squad_set_says_so(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text('{"data": [{}]}', encoding="utf-8")
    with pytest.raises(GoldError, match="is not in SQuAD's format"):
        read_squad(path)
    path.write_text('{"data": []}', encoding="utf-8")
    with pytest.raises(GoldError, match="has no questions"):
        read_squad(path)


@pytest.mark.parametrize(
    ("found", "gold", "f1"),
    [
        ("Hạ Long", "hạ long", 1.0),
        ("tại Hạ Long", "Hạ Long", 0.8),
        ("the Eiffel Tower.", "Eiffel tower", 1.0),
        ("", "Hạ Long", 0.0),
        ("Đức", "Pháp", 0.0),
    ],
)
def test_f1_of_words(found: str, gold: str, f1: float) -> None:
    assert token_f1(found, gold) == pytest.approx(f1)


@pytest.fixture(scope="module")
def model() -> TunedReadingModel:
    return load_reading_model(load_settings().cache_dir)


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Hội nghị họp ở đâu?", "Hạ Long"),
        ("Where did the conference meet?", "Hạ Long"),
        ("Có bao nhiêu đoàn tham dự?", "53"),
        ("How many delegations took part?", "53"),
    ],
)
def test_the_model_marks_the_words_that_answer(
    model: TunedReadingModel, question: str, answer: str
) -> None:
    [window] = read_windows(model, question, [(DOCUMENT, DOCUMENT.sentences[1])], 1)
    _, words = window.answer_within(0, DOCUMENT.sentences[2].end)

    assert words is not None
    assert answer in TEXT[slice(*words)]


@pytest.mark.model
def test_the_model_tells_what_answers_from_what_does_not(model: TunedReadingModel) -> None:
    texts = ["Hội nghị họp ngày 9/10 tại Hạ Long.", "Phở bò nấu với hồi và quế."]
    for question in ("Hội nghị họp ở đâu?", "Where did the conference meet?"):
        first, second = model.read(question, ["", ""], texts)
        assert first.answerable_logit > second.answerable_logit + 2
        assert np.exp(first.starts).sum() == pytest.approx(1, abs=1e-2)


@pytest.mark.model
def test_a_reading_does_not_depend_on_what_is_read_beside_it(model: TunedReadingModel) -> None:
    short, long = "Họp tại Hạ Long.", TEXT[:700]
    [alone] = model.read("Họp ở đâu?", [""], [short])
    beside, _ = model.read("Họp ở đâu?", ["", ""], [short, long])

    assert beside.answerable_logit == pytest.approx(alone.answerable_logit, abs=0.15)
    assert (beside.spans == alone.spans).all()
    assert beside.starts.argmax() == alone.starts.argmax()


@pytest.mark.model
def test_long_questions_and_texts_are_shortened(model: TunedReadingModel) -> None:
    [reading] = model.read("đâu " * 500, ["tựa " * 100], ["chữ " * 900])

    assert 100 < len(reading.spans) <= 384
    batch = encode_pairs(model.tokenizer, ["a"], [""], ["b"], step=32)
    assert batch.input_ids.shape == (1, 32)


@pytest.mark.model
def test_weights_that_do_not_fit_are_refused() -> None:
    base = Path(unpack_packaged_model(load_settings().cache_dir))

    with pytest.raises(ModelError, match="cannot be loaded"):
        TunedReadingModel(base, b"no weights")


@pytest.mark.model
def test_the_embedder_and_the_reading_model_share_a_tokenizer(model: TunedReadingModel) -> None:
    embedder = load_embedder(DEFAULT_MODEL, cache=load_settings().cache_dir)
    assert model.tokenizer("Hạ Long")["input_ids"] == embedder.tokenizer("Hạ Long")["input_ids"]
