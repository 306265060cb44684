"""The table of rows in the README: ``python3 -m tests.catalogue.readme`` makes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from anodefem import catalogue

ROOT = Path(__file__).resolve().parents[2] / "runs" / "catalogue"
README = ROOT / "README.md"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/row.toml"))
_TABLE = re.compile(r"(?<=<!-- rows: begin -->\n\n).*?(?=<!-- rows: end -->)", re.DOTALL)


def expected() -> str:
    """Return the README with the table that the rows make."""
    text = README.read_text(encoding="utf-8")
    table = catalogue.readme(catalogue.rows(FOLDERS))
    return _TABLE.sub(lambda match: f"{table}\n", text)


if __name__ == "__main__":
    README.write_text(expected(), encoding="utf-8")
