"""The metrics of a run as a Parquet file, for programs that read tables by column."""

from __future__ import annotations

from pathlib import Path

from anodefem import __version__
from anodefem.errors import InputError
from anodefem.workbench.result import Result


def write(result: Result, path: Path) -> None:
    """Write the metrics of a run, with the columns of ``metrics.csv``.

    Unit and plain name of a column are in its metadata, too; title of the run, status and version
    in those of the file.

    Args:
        result: The run.
        path: The file; its folder is there.

    Raises:
        InputError: It exists, has another suffix or cannot be written, or pyarrow is missing.
    """
    if path.suffix != ".parquet":
        raise InputError(f"{path}: must end with .parquet.")
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise InputError(
            "Parquet needs pyarrow, which this Python does not have; 'pip install .[parquet]' in "
            "the project's folder installs both in a Python of your own, without the solver. "
            "metrics.csv holds the same table."
        ) from error
    columns = {name: pa.array(values) for name, values in result.metrics.items()}
    fields = [
        pa.field(
            f"{name} [{result.units[name]}]",
            values.type,
            metadata={"name": name, "unit": result.units[name]},
        )
        for name, values in columns.items()
    ]
    about = {"title": result.title, "status": result.status, "anodefem": __version__}
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata=about))
    try:
        with path.open("xb") as file:
            parquet.write_table(table, file)
    except FileExistsError as error:
        raise InputError(f"{path}: exists; give another name, or remove it.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}).") from error
