"""``anodefem view`` shows runs to turn and to lead along charge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def view(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")],
    field: Annotated[
        str, typer.Option(metavar="NAME", help="What colours the bodies inside, or their SEI.")
    ] = "von_mises",
    soc: Annotated[
        float | None, typer.Option(metavar="S", help="State of charge to start with.")
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="Serve a page to a browser instead.")] = False,
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Port of the page.")
    ] = 8080,
) -> None:
    """Look at runs side by side: turn them, lead them along charge and discharge, choose fields.

    Where there is no screen, --web serves the same to a browser (from a cluster through
    'ssh -L 8080:localhost:8080 HOST').
    """
    from anodefem.compare import view as viewing

    if web:
        viewing.web(folders, field=field, soc=soc, port=port)
    else:
        viewing.window(folders, field=field, soc=soc)
