"""No regular expression takes time that grows worse than the text it is tried on.

One that tries again from each of n places to the end takes n² steps: harmless on a page, an hour on
a megabyte, and Python lets nothing else run meanwhile. So each one of the program's is tried, in
the way in which it is used, on texts that are made to be slow.
"""

import ast
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.clock import slowest
from tests.hostile import pumped, repeated

_ONCE = ("match", "fullmatch")  # methods that begin at one place only
# Functions that make an expression, and where their flags stand.
_POSITIONS = {
    "compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2,
    "split": 3, "sub": 4, "subn": 4,
}  # fmt: skip


@dataclass(slots=True)
class _Expression:
    """A regular expression, where it is made, and how it is used."""

    pattern: re.Pattern[Any]
    place: str
    methods: set[str] = field(default_factory=set)

    def works(self) -> Iterator[Callable[[str], object]]:
        """Yield what is done with it: begin at one place, or at every one."""
        if not self.methods or not self.methods <= set(_ONCE):
            yield lambda text: [None for _ in self.pattern.finditer(self._taken(text))]
            return
        for method in sorted(self.methods):
            yield partial(self._once, getattr(self.pattern, method))

    def _once(self, method: Callable[[Any], object], text: str) -> None:
        method(self._taken(text))

    def _taken(self, text: str) -> Any:
        return text.encode() if isinstance(self.pattern.pattern, bytes) else text


class _Finder:
    """Finds the expressions of all modules, and how they are used."""

    def __init__(self) -> None:
        self.expressions: dict[tuple[Any, int], _Expression] = {}
        self.unknown: list[str] = []

    def find(self) -> None:
        trees = dict(_trees())
        for name, tree in trees.items():
            if _imports_expressions(tree):  # others need not be imported
                module = importlib.import_module(name)
                methods = _methods_of_any(tree, vars(module))
                for attribute, value in list(vars(module).items()):
                    self._hold(f"{name}.{attribute}", value, methods)
        for name, tree in trees.items():
            self._read(name, tree)

    def _hold(self, place: str, value: object, methods: set[str], depth: int = 0) -> None:
        """Take the expressions that a name stands for: alone, in a collection, in a class.

        What is in a collection is used in whatever way is used of anything without a name.
        """
        if isinstance(value, re.Pattern):
            expression = self._known(value, place)
            expression.methods |= methods if depth else set()
        elif depth < 4 and isinstance(value, Mapping):
            for value_within in (*value.keys(), *value.values()):
                self._hold(place, value_within, methods, depth + 1)
        elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
            for value_within in value:
                self._hold(place, value_within, methods, depth + 1)
        elif isinstance(value, type) and value.__module__.startswith(("rag", "ui")) and not depth:
            for attribute, value_within in list(vars(value).items()):
                self._hold(f"{place}.{attribute}", value_within, methods, 1)

    def _known(self, pattern: re.Pattern[Any], place: str) -> _Expression:
        key = (pattern.pattern, pattern.flags)
        return self.expressions.setdefault(key, _Expression(pattern, place))

    def _read(self, name: str, tree: ast.Module) -> None:
        """Take note of how expressions are used in a module, and take those made in functions."""
        names = _names(name, tree)
        above = {below: node for node in ast.walk(tree) for below in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                value = names.get(node.id)
                if isinstance(value, re.Pattern):
                    self._known(value, f"{name}.{node.id}").methods.add(_method(node, above))
            elif isinstance(node, ast.Call):
                module, _, method = ast.unparse(node.func).rpartition(".")
                function = _function_around(node, above)
                if module == "re" and method in _POSITIONS and function:
                    local_names = {**names, **_assigned(function, names)}
                    self._made(node, method, local_names, f"{name}:{node.lineno}")

    def _made(self, call: ast.Call, method: str, names: Mapping[str, Any], place: str) -> None:
        written = _value(call.args[0], names)
        flags_given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
        flags_given += call.args[_POSITIONS[method] :]
        flags = _value(flags_given[0], names) if flags_given else 0
        if not isinstance(written, str | bytes) or not isinstance(flags, int):
            self.unknown.append(f"{place}: {ast.unparse(call)}")
        else:
            self._known(re.compile(written, flags), place).methods.add(method)


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in ("rag", "ui"):
        spec = find_spec(package)
        assert spec is not None and spec.submodule_search_locations is not None
        for module in pkgutil.walk_packages(spec.submodule_search_locations, f"{package}."):
            place = find_spec(module.name)
            assert place is not None and place.origin is not None
            yield module.name, ast.parse(Path(place.origin).read_text("utf-8"))


def _imports_expressions(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Import) and any(alias.name in ("re", "regex") for alias in node.names)
        for node in ast.walk(tree)
    )


def _names(name: str, tree: ast.Module) -> Mapping[str, Any]:
    """Return what a module's names stand for; of one that was not imported, what it imports."""
    if _imports_expressions(tree):
        return vars(importlib.import_module(name))
    return {
        alias.asname or alias.name: getattr(sys.modules.get(node.module or ""), alias.name, None)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _method(node: ast.Name, above: Mapping[ast.AST, ast.AST]) -> str:
    """Return the method that is taken of an expression, "" if it is handed on as a whole."""
    taken = above[node]
    if not isinstance(taken, ast.Attribute):
        return ""
    call = above[taken]
    from_a_place = isinstance(call, ast.Call) and call.func is taken and len(call.args) > 1
    return "" if from_a_place else taken.attr


def _methods_of_any(tree: ast.Module, names: Mapping[str, Any]) -> set[str]:
    """Return the methods of expressions that are taken of anything but a module's own name."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in _POSITIONS and node.attr != "split"
        if not isinstance(node.value, ast.Name) or node.value.id not in names
    } or {""}


def _function_around(node: ast.AST, above: Mapping[ast.AST, ast.AST]) -> ast.AST | None:
    while node in above:
        node = above[node]
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            return node
    return None


def _assigned(function: ast.AST, names: Mapping[str, Any]) -> dict[str, str]:
    """Return the strings that names within a function stand for, as far as they can be told."""
    return {
        target.id: value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.JoinedStr | ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(value := _value(node.value, names), str)
    }


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what an expression of Python stands for; what only a call knows is taken for "a"."""
    if isinstance(node, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else _value(part.value, names) or "a"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        return "".join(map(str, parts))
    try:
        return eval(compile(ast.Expression(node), "<module>", "eval"), dict(names))
    except NameError:
        return None


def test_expressions() -> None:
    finder = _Finder()
    finder.find()
    assert len(finder.expressions) > 200
    assert not finder.unknown, "write these as constants, so that they can be tried"
    slow: defaultdict[str, list[str]] = defaultdict(list)
    for expression in finder.expressions.values():
        for work in expression.works():
            for text in (*repeated(), *pumped(expression.pattern)):
                if len(slow[expression.place]) < 3 and (told_slow := slowest(work, text)):
                    slow[expression.place].append(told_slow)
    told = [f"{place}: {case}" for place, cases in slow.items() for case in cases]
    assert not told, "\n".join(told)
