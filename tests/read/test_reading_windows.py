"""Reading sentences in their surroundings."""

from collections.abc import Sequence

import numpy as np
import pytest

from rag.domain.vectors import PassageReading
from rag.ingest.structure.document import make_document
from rag.read.reading_windows import ReadWindow, read_windows

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
