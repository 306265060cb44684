"""Fracture."""
