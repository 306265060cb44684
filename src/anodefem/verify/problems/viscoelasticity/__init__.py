"""Viscoelasticity."""
