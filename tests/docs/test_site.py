"""The sources of the site hold together; `make docs` builds it, where a warning is an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

from anodefem import __version__
from docs.builder import docstrings, gallery, pages, reference
from docs.builder.__main__ import with_files

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCES = sorted(DOCS.rglob("*.md"))
#: Folders that the builder fills.
GENERATED = ("notebooks", "reference", "book", "gallery", "geometries", "changelog.md")


def name(path: Path) -> str:
    return str(path.relative_to(DOCS))


@pytest.mark.parametrize("page", SOURCES, ids=name)
def test_links_lead_to_files_or_to_generated_pages(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    for link in links:
        if re.match(r"https?://", link):
            continue
        target = (page.parent / link).resolve()
        made = target.is_relative_to(DOCS) and target.relative_to(DOCS).parts[0] in GENERATED
        assert made or target.is_file(), link


@pytest.mark.parametrize("page", SOURCES, ids=name)
def test_modules_and_functions_that_a_page_names_are_there(page: Path) -> None:
    package = ROOT / "src" / "anodefem"
    code = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    for found in set(re.findall(r"`anodefem\.([\w.]+)`", page.read_text(encoding="utf-8"))):
        parts, path = found.split("."), package
        while parts and (path / parts[0]).is_dir():
            path /= parts.pop(0)
        if parts and (path / f"{parts[0]}.py").is_file():
            path /= f"{parts.pop(0)}.py"
        source = code[path if path.is_file() else path / "__init__.py"]
        named = all(re.search(rf"\b{part}\b", source) for part in parts)
        # what is no module may be a group of entry points
        assert named or any(f'"anodefem.{found}"' in text for text in code.values()), found


@pytest.mark.parametrize("readme", [ROOT / "README.md"])
def test_the_readme_leads_to_files(readme: Path) -> None:
    for link in re.findall(r"\]\(((?!https?:)[^)#\s]+)", readme.read_text(encoding="utf-8")):
        assert (ROOT / link).is_file(), link


def test_the_reference_can_be_made(tmp_path: Path) -> None:
    reference.write(tmp_path)
    case = (tmp_path / "case-file.md").read_text()
    assert "| `formation_strain` | number > -0.5 < 0.5 |" in case
    assert "| `step_tolerance` | number > 0 < 1 | `0.0005` |" in case
    line = (tmp_path / "command-line.md").read_text()
    assert "anodefem mesh RUN.toml [OPTIONS]" in line
    assert "`-o, --output DIR`" in line
    assert "`soc`" in (tmp_path / "laws-and-metrics.md").read_text()
    assert "[silicon-amorphous](#silicon-amorphous)" in (tmp_path / "materials.md").read_text()
    assert (tmp_path / "api" / "anodefem.laws.solid.md").is_file()


def test_the_gallery_shows_results_where_there_are_some(tmp_path: Path) -> None:
    run = tmp_path / "demo" / "bare-particle"
    run.mkdir(parents=True)
    (run / "metrics.csv").write_text(
        "soc [-],hull_volume_ratio [-]\n0.1,1.2\n0.9,3.4567\n0.05,1.1\n", encoding="utf-8"
    )
    gallery.write(ROOT / "runs", tmp_path / "demo", tmp_path / "gallery")
    page = (tmp_path / "gallery" / "bare-particle" / "index.md").read_text()
    assert "```toml" in page
    assert "| 0.9 | 3.457 |" in page
    index = (tmp_path / "gallery" / "index.md").read_text()
    for readme in (ROOT / "runs").glob("*/README.md"):
        assert f"({readme.parent.name}/index.md)" in index
        assert (tmp_path / "gallery" / readme.parent.name / "index.md").is_file()
    assert (tmp_path / "gallery" / "film-cracking" / "spacing.png").is_file()


def test_links_to_files_of_the_project_become_copies(tmp_path: Path) -> None:
    page = tmp_path / "how-to" / "page.md"
    page.parent.mkdir()
    page.write_text("[case](../../runs/bare-particle/run.toml) [meshes](../meshes.md)")
    told = with_files(page, tmp_path)
    assert told == "[case](/files/runs/bare-particle/run.toml) [meshes](../meshes.md)"
    assert (tmp_path / "files" / "runs" / "bare-particle" / "run.toml").is_file()
    page.write_text("[lost](../../runs/lost.toml)")
    with pytest.raises(FileNotFoundError):
        with_files(page, tmp_path)


def test_docstrings_are_taken_as_plain_text_with_formulas() -> None:
    told = list(
        docstrings.marked(["Norm |s| of F_ and `a|b`.", "", "    psi = |e|^2", "", "End *"])
    )
    assert told == [
        r"Norm \|s\| of F\_ and `a|b`.",
        "",
        "::",
        "",
        "    psi = |e|^2",
        "",
        r"End \*",
    ]


def test_cells_of_tables_stay_cells() -> None:
    assert pages.table(("a",), [("x | y\nz",)]) == "| a |\n| --- |\n| x \\| y z |"


def test_how_to_cite_names_the_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    page = (DOCS / "citing.md").read_text(encoding="utf-8")
    assert f'version: "{__version__}"' in citation
    assert f"version {__version__}" in page
    assert f"version = {{{__version__}}}" in page
