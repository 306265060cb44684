"""A font for formulas where the reader's machine has none: DejaVu Serif, which Matplotlib brings.

Its table of mathematical constants says nothing of how far subscripts go down and exponents up, so
that browsers leave them on the line. They get the usual distances here.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from fontTools.ttLib import TTFont

#: Constants of the OpenType table MATH, in units of the font's size.
DISTANCES = {
    "SubscriptShiftDown": 0.18,
    "SubscriptTopMax": 0.40,
    "SubscriptBaselineDropMin": 0.20,
    "SuperscriptShiftUp": 0.36,
    "SuperscriptShiftUpCramped": 0.29,
    "SuperscriptBottomMin": 0.13,
    "SuperscriptBaselineDropMax": 0.25,
    "SubSuperscriptGapMin": 0.15,
    "SuperscriptBottomMaxWithSubscript": 0.40,
    "UpperLimitGapMin": 0.12,
    "UpperLimitBaselineRiseMin": 0.12,
    "LowerLimitGapMin": 0.12,
    "LowerLimitBaselineDropMin": 0.50,
    "FractionNumeratorShiftUp": 0.39,
    "FractionNumeratorDisplayStyleShiftUp": 0.68,
    "FractionDenominatorShiftDown": 0.35,
    "FractionDenominatorDisplayStyleShiftDown": 0.68,
    "AccentBaseHeight": 0.55,
}


def write(path: Path) -> None:
    """Write the font to ``path``."""
    source = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
    font = TTFont(source, recalcTimestamp=False)
    size = font["head"].unitsPerEm
    constants = font["MATH"].table.MathConstants
    for name, distance in DISTANCES.items():
        getattr(constants, name).Value = round(distance * size)
    font.save(path)
