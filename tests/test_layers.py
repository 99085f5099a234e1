"""Imports point downwards only; pyproject.toml draws the layers."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_imports_keep_their_directions() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


HEAVY = frozenset("torch faiss gradio transformers sentence_transformers sklearn".split())
LIGHT = "rag.cli rag.domain rag.language rag.law rag.present rag.read rag.testing rag.understand"


def test_values_and_the_command_line_are_light() -> None:
    code = f"""
import importlib, pkgutil, sys
for name in {LIGHT.split()}:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if module.name != "rag.cli.__main__":
            importlib.import_module(module.name)
import ui.export, ui.render
print(sorted(sys.modules.keys() & {set(HEAVY)}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_assistant_is_named_at_the_top_and_loaded_when_it_is_asked_for() -> None:
    code = (
        f"import rag, sys; print(sorted(sys.modules.keys() & {set(HEAVY)})); print(rag.Assistant)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n<class 'rag.service.assistant.Assistant'>\n"


def test_all_names_that_are_exported_exist() -> None:
    import importlib
    import pkgutil

    import rag
    import ui

    for package in (rag, ui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            loaded = importlib.import_module(module.name)
            for name in getattr(loaded, "__all__", ()):
                assert hasattr(loaded, name), f"{module.name}.{name}"
