"""The suites that every implementation of a seam passes; a new one subclasses its suite.

class TestMyEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return MyEmbedder()
"""

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from rag.domain.documents import Division, Document, Passage, PassageId, passage_id
from rag.domain.permissions import Access, Filter, SourceSpan
from rag.domain.ports import Catalogue, Embedder, PassageIndex, ReadingModel, Runner
from rag.domain.vectors import EncodedQuery, IndexedPassage
from rag.domain.work import Done, Failed, Limits
from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError
from rag.law.titles import title_key
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.tasks import DOUBLE

__all__ = [
    "CatalogueContract",
    "EmbedderContract",
    "PassageIndexContract",
    "ReadingModelContract",
    "RunnerContract",
]


class EmbedderContract:
    """What every embedder must do; a subclass provides the fixture `embedder`."""

    texts = ("Hải quan Việt Nam ký hiệp định.", "Customs signed an agreement in 2025.", "2025")

    def test_vectors_have_length_one(self, embedder: Embedder) -> None:
        """All vectors are of the dimension that `info` gives, and of length 1."""
        for encoded in embedder.encode_passages(self.texts, ["", "Title", ""]):
            assert encoded.vector.shape == (embedder.info.dimension,)
            assert encoded.tokens.shape[1] == embedder.info.dimension
            assert abs(float(np.linalg.norm(encoded.vector)) - 1) < 1e-2
            assert np.allclose(np.linalg.norm(encoded.tokens, axis=1), 1, atol=1e-2)

    def test_spans_are_in_the_text_and_in_order(self, embedder: Embedder) -> None:
        """Each token has a span, none reaches beyond the text, whatever the title."""
        for text, encoded in zip(
            self.texts, embedder.encode_passages(self.texts, ["Một tiêu đề"] * 3), strict=True
        ):
            assert len(encoded.spans) == len(encoded.tokens)
            assert encoded.spans.min() >= 0
            assert encoded.spans.max() <= len(text)
            assert (np.diff(encoded.spans[:, 0]) >= 0).all()
            joined = "".join(text[start:end] for start, end in encoded.spans)
            assert joined.replace(" ", "").strip(".") == text.replace(" ", "").strip(".")

    def test_order_and_batch_do_not_matter(self, embedder: Embedder) -> None:
        """A text has the same vector alone and among others."""
        together = embedder.encode_passages(self.texts, [""] * 3)
        for text, encoded in zip(self.texts, together, strict=True):
            alone = embedder.encode_passages([text], [""])[0]
            assert float(encoded.vector @ alone.vector) > 0.99

    def test_tokens_are_counted(self, embedder: Embedder) -> None:
        """A longer text has more tokens, an empty one none."""
        assert embedder.count_tokens("") == 0
        assert 0 < embedder.count_tokens("Việt Nam") < embedder.count_tokens("Việt Nam và Lào")


class ReadingModelContract:
    """What every reading model must do; a subclass provides the fixture `reading_model`."""

    question = "Hải quan ký hiệp định năm nào?"
    texts = ("Hải quan Việt Nam ký hiệp định năm 2025.", "Trời đẹp.", "Signed in 2025.")

    def test_there_is_a_reading_for_each_text(self, reading_model: ReadingModel) -> None:
        """In their order, with a start and an end for each token, in the text and in order."""
        readings = reading_model.read(self.question, [""] * 3, self.texts)
        assert len(readings) == 3
        for text, reading in zip(self.texts, readings, strict=True):
            assert len(reading.spans) == len(reading.starts) == len(reading.ends) > 0
            assert reading.spans.min() >= 0
            assert reading.spans.max() <= len(text)
            assert (np.diff(reading.spans[:, 0]) >= 0).all()

    def test_chances_are_logarithms_of_probabilities(self, reading_model: ReadingModel) -> None:
        """Of all tokens together no more than 1; the logit is a number."""
        for reading in reading_model.read(self.question, [""] * 3, self.texts):
            for chances in (reading.starts, reading.ends):
                assert float(np.exp(chances).sum()) <= 1.001
            assert np.isfinite(reading.answerable_logit)

    def test_nothing_is_read_of_no_texts(self, reading_model: ReadingModel) -> None:
        """No text, no reading."""
        assert list(reading_model.read(self.question, [], [])) == []

    def test_a_text_is_read_alike_alone_and_among_others(self, reading_model: ReadingModel) -> None:
        """Batching changes the logit by little."""
        among = reading_model.read(self.question, [""] * 3, self.texts)[0]
        (alone,) = reading_model.read(self.question, [""], self.texts[:1])
        assert abs(among.answerable_logit - alone.answerable_logit) < 0.2


