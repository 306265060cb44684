"""Membranes and SEI."""
