"""Imports go downwards only, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "anodefem"
PLUGINS = ROOT / "geometries"

# From the ground up. A module imports from lines above its own and from its own subpackage.
LAYERS = (
    ("errors", "units"),
    ("registry", "files", "jobscript", "checksums", "controls"),
    ("validation",),
    ("cards", "protocols"),
    ("geometry",),
    ("contract",),
    ("cases",),
    ("launch", "growing"),
    ("batch", "sweep"),
    ("converge",),
    ("catalogue",),
    ("meshing",),
    ("laws",),
    ("_dolfinx", "literals", "parallel"),
    ("compilation", "interruption"),
    ("model",),
    ("fem",),
    ("physics",),
    ("results",),
    ("solve",),
    ("workbench",),
    ("verify", "bench"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

# Besides itself, `compare` may use only these: it reads files, and works without the solver.
COMPARE_MAY_USE = {"errors", "files", "units", "registry", "validation", "checksums"}

# Heavy library -> parts of the package that may import it.
SOLVER = {
    "_dolfinx",
    "compilation",
    "interruption",
    "literals",
    "parallel",
    "model",
    "fem",
    "physics",
    "results",
    "solve",
    "workbench",
    "verify",
    "bench",
    "cli",
}
HOMES = {
    "dolfinx": SOLVER,
    "basix": SOLVER,
    "petsc4py": SOLVER,
    "mpi4py": SOLVER,
    "ufl": SOLVER | {"laws"},
    "gmsh": {"meshing"},
    "meshio": {"meshing", "results", "compare", "workbench"},
    "pyvista": {"compare", "workbench"},
    "vtkmodules": {"compare"},
    "matplotlib": {"compare", "converge", "catalogue", "workbench"},
    "imageio_ffmpeg": {"compare"},
    "trame": {"compare"},
}
# These are imported inside functions only: gmsh everywhere, all of them in the command line, which
# must be able to say what is missing.
CLI = {"cli", "__main__"}
LAZY = {"gmsh"}
LAZY_LIBRARIES_IN_CLI = {*HOMES, "pandas"}
LAZY_PARTS_IN_CLI = {
    "meshing",
    "model",
    "fem",
    "physics",
    "solve",
    "results",
    "verify",
    "bench",
    "compare",
    "converge",
    "catalogue",
    "_dolfinx",
    "compilation",
    "parallel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported name, such as ``anodefem.laws.solid``."""

    name: str
    line: int
    at_module_level: bool
    for_types_only: bool


def imported(node: ast.Import | ast.ImportFrom, path: Path) -> list[str]:
    """Return the absolute names of the modules that one statement of a file imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        package = path.relative_to(PACKAGE.parent).with_suffix("").parts
        base = ".".join((*package[: -node.level], *filter(None, [base])))
    return [f"anodefem.{alias.name}" for alias in node.names] if base == "anodefem" else [base]


def imports(path: Path) -> Iterator[Import]:
    """Yield every import of a file."""

    def visit(node: ast.AST, lazy: bool, typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for name in imported(child, path):
                    yield Import(
                        name=name,
                        line=child.lineno,
                        at_module_level=not lazy,
                        for_types_only=typing,
                    )
            inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            guarded = typing or (
                isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
            )
            yield from visit(child, inside, guarded)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), False, False)


def part_of(path: Path) -> str:
    """Return the module or subpackage of anodefem that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
GEOMETRIES = sorted(PLUGINS.glob("*.py"))


def name_of(path: Path) -> str:
    """Return a readable test id."""
    return path.relative_to(ROOT).as_posix().removeprefix("src/anodefem/")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_from_lower_layers_only(path: Path) -> None:
    part = part_of(path)
    assert part in RANK or part == "compare", f"give {part} a place in LAYERS"
    wrong = []
    for found in imports(path):
        package, _, rest = found.name.partition(".")
        other = rest.partition(".")[0]
        if package != "anodefem" or other in ("", part, "__version__"):
            continue
        if part == "compare":
            allowed = other in COMPARE_MAY_USE
        elif other == "compare":
            allowed = part in ("cli", "converge", "catalogue", "workbench")
        else:
            assert other in RANK, f"{name_of(path)}:{found.line} imports the unknown {other}"
            allowed = RANK[other] < RANK[part]
        lazily = not (part in CLI and other in LAZY_PARTS_IN_CLI and found.at_module_level)
        if not allowed or not (lazily or found.for_types_only):
            wrong.append(f"line {found.line}: {found.name}")
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_heavy_library_is_imported_where_it_belongs(path: Path) -> None:
    part = part_of(path)
    wrong = []
    for found in imports(path):
        library = found.name.partition(".")[0]
        allowed = part in HOMES.get(library, {part})
        if found.at_module_level and not found.for_types_only:
            allowed &= library not in LAZY and not (
                part in CLI and library in LAZY_LIBRARIES_IN_CLI
            )
        if not allowed:
            wrong.append(f"line {found.line}: {found.name}")
    assert not wrong


@pytest.mark.parametrize("path", GEOMETRIES, ids=name_of)
def test_a_geometry_needs_no_gmsh_to_be_listed_and_no_solver_at_all(path: Path) -> None:
    wrong = []
    for found in imports(path):
        package, _, rest = found.name.partition(".")
        part = rest.partition(".")[0]
        if package == "gmsh" and found.at_module_level and not found.for_types_only:
            wrong.append(f"line {found.line}: gmsh at module level")
        elif package in HOMES and package != "gmsh":
            wrong.append(f"line {found.line}: {found.name}")
        elif package == "anodefem" and RANK.get(part, len(LAYERS)) > RANK["meshing"]:
            wrong.append(f"line {found.line}: {found.name}")
    assert not wrong
