# %% [markdown]
# # A geometry and a law of your own
#
# A flat island on a rigid base, and an elastic law that stiffens towards a largest stretch. Both
# are plain Python files in a folder of plug-ins; the how-to pages on
# [geometries](../how-to/geometry.md) and [laws](../how-to/law.md) say what each line is for.

# %%
from pathlib import Path

folder = Path("plugins")
folder.mkdir(exist_ok=True)
(folder / "island.py").write_text('''
"""A flat cylinder on a rigid base, axisymmetric."""

from dataclasses import dataclass
from math import pi
from typing import Annotated

from anodefem.geometry import Geometry, Roles
from anodefem.meshing.drawing import name
from anodefem.units import Length, Ratio

HELD = {"axis": 0, "base": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Island:
    """Lengths in um."""

    radius: Annotated[Length, "radius of the island"] = 0.5
    height: Annotated[Length, "height of the island"] = 0.2
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0


def build(model, p, kinematics):
    model.occ.addRectangle(0, 0, 0, p.radius, p.height)
    model.occ.synchronize()
    name(model, 2, "island", HELD, rest="surface")
    model.mesh.setSize(model.getEntities(0), p.height / 4 / p.refinement)


def exact(p, kinematics):
    volume = pi * p.radius**2 * p.height
    return {"island": volume, "hull": volume, "surface": pi * p.radius * (p.radius + 2 * p.height)}


GEOMETRY = Geometry(
    name="island",
    title="Flat cylinder on a rigid base",
    kinematics=("axisymmetric",),
    parameters=Island,
    build=build,
    exact=exact,
    roles=lambda p, kinematics: Roles(
        flux=("surface",), sei=("surface",), hull=("surface",), symmetry=HELD
    ),
    regions=lambda p, kinematics: ("island",),
)
''')

# %% [markdown]
# The law has its numbers in SI, which a card gives, and its energy and stress in MPa, as
# functions of UFL:

# %%
(folder / "laws").mkdir(exist_ok=True)
(folder / "laws" / "gent.py").write_text('''
"""Gent's rubber elasticity, which stiffens towards a largest stretch (Gent 1996)."""

from dataclasses import dataclass
from typing import Annotated

import ufl

from anodefem.cards import Law, Number
from anodefem.laws.kinematics import deviator


@dataclass(frozen=True, slots=True)
class Gent:
    """W = -G Jm/2 ln(1 - (tr b - 3)/Jm); moduli in MPa."""

    modulus: float
    limit: float
    bulk_modulus: float

    def strain(self, b):
        return b

    def left_cauchy_green(self, strain):
        return strain

    def energy(self, strain, x):
        return -self.modulus * self.limit / 2 * ufl.ln(1 - (ufl.tr(strain) - 3) / self.limit)

    def deviator(self, strain, x):
        room = self.limit - (ufl.tr(strain) - 3)
        return self.modulus * self.limit / room * deviator(strain)

    def shear(self, x):
        return ufl.as_ufl(self.modulus)

    def bulk(self, x):
        return ufl.as_ufl(self.bulk_modulus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Rubber that stiffens.

    Attributes:
        shear: Shear modulus.
        limit: Jm, the largest tr b - 3.
        bulk: Bulk modulus.
    """

    shear: Annotated[float, Number("Pa", gt=0.0)]
    limit: Annotated[float, Number(gt=0.0)]
    bulk: Annotated[float, Number("Pa", gt=0.0)]


LAW = Law(
    name="gent",
    kind="elastic",
    record=Numbers,
    formula="-G Jm/2 ln(1 - (tr be - 3)/Jm) + K/2 (ln Je)^2",
    build=lambda n, temperature: Gent(n.shear * 1e-6, n.limit, n.bulk * 1e-6),
)
''')

# %% [markdown]
# A host needs a card that names the law. This one is made up, as its tags say:

# %%
(folder / "materials").mkdir(exist_ok=True)
(folder / "materials" / "rubber-host.toml").write_text("""
title = "A host like rubber, an example"
kind = "host"
density = { value = 1.0, unit = "g/cm^3", tag = "assumed", source = "example" }

[elastic]
law = "gent"
shear = { value = 100.0, unit = "MPa", tag = "assumed", source = "example" }
limit = { value = 2.0, tag = "assumed", source = "example" }
bulk = { value = 0.4, unit = "GPa", tag = "assumed", source = "example" }

[storage]
carrier = "Li"
guests_per_host = { value = 1.0, tag = "assumed", source = "example" }
molar_mass = { value = 50.0, unit = "g/mol", tag = "assumed", source = "example" }
concentration_max = { value = 20.0, unit = "kmol/m^3", tag = "computed", source = "density" }
capacity = { value = 536.0, unit = "mA*h/g", tag = "computed", source = "molar_mass" }
volume_ratio = { form = "linear", start = 1.0, end = 1.8, tag = "assumed", source = "example" }
diffusivity = { value = 1e-15, unit = "m^2/s", tag = "assumed", source = "example" }
ocv = { form = "linear", start = 1.0, end = 0.1, unit = "V", tag = "assumed", source = "example" }
""")

# %% [markdown]
# The folder is named once, then the case is like any other:

# %%
from anodefem import Case, registry

registry.use_folders([folder])
case = Case(
    title="An island like rubber",
    geometry={"plugin": "island", "radius": "400 nm"},
    materials={"island": "rubber-host"},
    protocol={"steps": ["lithiate at 2C until soc = 0.3"]},
    output={"fields_every": 0.1},
)
mesh = case.mesh("mesh")
mesh

# %%
result = case.run("island", reuse=True)
result.metrics[["soc", "hull_volume_ratio", "von_mises_max_island"]].tail(3)

# %%
result.draw(soc=0.3, field="von_mises")

# %% [markdown]
# The base holds the island up and lets it slide sideways: all stress comes from the uneven
# filling.
