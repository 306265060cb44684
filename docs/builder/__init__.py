"""Makes the site: sources and generated pages into one folder, then Sphinx."""
