"""Which electrolyte keeps its SEI better: pairs that the reviews order, by what the cards say.

Run ``python3 -m tests.docs.electrolytes`` in the environment to write the tables of
docs/electrolytes.md anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path

import numpy as np
import ufl

from anodefem import cards
from anodefem.cards import Sei
from anodefem.cards.ranking import surface_strain
from anodefem.laws.film import PlaneStress
from anodefem.laws.film_bond import BondState
from anodefem.laws.film_cracks import ExposedSurface
from anodefem.laws.membrane import Surface
from anodefem.model import regions
from tests.laws.point import compiled, symbol

PAGE = Path(__file__).parents[2] / "docs" / "electrolytes.md"
#: Logarithmic strain of a step, and time that it takes [s].
STEP, DT = 4e-3, 100.0
#: The recipe whose bond the last column gives to the others that are said to be rich in LiF.
LOOSE = "lif-rich-thf"


@dataclass(frozen=True, slots=True)
class Pair:
    """What a review says.

    Attributes:
        words: Of the review.
        better, worse: Recipes.
        hosts: Cards; the first one gives the numbers of the tables.
    """

    words: str
    better: str
    worse: str
    hosts: tuple[str, ...]


PAIRS = (
    Pair("diglyme NaBF4 > EC/DMC NaBF4", "diglyme-nabf4", "ec-dmc-nabf4", ("tin-sodium",)),
    Pair("diglyme NaPF6 > PC + FEC", "diglyme-napf6", "pc-fec-napf6", ("tin-sodium",)),
    Pair("EGDEE > EC/PC", "egdee", "ec-dec-kpf6", ("antimony-potassium",)),
    Pair("EGDEE > PC + FEC", "egdee", "pc-fec-napf6", ("antimony-sodium",)),
    Pair(
        "mixed THF > EC/DMC",
        LOOSE,
        "ec-dmc",
        ("silicon-amorphous", "aluminium-lithium", "bismuth-lithium"),
    ),
    Pair("2-MeTHF > carbonate", LOOSE, "ec-dmc", ("tin-lithium",)),
    Pair("LHCE > carbonate", "lhce", "ec-dmc", ("silicon-amorphous", "phosphorus-black-lithium")),
    Pair("TFEP/FEMC/HFE > EC/DMC", "tfep-femc", "ec-dmc", ("silicon-monoxide-lithium",)),
    Pair("FEC > EC/DMC", "fec", "ec-dmc", ("silicon-amorphous",)),
    Pair("ionic liquid > carbonate", "ionic-liquid", "ec-dmc", ("silicon-amorphous",)),
    Pair("DME, KPF6 or KFSI > EC/DEC KPF6", "diglyme-kpf6", "ec-dec-kpf6", ("bismuth-potassium",)),
)
#: Recipes whose films the reviews call rich in LiF or KF, or inorganic.
RICH_IN_FLUORIDE = ("lhce", "fec", "ionic-liquid")


class Film:
    """A film on a surface that stretches evenly, by the laws of a run at one point."""

    def __init__(self, recipe: Sei, *, slides: bool) -> None:
        """Compile.

        Args:
            recipe: Of the film.
            slides: Its bond yields, by the numbers of the recipe.
        """
        F, metric = symbol(3, 3), symbol(3, 3)
        mismatch, local = symbol(), symbol()
        law = self._law = regions.film(recipe)
        self._limit, self._sliding = recipe.fracture_strain, slides
        bond = None
        if slides:
            thickness = ufl.as_ufl(recipe.thickness * 1e6)
            state = regions.film_bond(recipe)
            bond = BondState(bond=state, mismatch=mismatch, thickness=thickness)
        surface = Surface(F, ufl.as_vector([0.0, 0.0, 1.0]))
        response = law.respond(surface, metric, ufl.as_ufl(DT), local, bond)
        slid = response.slide.mismatch if response.slide else ufl.as_ufl(0.0)
        trial = ufl.as_vector([response.trial.mean, response.trial.shear_square])
        self._trial = compiled(trial, F, metric, mismatch)
        self._end = compiled(response.stress_free, F, metric, mismatch, local)
        self._slid = compiled(slid, F, metric, mismatch)

    def exposed(self, largest: float, cycles: int = 2) -> list[float]:
        """Surface that it exposes in every cycle, over the area on which it formed.

        What has grown in gaps belongs to the film when the surface begins to shrink, as in a run
        with growth; its thickness stays that of the recipe.

        Args:
            largest: Logarithmic strain of the full surface; it cycles from there to none.
            cycles: How many.
        """
        up = np.linspace(0.0, largest, 2 + round(largest / STEP))
        metric, m, gaps, load, own = np.diag([1.0, 1.0, 0.0]), 0.0, 0.0, 0.0, 1.0
        cracks = ExposedSurface(broken_at=np.zeros(1), area=np.zeros(1))
        slid, found = 0.0, []
        for _ in range(cycles):
            start = slid + float(cracks.area[0])
            for i, e in enumerate([*up[1:], *up[-2::-1]], start=1):
                if i == len(up) and m > 0.0:
                    m, gaps, own = 0.0, 0.0, own + gaps
                at = (np.diag([exp(e), exp(e), 1.0]), metric, np.array(m))
                p, square = self._trial(*at)
                trial = PlaneStress(p, square, self._law.young, self._law.poisson)
                local = np.asarray(self._law.flow.solve(trial, DT))
                metric, m = self._end(*at, local), m + float(self._slid(*at))
                before = load, own, gaps
                own = exp(2 * e - m)
                load, gaps = (e - m / 2) / self._limit, max(exp(2 * e) - own, 0.0)
                cracks = cracks.after(
                    load=(np.array([before[0]]), np.array([load])),
                    stretch=(np.array([before[1]]), np.array([own])),
                )
                slid += max(gaps - before[2], 0.0)
            found.append(slid + float(cracks.area[0]) - start)
        return found


def verdict(better: float, worse: float) -> str:
    """Whether the order comes out; larger is better."""
    if abs(better - worse) <= 1e-3 * max(abs(better), abs(worse)):
        return "tie"
    return "right" if better > worse else "wrong"


def band(recipe: Sei, name: str) -> tuple[float, float]:
    """Range of a number by its card; the number twice where the card gives none."""
    number = recipe.sources[name]
    return number.range or (number.si, number.si)


def sure(better: tuple[float, float], worse: tuple[float, float]) -> str:
    """Empty, or a remark that bands overlap."""
    return "" if better[0] > worse[1] or worse[0] > better[1] else " (bands overlap)"


def flow_adhesion(recipe: Sei) -> float:
    """Adhesion [J/m^2] below which a film that is pressed comes off before it flows."""
    stress = recipe.elastic_limit
    return (1 - recipe.poisson) * recipe.thickness * stress**2 / recipe.young


def with_loose_bond(recipe: Sei) -> Sei:
    """The recipe with the bond of the one that slides."""
    loose = cards.sei(LOOSE)
    return replace(
        recipe,
        shear_strength=loose.shear_strength,
        fragment_length=loose.fragment_length,
        adhesion=loose.adhesion,
    )


def largest_strain(host: str) -> float:
    """Logarithmic strain of the surface of a full host."""
    return surface_strain(cards.material(host), 1.0)


def orders() -> Iterator[list[str]]:
    """Rows of the table of pairs."""
    for number, pair in enumerate(PAIRS, start=1):
        better, worse = cards.sei(pair.better), cards.sei(pair.worse)
        limits = [(band(each, "fracture_strain"), each.fracture_strain) for each in (better, worse)]
        energies = []
        for each in (better, worse):
            young, limit = band(each, "young"), band(each, "yield_strain")
            low, high = (0.5 * e * y**2 / 1e6 for e, y in zip(young, limit, strict=True))
            energies.append(((low, high), each.elastic_energy_max / 1e6))
        strain = largest_strain(pair.hosts[0])
        follows = [Film(each, slides=False).exposed(strain)[1] for each in (better, worse)]
        slides = list(follows)
        known = "no numbers"
        if better.shear_strength is not None:
            slides[0] = Film(better, slides=True).exposed(strain)[1]
            known = f"{verdict(-slides[0], -slides[1])}: {slides[0]:.2f} / {slides[1]:.2f}"
        loose = "-"
        if pair.better in RICH_IN_FLUORIDE:
            found = Film(with_loose_bond(better), slides=True).exposed(strain)[1]
            loose = f"{verdict(-found, -follows[1])}: {found:.2f} / {follows[1]:.2f}"
        yield [
            f"{number}. {pair.words}",
            f"{verdict(limits[0][1], limits[1][1])}: {limits[0][1]:g} / {limits[1][1]:g}"
            + sure(limits[0][0], limits[1][0]),
            f"{verdict(energies[0][1], energies[1][1])}: {energies[0][1]:.3g} / "
            f"{energies[1][1]:.3g}" + sure(energies[0][0], energies[1][0]),
            f"{verdict(-follows[0], -follows[1])}: {follows[0]:.2f} / {follows[1]:.2f}",
            known,
            loose,
        ]


def bonds() -> Iterator[list[str]]:
    """Rows of the table of adhesions."""
    for name in ("ec-dmc", LOOSE, *RICH_IN_FLUORIDE):
        recipe = cards.sei(name)
        given = "-" if recipe.adhesion is None else f"{recipe.adhesion:g}"
        yield [f"`{name}`", f"{flow_adhesion(recipe):.2g}", given]


def table(heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    """Return a table in Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables() -> dict[str, str]:
    """Tables of the page by name."""
    heads = (
        "better > worse by the reviews",
        "fracture strain",
        "U_max [MJ/m³]",
        "exposed in cycle 2, follows",
        "likewise, slides by its recipe",
        "likewise, were its bond that of `lif-rich-thf`",
    )
    adhesion = ("recipe", "comes off below [J/m²]", "adhesion of the recipe [J/m²]")
    return {"pairs": table(heads, orders()), "adhesion": table(adhesion, bonds())}


def written(page: str) -> str:
    """Return the page with its tables made anew."""
    for name, text in tables().items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        head, rest = page.split(start)
        page = head + start + "\n\n" + text + "\n\n" + end + rest.split(end)[1]
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
