"""``anodefem check`` reads case files and reports everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from anodefem.cli.common import Settings
from anodefem.errors import InputError

if TYPE_CHECKING:
    from anodefem.cases import CheckedCase

_PICTURES = (".png", ".pdf", ".svg")


def check(
    cases: Annotated[list[Path], typer.Argument(metavar="RUN.toml...", help="Case files.")],
    settings: Settings = None,
    mesh: Annotated[
        bool,
        typer.Option("--mesh", help="Mesh them, too: cells, unknowns, memory and time of a run."),
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Mesh the case, and draw it there, cut open (PNG, PDF or SVG).",
        ),
    ] = None,
) -> None:
    """Read case files and say everything that is wrong with them; nothing is solved.

    What can crack is meshed, since cells must resolve the length of a crack.
    """
    from anodefem.cases import load, plausibility

    if picture is not None:
        _check_picture(picture, len(cases))
    wrong: list[str] = []
    for path in cases:
        try:
            case = load(path, settings or ())
            lines = [f"good. {case.summary()}", f"{case.estimate()}."]
            if outlook := case.outlook():
                lines.append(f"{outlook}.")
            if mesh or picture is not None or case.fracture is not None:
                size = _meshed(case, picture)
                lines += [f"{size}."] if mesh or picture is not None else []
        except InputError as error:
            wrong.append(str(error))
        else:
            for line in lines:
                typer.echo(f"{path}: {line}")
            for warning in plausibility.before(case):
                typer.echo(f"{path}: warning: {warning}", err=True)
    if wrong:
        raise InputError("\n".join(wrong))


def _check_picture(path: Path, cases: int) -> None:
    """Refuse a picture that cannot be written.

    Args:
        path: Where it goes.
        cases: How many there are to be drawn.
    """
    if cases > 1:
        raise InputError(f"--picture {path}: draws one case; {cases} are given.")
    if path.suffix.lower() not in _PICTURES:
        raise InputError(f"--picture {path}: must end with {', '.join(_PICTURES)}.")
    if not path.parent.is_dir():
        raise InputError(f"--picture {path}: there is no folder {path.parent}.")


def _meshed(case: CheckedCase, picture: Path | None) -> str:
    """Mesh a case, refuse a mesh that is too coarse for its cracks, and say how large it is.

    Args:
        case: The case.
        picture: Where the body is drawn, if anywhere.
    """
    from anodefem.cli.size import size
    from anodefem.meshing import mesh_choice
    from anodefem.meshing.regression.measure import read
    from anodefem.meshing.simplices import longest_edge

    with TemporaryDirectory() as folder:
        mesh_choice(case.geometry, Path(folder, "mesh"))
        mesh = read(Path(folder, "mesh"))
        if case.fracture is not None:
            case.fracture.check_cells(longest_edge(mesh, case.fracture.toughness))
        if picture is not None:
            from anodefem.compare import drawn

            sei = case.sei.surfaces if case.sei else ()
            drawn.picture(Path(folder), picture, title=case.title, sei=sei)
        return str(size(case, mesh))
