"""Fill a page template."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(templates: Path, name: str, **content: object) -> str:
    """Fill a template with its content; a name that the template lacks is an error.

    Parameters
    ----------
    templates
        Folder of the page templates.
    name
        The template.
    content
        What it shows.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(content)
