"""One look for every figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Fonts, colours and sizes of figures.

    Attributes:
        width: Width of a full-page figure [inch].
        dpi: Resolution of PNG files and of pictures inside PDF files.
        fonts: Sans-serif families, in order of preference.
        font_size: Size of running text [pt]; titles are one larger, captions one smaller.
        series: Colours of architectures (Okabe and Ito's, safe for colour-blind readers).
        maps: Colours of a field (`anodefem.compare.fields.Field.colours`) -> Matplotlib name of a
            colour map, and the part of it that is used.
        host: Colour of what swells, where no field is drawn on it.
        compressed: Colour of SEI in compression: below the scale's honest zero.
        regions: Colours of parts that do not swell, by their name in the mesh.
        other_regions: Colours of such parts under any other name.
        line: Colour of the edges of cut faces.
        initial: Colour of the body's outline before lithiation.
        shell_opacity: Opacity of what wraps the host: of its near and of its far side.
    """

    width: float = 7.2
    dpi: int = 300
    fonts: tuple[str, ...] = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
    font_size: float = 8.0
    series: tuple[str, ...] = (
        "#0072b2",
        "#d55e00",
        "#009e73",
        "#cc79a7",
        "#e69f00",
        "#56b4e9",
        "#000000",
        "#8c6d31",
    )
    maps: MappingProxyType[str, tuple[str, float, float]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "strain": ("inferno_r", 0.0, 0.72),
                "stress": ("Blues", 0.05, 0.85),
                "signed": ("RdBu_r", 0.05, 0.95),
                "plastic": ("Purples", 0.05, 0.95),
                "species": ("YlGn", 0.05, 0.95),
                "crack": ("Reds", 0.04, 1.0),
            }
        )
    )
    compressed: str = "#9fc5b5"
    regions: MappingProxyType[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {
                "cage": "#4d4d4d",
                "carbon": "#6f6f6f",
                "coat": "#b9a56b",
                "collector": "#c98c5f",
            }
        )
    )
    other_regions: tuple[str, ...] = ("#a8a8a8", "#8a9a8a", "#c4b8a8")
    host: str = "#dfe3e8"
    line: str = "#1a1a1a"
    initial: str = "#e8540c"
    shell_opacity: tuple[float, float] = (0.06, 0.3)

    def colormap(self, colours: str) -> Colormap:
        """Return the used part of a colour map of `maps`."""
        name, low, high = self.maps[colours]
        used = mpl.colormaps[name](np.linspace(low, high, 256))
        return LinearSegmentedColormap.from_list(f"{name}_part", used)

    def region(self, name: str, names: tuple[str, ...]) -> str:
        """Return the colour of a part, given the ``names`` of all parts of the figure.

        Args:
            name: Name of the part.
            names: Names of all parts of the figure.
        """
        if name in self.regions:
            return self.regions[name]
        others = sorted(set(names) - set(self.regions))
        return self.other_regions[others.index(name) % len(self.other_regions)]

    def architecture(self, index: int) -> tuple[str, str]:
        """Return colour and marker of the ``index``-th architecture."""
        colour = self.series[index % len(self.series)]
        return colour, "s^Dv<>ph"[index % 8]

    def rc(self) -> dict[str, Any]:
        """Return Matplotlib's settings for `matplotlib.rc_context`."""
        size = self.font_size
        return {
            "font.family": "sans-serif",
            "font.sans-serif": list(self.fonts),
            "font.size": size,
            "axes.titlesize": size + 1,
            "axes.labelsize": size,
            "xtick.labelsize": size - 1,
            "ytick.labelsize": size - 1,
            "legend.fontsize": size - 0.5,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.direction": "in",
            "ytick.direction": "in",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "lines.linewidth": 1.2,
            "legend.frameon": False,
            "text.parse_math": False,  # a title may have dollars
            "figure.dpi": self.dpi,
            "savefig.dpi": self.dpi,
            "savefig.facecolor": "white",
            "pdf.fonttype": 42,
            "svg.fonttype": "none",
        }
