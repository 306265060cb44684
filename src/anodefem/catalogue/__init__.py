"""A catalogue: systems of the literature, each a case beside what was published about it.

A row is a folder with a case file ``run.toml`` and ``row.toml``, which says what is published, what
computes the same number, and how the two compare. Rows are run, read and put on one page by
`anodefem catalogue`.
"""

from anodefem.catalogue.page import page
from anodefem.catalogue.results import Outcome, outcomes, table
from anodefem.catalogue.row import Row, Value, readme, rows
from anodefem.catalogue.run import Task, plan, run
from anodefem.catalogue.study import studies, study

__all__ = [
    "Outcome",
    "Row",
    "Task",
    "Value",
    "outcomes",
    "page",
    "plan",
    "readme",
    "rows",
    "run",
    "studies",
    "study",
    "table",
]
