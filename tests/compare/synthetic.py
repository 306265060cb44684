"""Run folders made up from closed forms, for tests of the comparison only: no solver is involved.

The displacement fields are exact for uniform swelling; stresses and SEI areas are invented so that
their table entries are known numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyvista as pv

from tests.compare.shapes import CAGE, GAP, Array, Shape, between, blocks, caged, eighth

FULL = 3.751  # volume ratio of lithiated silicon
YIELD, FRACTURE = 0.02, 0.25  # strains of the made-up SEI


def stretch(soc: npt.ArrayLike) -> Array:
    """Return the linear stretch of a freely swelling particle."""
    ratio = 1 + (FULL - 1) * np.asarray(soc, dtype=float)
    return np.asarray(np.cbrt(ratio))


def protocol(top: float = 0.95, end: float | None = 0.05, steps: int = 38) -> Array:
    """Return states of charge from 0 up to ``top`` and, if given, down to ``end``."""
    knots = [0.0, top] if end is None else [0.0, top, end]
    numbers = np.arange((len(knots) - 1) * steps + 1) / steps
    return np.asarray(np.interp(numbers, range(len(knots)), knots), dtype=np.float64)


def _write_mesh(shape: Shape, folder: Path) -> None:
    folder.mkdir(parents=True)
    cell = "triangle" if shape.cells.shape[1] == 3 else "tetra"
    facet = "line" if cell == "triangle" else "triangle"
    names = {name: number for number, name in enumerate(shape.facets, start=1)}
    facets = np.concatenate(list(shape.facets.values()))
    tags = np.concatenate([np.full(len(f), names[name]) for name, f in shape.facets.items()])
    meshio.write(
        folder / "mesh.xdmf",
        meshio.Mesh(shape.points, [(cell, shape.cells)], cell_data={"cell_tags": [shape.tags]}),
    )
    meshio.write(
        folder / "facets.xdmf",
        meshio.Mesh(shape.points, [(facet, facets)], cell_data={"facet_tags": [tags]}),
    )
    manifest = {
        "geometry": "synthetic",
        "kinematics": shape.kinematics,
        "order": 1,
        "unit": "um",
        "cells": shape.regions,
        "facets": names,
        "roles": shape.roles,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def write(
    folder: Path,
    shape: Shape,
    *,
    title: str,
    soc: Array,
    move: Callable[[Array, float], Array],
    metrics: Mapping[str, Array],
    strain: Callable[[Array, float], Array] | None = None,
    stress: Callable[[Array, float], Array] | None = None,
    stored: int = 20,
    **info: Any,
) -> Path:
    """Write a run folder.

    Args:
        folder: Where; must not exist.
        shape: The mesh.
        title: Title of the run.
        soc: State of charge at each step.
        move: (points, soc) -> displacement, both shape (n, 2 or 3).
        metrics: Further columns, "name [unit]" -> values at each step.
        strain: (points, soc) -> SEI strain at the points; no SEI if absent.
        stress: (centres of cells, soc) -> von Mises stress [GPa].
        stored: Number of states whose fields are written.
        **info: Entries of run.json that differ from the default.
    """
    _write_mesh(shape, folder / "mesh")
    time = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(soc)) * 36000.0)])
    columns = {"t [s]": time, "step [-]": np.arange(len(soc)), "soc [-]": soc, **metrics}
    pd.DataFrame(columns).to_csv(folder / "metrics.csv", index=False)

    (folder / "fields").mkdir()
    entries = []
    dim = shape.points.shape[1]
    three = np.zeros((len(shape.points), 3))
    three[:, :dim] = shape.points
    kind = pv.CellType.TRIANGLE if dim == 2 else pv.CellType.TETRA
    for number, row in enumerate(np.unique(np.linspace(0, len(soc) - 1, stored).round())):
        step = int(row)
        grid = pv.UnstructuredGrid({kind: shape.cells}, three)
        displacement = np.zeros_like(three)
        displacement[:, :dim] = move(shape.points, float(soc[step]))
        grid.point_data["displacement"] = displacement
        grid.point_data["lithium_fraction"] = np.full(len(three), soc[step])
        grid.cell_data["region"] = shape.tags.astype(np.int32)
        if strain is not None:
            values = np.full(len(three), np.nan)
            on = np.unique(np.concatenate([shape.facets[name] for name in shape.roles["sei"]]))
            values[on] = strain(shape.points[on], float(soc[step]))
            grid.point_data["sei_strain"] = values
        centres = shape.points[shape.cells].mean(axis=1)
        grid.cell_data["von_mises"] = (
            np.zeros(len(centres)) if stress is None else stress(centres, float(soc[step]))
        )
        grid.save(folder / "fields" / f"state_{number:03d}.vtu")
        entries.append((time[step], f"fields/state_{number:03d}.vtu"))
    lines = [f'<DataSet timestep="{t!r}" part="0" file="{name}"/>' for t, name in entries]
    (folder / "fields.pvd").write_text(
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1"><Collection>\n'
        + "\n".join(line.replace("np.float64(", "").replace(")", "") for line in lines)
        + "\n</Collection></VTKFile>\n"
    )
    record: dict[str, Any] = {
        "status": "completed",
        "reason": "",
        "title": title,
        "kinematics": shape.kinematics,
        "regions": shape.regions,
        "media": shape.media,
        "wall_time_s": 12.5,
        "sei": None
        if strain is None
        else {"recipe": "made-up", "yield_stretch": YIELD, "fracture_strain": FRACTURE},
    }
    (folder / "run.json").write_text(json.dumps({**record, **info}))
    return folder


def crack(folder: Path, region: str, at: Callable[[Array, float], Array]) -> Path:
    """Give the stored states of a run a crack field in a region: (points, soc) -> values."""
    record = json.loads((folder / "run.json").read_text())
    record["case"] = {**record.get("case", {}), "fracture": {"regions": [region]}}
    (folder / "run.json").write_text(json.dumps(record))
    table = pd.read_csv(folder / "metrics.csv")
    table["crack_max [-]"] = np.minimum(1.0, 2.0 * table["soc [-]"])
    table[f"crack_area_{region} [um^2]"] = 3.0 * table["soc [-]"]
    table.to_csv(folder / "metrics.csv", index=False)
    for path in sorted((folder / "fields").glob("*.vtu")):
        grid = pv.read(path)
        soc = float(grid.point_data["lithium_fraction"][0])
        grid.point_data["crack"] = at(np.asarray(grid.points), soc)
        grid.save(path)
    return folder


def free(folder: Path, shape: Shape, *, title: str, soc: Array | None = None, **info: Any) -> Path:
    """Write a freely and uniformly swelling body (sphere or ball), one region."""
    soc = protocol() if soc is None else soc
    ratio = stretch(soc) ** 3
    (region,) = shape.regions
    strain = np.log(stretch(soc))
    back = np.arange(len(soc)) > np.argmax(soc)
    metrics = {
        "lithium_balance_error [-]": np.full(len(soc), 2e-13),
        "hull_volume_ratio [-]": ratio + 0.1 * back,
        "sei_strain_max [-]": strain,
        "sei_energy_ratio_max [-]": strain / YIELD,
        "sei_strain_p99 [-]": 0.9 * strain,
        "sei_area_beyond_fracture [-]": (strain > FRACTURE).astype(float),
        f"von_mises_max_{region} [GPa]": 0.5 + 0.5 * soc,
        f"hydrostatic_max_{region} [GPa]": 0.3 * soc * np.where(back, 2.0, 1.0),
        "contact_pressure_max [GPa]": np.full(len(soc), np.nan),
        "volumetric_capacity [Ah/L]": 8335.0 * soc / ratio,
        "stress_overpotential [mV]": np.where(back, 40.0, -60.0) * soc,
    }
    return write(
        folder,
        shape,
        title=title,
        soc=soc,
        move=lambda x, s: (stretch(s) - 1) * x,
        strain=lambda x, s: np.full(len(x), np.log(stretch(s))),
        stress=lambda x, s: s * (0.2 + 0.8 * np.linalg.norm(x, axis=1) ** 2),
        metrics=metrics,
        **info,
    )


def contact_soc() -> float:
    """Return the state of charge at which the particle fills the cage."""
    return (GAP**3 - 1) / (FULL - 1)


def cage(folder: Path, *, title: str, soc: Array | None = None, **info: Any) -> Path:
    """Write a particle that swells until it takes its cage along."""
    soc = protocol(0.95, None) if soc is None else soc

    def move(x: Array, s: float) -> Array:
        r = np.linalg.norm(x, axis=1, keepdims=True)
        inner = float(stretch(s))
        outer = max(GAP, inner)
        new = np.where(
            r <= 1,
            inner * r,
            np.where(
                r <= GAP,
                inner + (r - 1) / (GAP - 1) * (outer - inner),
                outer + (r - GAP),
            ),
        )
        return (new / np.where(r > 0, r, 1) - 1) * x

    strain = np.log(stretch(soc))
    hull = np.maximum(GAP, stretch(soc)) + CAGE
    pressure = np.clip(soc - contact_soc(), 0, None)
    ratio = (hull / (GAP + CAGE)) ** 3
    metrics = {
        "lithium_balance_error [-]": np.full(len(soc), -4e-13),
        "hull_volume_ratio [-]": ratio,
        "sei_strain_max [-]": strain,
        "sei_energy_ratio_max [-]": strain / YIELD,
        "sei_strain_p99 [-]": strain,
        "sei_area_beyond_fracture [-]": (strain > FRACTURE).astype(float),
        "von_mises_max_particle [GPa]": 0.2 + 0.4 * soc,
        "von_mises_max_cage [GPa]": 20.0 * soc,
        "hydrostatic_max_particle [GPa]": 0.1 * soc,
        "contact_pressure_max [GPa]": pressure,
        "volumetric_capacity [Ah/L]": 8335.0 * soc / (GAP + CAGE) ** 3 / ratio,
        "stress_overpotential [mV]": -80.0 * pressure,
    }
    return write(
        folder,
        caged(),
        title=title,
        soc=soc,
        move=move,
        strain=lambda x, s: np.full(len(x), np.log(stretch(s))),
        stress=lambda x, s: np.where(
            np.linalg.norm(x, axis=1) > 1, 20.0, 0.6 * s * np.linalg.norm(x, axis=1)
        ),
        metrics=metrics,
        **info,
    )


def membrane(folder: Path, *, title: str) -> Path:
    """Write an eighth of a ball in a void, in a cage without thickness."""
    shape = eighth(12, size=GAP)
    radius = np.linalg.norm(shape.points[shape.cells].mean(axis=1), axis=1)
    shape.tags = np.where(radius < 1.0, 1, 2)
    shape.regions, shape.media = {"particle": 1, "void": 2}, ["void"]
    shape.facets["cage"] = shape.facets.pop("particle_surface")
    shape.facets["particle_surface"] = between(shape.cells, shape.tags, 1, 2)
    shape.roles |= {
        "hull": ["cage"],
        "medium": ["void"],
        "contact": ["particle_surface"],
        "membrane": {"cage": "cage"},
    }
    soc = protocol(0.5, None, 5)
    return write(
        folder,
        shape,
        title=title,
        soc=soc,
        move=lambda x, s: np.where(
            np.linalg.norm(x, axis=1, keepdims=True) < 1.1, (stretch(s) - 1) * x, 0.0
        ),
        strain=lambda x, s: np.full(len(x), np.log(stretch(s))),
        metrics={"hull_volume_ratio [-]": np.ones(len(soc))},
    )


def make_quadratic(path: Path) -> None:
    """Give the triangles of a field file nodes at the middles of their edges."""
    grid = pv.read(path)
    cells = np.asarray(grid.cell_connectivity).reshape(-1, 3)
    ends = np.stack([cells, np.roll(cells, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, number = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)
    nodes = np.column_stack([cells, grid.n_points + number.reshape(-1, 3)])
    points = np.concatenate([grid.points, grid.points[edges].mean(axis=1)])
    curved = pv.UnstructuredGrid({pv.CellType.QUADRATIC_TRIANGLE: nodes}, points)
    for name, values in grid.point_data.items():
        curved.point_data[name] = np.concatenate([values, np.asarray(values)[edges].mean(axis=1)])
    for name, values in grid.cell_data.items():
        curved.cell_data[name] = values
    curved.save(path)


def films(folder: Path, *, title: str, soc: Array | None = None, **info: Any) -> Path:
    """Write blocks of films whose silicon only thickens, and bulges at its free end."""
    soc = protocol(0.9, None) if soc is None else soc
    shape = blocks()

    def move(x: Array, s: float) -> Array:
        rise = 1.6 * s
        below = np.clip(x[:, 1] - 0.4, 0, 0.3) + np.clip(x[:, 1] - 0.76, 0, 0.3)
        height = np.clip(x[:, 1] - 0.4, 0, None)
        bulge = 0.15 * s * x[:, 0] ** 4 * np.minimum(height / 0.1, 1.0)
        return np.column_stack([np.where(x[:, 0] <= 1, bulge, 0.0), rise * below])

    metrics = {
        "lithium_balance_error [-]": np.full(len(soc), 1e-12),
        "hull_volume_ratio [-]": 1 + 0.7 * soc,
        "sei_strain_max [-]": 0.6 * soc,
        "sei_strain_p99 [-]": 0.5 * soc,
        "sei_area_beyond_fracture [-]": 0.3 * soc,
        "von_mises_max_silicon [GPa]": 1.2 * soc,
        "hydrostatic_max_silicon [GPa]": np.zeros(len(soc)),
        "volumetric_capacity [Ah/L]": 2500.0 * soc,
        "stress_overpotential [mV]": -90.0 * soc,
    }
    return write(
        folder,
        shape,
        title=title,
        soc=soc,
        move=move,
        strain=lambda x, s: 0.6 * s * np.clip((x[:, 1] - 0.4) / 0.72, 0, 1),
        stress=lambda x, s: 1.2 * s * (1 - 0.5 * x[:, 0] ** 2),
        metrics=metrics,
        **info,
    )
