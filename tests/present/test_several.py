"""A message with several questions is answered one by one, under their numbers."""

from dataclasses import replace

from rag.domain.answer import Answer
from rag.domain.documents import Language
from rag.domain.quote import Quote
from rag.ingest.structure.document import make_document
from rag.present.markdown import answer_as_markdown
from rag.present.schema import answer_as_json
from rag.present.terminal import answer_as_plain_text
from rag.understand.analyse import parsed

DOCUMENT = make_document("fees.txt", "Phí là 5 đồng. Nộp tại quầy 3.")


def _answer(typed: str, *, answerable: bool = True) -> Answer:
    quote = Quote(document=DOCUMENT, start=0, end=14, score=1.0)
    return Answer(
        query=parsed(typed=typed, text=typed, language=Language.VIETNAMESE),
        answerable=answerable,
        confidence=0.9 if answerable else 0.01,
        quotes=(quote,) if answerable else (),
        related=() if answerable else (quote,),
    )


SEVERAL = replace(
    _answer("Phí bao nhiêu?"),
    more=(_answer("Ai thu phí?", answerable=False), _answer("Nộp *đâu*?")),
)


def test_markdown() -> None:
    text = answer_as_markdown(SEVERAL)
    headings = [line for line in text.splitlines() if line.startswith("**")]
    assert headings == [
        r"**1\. Phí bao nhiêu?**",
        r"**2\. Ai thu phí?**",
        r"**3\. Nộp \*đâu\*?**",
    ]
    assert text.count(r"> Phí là 5 đồng\.") == 2
    assert "Tài liệu không nói đến điều này" in text


def test_a_terminal() -> None:
    text = answer_as_plain_text(SEVERAL)
    assert text.index("1. Phí bao nhiêu?") < text.index("2. Ai thu phí?")
    assert (
        text.index("2. Ai thu phí?")
        < text.index("Tài liệu không nói đến điều này")
        < text.index("3. Nộp *đâu*?")
    )


def test_what_was_not_asked_is_said() -> None:
    answer = replace(SEVERAL, left_out=2)
    said = "Chỉ trả lời các câu hỏi đầu; còn 2 câu, xin hỏi trong tin nhắn khác."
    assert answer_as_markdown(answer).endswith(said)
    assert answer_as_plain_text(answer).endswith(said)
    assert answer_as_json(answer)["left_out"] == 2


def test_json() -> None:
    value = answer_as_json(SEVERAL)
    assert value["left_out"] == 0
    assert [other["question"] for other in value["more"]] == ["Ai thu phí?", "Nộp *đâu*?"]
    assert [other["answerable"] for other in value["more"]] == [False, True]
    assert value["more"][0]["more"] == []
