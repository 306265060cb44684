"""When a film on a surface fails, and how much of the surface its cracks expose.

Numbers or numpy arrays, one value a point. Stresses are the principal Kirchhoff stresses along the
surface, p + t and p - t, and h is the thickness that the film would have if it were cut free: both
per stress-free volume of the film, as in `anodefem.laws.film`. E' = E/(1 - nu^2).

    yielding                 u/U_max = (sigma_e/sigma_y)^2            (see `FilmRatios.energy`)
    stored energy            U = p^2 (1 - nu)/E + t^2 (1 + nu)/E
    channel crack            G = Z <p + t>^2 h / E'                  (Beuth 1992: `ChannelCracking`)
    peeling from an edge     G = U h where p + t > 0                  (Hutchinson and Suo 1992)
    buckling of a blister    s_c = pi^2/12 E' (h/b)^2                 (ibid., clamped, width 2 b)
    peeling of a blister     G = h s^2/(2 E') (1 - s_c/s) (1 + 3 s_c/s), s = <t - p> > s_c   (ibid.)

Each is compared with what the film bears, as though the film were still intact.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.cards.curves import Table

Array = npt.NDArray[np.float64]

TABLE = Path(__file__).parents[1] / "parameters" / "channel-cracks.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmStrength:
    """Strength of a film.

    Attributes:
        elastic_limit: Von Mises' stress at which it yields [MPa].
        fracture_strain: Strain at which it breaks [-].
        toughness: Energy of a crack through it [MPa um = J/m^2].
        adhesion: Energy to take it off [MPa um], or None if nobody said.
        delamination_half_width: Half the width b of a strip that does not adhere [um].
    """

    elastic_limit: float
    fracture_strain: float
    toughness: float
    adhesion: float | None
    delamination_half_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLoad:
    """Stress of a film.

    Attributes:
        mean: p [MPa].
        half_difference: t >= 0 [MPa].
        unrelaxed: Von Mises' stress sigma_e that it would have without any flow so far [MPa].
        thickness: h [um], greater than 0.
        young: E of the film [MPa].
        poisson: nu of the film [-].
        substrate: E' of what is below the film [MPa].
    """

    mean: Any
    half_difference: Any
    unrelaxed: Any
    thickness: Any
    young: float
    poisson: float
    substrate: Any

    @property
    def plane_modulus(self) -> float:
        """E' of the film [MPa]."""
        return self.young / (1 - self.poisson**2)

    @property
    def tension(self) -> Any:
        """Largest principal stress, zero if both press [MPa]."""
        return np.maximum(self.mean + self.half_difference, 0.0)

    @property
    def compression(self) -> Any:
        """Largest principal compression, zero if both pull [MPa]."""
        return np.maximum(self.half_difference - self.mean, 0.0)

    @property
    def energy_density(self) -> Any:
        """U: elastic energy per stress-free volume [MPa]."""
        equal = self.mean**2 * (1 - self.poisson)
        return (equal + self.half_difference**2 * (1 + self.poisson)) / self.young

    @property
    def stiffness_ratio(self) -> Any:
        """E' of the film over that of the substrate."""
        with np.errstate(divide="ignore"):
            return self.plane_modulus / np.asarray(self.substrate, dtype=np.float64)

    @property
    def strip_energy(self) -> Any:
        """Scale of what cracks set free: <p + t>^2 h / E' [MPa um]."""
        return self.tension**2 * self.thickness / self.plane_modulus

    @property
    def channel_release(self) -> Any:
        """G of a crack that runs along the surface, far from others [MPa um]."""
        return channel_cracking().alone(self.stiffness_ratio) * self.strip_energy

    @property
    def peel_release(self) -> Any:
        """G of a film that comes off from an edge or a crack [MPa um]; nothing under pressure."""
        return np.where(self.tension > 0.0, self.energy_density * self.thickness, 0.0)

    def buckling_stress(self, half_width: float) -> Any:
        """Compression at which a strip of half width ``half_width`` [um] buckles [MPa]."""
        return np.pi**2 / 12 * self.plane_modulus * (self.thickness / half_width) ** 2

    def blister_release(self, half_width: float) -> Any:
        """G along the sides of a buckled strip of that half width [MPa um]; 0 if it is flat."""
        compression = np.maximum(self.compression, 1e-300)
        share = np.minimum(self.buckling_stress(half_width) / compression, 1.0)
        whole = self.thickness * self.compression**2 / (2 * self.plane_modulus)
        return whole * (1 - share) * (1 + 3 * share)

    def crack_density(self, toughness: float) -> Any:
        """1/L [1/um]: beyond the distance L, new cracks come between those that are there.

        L is where a set of cracks midway between old ones sets free what it costs. Cracks that
        filled in like this end between L/2 and L apart. Zero where no crack runs.

        Args:
            toughness: Of the film [MPa um].
        """
        alone = channel_cracking().alone(self.stiffness_ratio)
        needed = toughness / np.maximum(alone * self.strip_energy, 1e-200)
        return channel_cracking().density(self.stiffness_ratio, needed) / self.thickness


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRatios:
    """How far a film is loaded over what it bears; it fails beyond 1.

    Attributes:
        strain: Larger principal logarithmic strain over the fracture strain.
        energy: Energy of elastic deformation that the film is asked for over the largest it has,
            U_max = E e_y^2/2 in the sense of Gao et al. (Joule 2021): (sigma_e/sigma_y)^2, with
            the stress it would have had it not flowed. Both energies are those of a bar under the
            same von Mises stress, so that the ratio is 1 where flow begins, in any state of stress,
            and goes on to grow with the strain.
        channel: G of a channel crack over the toughness.
        peel: G from an edge over the adhesion; None without an adhesion.
        buckling: Compression over the buckling stress of a blister.
        blister: G of a buckled blister over the adhesion; likewise.
        density: See `FilmLoad.crack_density` [1/um].
    """

    strain: Array
    energy: Array
    channel: Array
    peel: Array | None
    buckling: Array
    blister: Array | None
    density: Array


