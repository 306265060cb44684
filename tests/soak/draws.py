"""Valid cases at random: every geometry, host, recipe and coat, at any size and rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from pathlib import Path
from random import Random
from typing import Any

from anodefem import cards
from anodefem.cases import load
from anodefem.cases.plausibility import before
from anodefem.errors import InputError
from tests.fuzz.mutations import toml

SAMPLES = Path(__file__).resolve().parents[2] / "geometries" / "samples"
#: Geometries, and how often each is drawn; those that are bodies in three dimensions are slow.
WEIGHTS = {
    "bare_particle": 16,
    "binder_particle": 14,
    "graphene_cage": 14,
    "shells": 12,
    "multilayer": 12,
    "stack": 7,
    "film_on_wire": 6,
    "agglomerate": 6,
    "electrode": 4,
    "solid_electrolyte": 4,
    "porous_sponge": 3,
    "porous_particle": 1,
    "user_mesh": 1,
}
VERBS = {"Li": "lithiate", "Na": "sodiate", "K": "potassiate"}
SHELLS = ("carbon-shell", "graphene-multilayer")
REDRAWS = 200  # of a case that `check` refuses

Table = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """A drawn geometry.

    Attributes:
        table: Section [geometry].
        hosts: Regions of the host.
        materials: Cards of the other regions.
        highest: Highest state of charge to which it can be meant to be filled.
    """

    table: Table
    hosts: tuple[str, ...]
    materials: dict[str, str]
    highest: float = 0.95


class Draw:
    """Draws cases.

    Args:
        seed: The same one draws the same cases.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._swelling = 1.0  # of the host that has been drawn

    @cached_property
    def _materials(self) -> dict[str, cards.Material]:
        return {name: cards.material(name) for name in cards.paths("materials")}

    @cached_property
    def _recipes(self) -> dict[str, cards.Sei]:
        return {name: cards.sei(name) for name in cards.paths("sei")}

    def case(self, path: Path) -> Table:
        """Write a case that `anodefem check` accepts to ``path``, and return its tables.

        Raises:
            RuntimeError: Nothing that was drawn is accepted.
        """
        refusal = ""
        plugin = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        for _ in range(REDRAWS):
            tables = self._tables(plugin)
            path.write_text(toml(tables), encoding="utf-8")
            try:
                warnings = before(load(path))
            except InputError as error:
                refusal = str(error)
                continue
            if any(each.startswith("geometry.order") for each in warnings):
                tables["geometry"]["order"] = 2  # as a user would who reads what `check` says
                path.write_text(toml(tables), encoding="utf-8")
            return tables
        raise RuntimeError(f"{REDRAWS} cases were refused; the last one: {refusal}")

    def _tables(self, plugin: str) -> Table:
        random = self.random
        hosts = [name for name, card in self._materials.items() if card.kind == "host"]
        host = random.choice(hosts)
        storage = self._materials[host].storage
        assert storage is not None
        carrier, self._swelling = storage.carrier, float(storage.volume_ratio(1.0))
        radius = self._log(0.025, 10.0)  # half of 50 nm to 20 um
        drawn: Geometry = getattr(self, f"_{plugin}")(radius)
        card: Table = {"card": host}
        if storage.swelling_exponents is not None:
            card["frame"] = random.choice(("cartesian", "radial"))
        # a species enters through the sides of films, which are hosts or not
        dense = "carbon" in drawn.materials and drawn.materials["carbon"] != "carbon-amorphous"
        if dense or random.random() < 0.15:
            card["transport"] = "uniform"
        materials = dict.fromkeys(drawn.hosts, card) | drawn.materials
        low, high = round(random.uniform(0.03, 0.15), 3), random.uniform(0.6, 1.0) * drawn.highest
        verb, rate = VERBS[carrier], self._rate()
        tables: Table = {
            "title": f"{host} as {plugin.replace('_', ' ')}",
            "geometry": {"plugin": plugin, **drawn.table},
            "materials": materials,
            "protocol": {
                "steps": [
                    f"{verb} at {rate} until soc = {high:.3f}",
                    f"de{verb} at {rate} until soc = {low}",
                ]
            },
            "output": {"fields_every": 0.5},
        }
        recipes = [n for n, recipe in self._recipes.items() if carrier in recipe.carriers]
        # where electrons come: an SEI does not grow on the outside of a polymer
        outermost = [*drawn.materials.values()][-1:] if plugin in ("shells", "film_on_wire") else []
        bare = not any(self._materials[name].kind == "polymer" for name in outermost)
        if recipes and bare and random.random() < 0.75:
            thickness = min(0.02, 0.05 * radius)
            tables["sei"] = {
                "recipe": random.choice(recipes),
                "thickness": f"{1e3 * thickness:.3g} nm",
            }
        return tables

    def _rate(self) -> str:
        c_rate = self._log(1 / 50, 5.0)
        return f"{c_rate:.3g}C" if c_rate >= 1.0 else f"C/{1 / c_rate:.3g}"

    def _log(self, low: float, high: float) -> float:
        return float(f"{exp(self.random.uniform(log(low), log(high))):.4g}")

    def _kind(self, *kinds: str) -> str:
        return self.random.choice([name for name, c in self._materials.items() if c.kind in kinds])

    def _carbon(self) -> str:
        return self._kind("carbon")

    def _coat(self) -> str:
        return self._kind("carbon", "ceramic", "polymer", "polymer")

    def _room(self, kinematics: str) -> float:
        """Width of a void over the radius: room for 60 to 120 % of the swelling."""
        grown = float(self._swelling ** (1 / 2 if kinematics == "plane_strain" else 1 / 3))
        return max((grown - 1.0) * self.random.uniform(0.6, 1.2), 0.02)

    def _refined(self, low: float = 0.4, high: float = 0.6) -> float:
        return round(self.random.uniform(low, high), 2)

    def _bare_particle(self, radius: float) -> Geometry:
        random = self.random
        shape = random.choice(("sphere", "sphere", "spheroid", "rough", "faceted"))
        table: Table = {
            "kinematics": random.choice(("axisymmetric", "axisymmetric", "plane_strain")),
            "particle_radius": um(radius),
            "shape": shape,
            "refinement": self._refined(),
        }
        if shape == "spheroid":
            table["aspect"] = self._log(0.4, 2.5)
        if shape == "rough":
            table["roughness"] = self._log(0.02, 0.1)
            table["roughness_wavelength"] = um(radius * random.uniform(0.5, 1.5))
        return Geometry(table=table, hosts=("particle",), materials={})

    def _binder_particle(self, radius: float) -> Geometry:
        random = self.random
        coat = max(radius * self._log(0.02, 0.3), 1.1e-3)
        table: Table = {
            "kinematics": random.choice(("axisymmetric", "axisymmetric", "plane_strain")),
            "particle_radius": um(radius),
            "coat_thickness": um(coat),
            "refinement": self._refined(),
        }
        if random.random() < 0.2:
            table |= {
                "particles": 2,
                "particle_gap": um(coat),
                "neck_radius": um(radius * random.uniform(0.55, 0.8)),
            }
        return Geometry(table=table, hosts=("particle",), materials={"coat": self._coat()})

    def _graphene_cage(self, radius: float) -> Geometry:
        random = self.random
        ratio = 1.0 + self._room("axisymmetric")
        off = round(random.uniform(0.1, 0.6), 2) if random.random() < 0.3 else 0.0
        table: Table = {
            "kinematics": "3d" if random.random() < 0.07 else "axisymmetric",
            "particle_radius": um(radius),
            "gap_ratio": round(ratio, 3),
            "cage_thickness": um(radius * ratio * self._log(0.005, 0.05)),
            "eccentricity": off,
            "refinement": self._refined(),
        }
        cage = random.choice((*SHELLS, "graphene-monolayer", "carbon-amorphous"))
        return Geometry(table=table, hosts=("particle",), materials={"cage": cage})

    def _multilayer(self, radius: float) -> Geometry:
        random = self.random
        silicon = max(0.2 * radius, 0.005)
        carbon = silicon * self._log(0.1, 1.0)
        count = random.choice((1, 1, 2))
        height = count * (silicon + carbon)
        table: Table = {
            "kinematics": random.choice(("plane_strain", "axisymmetric")),
            "silicon_thickness": um(silicon),
            "carbon_thickness": um(carbon),
            "bilayers": count,
            "lowest": random.choice(("silicon", "carbon")),
            "form": random.choice(("blocks", "film")),
            "collector_thickness": um(height),
            "block_width": um(height * random.uniform(0.5, 4.0)),
            "gap_width": um(height * random.uniform(0.5, 2.0)),
            "refinement": self._refined(0.4, 0.6),
        }
        materials = {"carbon": self._carbon(), "collector": "copper"}
        return Geometry(table=table, hosts=("silicon",), materials=materials)

    def _shells(self, radius: float) -> Geometry:
        random = self.random
        skin = max(radius * self._log(0.02, 0.2), 1.1e-3)
        names = random.choice((("skin",), ("skin", "coat"), ("void", "skin"), ()))
        kinematics = random.choice(("axisymmetric", "axisymmetric", "plane_strain"))
        layers = []
        for name in names:
            thick = radius * self._room(kinematics) if name == "void" else skin
            kind = "void" if name == "void" else "solid"
            layers.append({"name": name, "thickness": um(thick), "kind": kind})
        hollow = radius * random.uniform(0.2, 0.7) if not names or random.random() < 0.3 else 0.0
        table: Table = {
            "kinematics": kinematics,
            "particle_radius": um(radius),
            "hollow_radius": um(hollow),
            "layers": layers,
            "refinement": self._refined(),
        }
        materials = {name: self._coat() for name in names if name != "void"}
        if "void" in names:
            materials["skin"] = random.choice(SHELLS)
        return Geometry(table=table, hosts=("particle",), materials=materials)

    def _stack(self, radius: float) -> Geometry:
        random = self.random
        first = max(0.1 * radius, 0.004)
        sheets = [{"name": "silicon", "thickness": um(first)}]
        if carbon := random.random() < 0.8:
            sheets.append({"name": "carbon", "thickness": um(first * self._log(0.2, 1.0))})
        if void := random.random() < 0.4:
            thick = 2.0 * first * (self._swelling - 1.0) * random.uniform(0.6, 1.2)
            sheets.append({"name": "gap", "thickness": um(thick), "kind": "void"})
        count = random.choice((1, 2))
        table: Table = {
            "kinematics": random.choice(("plane_strain", "axisymmetric")),
            "sheets": sheets,
            "repeats": count,
            "width": um(first * len(sheets) * count * random.uniform(1.0, 5.0)),
            "form": "block" if void else random.choice(("block", "sheet")),
            "refinement": 0.5,
        }
        materials = {"carbon": self._carbon()} if carbon else {}
        return Geometry(table=table, hosts=("silicon",), materials=materials)

    def _film_on_wire(self, radius: float) -> Geometry:
        film, inner = (radius * self._log(0.05, 0.2) for _ in range(2))
        table: Table = {
            "kinematics": "plane_strain",
            "radius": um(radius),
            "film_thickness": um(max(film, 1.1e-3)),
            "interlayer_thickness": um(max(inner, 1.1e-3)),
            "cell": um(0.45 * max(min(film, inner), 1.1e-3)),
        }
        materials = {"film": self._coat()}
        return Geometry(table=table, hosts=("core", "interlayer"), materials=materials)

    def _agglomerate(self, radius: float) -> Geometry:
        random = self.random
        coated = random.random() < 0.3
        matrix = random.random() < 0.3
        table: Table = {
            "kinematics": "plane_strain",
            "particle_radius": um(0.2 * radius),
            "particles": random.choice((1, 2, 3)),
            "fill": round(min(0.4, random.uniform(0.5, 0.9) / self._swelling), 3),
            "gap": 0.3,
            "shell_thickness": um(0.2 * radius * self._log(0.05, 0.3)),
            "coat_thickness": um(0.03 * radius) if coated else "0 um",
            "matrix": "solid" if matrix else "void",
            "seed": random.randrange(1000),
            "refinement": self._refined(0.5, 0.6),
        }
        materials = {"shell": random.choice((*SHELLS, "carbon-amorphous"))}
        if coated:
            materials["coat"] = self._coat()
        if matrix:
            materials["matrix"] = random.choice(("carbon-shell", "pan"))
        return Geometry(table=table, hosts=("particle",), materials=materials, highest=0.9)

    def _electrode(self, radius: float) -> Geometry:
        random = self.random
        coat = 0.1 * radius
        table: Table = {
            "kinematics": "plane_strain",
            "particle_radius": um(radius),
            "particles": random.choice((1, 2)),
            "width": um(3.2 * radius),
            "fill": round(random.uniform(0.2, 0.35), 3),
            "coat_thickness": um(coat),
            "gap": um(0.5 * radius),
            "bridge": um(0.2 * radius),
            "meniscus": um(0.3 * radius),
            "collector_thickness": um(radius),
            "seed": random.randrange(1000),
            "refinement": self._refined(0.5, 0.6),
        }
        materials = {"binder": self._kind("polymer"), "collector": "copper"}
        return Geometry(table=table, hosts=("particle",), materials=materials, highest=0.6)

    def _solid_electrolyte(self, radius: float) -> Geometry:
        random = self.random
        table: Table = {
            "kinematics": "plane_strain",
            # a plate that is held leaves no room but the pores
            "stack_pressure": "5 MPa",
            "width": um(2.0 * radius),
            "pore_radius": um(0.25 * radius),
            "pores": random.choice((2, 3, 4)),
            "porosity": round(random.uniform(0.1, 0.3), 3),
            "electrolyte_thickness": um(radius),
            "collector_thickness": um(radius),
            "seed": random.randrange(1000),
            "refinement": self._refined(0.5, 0.6),
        }
        materials = {
            "electrolyte": random.choice(("li6ps5cl", "li2s-p2s5")),
            "collector": "copper",
        }
        return Geometry(table=table, hosts=("host",), materials=materials, highest=0.6)

    def _porous_sponge(self, radius: float) -> Geometry:
        random = self.random
        table: Table = {
            "kinematics": "3d",
            "wavelength": um(radius),
            "edge": um(2.01 * radius),
            "porosity": round(random.uniform(0.4, 0.7), 2),
            "structure": random.choice(("random", "gyroid")),
            "seed": random.randrange(1000),
            "refinement": 0.8,
        }
        return Geometry(table=table, hosts=("solid",), materials={})

    def _porous_particle(self, radius: float) -> Geometry:
        random = self.random
        table: Table = {
            "kinematics": "3d",
            "particle_radius": um(radius),
            "wavelength": um(0.9 * radius),
            "porosity": round(random.uniform(0.3, 0.5), 2),
            "seed": random.randrange(1000),
            "refinement": 0.8,
        }
        return Geometry(table=table, hosts=("solid",), materials={})

    def _user_mesh(self, radius: float) -> Geometry:
        table: Table = {
            "kinematics": "3d",
            "path": str(SAMPLES / "grain.stl"),
            "unit": um(radius),
            "refinement": 0.5,
        }
        return Geometry(table=table, hosts=("particle",), materials={})


def um(value: float) -> str:
    """Write a length [um]."""
    return f"{value:.4g} um"
