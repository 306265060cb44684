"""Print what the environment is made of; fails if one of its parts cannot be imported."""

import importlib
import importlib.metadata
import platform
import sys

# Import name -> distribution name. Imported in this order in one process, as a run does.
PARTS = {
    "dolfinx": "fenics-dolfinx",
    "petsc4py": "petsc4py",
    "mpi4py": "mpi4py",
    "numpy": "numpy",
    "h5py": "h5py",
    "gmsh": "gmsh",
    "meshio": "meshio",
    "vtkmodules": "vtk",
    "pyvista": "pyvista",
    "pydantic": "pydantic",
    "pint": "pint",
    "typer": "typer",
}


def version(module: str, distribution: str) -> str:
    """Import a module and return the version of its distribution."""
    imported = importlib.import_module(module)
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return str(imported.__version__)


def main() -> None:
    """Print one line per part, or everything on one line with ``--brief``."""
    found = {"python": platform.python_version()}
    found |= {module: version(module, name) for module, name in PARTS.items()}
    lines = [f"{name} {number}" for name, number in found.items()]
    print(", ".join(lines) if "--brief" in sys.argv else "\n".join(lines))


if __name__ == "__main__":
    main()
