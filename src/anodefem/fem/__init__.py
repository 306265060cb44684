"""Mesh, fields, measures and the contract that every physics fulfils; knows none by name."""
