"""Sentences that say what a word means."""

import pytest

from rag.read.cues.definitions import defines


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("lưu trú", "Lưu trú là việc công dân ở lại một địa điểm trong thời gian nhất định."),
        ("lưu trú", "1. Lưu trú là việc ở lại."),
        ("lưu trú", "a) “Lưu trú” là việc ở lại."),
        ("lưu trú", "12) **Lưu trú** được hiểu là việc ở lại."),
        ("asem", "ASEM (Diễn đàn hợp tác Á-Âu) là diễn đàn của 53 thành viên."),
        ("hồ sơ", "Hồ sơ bao gồm tờ khai và hóa đơn."),
        ("transit", "Transit means the carriage of goods through a country."),
        ("the wco", "The WCO is an organisation."),
        ("goods", "Goods include vehicles."),
    ],
)
def test_what_a_term_means(term: str, sentence: str) -> None:
    assert defines(term, sentence)


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("", "Lưu trú là việc ở lại."),
        ("lưu trú", "Thông báo lưu trú là nghĩa vụ."),
        ("lưu trú", "Lưu trú lại là việc khác."),
        ("lưu trú", "Lưu trú phải được thông báo."),
        ("lưu", "Lưu trú là việc ở lại."),
        ("transit", "Transit goods are sealed."),
        ("transit", "Transit isolates the goods."),
        ("goods", "What is in transit is goods."),
    ],
)
def test_what_does_not_say_it(term: str, sentence: str) -> None:
    assert not defines(term, sentence)
