"""Fill the templates in ui/templates, so that nothing in a value is markup or acts unseen."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from rag.language.visible import visible, visible_json

__all__ = ["ENVIRONMENT", "fill"]


def _shown(value: Any) -> Any:
    """Return what is written for a value of a template, before it is escaped."""
    return visible(value) if isinstance(value, str) else value


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    # By which the filter "tojson" writes what a script reads; of ours nothing in it acts unseen.
    environment.policies["json.dumps_function"] = visible_json
    environment.policies["json.dumps_kwargs"] = {}
    return environment


ENVIRONMENT = _environment()
"""Where all templates are loaded; what is said in them is escaped."""


def fill(template: str, /, **values: object) -> str:
    """Return a template of ui/templates with its values.

    Raises:
        jinja2.UndefinedError: If it needs a value that is not there.
    """
    return ENVIRONMENT.get_template(template).render(values)
