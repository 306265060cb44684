"""The Python interface: cases, meshes, runs, results and comparisons (see the how-to on Python).

Import its names from `anodefem`. Nothing here imports dolfinx until a case is run.
"""
