"""What the columns of metrics.csv mean; needs nothing but Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A public metric.

    Attributes:
        name: Column name; ``<region>`` stands for each solid region.
        unit: Unit of the column.
        definition: One sentence.
    """

    name: str
    unit: str
    definition: str


METRICS = (
    Metric("t", "s", "time since the start of the protocol"),
    Metric("dt", "s", "length of the last step"),
    Metric("step", "-", "number of the protocol step, from 1; 0 is the initial state"),
    Metric("soc", "-", "lithium stored over the capacity of all hosts"),
    Metric("newton_iterations", "-", "Newton iterations of the step"),
    Metric(
        "lithium_balance_error",
        "-",
        "(stored - initial - inserted lithium) over capacity; inserted is the summed surface flux; "
        "0 by construction in hosts of uniform fraction",
    ),
    Metric("lithium_fraction_min", "-", "smallest lithium fraction at a node of the hosts"),
    Metric("lithium_fraction_max", "-", "largest lithium fraction at a node of the hosts"),
    Metric(
        "hull_volume_ratio",
        "-",
        "volume within the outer hull, voids included, over that of the empty body",
    ),
    Metric(
        "sei_strain_max",
        "-",
        "largest principal logarithmic strain of the SEI along its surface since it formed; "
        "largest facet mean",
    ),
    Metric("sei_strain_p99", "-", "99 % of the SEI's reference area is strained less"),
    Metric("sei_strain_mean", "-", "mean over the SEI's reference area"),
    Metric("sei_area_beyond_yield", "-", "share of area strained beyond the recipe's yield strain"),
    Metric("sei_area_beyond_fracture", "-", "share of area beyond the recipe's fracture strain"),
    Metric("sei_stress_max", "GPa", "largest principal Kirchhoff stress in the SEI"),
    Metric("sei_plastic_work", "J/m^2", "plastic work in the SEI so far over its reference area"),
    Metric(
        "sei_energy_ratio_max",
        "-",
        "elastic energy per volume of the SEI over 1/2 E e_y^2 of the recipe, its largest elastic "
        "deformation energy (Gao et al. 2021), which ranks materials; largest facet mean",
    ),
    Metric("sei_energy_ratio_p99", "-", "99 % of the SEI's reference area is at or below it"),
    Metric("sei_area_beyond_energy", "-", "share of area where it is above 1"),
    Metric(
        "sei_channel_ratio_max",
        "-",
        "energy release rate of a crack that runs through the SEI along the surface over the "
        "recipe's toughness; largest facet mean",
    ),
    Metric("sei_channel_ratio_p99", "-", "99 % of area is at or below it"),
    Metric("sei_area_beyond_channel", "-", "share of area where it is above 1"),
    Metric(
        "sei_peel_ratio_max",
        "-",
        "elastic energy per area of the SEI in tension over the recipe's adhesion: it comes off "
        "from a crack or an edge; largest facet mean; absent without an adhesion",
    ),
    Metric("sei_peel_ratio_p99", "-", "99 % of area is at or below it"),
    Metric("sei_area_beyond_peel", "-", "share of area where it is above 1"),
    Metric(
        "sei_buckling_ratio_max",
        "-",
        "compression of the SEI over the stress at which a strip of it buckles that does not hold "
        "on to the surface, of half width sei.blister; largest facet mean",
    ),
    Metric("sei_buckling_ratio_p99", "-", "99 % of area is at or below it"),
    Metric("sei_area_beyond_buckling", "-", "share of area where it is above 1"),
    Metric(
        "sei_blister_ratio_max",
        "-",
        "energy release rate at the sides of the buckled strip over the recipe's adhesion: it "
        "spreads; largest facet mean; absent without an adhesion",
    ),
    Metric("sei_blister_ratio_p99", "-", "99 % of area is at or below it"),
    Metric("sei_area_beyond_blister", "-", "share of area where it is above 1"),
    Metric(
        "sei_crack_density_max",
        "1/um",
        "one over the distance between channel cracks beyond which new ones come between them, "
        "0 where none run; largest facet mean",
    ),
    Metric("sei_area_cracked", "-", "share of area that passed the fracture strain so far"),
    Metric("sei_area_channelled", "-", "share of area where a channel crack could run so far"),
    Metric(
        "sei_exposed_area",
        "um^2",
        "surface laid bare so far where the SEI passed its fracture strain: every growth of the "
        "gaps between its pieces, which keep the area at which they broke (of the meshed part, "
        "whole circles in axisymmetry, per um of depth in plane strain)",
    ),
    Metric("sei_exposed_area_step", "um^2", "what of it came in the present protocol step"),
    Metric("sei_exposed_ratio", "-", "sei_exposed_area over the SEI's reference area"),
    Metric(
        "sei_exposed_area_channel",
        "um^2",
        "the same where a channel crack could run, whatever the strain",
    ),
    Metric("von_mises_max_<region>", "GPa", "largest von Mises (Cauchy) stress"),
    Metric("hydrostatic_min_<region>", "GPa", "smallest mean Cauchy stress, compression negative"),
    Metric("hydrostatic_max_<region>", "GPa", "largest mean Cauchy stress"),
    Metric(
        "contact_pressure_mean",
        "GPa",
        "normal force through the void over current area, from the work of the nodal forces",
    ),
    Metric(
        "contact_pressure_max",
        "GPa",
        "largest facet mean of the pressure read in the void; 1 to 3 % high after contact",
    ),
    Metric("plastic_work", "J/m^3", "plastic work so far over the hosts' reference volume"),
    Metric(
        "viscous_work",
        "J/m^3",
        "free energy lost so far in relaxing branches and breaking bonds over the reference volume "
        "of the viscoelastic regions; of first order in the time step",
    ),
    Metric("damage_max_<region>", "-", "largest damage of a region that can heal"),
    Metric("diffusion_dissipation", "J/m^3", "free energy lost in diffusion so far, likewise"),
    Metric(
        "crack_area_<region>",
        "um^2",
        "area of one face of the smeared cracks, reference configuration (whole body in "
        "axisymmetry, per um of depth in plane strain); a resolved crack is told as up to "
        "(1 + 0.7 h/l) times its area, h being the size of its cells",
    ),
    Metric(
        "crack_faces",
        "um^2",
        "area of both faces of the open cracks in hosts, reference configuration: what they bare "
        "to the electrolyte, and through which lithium enters if fracture.wetted",
    ),
    Metric("crack_work", "J/m^3", "toughness times crack area over the hosts' reference volume"),
    Metric("crack_max", "-", "largest value of the crack field: 0 whole, 1 broken"),
    Metric(
        "debonded_share_<interface>",
        "-",
        "share of the reference area of an interface on which 99 % of its toughness has been spent",
    ),
    Metric(
        "bond_work",
        "J/m^3",
        "energy spent so far by interfaces that come apart over the hosts' reference volume",
    ),
    Metric(
        "fragments",
        "-",
        "pieces of the modelled part that share no facet; cells with a crack field of 0.95 at a "
        "vertex, facets of interfaces with 95 % of their toughness spent at a node, and voids "
        "connect nothing; "
        "what has less than 1/1000 of the volume is a crumb that does not count",
    ),
    Metric(
        "isolated_volume",
        "-",
        "share of the hosts' reference volume in other pieces than that of the collector, or than "
        "the largest one if the geometry has no collector; crumbs count, broken cells do not",
    ),
    Metric("fragments_<region>", "-", "pieces of one region by itself that can break, likewise"),
    Metric(
        "fragment_volume_<region>",
        "um^3",
        "mean reference volume of its pieces in the body that planes of symmetry make whole, where "
        "a piece that reaches k of them counts 2^-k; over the thickness of a film and the depth it "
        "is the mean distance between its cracks",
    ),
    Metric(
        "swelling_work",
        "J/m^3",
        "work of swelling on the body so far over the hosts' reference volume, where something can "
        "break: the integral of d psi/dx over the lithium taken up",
    ),
    Metric(
        "elastic_energy",
        "J/m^3",
        "elastic energy of solids, interfaces and SEI over the hosts' reference volume, likewise",
    ),
    Metric(
        "crack_release",
        "J/m^3",
        "energy that cracks have set free so far beyond their toughness, growing at a fixed load; "
        "never negative, vanishes with the step where cracks grow steadily",
    ),
    Metric(
        "energy_balance_error",
        "-",
        "(swelling work - stored - spent - set free) over what is stored, spent and set free; of "
        "first order in the step where something flows, of second order elsewhere",
    ),
    Metric("volumetric_capacity", "Ah/L", "charge stored over the present hull volume"),
    Metric("voltage", "V", "-mu/F at the flux surface, without overpotential of the reaction"),
    Metric(
        "stress_overpotential", "mV", "part of the voltage that stress and gradient energy make"
    ),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which the SEI can fail.

    Attributes:
        name: Key in run.json.
        column: Column of metrics.csv with the share of area that fails.
        told: What happens, after "the SEI".
    """

    name: str
    column: str
    told: str


FAILURES = (
    Failure("strain", "sei_area_beyond_fracture [-]", "passes its fracture strain"),
    Failure("energy", "sei_area_beyond_energy [-]", "passes its largest elastic energy"),
    Failure("channel", "sei_area_beyond_channel [-]", "lets channel cracks run"),
    Failure("peel", "sei_area_beyond_peel [-]", "can come off"),
    Failure("buckling", "sei_area_beyond_buckling [-]", "buckles where it does not hold on"),
    Failure("blister", "sei_area_beyond_blister [-]", "lets blisters spread"),
)
