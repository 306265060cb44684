"""The geometries: a picture of each, cut open, with its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from anodefem import geometry
from anodefem.compare import drawn
from anodefem.geometry import Geometry
from anodefem.meshing import make_mesh
from docs.builder import pages

#: Parameters of the pictures where the default shows little.
SHOWN: Mapping[str, Mapping[str, Any]] = {
    "shells": {
        "hollow_radius": "0.4 um",
        "layers": [
            {"name": "carbon", "thickness": "60 nm"},
            {"name": "void", "thickness": "0.3 um", "kind": "void"},
            {"name": "cage", "thickness": "30 nm"},
        ],
    },
}
COARSE = {"3d": 0.6}  # refinement of the pictures; 0.8 in two dimensions


def write(folder: Path) -> None:
    """Write the page and its pictures.

    Args:
        folder: Where they go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in drawable():
        draw(geometry.find(name), folder / f"{name}.png")
    pages.write(folder / "index.md", page())


def drawable() -> list[str]:
    """Return the geometries that need no file."""
    return [name for name in geometry.plugins() if not _required(geometry.find(name))]


def draw(plugin: Geometry, path: Path) -> None:
    """Mesh a geometry and draw it.

    Args:
        plugin: Which.
        path: The picture.
    """
    kinematics = plugin.kinematics[0]
    with TemporaryDirectory() as folder:
        make_mesh(
            plugin,
            plugin.read(dict(SHOWN.get(plugin.name, {}))),
            kinematics=kinematics,
            refinement=COARSE.get(kinematics, 0.8),
            folder=Path(folder, "mesh"),
        )
        drawn.picture(Path(folder), path)


def page() -> Iterator[str]:
    """Yield the parts of the page."""
    yield "# Geometries"
    yield (
        "What can be drawn, with its parameters; pictures show the defaults, unless they say "
        "otherwise, and orange is the SEI. A case of one: `anodefem new NAME -o run.toml`; a "
        "picture of it: `anodefem check run.toml --picture body.png`. One of your own: "
        "[how to](../how-to/geometry.md)."
    )
    names = drawable()
    yield ":::{container} thumbnails"
    yield "\n".join(f"- [![{name}]({name}.png)](#{pages.anchor(name)})" for name in names)
    yield ":::"
    for name in geometry.plugins():
        yield from section(geometry.find(name), pictured=name in names)


def section(plugin: Geometry, *, pictured: bool) -> Iterator[str]:
    """Yield the section of a geometry.

    Args:
        plugin: Which.
        pictured: Whether it has a picture.
    """
    yield f"## {plugin.name}"
    yield f"{plugin.title}. Kinematics: {', '.join(plugin.kinematics)}."
    if pictured:
        yield f"![{plugin.title}]({plugin.name}.png){{.body}}"
    else:
        yield "Needs a file: see [your own meshes](../user-meshes.md)."
    if plugin.name in SHOWN:
        yield "With these parameters:"
        yield pages.code(_toml(SHOWN[plugin.name]), "toml")
    yield pages.table(
        ("parameter", "default", "meaning"),
        [(f"`{r['name']}`", r["default"], pages.plain(r["meaning"])) for r in plugin.describe()],
    )


def _toml(parameters: Mapping[str, Any]) -> str:
    lines = []
    for key, value in parameters.items():
        if isinstance(value, list):
            tables = [
                "{ " + ", ".join(f'{name} = "{item}"' for name, item in table.items()) + " }"
                for table in value
            ]
            lines.append(f"{key} = [\n" + "".join(f"    {table},\n" for table in tables) + "]")
        else:
            lines.append(f'{key} = "{value}"')
    return "\n".join(lines)


def _required(plugin: Geometry) -> list[str]:
    return [row["name"] for row in plugin.describe() if row["default"] == "required"]
