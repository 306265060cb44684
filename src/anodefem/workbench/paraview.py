"""A script that opens a run in ParaView with good defaults."""

from __future__ import annotations

from pathlib import Path

from anodefem.errors import InputError
from anodefem.registry import suggest
from anodefem.workbench.modules import write_module
from anodefem.workbench.result import Result


def write(result: Result, path: Path, *, field: str) -> None:
    """Write a script that shows the deformed solids, coloured by a field with its unit.

    Args:
        result: The run.
        path: The script; its folder is there.
        field: What is shown at first.

    Raises:
        InputError: There is no such field in the files, or the script cannot be written.
    """
    grid = result.fields()
    there = [name for name in result.field_units if name in (*grid.point_data, *grid.cell_data)]
    if field not in there:
        raise InputError(f"--field {field}: the run has no such field.{suggest(field, there)}")
    media = result.record["media"]
    regions = {name: tag for name, tag in result.record["regions"].items() if name not in media}
    write_module(
        path,
        "paraview.py.jinja",
        title=repr(result.title),
        script=path.name,
        fields=repr(str((result.folder / "fields.pvd").resolve())),
        solids=repr(regions),
        units=repr({name: result.field_units[name] for name in there}),
        field=repr(field),
        flat=result.record["kinematics"] != "3d",
    )
