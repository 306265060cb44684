"""Distance between the cracks of films: a table and a figure from sweeps of this case.

    python3 runs/film-cracking/spacing.py out/film -o runs/film-cracking/spacing.png

Reads every run below the folder. Runs that differ in nothing but their seed make a row.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pyvista as pv
from matplotlib.figure import Figure

from anodefem import Result
from anodefem.laws.scatter import GaussianField, lognormal

Array = npt.NDArray[np.float64]

#: Crack field from which on the surface of a film is broken.
BROKEN = 0.95
#: Film of the same stiffness as the half-space under it (Beuth 1992; Xia and Hutchinson 2000):
#: the stress that a crack relieves comes back over this length, over the thickness of the film.
LAG = np.pi / 2 * 1.258
#: Loads, over that at which an even film breaks, at which distances are compared.
LOADS = (1.5, 1.9)


@dataclass(frozen=True, kw_only=True)
class Film:
    """What was found in a run.

    Attributes:
        radius: Of the wire [um].
        thickness: Of the film [um].
        length: l [um].
        stiff: Young's modulus of the film over that of the wire.
        tough: Whether the skin of the wire can break, and is tough.
        strain: Strain at which an even film would break.
        weakest: Factor of that strain where toughness is least.
        first: Strains of the film before and after its first crack.
        load: Nominal strain of the film over ``strain`` at the stored states.
        cracks: Their number over the quarter; half a crack lies in a plane of symmetry.
    """

    radius: float
    thickness: float
    length: float
    stiff: float
    tough: bool
    strain: float
    weakest: float
    first: tuple[float, float]
    load: Array
    cracks: Array

    @property
    def series(self) -> tuple[float, ...]:
        """What a row of the table has in common."""
        return self.stiff, self.thickness, self.length, self.radius, float(not self.tough)

    def spacing(self, load: float) -> float:
        """Mean distance between cracks over the thickness of the film; infinite without any."""
        reached = np.flatnonzero(self.load <= load * 1.001)
        number = self.cracks[reached[-1]]
        arc = np.pi / 2 * (self.radius + self.thickness / 2)
        return float(arc / self.thickness / number) if number else np.inf


def read(result: Result) -> Film:
    """Return what was found in a run."""
    case = result.record["case"]
    geometry, fracture = case["geometry"], case["fracture"]
    radius, thickness = (_um(geometry[key]) for key in ("radius", "film_thickness"))
    length, toughness = _um(fracture["length"]), _um(fracture["toughness"]["film"])
    young = case["materials"]["film"]["elastic"]["young"]
    stiffness = 1e3 * float(young.split()[0]) / (1 - 0.22**2)
    names = ("t", "soc", "hull_volume_ratio", "crack_max")
    t, soc, hull, largest = (result[name] for name in names)
    whole = largest < 0.05
    nominal = np.polynomial.Polynomial.fit(soc[whole], np.log(hull[whole]) / 2, 2)
    after = int(np.argmax(largest >= BROKEN))
    # before a crack the outer face strains a little less than the middle of the film
    middle = (radius + thickness) / (radius + thickness / 2)
    strain = float(np.sqrt(3 * toughness / (8 * length * stiffness)))
    times, cracks, weakest = [], [], np.inf
    for time in result.states["t"]:
        state = result.fields(t=time)
        times.append(time)
        cracks.append(_count(state, radius + thickness))
        if len(times) == 1:
            weakest = _weakest(state, radius, fracture)
    return Film(
        radius=radius,
        thickness=thickness,
        length=length,
        stiff=float(young.split()[0]) / 80.0,
        tough="interlayer" in fracture["regions"],
        strain=strain,
        weakest=weakest,
        first=(float(middle * nominal(soc[after - 1])), float(middle * nominal(soc[after]))),
        load=middle * nominal(np.interp(times, t, soc)) / strain,
        cracks=np.array(cracks),
    )


def _um(text: str) -> float:
    return float(text.split()[0])


def _count(state: pv.UnstructuredGrid, outer: float) -> float:
    """Number of broken stretches of the film's surface; those at its ends are halves."""
    x = state.points[:, :2]
    surface = np.flatnonzero(np.abs(np.hypot(*x.T) - outer) < 1e-5 * outer)
    surface = surface[np.argsort(np.arctan2(*x[surface].T))]
    broken = np.asarray(state["crack"])[surface] >= BROKEN
    begins = broken & ~np.concatenate([[False], broken[:-1]])
    return float(begins.sum() - (float(broken[0]) + float(broken[-1])) / 2)


