"""Swelling and elasticity."""
