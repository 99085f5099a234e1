"""The questions in a message: without greeting and thanks, each with what was told before it.

"Chào anh chị, em cảm ơn trước. Công ty em ở Bắc Ninh. Hồ sơ gồm những gì? Nộp ở đâu ạ?" asks two
questions, and neither greeting nor thanks is part of what they ask.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import fold, has_vietnamese_marks

__all__ = ["asks_nothing", "questions_in"]

_MOST_WORDS = 44  # of a question with what was told before it; the reading model reads no more
_FEWEST_WORDS = 3  # of a question that is one beside others, and of one after a bare greeting
_MOST_LEAVE_WORDS = 2  # after what asks only for being heard: "Can anyone help?"
_MOST_ADDING_WORDS = 6  # of a question that only adds to the one before
_MOST_OPENINGS = 8  # "Alo, chào anh chị, em cảm ơn trước, cho em hỏi xíu, …"

Typed = Callable[[str], str]


def _frames(typed: Typed) -> Mapping[str, Sequence[str]]:
    """Return the expressions of what frames questions, for texts that are typed in some way.

    What has no alternatives to repeat is repeated possessively, so that nothing is tried twice.
    """
    tables = [LEXICON.table("messages")[language] for language in ("vi", "en")]
    vi, en = (
        {name: any_of({typed(phrase) for phrase in phrases}) for name, phrases in table.items()}
        for table in tables
    )
    person = rf"(?:{vi['persons']})\b"
    # A hyphen stops nothing, but a dash does.
    stop = r"(?:\s*+[,.!:;]++|\s++[–-]++(?=\s))\s*+"
    before = rf"(?:(?:{vi['before']}|{person})\s++)*+"
    after = rf"(?:\s++(?:(?:{vi['after']}|{vi['to_whom']})\b|{person}))*+"
    persons = rf"(?:\s++{person})++"
    greeting = rf"{before}(?:{vi['greets']})"
    no_question = rf"(?![^,.:;\n]*\b(?:{vi['question_words']})\b)"
    openings = [
        rf"{greeting}{persons}(?:\s++\w++){{0,2}}{stop}",
        rf"{greeting}{stop}",
        rf"(?:{vi['calls']})(?:{persons}(?:\s++(?:{vi['to_whom']}))?+)?+{stop}",
        rf"(?:{vi['calls']}){persons}\s++(?:{vi['to_whom']})\b\s*+",
        rf"{person}(?:\s++\w++){{0,3}}?\s++(?:{vi['to_whom']})\b{stop}",
        rf"{person}(?:\s++{person})?+\s++(?:{vi['to_whom']})\b\s++",
        rf"{before}(?<=\s)(?:{vi['asks']})(?:\s++(?:{vi['in_passing']})\b)++(?:{stop})?+\s*+",
        rf"{before}(?:{vi['lets']}){persons}\s++(?:{vi['asks']})\b"
        rf"(?:\s++(?:{vi['in_passing']})\b)*+(?:{stop})?+\s*+",
        rf"{before}(?:{vi['lets']})\s++(?:{vi['asks']})(?:\s++(?:{vi['in_passing']})\b)*+{stop}",
        rf"{before}(?:{vi['thanks']}){after}{stop}",
        rf"{no_question}(?:{vi['addresses']})\s++[^,.:;\n]{{1,120}}+[,.:;\n]\s*+",
        rf"(?:{en['calls']})(?:\s++(?:(?:{en['persons']})|(?:{en['titles']})\.?+\s++\w++))?+{stop}",
        rf"(?:oh\s++)?+(?:{en['thanks']}|{en['agrees']})"
        rf"(?:,?+\s++(?:{en['thanks']}|{en['after']})\b)*+{stop}",
        rf"(?:{en['opens']}){stop}",
    ]
    if typed is not fold:
        # "chao ban" begins "chào bán" as well.
        openings.append(rf"{greeting}{persons}(?:\s++(?:{vi['after']})\b)?+\s++")
    return {
        "openings": openings,
        "closing": [
            rf"(?:{vi['closes']}|{en['closes']})\b|{before}(?:{vi['thanks']})\b",
        ],
        "leave": [rf"(?:{vi['asks_leave']}|{en['asks_leave']})\b"],
        "adding": [rf"(?:{vi['adds']}|{en['adds']})\b"],
        "going on": [rf"(?:{vi['goes_on']}|{en['goes_on']})\b"],
    }


_FRAMES = {
    typed: {
        name: tuple(re.compile(pattern) for pattern in patterns)
        for name, patterns in _frames(typed).items()
    }
    for typed in (str.lower, fold)
}
_ANNOUNCES = [
    phrase
    for language in ("vi", "en")
    for phrase in LEXICON.table("messages")[language]["announces"]
]
_ANNOUNCING = re.compile(rf"\b(?:{any_of(_ANNOUNCES)})\b")
_ANNOUNCING_BARE = re.compile(rf"\b(?:{any_of(map(fold, _ANNOUNCES))})\b")
_WITHIN = re.compile(r"\"[^\"\n]{0,200}+\"|“[^”\n]{0,200}+”|\([^()\n]{0,200}+\)")
_END = re.compile(r"[.!?;…]++[\"”'’)]*+(?=\s|$)|\n")
_AFTER_MARK = ".!…\"”'’)"  # "Really?!", '("Why?")'
_WORD = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"^\(?+\d{1,2}+[.)]\s++(?=\D)")


def questions_in(message: str) -> tuple[str, ...]:
    """Return the questions of a message, in order; the message itself if it is one.

    Args:
        message: What was typed, NFC.
    """
    framed = _Framed(message)
    rest = framed.without_opening(message)
    # "2." alone says nothing.
    sentences = [sentence for sentence in _sentences(rest) if _LETTER.search(sentence)]
    asking = [i for i, sentence in enumerate(sentences) if framed.asks(sentence)]
    if not asking:
        asking = [i for i, sentence in enumerate(sentences) if framed.announces(sentence)]
        asking = asking[:1]
    if not asking:
        return (rest,)
    sentences = sentences[: framed.end_of(sentences, asking[-1])]
    begins = [
        i for i in asking if i == asking[0] or not framed.belongs_to_the_one_before(sentences[i])
    ]
    told = [sentence for sentence in sentences[: begins[0]] if not framed.asks_leave(sentence)]
    if len(begins) == 1:
        return (_with_what_was_told(told, sentences[begins[0] :]),)
    questions = []
    for begin, end in zip(begins, [*begins[1:], len(sentences)], strict=True):
        # What follows the last question goes with it, as it does where there is but one.
        last = end if end == len(sentences) else max(i for i in asking if i < end) + 1
        asked = [_NUMBER.sub("", sentences[begin]), *sentences[begin + 1 : last]]
        questions.append(_with_what_was_told(told, asked))
        told = sentences[last:end]
    return tuple(questions)


def asks_nothing(message: str) -> bool:
    """Tell whether a message is nothing but greeting and thanks."""
    framed = _Framed(message)
    rest = f"{message.rstrip(' .!…')}."  # most frames end with a stop
    for _ in range(_MOST_OPENINGS):
        end = framed.end_of_opening(rest)
        rest = rest[end:]
        if not end or not rest:
            break
    return not rest


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a message; a mark within quotation marks or brackets ends none."""
    within = [match.span() for match in _WITHIN.finditer(text)]
    begin, inside = 0, 0
    for match in _END.finditer(text):
        while inside < len(within) and within[inside][1] < match.end():
            inside += 1
        if inside < len(within) and within[inside][0] < match.start() < within[inside][1]:
            continue
        yield text[begin : match.end()].strip()
        begin = match.end()
    yield text[begin:].strip()


