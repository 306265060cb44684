"""Constitutive laws in pure UFL: they can be evaluated at a point, without a mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anodefem import cards
from anodefem.cards.material import Branch, Healing, Reaction, Storage
from anodefem.cards.records import title


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A law as `anodefem list laws` shows it.

    Attributes:
        name: Of the law.
        formula: What it says, on one line.
        chosen: Where a case or a card chooses it; "" if it is always there.
        meaning: One sentence more.
        record: Record of its numbers in a card, or ``None``.
    """

    name: str
    formula: str
    chosen: str = ""
    meaning: str = ""
    record: type | None = None


def catalogue() -> Iterator[Entry]:
    """Yield every law: what is always there, what cards name, what cases choose."""
    yield from _ALWAYS
    for kind, key, card in _NAMED:
        for name, law in cards.laws(kind).items():  # type: ignore[arg-type]
            yield Entry(
                name=name,
                formula=law.formula,
                chosen=f'{card}: [{kind}] {key} = "{name}"',
                meaning=title(law.record),
                record=law.record,
            )
    yield from _CHOSEN


#: Laws that cards name: their kind, the key that names them, and the card.
_NAMED = (("elastic", "law", "card"), ("plastic", "flow", "card"), ("growth", "law", "recipe"))
_ALWAYS = (
    Entry(
        name="kinematics",
        formula="F = Fe Fp Fc with det Fc = Jc(x); 3D, plane strain, axisymmetry",
        chosen="case: geometry.kinematics",
    ),
    Entry(
        name="swelling",
        formula="Jc(x) from the card: linear (Vegard) or a monotone table; alike in all directions",
        chosen="card: storage.volume_ratio",
        record=Storage,
    ),
    Entry(
        name="anisotropic swelling",
        formula="Fc = sum_a Jc^beta_a P_a along x, y, z, or along the radius and across it",
        chosen="card: storage.swelling_exponents; case: materials.REGION.frame",
    ),
)
_CHOSEN = (
    Entry(
        name="maxwell branches",
        formula="G/2 (tr be - 3) each beside the above, with a flow of its own, det Cv = 1",
        chosen="card: [[viscous.branches]]",
        record=Branch,
    ),
    Entry(
        name="healing",
        formula="bonds of the branches break at rate <W/psi_c - 1> and close at <1 - W/psi_c>",
        chosen="card: [healing]",
        record=Healing,
    ),
    Entry(
        name="temperature",
        formula="diffusivity and rates times exp(-Ea/R (1/T - 1/298.15)) if the card has Ea",
        chosen="case: protocol.temperature; card: activation_energy",
    ),
    Entry(
        name="chemical potential",
        formula="-F U(x) from the open-circuit voltage, ideal or regular solution (two phases if "
        "chi > 2) with gradient energy kappa/2 |grad x|^2; plus d psi/dx",
        chosen="card: storage.ocv",
        record=Storage,
    ),
    Entry(
        name="diffusion",
        formula="J = -c_max M C^-1 grad mu, M = D(x) / (d mu_chem/dx); D x (1-x) if regular",
        chosen='case: materials.REGION.transport = "diffusion"',
        record=Storage,
    ),
    Entry(
        name="charge transfer",
        formula="i = i0(x) (exp(-eta F/2RT) - exp(eta F/2RT)), eta = V - U + i R, U = -mu/F, "
        "i0 = 2 i0(1/2) sqrt(x (1-x)); one V for all hosts",
        chosen="case: [electrochemistry]; card: [kinetics]",
        meaning="Butler and Volmer; without it the flux is uniform.",
        record=Reaction,
    ),
    Entry(
        name="sei film",
        formula="Hencky membrane with E and nu in plane stress, J2 flow, formation strain",
        chosen="case: [sei]",
        record=cards.Sei,
    ),
    Entry(
        name="film flow",
        formula="rate-independent, perzyna <s - s_y>/eta or garofalo A sinh(s/s_ref)",
        chosen="recipe: flow",
        record=cards.Sei,
    ),
    Entry(
        name="graphene membrane",
        formula="Hencky membrane with E h and nu that wrinkles rather than be compressed",
        chosen="geometry: a region that is a membrane",
    ),
    Entry(
        name="third medium",
        formula="soft neo-Hookean filler of voids that transmits contact",
        chosen="geometry: a void; case: solver.medium_stiffness",
    ),
    Entry(
        name="phase-field fracture",
        formula="g(d) psi+ + psi- + Gc/(4 cw) [w(d)/l + l |grad d|^2], g = (1-d)^2 (1-k) + k",
        chosen="case: [fracture]",
        meaning="AT1: w = d, cw = 2/3, elastic up to a strength; AT2: w = d^2, cw = 1/2. Only "
        "expansion and distortion drive cracks.",
    ),
    Entry(
        name="scatter of toughness",
        formula="Gc times a lognormal field of unit median, correlated over a length",
        chosen="case: fracture.scatter, fracture.correlation",
    ),
    Entry(
        name="cohesive interface",
        formula="t = (1-D) K (<j_n> n + j_s) - K <-j_n> n, bilinear, G_n + (G_s - G_n) B^eta",
        chosen='case: [interfaces.NAME] law = "cohesive"',
        meaning="Opening and slip damage it; compression does not. A viscous time delays D.",
    ),
    Entry(
        name="sei failure: energy",
        formula="U = p^2 (1 - nu)/E + t^2 (1 + nu)/E, stored in the film over its thickness",
        chosen="case: [sei]",
        meaning="p + t and p - t are the principal stresses of the film.",
    ),
    Entry(
        name="sei failure: channel crack",
        formula="G = Z <p + t>^2 h (1 - nu^2)/E over the toughness (Beuth 1992)",
        chosen="case: [sei]; recipe: toughness",
    ),
    Entry(
        name="sei failure: peeling",
        formula="G = U h where p + t > 0, over the adhesion (Hutchinson and Suo 1992)",
        chosen="case: [sei]; recipe: adhesion",
    ),
    Entry(
        name="sei failure: buckling",
        formula="s_c = pi^2/12 E/(1 - nu^2) (h/b)^2 of a strip of width 2 b that does not adhere",
        chosen="case: sei.blister",
    ),
    Entry(
        name="sei failure: blister",
        formula="G = h s^2 (1 - nu^2)/(2 E) (1 - s_c/s) (1 + 3 s_c/s), s = <t - p> > s_c",
        chosen="case: sei.blister; recipe: adhesion",
    ),
)
