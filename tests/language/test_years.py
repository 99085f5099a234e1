"""Years asked for and spoken of, and documents that differ."""

import pytest

from rag.domain.documents import Document
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.language.years import year_of, years_in


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Chủ đề năm 2024 của WCO", {2024}),
        ("giai đoạn 2018-2020", {2018, 2019, 2020}),
        ("giai đoạn 2018 – 2020 và 2025", {2018, 2019, 2020, 2025}),
        ("from 1900-2020", {1900, 2020}),
        ("Thông tư 39/2018/TT-BTC, 12.2019,5 và 20201", set()),
        ("ASEM 13", set()),
    ],
)
def test_years_are_found(text: str, years: set[int]) -> None:
    assert years_in(text) == years


def test_the_year_of_a_document_is_its_date_or_what_it_names_most() -> None:
    def document(text: str, **entry: str) -> Document:
        return make_document("a.txt", text, Entry.model_validate(entry))

    assert year_of(document("Năm 2019 và 2019, rồi 2020.", date="2021-05-06")) == 2021
    assert year_of(document("Năm 2019 và 2019, rồi 2020.")) == 2019
    assert year_of(document("Năm 2019, rồi 2020.")) == 2020
    assert year_of(document("Không nói năm nào.")) is None
