"""Random parameters for each geometry, from end to end of what it accepts."""

from __future__ import annotations

from hypothesis import strategies as st

Values = dict[str, object]


def um(low: float, high: float) -> st.SearchStrategy[str]:
    """Return lengths that are evenly spread on a logarithmic scale."""
    return scaled(low, high).map(lambda value: f"{value:.6g} um")


def scaled(low: float, high: float) -> st.SearchStrategy[float]:
    """Return positive numbers that are evenly spread on a logarithmic scale."""
    share = st.floats(0.0, 1.0, allow_subnormal=False)
    return share.map(lambda part: float(f"{low * (high / low) ** part:.6g}"))


def within(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers that are evenly spread."""
    share = st.floats(0.0, 1.0, allow_subnormal=False)
    return share.map(lambda part: float(f"{low + (high - low) * part:.6g}"))


RADIUS = scaled(0.02, 50.0)  # [um]; from a nanoparticle to the largest grains of a powder


@st.composite
def bare_particle(draw: st.DrawFn, kinematics: str) -> Values:
    """Every shape."""
    radius = draw(RADIUS)
    shape = draw(st.sampled_from(["sphere", "spheroid", "rough", "faceted"]))
    values: Values = {"particle_radius": f"{radius} um", "shape": shape}
    if shape == "spheroid":
        values["aspect"] = draw(scaled(0.2, 5.0))
    if shape == "rough":
        values["roughness"] = draw(within(1e-3, 0.2))
        values["roughness_wavelength"] = f"{radius * draw(scaled(0.25, 6.0)):.6g} um"
    return values | {"refinement": draw(within(0.5, 0.8))}


@st.composite
def binder_particle(draw: st.DrawFn, kinematics: str) -> Values:
    """Coats from 1 nm to the radius; necks as narrow and as wide as they may be."""
    radius = draw(RADIUS)
    particles = draw(st.sampled_from([1, 2]))
    coat = max(radius * draw(scaled(1e-3 if particles == 1 else 0.01001, 1.0)), 1.001e-3)
    values: Values = {
        "particle_radius": f"{radius} um",
        "coat_thickness": f"{coat:.6g} um",
        "particles": particles,
    }
    if particles == 2:
        gap = coat * draw(within(1e-3, 3.999))
        height = radius + gap / 2.0
        notch = max((radius + coat) ** 2 - height**2, 0.0) ** 0.5
        low, high = max(1.0501 * notch, 0.0501 * radius), 0.8999 * radius
        values["particle_gap"] = f"{gap:.6g} um"
        values["neck_radius"] = f"{low + (high - low) * draw(within(0.0, 1.0)):.6g} um"
    return values | {"refinement": draw(within(0.5, 0.8))}


@st.composite
def film_on_wire(draw: st.DrawFn, kinematics: str) -> Values:
    """Thick and thin layers, each of two cells or more."""
    radius = draw(RADIUS)
    film, skin = (max(radius * draw(scaled(0.02, 0.499)), 1.001e-3) for _ in range(2))
    refinement = draw(within(0.5, 1.5))
    return {
        "radius": f"{radius} um",
        "film_thickness": f"{film:.6g} um",
        "interlayer_thickness": f"{skin:.6g} um",
        "cell": f"{refinement * min(film, skin) * draw(within(0.2, 0.4999)):.6g} um",
        "refinement": refinement,
    }


@st.composite
def graphene_cage(draw: st.DrawFn, kinematics: str) -> Values:
    """Gaps from 1 nm to five radii, particles in the middle and almost at the cage."""
    radius = draw(RADIUS)
    ratio = 1.0 + draw(scaled(max(1.1e-3 / radius, 1e-3), 5.0))
    free = 1.0 - 1.01e-3 / (radius * (ratio - 1.0))  # the narrowest void is 1 nm
    return {
        "particle_radius": f"{radius} um",
        "gap_ratio": ratio,
        "cage_thickness": f"{radius * ratio * draw(scaled(1e-4, 0.1999)):.6g} um",
        "eccentricity": draw(st.sampled_from([0.0, 1.0])) * draw(within(0.0, max(free, 0.0))),
        "refinement": draw(within(0.5, 0.8)),
    }


@st.composite
def multilayer(draw: st.DrawFn, kinematics: str) -> Values:
    """Thick and thin films, blocks wider and narrower than high, either film at the bottom."""
    solid = kinematics == "3d"
    silicon = draw(scaled(2e-3, 5.0))
    carbon = silicon * draw(scaled(0.0101, 99.0))
    bilayers = draw(st.integers(1, 3 if solid else 12))
    height = bilayers * (silicon + carbon)
    reach = (0.1, 10.0) if solid else (0.0101, 99.0)
    widths = {
        name: f"{height * draw(scaled(*reach)):.6g} um"
        for name in ("collector_thickness", "block_width", "gap_width")
    }
    return {
        "silicon_thickness": f"{silicon:.6g} um",
        "carbon_thickness": f"{carbon:.6g} um",
        "bilayers": bilayers,
        "lowest": draw(st.sampled_from(["silicon", "carbon"])),
        "form": draw(st.sampled_from(["blocks", "film"])),
        **widths,
        "refinement": draw(within(0.4, 0.8 if solid else 1.5)),
    }


@st.composite
def porous_sponge(draw: st.DrawFn, kinematics: str) -> Values:
    """Both structures, any seed, dense and loose."""
    wavelength = draw(scaled(0.02, 20.0))
    return {
        "wavelength": f"{wavelength} um",
        "edge": f"{wavelength * draw(within(2.001, 3.0)):.6g} um",
        "porosity": draw(within(0.2, 0.85)),
        "structure": draw(st.sampled_from(["random", "gyroid"])),
        "seed": draw(st.integers(0, 10**6)),
        "phases": draw(st.sampled_from(["solid", "both"])),
        "confinement": draw(st.sampled_from(["free", "rigid"])),
        "refinement": draw(within(0.8, 1.1)),
    }


@st.composite
def shells(draw: st.DrawFn, kinematics: str) -> Values:
    """Solid and hollow hosts in up to three shells of every kind, thin and thick."""
    radius = draw(RADIUS)
    layers = []
    outer = radius
    for number in range(draw(st.integers(0, 3))):
        kinds = ["solid"] if layers and layers[-1]["kind"] == "void" else ["solid", "void"]
        thickness = max(outer * draw(scaled(1e-3, 1.0)), 1.001e-3)
        kind = draw(st.sampled_from(kinds))
        layers.append({"name": f"shell_{number}", "thickness": thickness, "kind": kind})
        outer += thickness
    if layers and layers[-1]["kind"] == "void":
        layers.append(
            {"name": "skin", "thickness": max(0.05 * outer, 1.001e-3), "kind": "membrane"}
        )
    wall = max(radius * draw(scaled(1e-3, 0.95)), 1.001e-3)
    hollow = draw(st.sampled_from([0.0, 1.0])) * (radius - wall)
    return {
        "particle_radius": f"{radius} um",
        "hollow_radius": f"{hollow:.9g} um",
        "layers": [layer | {"thickness": f"{layer['thickness']:.6g} um"} for layer in layers],
        "refinement": draw(within(0.5, 0.8)),
    }


@st.composite
def porous_particle(draw: st.DrawFn, kinematics: str) -> Values:
    """Both structures, any seed, dense and loose, bare and in a skin."""
    radius = draw(RADIUS)
    skin = draw(st.sampled_from([0.0, 1.0])) * radius * draw(scaled(1e-3, 0.0999))
    return {
        "particle_radius": f"{radius} um",
        "wavelength": f"{radius * draw(scaled(0.34, 0.99)):.6g} um",
        "porosity": draw(within(0.2, 0.8)),
        "structure": draw(st.sampled_from(["random", "gyroid"])),
        "seed": draw(st.integers(0, 10**6)),
        "skin_thickness": f"{skin:.6g} um",
        "refinement": draw(within(0.8, 1.1)),
    }


@st.composite
def stack(draw: st.DrawFn, kinematics: str) -> Values:
    """Thick and thin sheets, wide and narrow stacks, voids or none."""
    first = draw(scaled(2e-3, 5.0))
    sheets: list[dict[str, str]] = [{"name": "host", "thickness": f"{first} um"}]
    for name, kind in (("carbon", "solid"), ("void", "void")):
        if draw(st.booleans()):
            thickness = first * draw(scaled(0.151 if first < 3e-3 else 0.06, 15.0))
            sheets.append({"name": name, "thickness": f"{thickness:.6g} um", "kind": kind})
    repeats = draw(st.integers(1, 2 if kinematics == "3d" else 6))
    height = repeats * sum(float(sheet["thickness"].split()[0]) for sheet in sheets)
    return {
        "sheets": sheets,
        "repeats": repeats,
        "width": f"{height * draw(scaled(0.1, 15.0)):.6g} um",
        "form": draw(st.sampled_from(["block", "sheet"])),
        "bridge": draw(within(0.02, 0.9)),
        "refinement": draw(within(0.5, 1.0)),
    }


@st.composite
def agglomerate(draw: st.DrawFn, kinematics: str) -> Values:
    """Few and many particles, far apart and close, coated or not."""
    radius = draw(RADIUS)
    solid = kinematics == "3d"
    coat = draw(st.sampled_from([0.0, 1.0])) * radius * draw(scaled(0.2 if solid else 0.06, 0.9))
    return {
        "particle_radius": f"{radius} um",
        "particles": draw(st.integers(1, 3 if solid else 12)),
        "gap": draw(within(0.05, 0.5)),
        "coat_thickness": f"{coat:.6g} um",
        "fill": draw(within(0.1, 0.25 if solid else 0.5)),
        "matrix": draw(st.sampled_from(["void", "solid"])),
        "shell_thickness": f"{radius * draw(scaled(0.0101, 1.0)):.6g} um",
        "seed": draw(st.integers(0, 10**6)),
        "refinement": draw(within(0.5, 0.8)),
    }


@st.composite
def electrode(draw: st.DrawFn, kinematics: str) -> Values:
    """Dense and loose slices, thin and thick coats, wide and narrow bridges."""
    radius = draw(RADIUS)
    solid = kinematics == "3d"
    coat = radius * draw(scaled(0.15 if solid else 0.0501, 0.4))
    meniscus = max(radius * draw(scaled(0.1, 1.0)), 0.51 * coat)
    count = draw(st.integers(1, 3 if solid else 6))
    sides = draw(st.sampled_from(["mirror", "periodic"]))
    # coats and bridges of periodic slices in 3D are apart
    apart = solid and sides == "periodic"
    least, high = (2.3 if apart else 1.06 if solid else 0.51) * coat, 0.1 if apart else 1.49
    return {
        "particle_radius": f"{radius} um",
        "particles": count,
        "width": f"{2.3 * (radius + 1.5 * coat) * (1.0 + draw(within(0.0, 0.5)) * count):.6g} um",
        "fill": draw(within(0.1, 0.3) if solid else within(0.15, 0.45)),
        "coat_thickness": f"{coat:.6g} um",
        "gap": f"{max(least, radius * draw(scaled(0.05, 0.6))):.6g} um",
        "bridge": f"{meniscus * draw(within(0.05, high)):.6g} um",
        "meniscus": f"{meniscus:.6g} um",
        "collector_thickness": f"{radius * draw(scaled(0.5, 2.0)):.6g} um",
        "sides": sides,
        "seed": draw(st.integers(0, 10**6)),
        "refinement": draw(within(0.5, 0.9)),
    }


@st.composite
def solid_electrolyte(draw: st.DrawFn, kinematics: str) -> Values:
    """Dense and porous layers, thick and thin."""
    radius = draw(scaled(0.02, 10.0))
    pores = draw(st.integers(1, 12))
    width = radius * draw(within(2.7, 20.0))
    return {
        "width": f"{width:.6g} um",
        "pore_radius": f"{radius} um",
        "pores": pores,
        "porosity": draw(within(0.02, 0.5)),
        "gap": draw(scaled(0.05, 0.5)),
        "electrolyte_thickness": f"{width * draw(scaled(0.0201, 2.0)):.6g} um",
        "collector_thickness": f"{width * draw(scaled(0.0201, 2.0)):.6g} um",
        "seed": draw(st.integers(0, 10**6)),
        "refinement": draw(within(0.5, 0.9)),
    }


DRAWS = {
    each.__name__: each
    for each in (
        agglomerate,
        bare_particle,
        binder_particle,
        electrode,
        film_on_wire,
        graphene_cage,
        multilayer,
        porous_particle,
        porous_sponge,
        shells,
        solid_electrolyte,
        stack,
    )
}
