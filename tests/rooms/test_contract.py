"""The contract of a physics: what is missing or twice is refused, what is offered is found."""

from __future__ import annotations

import pytest
import ufl

pytest.importorskip("mpi4py.MPI")

from anodefem.fem.contract import Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.fem.model import Model
from anodefem.workbench.bodies import block, read

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Domain:
    """Return a unit square of eight triangles."""
    return read(block("plane_strain"), tmp_path_factory.mktemp("square"), order=1)


class Displaced(Physics):
    """Moves the body and writes no equation."""

    name = "displaced"

    def unknowns(self, domain):
        """Displacement."""
        return [Unknown(name="u", element=("Lagrange", 1, (2,)), scales=(1.0,))]

    def motions(self, s):
        """It moves everything."""
        return [Motion(unknown="u", displacement=lambda w, region: w)]


class Stretched(Physics):
    """Stretches it along the axis, and asks for a virtual work of one."""

    name = "stretched"

    def unknowns(self, domain):
        """One number."""
        return [Unknown(name="stretch", element=GLOBAL, scales=(1.0,))]

    def motions(self, s):
        """All sections stretch alike."""
        axis = ufl.as_matrix([[0, 0, 0], [0, 0, 0], [0, 0, 1]])
        return [Motion(unknown="stretch", gradient=lambda w, region: w * axis)]

    def forms(self, s):
        """For every motion."""
        dx = s.domain.dx("solid", degree=2)
        return {each.unknown: ufl.tr(each.gradient) * dx for each in s.variations("solid")}

    def offers(self, s):
        """A temperature."""
        return {"temperature": lambda: {"solid": 300.0}}


def test_an_unknown_without_an_equation_is_refused(domain: Domain) -> None:
    with pytest.raises(ValueError, match="unknowns and equations do not match: u"):
        _ = Model(domain, [], [Displaced()]).residual


def test_two_fields_of_one_name_are_refused(domain: Domain) -> None:
    with pytest.raises(ValueError, match="two physics bring a field of the same name: u"):
        Model(domain, [], [Displaced(), Displaced()])


def test_a_form_is_written_for_every_motion(domain: Domain) -> None:
    model = Model(domain, [], [Displaced(), Stretched()])
    assert model.blocks == ("u",)
    assert model.borders == ("stretch",)
    ranks = {name: len(form.arguments()) for name, form in model.residual.items()}
    assert ranks == {"u": 1, "stretch": 0}
    rows = [len(model.derivative(*pair).arguments()) for pair in (("u", "stretch"), ("u", "u"))]
    assert rows == [1, 2]


def test_what_one_physics_offers_another_finds(domain: Domain) -> None:
    symbols = Model(domain, [], [Displaced(), Stretched()]).symbols
    assert symbols.offered("temperature") == {"solid": 300.0}
    assert symbols.offered("pressure") == {}
    assert symbols.crack("solid") is None
    symbols.state.set_value("stretch", 0.25)
    assert symbols.value("stretch") == 0.25
