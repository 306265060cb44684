"""Plastic flow."""
