"""Benchmarks: what a Newton iteration costs, beside a baseline measured in the same run.

Seconds depend on the machine and on what else it does; ratios hardly do. A benchmark is therefore a
baseline and what is compared with it, solved one after the other by processes of their own, and
what is kept and checked are the ratios (``benchmarks/ratios.json`` of the repository).
"""
