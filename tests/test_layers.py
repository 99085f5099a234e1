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


def test_values_are_light() -> None:
    modules = "rag.present.answer rag.present.terminal rag.domain.ports rag.understand.analyse rag.read.ranker rag.testing.doubles ui.export ui.render"
    code = (
        f"import {modules.replace(' ', ', ')}, sys; heavy = sys.modules.keys() & "
        "{'torch', 'faiss', 'gradio', 'transformers', 'sentence_transformers', 'sklearn'};"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_all_names_that_are_exported_exist() -> None:
    import importlib
    import pkgutil

    import rag
    import ui

    for package in (rag, ui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            loaded = importlib.import_module(module.name)
            for name in getattr(loaded, "__all__", ()):
                assert hasattr(loaded, name), f"{module.name}.{name}"
