"""dolfinx reads the files on any number of ranks and finds the measures of the manifest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem import geometry
from anodefem.meshing import Manifest, make_mesh

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("name", "kinematics", "values"),
    [
        ("graphene_cage", "axisymmetric", {"refinement": 0.5}),
        ("multilayer", "plane_strain", {}),
        ("graphene_cage", "3d", {"eccentricity": 0.2, "refinement": 0.6}),
    ],
)
def test_dolfinx_finds_the_same_measures(
    name: str, kinematics: str, values: dict[str, object], order: int, shared_tmp_path: Path
) -> None:
    """Cells, facets and their tags arrive whole, in 2D and 3D, at both orders."""
    pytest.importorskip("dolfinx")
    from mpi4py import MPI

    import ufl
    from dolfinx import fem, io

    comm = MPI.COMM_WORLD
    if comm.rank == 0:
        plugin = geometry.find(name)
        p = plugin.read(values)
        make_mesh(plugin, p, kinematics=kinematics, order=order, folder=shared_tmp_path)
    comm.Barrier()
    manifest = Manifest.load(shared_tmp_path)
    with io.XDMFFile(comm, str(shared_tmp_path / "mesh.xdmf"), "r") as file:
        mesh = file.read_mesh(name="Grid")
        cells = file.read_meshtags(mesh, name="Grid")
    mesh.topology.create_connectivity(mesh.topology.dim - 1, mesh.topology.dim)
    with io.XDMFFile(comm, str(shared_tmp_path / "facets.xdmf"), "r") as file:
        facets = file.read_meshtags(mesh, name="Grid")

    radius = ufl.SpatialCoordinate(mesh)[0]
    one = fem.Constant(mesh, 1.0)
    weight = 2.0 * np.pi * radius if kinematics == "axisymmetric" else one
    # Facets of a curved tetrahedron have no polynomial area; what the rule leaves is below 1e-9.
    rule = {"quadrature_degree": 8}
    dx = ufl.Measure("dx", mesh, subdomain_data=cells, metadata=rule)
    ds = ufl.Measure("ds", mesh, subdomain_data=facets, metadata=rule)
    both = ufl.Measure("dS", mesh, subdomain_data=facets, metadata=rule)

    for group, tag in manifest.cells.items():
        found = comm.allreduce(fem.assemble_scalar(fem.form(weight * dx(tag))))
        assert found == pytest.approx(manifest.measures[group], rel=1e-9), group
    for group, tag in manifest.facets.items():
        outside = fem.assemble_scalar(fem.form(weight * ds(tag)))
        between = fem.assemble_scalar(fem.form(ufl.avg(weight) * both(tag)))
        found = comm.allreduce(outside + between)
        assert found == pytest.approx(manifest.measures[group], rel=1e-9, abs=1e-12), group
    assert (
        comm.allreduce(
            np.count_nonzero(cells.indices < mesh.topology.index_map(mesh.topology.dim).size_local)
        )
        == manifest.counts["cells"]
    )