def _weakest(state: pv.UnstructuredGrid, radius: float, fracture: dict[str, Any]) -> float:
    """Square root of the least factor of toughness in the film: strength goes with it."""
    x = state.points[:, :2]
    film = x[np.hypot(*x.T) > radius * (1 + 1e-6)]
    field = GaussianField.draw(correlation=_um(fracture["correlation"]), seed=fracture["seed"])
    return float(np.sqrt(lognormal(field, film, spread=fracture["scatter"]).min()))


def longest(load: Array) -> Array:
    """Longest piece that stays whole at a load, over the thickness: 2 L acosh(r / (r - 1)).

    Stress in a piece of length s is sigma (1 - cosh(x/L) / cosh(s/2L)), with x from its middle
    (Xia and Hutchinson 2000), and breaks it where it reaches the strength.
    """
    return np.asarray(2 * LAG * np.arccosh(load / (load - 1)))


def table(rows: dict[tuple[float, ...], list[Film]]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| film [nm] | R/h | l/h | film / wire stiffness | draws | first crack: strain [%] "
        "| strength of the weakest place [%] | distance / h at load 1.5 | at load 1.9 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for key in sorted(rows):
        films = rows[key]
        one = films[0]
        low, high = (100 * np.mean([film.first[i] for film in films]) for i in (0, 1))
        expected = 100 * np.mean([film.strain * film.weakest for film in films])
        cells = [
            f"{1e3 * one.thickness:g}{'' if one.tough else ', no tough skin'}",
            f"{one.radius / one.thickness:g}",
            f"{one.length / one.thickness:g}",
            f"{one.stiff:g}",
            f"{len(films)}",
            f"{low:.2f} to {high:.2f}",
            f"{expected:.2f}",
            *(_spread(films, load) for load in LOADS),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(films: list[Film], load: float) -> str:
    if max(film.load.max() for film in films) < 0.97 * load:
        return ""
    # the mean of numbers, not of distances: a draw without a crack has none
    found = np.array([film.spacing(load) for film in films])
    if not np.isfinite(found).any():
        return "no crack"
    mean = 1 / np.mean(1 / found)
    if len(films) == 1:
        return f"{mean:.1f}"
    return f"{mean:.1f} ({found.min():.1f} to {found.max():.1f})"


def figure(rows: dict[tuple[float, ...], list[Film]]) -> Figure:
    """Return distances over load, by what was varied."""
    result = Figure(figsize=(7.2, 3.0), layout="constrained")
    chosen = {
        "thickness, l = h/2": lambda f: f.stiff == 1 and f.length == f.thickness / 2,
        "stiffness of the film over the wire": lambda f: (
            f.thickness == 0.05 and f.length == 0.025 and f.radius == 0.5
        ),
        "l over h": lambda f: f.stiff == 1 and f.radius == 0.5 and f.thickness == 0.05,
    }
    labels = {
        "thickness, l = h/2": lambda f: f"{1e3 * f.thickness:g} nm, R = {1e3 * f.radius:g} nm",
        "stiffness of the film over the wire": lambda f: f"{f.stiff:g}",
        "l over h": lambda f: f"{f.length / f.thickness:g}",
    }
    axes = result.subplots(1, 3, sharey=True)
    load = np.linspace(1.02, 2.6, 100)
    for panel, (title, suits) in zip(axes, chosen.items(), strict=True):
        upper = longest(load)
        panel.fill_between(load, upper / 2, upper, color="0.9", label="theory, equal stiffness")
        for key in sorted(rows):
            films = [film for film in rows[key] if film.tough and suits(film)]
            if not films:
                continue
            ends = max(film.load.max() for film in films)
            at = np.linspace(0.9, ends, 60)
            number = np.array([[1 / film.spacing(r) for film in films] for r in at])
            with np.errstate(divide="ignore"):
                panel.plot(at, 1 / number.mean(axis=1), label=labels[title](films[0]))
        panel.set(title=title, xlabel="strain over that of fracture", xlim=(0.9, 2.6))
        panel.legend(fontsize=6)
    axes[0].set(ylabel="mean distance over thickness", ylim=(0, 20))
    return result


def main() -> None:
    """Print the table and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    rows: dict[tuple[float, ...], list[Film]] = defaultdict(list)
    for path in sorted(given.folder.rglob("run.json")):
        result = Result.read(path.parent)
        if result.status == "completed":
            film = read(result)
            rows[film.series].append(film)
    print(table(rows))
    with mpl.rc_context({"font.size": 7, "lines.linewidth": 1.2}):
        figure(rows).savefig(given.output, dpi=200)


if __name__ == "__main__":
    main()
