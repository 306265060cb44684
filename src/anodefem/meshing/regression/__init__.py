"""Meshes against their pins: what a mesh is, what it must be, and what changed."""
