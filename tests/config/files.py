"""Case files that tests change, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem import cases
from anodefem.cases import CheckedCase
from anodefem.errors import InputError

BARE = """
title = "Bare"
[geometry]
plugin = "bare_particle"
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

CAGED = """
title = "Caged"
[geometry]
plugin = "graphene_cage"
particle_radius = "1 um"
[materials]
particle = "silicon-amorphous"
cage = "graphene-multilayer"
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9", "rest 10 min", "delithiate at C/10 until soc = 0.05"]
"""


CRACKING = """
title = "A coat that breaks"
[geometry]
plugin = "binder_particle"
[materials]
particle = "silicon-amorphous"
coat = "al2o3"
[fracture]
regions = ["coat"]
length = "10 nm"
toughness = { coat = "5 J/m^2" }
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

BONDED = ["interfaces.a.between=['coat', 'particle']", "interfaces.a.law=bonded"]
COHESIVE = [
    "interfaces.a.between=['coat', 'particle']",
    "interfaces.a.toughness=1 J/m^2",
    "interfaces.a.strength=20 MPa",
]
PROTOCOL = """
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""


def read_case(folder: Path, text: str, *settings: str) -> CheckedCase:
    """Read a case file.

    Args:
        folder: Where it is written.
        text: What it says.
        settings: Changes, as after ``--set``.
    """
    path = folder / "run.toml"
    path.write_text(text)
    return cases.load(path, settings)


def refusals(folder: Path, text: str, *settings: str) -> list[str]:
    """Read a case file that is refused, and return the sentences that say why, without its path.

    Args:
        folder: Where it is written.
        text: What it says.
        settings: Changes, as after ``--set``.
    """
    with pytest.raises(InputError) as caught:
        read_case(folder, text, *settings)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder / 'run.toml'}: ") for line in lines)
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{folder / 'run.toml'}: ") for line in lines]
