"""One page that holds everything: bodies to turn, table, curves, provenance.

The page is a single file that asks for nothing: no network, no other file.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from PIL import Image

from anodefem import __version__
from anodefem.compare import align, errors, figures
from anodefem.compare.body import CRACK, painted
from anodefem.compare.load import Run
from anodefem.compare.report import tables, timeline
from anodefem.compare.report.bodies import FIELDS, Body, body
from anodefem.compare.report.encode import Encoder, number, numbers
from anodefem.compare.report.lines import panels
from anodefem.compare.tables import has_errors
from anodefem.compare.theme import Theme

__all__ = ["html"]

#: Width of the picture for browsers without WebGL [pixels].
_PICTURE = 1100
_SCRIPTS = ("gl.js", "body.js", "scenes.js", "lines.js", "page.js")
_LABELS = {
    "sei_strain": ("SEI strain", "", "on the surfaces that carry SEI"),
    "von_mises": ("von Mises stress", "GPa", "in what swells; other parts keep their own colour"),
    "lithium_fraction": ("lithium fraction", "", "in what swells, over its fullest composition"),
    CRACK: ("crack", "", "in what can break: 0 intact, 1 broken"),
}


def html(
    runs: Sequence[Run],
    hosts: Mapping[str, Sequence[str]],
    frame: pd.DataFrame,
    picture: Path,
    *,
    theme: Theme,
) -> str:
    """Return the page of a comparison.

    Args:
        runs: The runs, in the order of their panels.
        hosts: Title of a run -> the regions that swell.
        frame: The table of the comparison.
        picture: PNG file of the figure side by side, for browsers that cannot draw bodies.
        theme: Colours, the same as those of the figures.
    """
    soc = align.common_soc(runs)
    bodies = [body(run, hosts[run.title], soc) for run in runs]
    along = timeline.stops(runs)
    encoder = Encoder()
    header = {
        "runs": [_run(one, i, along, encoder, theme) for i, one in enumerate(bodies)],
        "fields": _fields(bodies, theme),
        "colours": _colours(bodies, theme),
        "stops": [[number(stop.soc), int(stop.lithiating), stop.cycle] for stop in along],
        "start": timeline.start(runs, along),
        "panels": panels(runs, hosts),
    }
    used = tables.cards(runs)
    files = resources.files(__package__) / "assets"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        runs=[
            {
                "letter": _letter(i),
                "title": run.title,
                "colour": _colour(i, theme),
                "facts": tables.provenance(run),
            }
            for i, run in enumerate(runs)
        ],
        soc=soc,
        fields=header["fields"],
        metrics=tables.metrics(runs, frame),
        errors=errors.MEANING if has_errors(frame) else "",
        warnings=tables.warnings(runs, hosts, used),
        cards=used,
        tags=tables.TAGS,
        version=__version__,
        picture=_embedded(picture),
        data=encoder.text(header),
        style=(files / "page.css").read_text(encoding="utf-8"),
        scripts=[(files / name).read_text(encoding="utf-8") for name in _SCRIPTS],
    )


def _letter(index: int) -> str:
    return chr(97 + index) if index < 26 else str(index + 1)


def _colour(index: int, theme: Theme) -> str:
    """Return the colour of an architecture as CSS; black turns white on a dark page."""
    colour, _ = theme.architecture(index)
    return "var(--ink)" if colour == "#000000" else colour


def _run(
    one: Body, index: int, along: Sequence[timeline.Stop], encoder: Encoder, theme: Theme
) -> dict[str, Any]:
    run = one.run
    own = timeline.passage(run, along)
    t = run.column("t")
    times = np.array([run.states[i][0] for i in one.states])
    limits = {name: number(run.sei(f"{name}_strain")) for name in ("yield", "fracture")}
    strain = run.column("sei_strain_max")
    seen = np.fmax.accumulate(strain)
    first = {
        name: number(align.first_above(run, strain, limit)) if limit is not None else None
        for name, limit in limits.items()
    }
    columns = {
        name: numbers(np.interp(own.time, t, run.column(name)))
        for name in ("soc", "sei_strain_max", "hull_volume_ratio", "volumetric_capacity")
    }
    return {
        "title": run.title,
        "letter": _letter(index),
        "colour": _colour(index, theme),
        "hosts": list(one.hosts),
        "painted": {name: list(painted(run, one.hosts, name)) for name in FIELDS[1:]},
        "limits": limits,
        "first": first,
        "seen": numbers(np.interp(own.time, t, seen)),
        "beyond": numbers(np.interp(own.time, t, run.column("sei_area_beyond_fracture"))),
        "columns": columns,
        "time": numbers(own.time),
        "held": [int(value) for value in own.held],
        "state": numbers(np.interp(own.time, times, np.arange(len(times), dtype=float))),
        "states": len(times),
        "view": numbers(one.view),
        "focus": numbers(one.focus),
        "half": numbers(one.half),
        "radius": number(one.radius),
        "maps": encoder.floats(one.maps),
        "outline": encoder.floats(one.outline),
        "nodes": [
            {
                "points": encoder.floats(table.points),
                "moves": encoder.scaled(table.moves),
                "fields": {name: encoder.scaled(values) for name, values in table.fields.items()},
            }
            for table in one.nodes
        ],
        "pieces": [
            {
                "kind": piece.kind,
                "region": piece.region,
                "lid": piece.lid,
                "nodes": piece.nodes,
                "node": encoder.integers(piece.node),
                "copy": encoder.integers(piece.copy),
                "cells": encoder.integers(piece.cells),
            }
            for piece in one.pieces
            if piece.cells.size
        ],
    }


def _fields(bodies: Sequence[Body], theme: Theme) -> list[dict[str, Any]]:
    """Return label, scale and colours of each field that any architecture has."""
    maps = {
        "sei_strain": theme.strain_map,
        "von_mises": theme.stress_map,
        "lithium_fraction": theme.lithium_map,
        CRACK: theme.crack_map,
    }
    found = []
    for name in FIELDS:
        per_run = []
        for one in bodies:
            tables = [table.fields[name].ravel() for table in one.nodes if name in table.fields]
            values = np.concatenate([np.empty(0), *tables])
            per_run.append(values[np.isfinite(values)])
        if not any(values.size for values in per_run):
            continue
        label, unit, where = _LABELS[name]
        found.append(
            {
                "name": name,
                "label": label,
                "unit": unit,
                "where": where,
                "top": 1.0 if name in ("lithium_fraction", CRACK) else figures.upper_end(per_run),
                "most": [number(values.max()) if values.size else None for values in per_run],
                "least": min(number(values.min()) or 0.0 for values in per_run if values.size),
                "map": [
                    round(255 * part)
                    for colour in theme.colormap(maps[name])(np.linspace(0, 1, 64))
                    for part in colour[:3]
                ],
            }
        )
    return found


def _colours(bodies: Sequence[Body], theme: Theme) -> dict[str, Any]:
    own = {
        piece.region
        for one in bodies
        for piece in one.pieces
        if piece.region and piece.region not in one.hosts
    }
    parts = tuple(sorted(own))
    regions = {name: to_rgb(theme.region(name, parts)) for name in parts}
    return {
        "regions": regions,
        "host": to_rgb(theme.host),
        "compressed": to_rgb(theme.compressed),
        "line": to_rgb(theme.line),
        "initial": to_rgb(theme.initial),
        "shell": theme.shell_opacity,
    }


def _embedded(picture: Path) -> str:
    """Return a small copy of a picture as a data address."""
    with Image.open(picture) as image:
        small = image.convert("RGB")
        small.thumbnail((_PICTURE, 4 * _PICTURE))
        file = io.BytesIO()
        small.quantize(128).save(file, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
