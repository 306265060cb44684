"""Discretisation."""