def _with_what_was_told(told: Sequence[str], asked: Sequence[str]) -> str:
    """Return a question after as much of what was told before it as there is room for."""
    kept = list(asked)
    words = sum(len(sentence.split()) for sentence in asked)
    for sentence in reversed(told):
        words += len(sentence.split())
        if words > _MOST_WORDS:
            break
        kept.insert(0, sentence)
    return " ".join(kept)


class _Framed:
    """What frames the questions of a message, as it is typed: with diacritics or without.

    Args:
        message: The message.
    """

    def __init__(self, message: str) -> None:
        self._typed: Typed = str.lower if has_vietnamese_marks(message) else fold
        self._frames = _FRAMES[self._typed]

    def without_opening(self, message: str) -> str:
        """Return a message without greeting, thanks and the like, unless it is nothing else."""
        rest = message.strip()
        for _ in range(_MOST_OPENINGS):
            end = self.end_of_opening(rest)
            left = rest[end:]
            is_all = not _WORD.search(left)
            if not end or is_all or (rest[end - 1].isspace() and len(left.split()) < _FEWEST_WORDS):
                break
            rest = left
        return rest

    def end_of_opening(self, text: str) -> int:
        """Return where what a text opens with ends; 0 if it opens with nothing of the kind."""
        typed = self._typed(text)
        if len(typed) != len(text):  # places in one are not those in the other
            return 0
        matches = (opening.match(typed) for opening in self._frames["openings"])
        return max((match.end() for match in matches if match), default=0)

    def announces(self, sentence: str) -> bool:
        """Tell whether a sentence says that it asks."""
        typed = self._typed(sentence)
        return bool(
            _ANNOUNCING_BARE.search(typed) if self._typed is fold else _ANNOUNCING.search(typed)
        )

    def asks(self, sentence: str) -> bool:
        """Tell whether a sentence is a question."""
        return sentence.rstrip(_AFTER_MARK).endswith("?") and not self.asks_leave(sentence)

    def asks_leave(self, sentence: str) -> bool:
        """Tell whether a sentence asks only for being heard."""
        begin = self._begin("leave", sentence)
        return begin > 0 and len(sentence[begin:].split()) <= _MOST_LEAVE_WORDS

    def belongs_to_the_one_before(self, sentence: str) -> bool:
        """Tell whether a question only adds to the one before."""
        words = len(sentence.split())
        return (
            words < _FEWEST_WORDS
            or self._begin("going on", sentence) > 0
            or (words <= _MOST_ADDING_WORDS and self._begin("adding", sentence) > 0)
        )

    def end_of(self, sentences: Sequence[str], last: int) -> int:
        """Return where a letter's end begins, after the last question."""
        for position in range(last + 1, len(sentences)):
            if self._begin("closing", sentences[position]):
                return position
        return len(sentences)

    def _begin(self, name: str, sentence: str) -> int:
        """Return where what a sentence begins with ends; 0 if it does not begin so."""
        matches = (frame.match(self._typed(sentence)) for frame in self._frames[name])
        return max((match.end() for match in matches if match), default=0)