def compare(load: FilmLoad, strain: Array, strength: FilmStrength) -> FilmRatios:
    """Compare a load with a strength.

    Args:
        load: Stress and thickness.
        strain: Larger principal logarithmic strain since the film formed [-].
        strength: What the film bears.
    """
    adhesion = strength.adhesion
    return FilmRatios(
        strain=np.asarray(strain / strength.fracture_strain),
        energy=np.asarray((load.unrelaxed / strength.elastic_limit) ** 2),
        channel=load.channel_release / strength.toughness,
        peel=None if adhesion is None else load.peel_release / adhesion,
        buckling=load.compression / load.buckling_stress(strength.delamination_half_width),
        blister=None
        if adhesion is None
        else load.blister_release(strength.delamination_half_width) / adhesion,
        density=load.crack_density(strength.toughness),
    )


@dataclass(frozen=True)
class ChannelCracking:
    """What cracks through a film on a deep substrate set free, from finite elements.

    Z = G E'/(sigma^2 h) over the ratio of E' of film and substrate, for Dundurs' beta = alpha/4.
    Beyond the ends of the table, at ratios of 1/1000 and 100, its ends hold.

    Attributes:
        ratio: Logarithms of E' of the film over that of the substrate, rising.
        single: Z of one crack by ratio.
        spacing: Distances over the thickness, rising; every other one is twice another.
        array: Z of cracks at these distances that run at once, shape (ratios, spacings).
    """

    ratio: Array
    single: Array
    spacing: Array
    array: Array

    @classmethod
    def read(cls, path: Path) -> ChannelCracking:
        """Read the table of `benchmarks/channel_cracks.py`."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        alpha = np.array(content["alpha"])
        release = np.array(content["release"])
        ratio = np.log((1 + alpha) / (1 - alpha))
        return cls(ratio, release[:, -1], np.array(content["spacing"]), release[:, :-1])

    def alone(self, ratio: Any) -> Any:
        """Z of one crack; ``ratio`` is E' of the film over that of the substrate."""
        place = np.clip(np.log(ratio), self.ratio[0], self.ratio[-1])
        return np.exp(self._single(place))

    @cached_property
    def _single(self) -> Table:
        """Logarithm of `single` over `ratio`."""
        points = tuple(float(x) for x in self.ratio), tuple(float(z) for z in np.log(self.single))
        return Table(*points)

    @property
    def between(self) -> Array:
        """2 Z(S/2) - Z(S) over Z of one crack: gain of a set midway between cracks S apart.

        Shape (ratios, spacings but the first two); rising but for round-off.
        """
        return (2 * self.array[:, :-2] - self.array[:, 2:]) / self.single[:, None]

    def density(self, ratio: Any, needed: Any) -> Array:
        """Thickness over the distance beyond which new cracks come between old ones.

        Args:
            ratio: E' of the film over that of the substrate.
            needed: Toughness over G of one crack; none run at 1 and above.
        """
        ratio, needed = np.broadcast_arrays(ratio, np.asarray(needed, dtype=np.float64))
        # 1/S over the gain, which is 1 for cracks far apart; a column for every row of the table
        inverse = [*(1 / self.spacing[2:]), 0.0]
        gains = np.maximum.accumulate(np.minimum(self.between, 1.0), axis=1)
        rows = [np.interp(needed, [*gain, 1.0], inverse) for gain in gains]
        columns = np.stack(rows, axis=-1)
        place = np.interp(np.log(ratio), self.ratio, np.arange(len(self.ratio)))
        low = np.minimum(place.astype(int), len(self.ratio) - 2)
        share = (place - low)[..., None]
        pair = np.take_along_axis(columns, np.stack([low, low + 1], axis=-1), axis=-1)
        return np.asarray((pair * np.concatenate([1 - share, share], axis=-1)).sum(axis=-1))


