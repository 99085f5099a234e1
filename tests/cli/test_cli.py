"""The command line as a person or a program meets it: a process with its output and status."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEEDS

_TRICHDAN = [sys.executable, "-m", "rag.cli"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_TRICHDAN, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, rag.cli.main; "
        "print(*sorted({m.split('.')[0] for m in sys.modules} & "
        "{'torch', 'faiss', 'gradio', 'transformers', 'sentence_transformers', 'sklearn'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["ask"],
        ["search", "x", "-k", "0"],
        ["serve", "--port", "x"],
        ["ask", "a", "b"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: trichdan" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "x", "--index", "nowhere"], "there is no index in nowhere; build one with: trichdan index"),
        (["index", "--source", "nowhere", "--index", "{tmp}"], "there is no folder nowhere"),
        (["index", "--chunk-tokens", "3", "--index", "{tmp}"], "TRICHDAN_CHUNK_TOKENS is 3: input should be"),
        (["index", "--index", "/dev/null/x"], "the index in /dev/null/x cannot be written"),
        (["eval", "nowhere.jsonl", "--index", "{seeds}"], "nowhere.jsonl cannot be read"),
        (["ask", "--batch", "nowhere.jsonl", "--index", "{seeds}"], "nowhere.jsonl cannot be read"),
        (["serve", "--port", "99999", "--index", "{seeds}"], "cannot be served on 127.0.0.1:99999"),
        (["index", "--model", "./no/such/model", "--index", "{tmp}"], "the embedding model './no/such/model' cannot be loaded"),
    ],
)  # fmt: skip
@pytest.mark.model
def test_what_fails_is_one_clear_line_and_status_1(
    arguments: list[str], message: str, tmp_path: Path, seeds_index: Path
) -> None:
    done = run(
        *(argument.format(tmp=tmp_path, seeds=seeds_index) for argument in arguments),
        HF_HUB_OFFLINE="1",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("trichdan: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.model
def test_index_is_built_once_and_then_up_to_date(tmp_path: Path) -> None:
    first = run("index", "--source", SEEDS, "--index", tmp_path)
    assert (first.returncode, first.stdout) == (0, f"{tmp_path}: 5 documents, 35 passages\n")
    second = run("index", "--source", SEEDS, "--index", tmp_path)
    assert second.stdout == f"{tmp_path} is up to date: 5 documents, 35 passages\n"
    assert second.stderr == ""


@pytest.mark.model
def test_nothing_needs_the_network(tmp_path: Path, seeds_index: Path) -> None:
    cut_off = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*cut_off, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    for arguments in (
        ["index", "--source", SEEDS, "--index", tmp_path],
        ["ask", "What is Operation Demeter?", "--index", seeds_index],
    ):
        command = [*cut_off, *_TRICHDAN, *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


@pytest.mark.model
def test_ask_prints_quotes_or_json(seeds_index: Path) -> None:
    shown = run("ask", "chu de nam 2024 cua wco la gi", "--index", seeds_index)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Hiểu là: chủ đề năm 2024 của wco là gì\n\n[1] WCO vừa qua")
    asked = run("ask", "What is Operation Demeter?", "--json", "--index", seeds_index)
    value = json.loads(asked.stdout)
    assert value["answerable"] is True
    best = value["quotes"][0]
    text = (SEEDS / best["source"]).read_text(encoding="utf-8")
    assert best["text"] == text[best["start"] : best["end"]]
    assert "Demeter" in best["text"]


@pytest.mark.model
def test_batches_keep_their_order_and_go_on_after_a_bad_line(
    tmp_path: Path, seeds_index: Path
) -> None:
    questions = [
        {"id": 1, "question": "ASEM 13 đã thông qua những gì?"},
        {"id": "two", "question": "  "},
        {"id": 3, "question": "Ở đâu?", "history": [{"question": "ASEM 13 diễn ra khi nào?"}]},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    done = run("ask", "--batch", path, "--index", seeds_index)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == [1, "two", 3]
    assert lines[0]["quotes"]
    assert "the question is empty" in lines[1]["error"]
    assert "question" in lines[2]
    assert done.returncode == 1
    path.write_text('{"id": 7, "query": "ASEM 13"}\n', encoding="utf-8")
    done = run("search", "--batch", path, "-k", "2", "--index", seeds_index)
    (line,) = (json.loads(line) for line in done.stdout.splitlines())
    assert (line["id"], len(line["hits"]), done.returncode) == (7, 2, 0)
    assert list(line["hits"][0]) == ["source", "start", "end", "text", "title", "score"]


def test_a_batch_that_is_no_json_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": 1, "question": "x"}\n{"id": 2}\n', encoding="utf-8")
    done = run("ask", "--batch", path, "--index", tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith('q.jsonl, line 2 is not an object with a string "question"\n')


@pytest.mark.model
def test_doctor_tells_what_is_wrong(tmp_path: Path, seeds_index: Path) -> None:
    sound = run("doctor", "--index", seeds_index)
    assert sound.returncode == 0, sound.stdout
    assert "5 documents, 35 passages" in sound.stdout
    assert "BAD" not in sound.stdout
    missing = run("doctor", "--index", tmp_path)
    assert missing.returncode == 1
    assert f"BAD  there is no index in {tmp_path}; build one with: trichdan index" in missing.stdout


def _readme_commands() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in readme.split("```sh\n")[1:]]
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if " ask " in line or " search " in line or " eval " in line]


@pytest.mark.model
@pytest.mark.parametrize("command", _readme_commands())
def test_commands_of_the_readme_work(command: str, seeds_index: Path) -> None:
    program, *arguments = shlex.split(command)
    assert program == ".venv/bin/trichdan"
    done = run(*arguments, "--index", seeds_index)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_readme_shows_commands() -> None:
    assert len(_readme_commands()) >= 3
