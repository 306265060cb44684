"""Python modules that are written for other programs."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

import jinja2

from anodefem import __version__
from anodefem.errors import InputError


def write_module(path: Path, template: str, **values: Any) -> None:
    """Write a Python module that does not exist yet.

    Args:
        path: The file; its folder is there.
        template: Name of a file in ``assets``.
        values: What it asks for, besides the version of this package and the module's name.

    Raises:
        InputError: It exists, is no name of a Python module, or cannot be written.
    """
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise InputError(f"{path}: must be the file of a Python module, such as particle.py.")
    assets = importlib.resources.files("anodefem.workbench") / "assets"
    found = jinja2.Template(
        (assets / template).read_text(encoding="utf-8"),
        keep_trailing_newline=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    text = found.render(**values, module=path.stem, version=__version__)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path}: exists; give another name, or remove it.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}).") from error
