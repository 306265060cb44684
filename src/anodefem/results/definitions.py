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
    Metric("crack_work", "J/m^3", "toughness times crack area over the hosts' reference volume"),
    Metric("crack_max", "-", "largest value of the crack field: 0 whole, 1 broken"),
    Metric(
        "debonded_share_<interface>",
        "-",
        "share of the reference area of an interface that has less than 1 % of its stiffness left",
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
        "vertex and voids connect nothing, and what has less than 1/1000 of the volume is a crumb "
        "that does not count",
    ),
    Metric(
        "isolated_volume",
        "-",
        "share of the hosts' reference volume in other pieces than that of the collector, or than "
        "the largest one if no region is called collector; crumbs count, broken cells do not",
    ),
    Metric("fragments_<region>", "-", "pieces of one region by itself that can break, likewise"),
    Metric(
        "fragment_volume_<region>",
        "um^3",
        "mean reference volume of its pieces in the body that planes of symmetry make whole, where "
        "a piece that reaches k of them counts 2^-k; over the thickness of a film and the depth it "
        "is the mean distance between its cracks",
    ),
    Metric("volumetric_capacity", "Ah/L", "charge stored over the present hull volume"),
    Metric("voltage", "V", "-mu/F at the flux surface, without overpotential of the reaction"),
    Metric(
        "stress_overpotential", "mV", "part of the voltage that stress and gradient energy make"
    ),
)
