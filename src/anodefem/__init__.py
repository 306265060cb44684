"""Finite elements for alloy battery anodes: from a case file to a comparison of architectures."""

__version__ = "0.1.0"
