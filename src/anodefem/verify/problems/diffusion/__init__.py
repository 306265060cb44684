"""Diffusion and chemistry."""