_EMBEDDER = HashEmbedder()


def _query(text: str, *, folded: bool = False) -> EncodedQuery:
    encoded = _EMBEDDER.encode_query(text)
    return EncodedQuery(text=text, folded=folded, vector=encoded.vector, tokens=encoded.tokens)


def _passages(
    source: str, texts: Sequence[str], collection: str = "", access: Access = ()
) -> list[IndexedPassage]:
    passages, start = [], 0
    for text, encoded in zip(
        texts, _EMBEDDER.encode_passages(texts, [""] * len(texts)), strict=True
    ):
        passage = Passage(source=source, start=start, end=start + len(text))
        passages.append(
            IndexedPassage(
                id=passage_id(source, start, text),
                passage=passage,
                content=text,
                text=text,
                collection=collection,
                access=access,
                encoded=encoded,
            )
        )
        start += len(text) + 1
    return passages


class PassageIndexContract:
    """What every index of passages must do; a subclass provides the fixture `passage_index`.

    That is empty, and of the dimension of `HashEmbedder`.
    """

    law = ("hải quan thu thuế", "điều kiện miễn thuế", "hiệu lực thi hành")
    press = ("hải quan ký hiệp định", "thời tiết hôm nay")

    @pytest.fixture
    def filled(self, passage_index: PassageIndex) -> PassageIndex:
        """The index with three documents."""
        self.fill(passage_index)
        return passage_index

    def fill(self, index: PassageIndex) -> None:
        """Put in three documents, of which one is for the group "legal" only."""
        index.replace("law.txt", _passages("law.txt", self.law, "laws", (("legal",),)))
        index.replace("press.txt", _passages("press.txt", self.press, "press"))
        index.replace("extra.txt", _passages("extra.txt", ["thuế xe"], "press"))

    def texts_found(
        self, index: PassageIndex, text: str, where: Filter, limit: int = 10
    ) -> list[str]:
        """Return what is found, as the passages' own texts, best first by vector."""
        texts = {
            passage.id: passage.text
            for source, own in (("law.txt", self.law), ("press.txt", self.press))
            for passage in _passages(source, own)
        }
        texts |= {passage.id: passage.text for passage in _passages("extra.txt", ["thuế xe"])}
        recalled = index.search(_query(text), where, limit=limit)
        assert len({passage.id for passage in recalled}) == len(recalled)
        return [texts[passage.id] for passage in recalled]

    def test_nothing_is_found_in_an_empty_index(self, passage_index: PassageIndex) -> None:
        """And nothing fails."""
        assert list(passage_index.search(_query("hải quan"), limit=5)) == []

    def test_the_nearest_has_the_inner_product(self, filled: PassageIndex) -> None:
        """What says the same is found with 1, or near it, and with all of its words."""
        recalled = filled.search(_query("hải quan thu thuế"), limit=1)
        (best,) = [passage for passage in recalled if passage.dense is not None]
        assert best.id == _passages("law.txt", self.law)[0].id
        assert best.dense is not None
        assert abs(best.dense - 1) < 1e-3
        assert 0 < best.bm25 <= 1

    def test_words_are_found_whatever_the_vectors_say(self, filled: PassageIndex) -> None:
        """A word that only one passage has finds it; without marks only if asked so."""
        by_words = [
            passage for passage in filled.search(_query("tiết"), limit=9) if passage.bm25 > 0
        ]
        assert [passage.id for passage in by_words] == [_passages("press.txt", self.press)[1].id]
        assert not any(passage.bm25 for passage in filled.search(_query("tiet"), limit=9))
        folded = filled.search(_query("tiet", folded=True), limit=9)
        assert [passage.id for passage in folded if passage.bm25 > 0] == [by_words[0].id]

    def test_a_filter_never_costs_the_limit(self, filled: PassageIndex) -> None:
        """What is left is counted, however much of what is better is not admitted."""
        where = Filter(sources=frozenset({"press.txt", "extra.txt"}))
        assert len(self.texts_found(filled, "hải quan thu thuế", where, limit=2)) >= 2
        only = Filter(sources=frozenset({"extra.txt"}))
        assert self.texts_found(filled, "hải quan", only, limit=1) == ["thuế xe"]

    @pytest.mark.parametrize(
        ("where", "sources"),
        [
            (Filter(), "law press extra"),
            (Filter(groups=frozenset()), "press extra"),
            (Filter(groups=frozenset({"legal"})), "law press extra"),
            (Filter(groups=frozenset({"other"})), "press extra"),
            (Filter(collections=frozenset({"laws"})), "law"),
            (Filter(collections=frozenset({"laws"}), groups=frozenset()), ""),
            (Filter(sources=frozenset({"press.txt"})), "press"),
            (Filter(without=frozenset({"press.txt"})), "law extra"),
            (Filter(sources=frozenset()), ""),
            (Filter(spans=()), ""),
        ],
    )
    def test_only_what_is_admitted_is_found(
        self, filled: PassageIndex, where: Filter, sources: str
    ) -> None:
        """By group, collection and document."""
        own = {"law": self.law, "press": self.press, "extra": ("thuế xe",)}
        expected = [text for source in sources.split() for text in own[source]]
        assert self.texts_found(filled, "hải quan thuế", where, limit=20) == expected

    def test_only_what_overlaps_a_stretch_is_found(self, filled: PassageIndex) -> None:
        """A passage that ends where a stretch begins is none of it."""
        second = _passages("law.txt", self.law)[1].passage
        for start, end, expected in (
            (second.start, second.end, [self.law[1]]),
            (second.start - 2, second.start + 1, [self.law[0], self.law[1]]),
            (second.end, second.end + 1, []),
        ):
            where = Filter(spans=(SourceSpan(source="law.txt", start=start, end=end),))
            assert self.texts_found(filled, "hải quan", where) == expected

    def test_tokens_come_in_the_order_of_the_ids(self, filled: PassageIndex) -> None:
        """With where they stand; vectors are kept nearly as they were."""
        passages = _passages("law.txt", self.law)
        ids = [passages[2].id, passages[0].id]
        for matrix, passage in zip(filled.tokens(ids), (passages[2], passages[0]), strict=True):
            assert np.allclose(matrix.vectors, passage.encoded.tokens, atol=0.01)
            assert np.array_equal(matrix.spans, passage.encoded.spans)
        with pytest.raises(KeyError):
            filled.tokens([PassageId("unknown")])

    def test_a_document_that_is_replaced_is_found_by_what_it_says_now(
        self, filled: PassageIndex
    ) -> None:
        """And no longer by what it said."""
        filled.replace("law.txt", _passages("law.txt", ["quy định về phí"]))
        known = {passage.id for passage in filled.search(_query("phí"), limit=20)}
        assert _passages("law.txt", ["quy định về phí"])[0].id in known
        assert not known & {passage.id for passage in _passages("law.txt", self.law)}
        filled.replace("law.txt", [])
        assert len(filled.search(_query("phí"), limit=20)) == 3

    def test_a_document_that_is_removed_is_not_found(self, filled: PassageIndex) -> None:
        """Nor does one that is not there keep others from being removed."""
        filled.remove(["nowhere.txt", "press.txt"])
        known = {passage.id for passage in filled.search(_query("hải quan"), limit=20)}
        assert known == {
            passage.id
            for passage in [
                *_passages("law.txt", self.law),
                *_passages("extra.txt", ["thuế xe"]),
            ]
        }


