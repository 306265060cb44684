"""``python -m anodefem``."""

from anodefem.cli import main

main()
