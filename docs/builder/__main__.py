"""Build the site: `python3 -m docs.builder` from the top folder of the project.

Nothing is fetched: not while building, not when reading.
"""

from __future__ import annotations

import argparse
import importlib.resources
import re
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from docs.builder import book, gallery, geometries, notebooks, reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
#: MathJax with every extension of TeX and all glyphs as outlines in one file, and its licence.
MATHJAX = {"es5/tex-svg-full.js": "mathjax.js", "LICENSE": "mathjax-licence.txt"}
_LINK = re.compile(r"\]\(((?:\.\./)+)([^)\s#]+)\)")


def sources(folder: Path, *, verification: Path, demo: Path) -> None:
    """Write everything that Sphinx reads.

    Args:
        folder: Where it goes; what is there is removed.
        verification: Folder with the files of `anodefem verify -o`, which may be missing.
        demo: Folder with the results of `make demo`, which may be missing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder, ignore=shutil.ignore_patterns("builder", "__pycache__"))
    for page in folder.rglob("*.md"):
        page.write_text(with_files(page, folder), encoding="utf-8")
    shutil.copyfile(ROOT / "CHANGELOG.md", folder / "changelog.md")
    mathjax(folder / "_static")
    reference.write(folder / "reference")
    geometries.write(folder / "geometries")
    notebooks.write(folder / "notebooks")
    gallery.write(ROOT / "runs", demo, folder / "gallery")
    book.write(book.read(verification), folder / "book")


def mathjax(folder: Path) -> None:
    """Copy the program that draws formulas, and its licence."""
    files = importlib.resources.files("mathjax") / "static" / "mathjax"
    for source, name in MATHJAX.items():
        (folder / name).write_bytes((files / source).read_bytes())


def with_files(page: Path, folder: Path) -> str:
    """Return a page whose links to files of the project lead to copies of them.

    Raises:
        FileNotFoundError: There is no such file.
    """

    def copied(link: re.Match[str]) -> str:
        written = (DOCS / page.relative_to(folder)).parent / link[1] / link[2]
        target = written.resolve()
        if target.is_relative_to(DOCS):
            return link[0]
        copy = folder / "files" / target.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target, copy)
        return f"](/{copy.relative_to(folder)})"

    return _LINK.sub(copied, page.read_text(encoding="utf-8"))


def main() -> int:
    """Build the site and return Sphinx's exit code; a warning is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verification", type=Path, default=Path("out", "verification"))
    parser.add_argument("--demo", type=Path, default=Path("out", "demo"))
    parser.add_argument("-o", "--output", type=Path, default=Path("out", "docs"))
    arguments = parser.parse_args()
    written = arguments.output.with_name(arguments.output.name + "-sources")
    sources(written, verification=arguments.verification, demo=arguments.demo)
    shutil.rmtree(arguments.output, ignore_errors=True)
    strict = ["--fail-on-warning", "--keep-going", "--quiet"]
    cache = written.with_name(arguments.output.name + "-cache")
    return build_main(
        [*strict, "-b", "html", "-d", str(cache), str(written), str(arguments.output)]
    )


if __name__ == "__main__":
    sys.exit(main())
