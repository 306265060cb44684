"""Reaction, potential and current against references."""
