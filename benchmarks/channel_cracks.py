"""Makes the table of what channel cracks set free, anew.

    container/run python3 benchmarks/channel_cracks.py > src/anodefem/parameters/channel-cracks.toml

Plane-strain finite elements for every mismatch and spacing (`anodefem.verify.crack_cell`), about
ten minutes.
"""

from __future__ import annotations

import sys

from anodefem.verify.crack_cell import ALONE, CrackCell

ALPHAS = (
    *(-0.998, -0.99, -0.95, -0.9, -0.8, -0.6, -0.4, -0.2),
    *(0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98),
)
#: Over the thickness of the film; every other one is twice another.
SPACINGS = tuple(2.0 ** (k / 2) for k in range(-2, 19))

HEAD = """# Energy that cracks through a film on a deep substrate set free, Z = G E' / (sigma^2 h).
# Computed by benchmarks/channel_cracks.py: linear elasticity, plane strain, the crack ends at the
# interface. Mismatch alpha = (E'f - E's)/(E'f + E's), beta = alpha/4 (Poisson's ratio 1/3 of both).
# A row for every alpha: cracks that all run at once, a distance of spacing h apart, then one alone.
"""


def main() -> None:
    """Print the table."""
    columns = []
    for spacing in (*SPACINGS, ALONE):
        cell = CrackCell(spacing)
        columns.append([cell.release(alpha) for alpha in ALPHAS])
        print(f"spacing {spacing:.4g}", file=sys.stderr)
    print(HEAD)
    print(f"alpha = [{', '.join(map(str, ALPHAS))}]")
    print(f"spacing = [{', '.join(f'{spacing:.8g}' for spacing in SPACINGS)}]")
    print("release = [")
    for row in zip(*columns, strict=True):
        print(f"    [{', '.join(f'{value:.5f}' for value in row)}],")
    print("]")


if __name__ == "__main__":
    main()
