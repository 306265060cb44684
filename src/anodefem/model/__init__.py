"""From cards in SI units to laws in um, MPa and s."""