@cache
def channel_cracking() -> ChannelCracking:
    """The table that the package comes with."""
    return ChannelCracking.read(TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSurface:
    """Cracks of a film and the surface that they expose, at points.

    The film breaks when its load first passes 1, at the area ratio Js* of its surface then (current
    over reference area, linear within a step). From there on its pieces keep the area they had, and
    what the surface grows beyond it is exposed: max(Js - Js*, 0). It closes when the surface
    shrinks. What has closed was covered meanwhile by a film that breaks as soon as it opens again:
    every growth of the gap exposes surface anew, and the sum of these growths is what is counted.

    Attributes:
        broken_at: Js*, 0 where the film is intact.
        area: Surface exposed so far, as large as it was then, per reference area.
    """

    broken_at: Array
    area: Array

    def after(self, *, load: tuple[Array, Array], stretch: tuple[Array, Array]) -> ExposedSurface:
        """Return the state after a step.

        Args:
            load: Over what the film bears, at the start and at the end of the step.
            stretch: Area ratio Js then.
        """
        rise = load[1] - load[0]
        breaking = (self.broken_at == 0.0) & (load[1] > 1.0)
        share = np.clip((1 - load[0]) / np.where(rise > 0.0, rise, 1.0), 0.0, 1.0)
        first = stretch[0] + share * (stretch[1] - stretch[0])
        broken_at = np.where(breaking, first, self.broken_at)
        before, after = (
            np.where(broken_at > 0.0, np.maximum(each - broken_at, 0.0), 0.0) for each in stretch
        )
        # a film that breaks while its surface shrinks was not open before
        before = np.where(breaking, 0.0, before)
        return ExposedSurface(broken_at=broken_at, area=self.area + np.maximum(after - before, 0.0))
