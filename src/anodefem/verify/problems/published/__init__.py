"""Published data."""
