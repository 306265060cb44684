"""What the keys of a case file mean; `docs.builder.reference` refuses a key without a meaning."""

from __future__ import annotations

KEYS: dict[str, dict[str, str]] = {
    "materials.REGION": {
        "card": "name of a card, or path of a TOML file relative to the case",
        "transport": "`diffusion`, or `uniform` where the carrier spreads much faster than it "
        "enters; default `diffusion`",
        "frame": "axes of a material that swells differently along them: `cartesian` (x, y, z) or "
        "`radial` (the first along the position vector); required for such a card",
    },
    "sei": {
        "recipe": "name of a recipe, path of a TOML file, or `none`",
        "surfaces": "facet groups that carry it; default: those the geometry names",
        "thickness": "length with unit, at formation; default: the recipe's",
        "formation_strain": "by how much it would be longer than the surface it forms on; "
        "positive presses it; default: the recipe's",
        "blister": "length with unit: half the width of strips of it that do not hold on to the "
        "surface; default: 10 times its thickness (assumed)",
    },
    "fracture": {
        "model": "energy of the crack: with an elastic limit (`AT1`) or without one (`AT2`)",
        "length": "length with unit over which a crack is smeared; cells must resolve it",
        "regions": "regions that can crack",
        "toughness": "region -> fracture energy with unit, instead of the card's",
        "scatter": "standard deviation of the logarithm of the toughness from place to place",
        "correlation": "length with unit: distance at which the correlation of the scatter has "
        "fallen to 1/e; at least `length`, which is the default",
        "seed": "of the scatter",
        "wetted": "the carrier enters through the faces of cracks in hosts, too",
        "plastic_share": "share of the plastic work that drives cracks beside the elastic energy",
        "flaws": "places broken from the start: a list of tables with `at` (middle, lengths with "
        "units), `size` (diameter), for a flat one `normal` (direction across it), and for a weak "
        "one `toughness_kept` (share of the toughness)",
        "random_flaws": "table with `count`, `size`, `toughness_kept` and `seed`: so many round "
        "ones, at random",
        "tolerance": "change of the crack field in a sweep below which a step has converged",
        "sweeps": "between cracks and the rest, after which a step has failed",
    },
    "interfaces.NAME": {
        "between": "the two regions",
        "law": "`cohesive`: comes apart; `smeared`: cracks along it have its toughness; `bonded`: "
        "neither, as where no interface is named",
        "toughness": "energy per area with unit; default: the smaller adhesion of the two cards",
        "strength": "largest traction with unit; required if cohesive",
        "shear_toughness": "energy of slip; default: `toughness`",
        "shear_strength": "largest traction of slip; default: `strength`",
        "mixity_exponent": "how toughness goes from opening to slip (Benzeggagh and Kenane)",
        "viscous_time": "time with unit by which damage lags",
    },
    "protocol": {
        "steps": "what is done, one sentence a step (below)",
        "initial_soc": "uniform fraction of every host at the start",
        "temperature": "quantity with unit, kept as K",
        "flux_area": "the current is uniform per reference or per current area",
        "surfaces": "facet groups through which the carrier enters; default: the geometry's",
    },
    "solver": {
        "linear": "linear solver; `auto` is iterative in 3D without voids, else direct",
        "time_integration": "of the lithium balance: first or second order in the time step",
        "initial_step": "first step of a protocol step, in charge: 0.01 is 1 % of full charge",
        "minimum_step": "below it the run gives up",
        "max_soc_step": "largest step, in charge",
        "max_concentration_step": "largest change of the fraction anywhere in a step",
        "max_steps": "steps after which the run gives up",
        "newton_tolerance": "last change of displacement and fraction, relative",
        "newton_iterations": "iterations after which a step is taken back and halved",
        "medium_stiffness": "stiffness of the filler of voids over that of the stiffest host",
        "saturation_high": "a surface fuller than this ends the protocol's step",
        "saturation_low": "a surface emptier than this ends the protocol's step",
    },
    "output": {
        "fields_every": "distance in soc between two states in `fields.pvd`; 0 for every step",
    },
}