class CatalogueContract:
    """What every catalogue must do.

    A subclass provides the fixture `catalogue`, one that serves nothing, and the fixture `publish`,
    which makes a generation of some documents current in it, and `law`, a document with articles.
    """

    def test_at_first_there_is_nothing(self, catalogue: Catalogue) -> None:
        """Asking for documents says so."""
        assert catalogue.current() is None
        with pytest.raises(IndexMissingError):
            catalogue.documents()

    def test_what_is_published_is_served_under_a_new_name(
        self, catalogue: Catalogue, publish: Callable[[Sequence[Document]], None], law: Document
    ) -> None:
        """Documents that are open stay as they are."""
        publish([law])
        first = catalogue.current()
        before = catalogue.documents()
        assert first == before.generation
        publish([])
        assert catalogue.current() != first
        assert list(before.metadata()) == [law.source]
        after = catalogue.documents()
        assert list(after.metadata()) == []
        before.close()
        after.close()

    def test_documents_are_given_as_they_were(
        self, catalogue: Catalogue, publish: Callable[[Sequence[Document]], None], law: Document
    ) -> None:
        """With all that is known of them; one that is not there is an error."""
        publish([law])
        documents = catalogue.documents()
        assert documents.document(law.source) == law
        assert dict(documents.metadata()) == {law.source: law.metadata}
        assert dict(documents.permissions()) == {law.source: (law.collection, law.access)}
        assert dict(documents.hashes()) == {law.source: law.sha256}
        with pytest.raises(IndexDamagedError):
            documents.document("nowhere.txt")
        documents.close()

    def test_sections_are_found_by_number_and_articles_by_title(
        self, catalogue: Catalogue, publish: Callable[[Sequence[Document]], None], law: Document
    ) -> None:
        """Each as a position among its document's sections."""
        publish([law])
        documents = catalogue.documents()
        articles = [
            (position, section)
            for position, section in enumerate(law.sections)
            if section.kind is Division.ARTICLE
        ]
        assert articles, "the document has articles"
        for position, section in articles:
            (found,) = documents.sections(Division.ARTICLE, section.number)
            assert (found.source, found.position) == (law.source, position)
            key = title_key(law.title_of(position))
            assert position in [section.position for section in documents.titled(key)]
        assert list(documents.sections(Division.ARTICLE, "999")) == []
        documents.close()

    def test_only_one_holds_the_lease(self, catalogue: Catalogue) -> None:
        """Another is told at once that it is held; afterwards it can be had again."""
        told: list[BaseException] = []

        def ask() -> None:
            try:
                with catalogue.lease():
                    pass
            except IndexBusyError as error:
                told.append(error)

        with catalogue.lease():
            other = threading.Thread(target=ask)
            other.start()
            other.join()
        assert len(told) == 1
        ask()
        assert len(told) == 1


class RunnerContract:
    """What every runner must do; a subclass provides the fixture `runner`."""

    def test_values_come_in_the_order_of_the_items(self, runner: Runner) -> None:
        """One for each."""
        results = list(runner.map(DOUBLE, [3, 1, 2], limits=Limits()))
        assert results == [Done(6), Done(2), Done(4)]
        assert list(runner.map(DOUBLE, [], limits=Limits())) == []

    def test_an_item_that_fails_never_stops_the_others(self, runner: Runner) -> None:
        """It says why, in both languages."""
        first, failed, last = runner.map(DOUBLE, [1, -1, 2], limits=Limits())
        assert (first, last) == (Done(2), Done(4))
        assert isinstance(failed, Failed)
        assert str(failed.error) == "it is empty"
        assert failed.error.vietnamese == "Tệp rỗng."
