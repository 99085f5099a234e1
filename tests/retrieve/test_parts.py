"""The leaves of retrieval, each against a plain computation of the same."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from rag.domain.documents import Language, readable_text
from rag.domain.ports import Embedder
from rag.domain.vectors import decode_tokens, encode_tokens
from rag.ingest.structure.document import make_document
from rag.ingest.structure.passages import divide
from rag.language.diacritics import DiacriticRestorer
from rag.language.glossary import Glossary, phrases_of
from rag.language.syllables import SyllableModel, count_syllables
from rag.language.vietnamese import fold, syllable_key, words
from rag.model.charsmap import build_charsmap
from rag.retrieve.faiss_index import FaissIndex
from rag.retrieve.fts5_index import Fts5Index, terms_of
from rag.retrieve.fusion import fuse
from rag.retrieve.maxsim import weigh_tokens
from rag.retrieve.token_store import TokenStore, TokenStoreBuilder
from rag.testing.contracts import EmbedderContract
from rag.testing.hash_embedder import HashEmbedder


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashEmbedder()


def test_faiss_agrees_with_numpy_before_and_after_saving(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((50, 16)).astype(np.float32)
    query = rng.standard_normal(16).astype(np.float32)
    expected = vectors @ query
    order = np.argsort(-expected)[:5]
    index = FaissIndex(vectors)
    index.save(tmp_path / "v")
    for index_or_copy in (index, FaissIndex.load(tmp_path / "v")):
        nearest = index_or_copy.search(query, 5)
        assert [position for position, _ in nearest] == order.tolist()
        assert np.allclose([score for _, score in nearest], expected[order], atol=1e-5)
        assert np.array_equal(index_or_copy.vector(7), vectors[7])
    assert len(index.search(query, 500)) == 50


def test_token_store_keeps_cosines_and_spans(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    passages = [rng.standard_normal((n, 32)).astype(np.float32) for n in (3, 1, 6)]
    passages = [
        0.5 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in passages
    ]
    spans = [np.arange(2 * len(vectors), dtype=np.int32).reshape(-1, 2) for vectors in passages]
    query = passages[2][:2]
    builder = TokenStoreBuilder(32)
    for vectors, places in zip(passages, spans, strict=True):
        builder.add(encode_tokens(vectors), places)
    builder.save(tmp_path / "v", tmp_path / "s")
    order = (2, 0, 1)
    with closing(TokenStore(tmp_path / "v", tmp_path / "s")) as store:
        matrices = store.matrices(order)
    for position, matrix in zip(order, matrices, strict=True):
        assert np.allclose(matrix.vectors @ query.T, passages[position] @ query.T, atol=0.01)
        assert np.array_equal(matrix.spans, spans[position])


def test_quantising_twice_changes_nothing() -> None:
    tokens = np.random.default_rng(2).standard_normal((4, 384)).astype(np.float32)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    once = decode_tokens(encode_tokens(tokens))
    assert np.array_equal(decode_tokens(encode_tokens(once)), once)


def test_tokens_that_tell_nothing_weigh_nothing() -> None:
    matches = np.array([[0.9, 0.5], [0.1, 0.5], [0.2, 0.5]], dtype=np.float32)
    weights = weigh_tokens(matches)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(0.51 / 0.52, abs=1e-3)


def test_fusion_adds_a_fifth_of_the_lexical_score() -> None:
    assert fuse(0.5, 0.5) == pytest.approx(0.6)


TEXTS = ["Hải quan Việt Nam", "hải sản tươi sống", "Thông tư 39/2018 về hải quan", "nothing here"]


@pytest.fixture
def lexical(tmp_path: Path) -> Iterator[Fts5Index]:
    Fts5Index.build(tmp_path / "l.sqlite", map(terms_of, TEXTS)).close()
    with closing(Fts5Index(tmp_path / "l.sqlite")) as opened:
        yield opened


def test_lexical_scores_are_bm25_as_a_share_of_the_most(lexical: Fts5Index) -> None:
    question = "quan sản 39/2018 vắng"
    documents = [[syllable_key(word) for word in words(text)] for text in TEXTS]
    average = sum(map(len, documents)) / len(documents)
    terms = [syllable_key(word) for word in words(question)]

    def inverse(term: str) -> float:
        having = sum(term in document for document in documents)
        return max(1e-6, math.log((len(documents) - having + 0.5) / (having + 0.5)))

    def bm25(document: list[str]) -> float:
        counts = Counter(document)
        norm = 1.2 * (1 - 0.75 + 0.75 * len(document) / average)
        return sum(inverse(t) * counts[t] * 2.2 / (counts[t] + norm) for t in terms if counts[t])

    most = sum(inverse(term) for term in terms) * 2.2
    expected = {i: bm25(d) / most for i, d in enumerate(documents) if bm25(d) > 0}
    scores = lexical.search(question, folded=False, limit=10)
    assert scores == pytest.approx(expected, abs=1e-5)
    assert list(scores) == sorted(expected, key=lambda i: -expected[i])


def test_lexical_search_without_marks(lexical: Fts5Index) -> None:
    assert set(lexical.search("hai san", folded=True, limit=10)) >= {1}
    assert lexical.search("hai san", folded=False, limit=10) == {}
    assert lexical.search('"; DROP * NEAR(', folded=False, limit=10) == {}
    assert lexical.search("?!", folded=True, limit=10) == {}


@pytest.fixture
def restorer(tmp_path: Path) -> Iterator[DiacriticRestorer]:
    count_syllables(["Tuyên bố Hạ Long được thông qua. Năm 2019, hải quan Việt Nam."]).write(
        tmp_path / "s.sqlite"
    )
    with closing(SyllableModel(tmp_path / "s.sqlite")) as model:
        yield DiacriticRestorer(model)


@pytest.mark.parametrize(
    "text",
    [
        "tuyên bố hạ long",
        "đã thông qua những gì?",
        "HẢI QUAN, việt nam!",
        "năm 2019 có bao nhiêu người",
    ],
)
def test_marks_are_restored(restorer: DiacriticRestorer, text: str) -> None:
    typed = "".join(fold(c).upper() if c.isupper() else fold(c) for c in text)
    assert restorer.restore(typed) == text


def test_words_that_are_not_vietnamese_stay(restorer: DiacriticRestorer) -> None:
    assert restorer.restore("asem 13, WCO & xyzzy") == "asem 13, WCO & xyzzy"
    assert restorer.restore("") == ""


def test_glossary_says_a_question_in_the_other_language() -> None:
    glossary = Glossary(["# comment", "adopt; adopted\tthông qua", "single window\tmột cửa", "bad"])
    english, vietnamese = Language.ENGLISH, Language.VIETNAMESE
    assert glossary.terms("What was adopted at the single-window?", english, vietnamese) == [
        {("adopted",), ("thong", "qua")},
        {("single", "window"), ("mot", "cua")},
    ]
    assert glossary.terms("ASEM đã thông qua gì", vietnamese, english) == [
        {("asem",)},
        {("thong", "qua"), ("adopt",), ("adopted",)},
    ]
    assert glossary.terms("đã thông qua gì", vietnamese, vietnamese) == [
        {("thong",)}, {("qua",)}, {("thong", "qua")},
    ]  # fmt: skip
    assert ("mot", "cua") in phrases_of("cơ chế một cửa")


def test_the_glossary_that_ships_is_read() -> None:
    terms = Glossary.default().terms("customs treaty", Language.ENGLISH, Language.VIETNAMESE)
    assert [("hai", "quan") in terms[0], ("dieu", "uoc") in terms[1]] == [True, True]


SENTENCE = st.lists(
    st.sampled_from("một hai ba bốn customs ASEM 13 đã".split()), min_size=1, max_size=9
)
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=5).map(
    lambda sentences: " ".join(
        "Câu " + " ".join(words_of_sentence) + "." for words_of_sentence in sentences
    )
)


@given(st.lists(PARAGRAPH, min_size=1, max_size=6).map("\n\n".join), st.integers(8, 40))
@settings(max_examples=60, deadline=None)
def test_passages_cover_the_text_and_end_where_sentences_do(text: str, limit: int) -> None:
    document = make_document("x.txt", text)
    embedder = HashEmbedder()
    passages = divide(document, max_tokens=limit, count_tokens=embedder.count_tokens)
    assert "".join("".join(document.text[p.start : p.end] for p in passages).split()) == "".join(
        document.text.split()
    )
    ends = {sentence.end for sentence in document.sentences}
    longest = max(embedder.count_tokens(text[s.start : s.end]) for s in document.sentences)
    for passage in passages:
        assert embedder.count_tokens(document.text[passage.start : passage.end]) <= limit
        assert passage.end in ends or longest > limit


def test_a_sentence_too_long_is_divided_at_spaces() -> None:
    document = make_document("x.txt", "một " * 50 + "hết.")
    passages = divide(document, max_tokens=20, count_tokens=HashEmbedder().count_tokens)
    assert len(passages) == 3
    assert all(document.text[p.start : p.end].split(" ")[0] == "một" for p in passages)


def test_a_text_with_private_use_characters_is_divided_all_the_same() -> None:
    document = make_document("x.txt", "\ue000Một câu.\ue001 Hai câu.\n\n\ue002Ba câu.")
    passages = divide(document, max_tokens=3, count_tokens=HashEmbedder().count_tokens)
    texts = [document.text[p.start : p.end] for p in passages]
    assert "".join(texts).replace(" ", "") == document.text.replace(" ", "").replace("\n", "")


def test_captions_and_markup_are_blanked_out_for_the_model() -> None:
    document = make_document("x.txt", "Một câu.\n\n(Ảnh: A)\n\n-----\n\nHai câu.")
    readable = readable_text(document, 0, len(document.text))
    assert len(readable) == len(document.text)
    assert readable.split() == ["Một", "câu.", "Hai", "câu."]


def test_charsmap_replaces_each_character_as_told() -> None:
    told = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    told |= {"\t": " ", "\u200b": " ", "\x01": "", "ﬁ": "fi", "½": "1⁄2", "𝐀": "A"}
    normalizer = normalizers.Precompiled(build_charsmap(told))
    for character, replacement in told.items():
        assert normalizer.normalize_str(f"x{character}y") == f"x{replacement}y"
    assert normalizer.normalize_str("Điều hoà 😀") == "Điều hoà 😀"


@pytest.mark.parametrize("key", ["", "a\0"])
def test_charsmap_refuses_keys_that_it_cannot_hold(key: str) -> None:
    with pytest.raises(ValueError, match=r"non-empty and without U\+0000"):
        build_charsmap({key: "x"})
