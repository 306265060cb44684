"""One page that holds everything: bodies to turn, table, curves, provenance.

The page is a single file that asks for nothing: no network, no other file.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.colors import to_rgb
from PIL import Image

from anodefem import __version__
from anodefem.compare import align, errors, fields
from anodefem.compare.body import painted
from anodefem.compare.load import Run, words
from anodefem.compare.report import tables, timeline
from anodefem.compare.report.bodies import Body, body
from anodefem.compare.report.encode import Encoder, number, numbers
from anodefem.compare.report.lines import panels
from anodefem.compare.report.samples import Volume
from anodefem.compare.tables import has_errors
from anodefem.compare.theme import Theme

__all__ = ["html"]

#: Width of the picture for browsers without WebGL [pixels].
_PICTURE = 1100
_SCRIPTS = (
    "gl.js",
    "body.js",
    "slice.js",
    "probe.js",
    "scenes.js",
    "lines.js",
    "profile.js",
    "scale.js",
    "strips.js",
    "save.js",
    "page.js",
)


def html(
    runs: Sequence[Run],
    hosts: Mapping[str, Sequence[str]],
    frame: pd.DataFrame,
    picture: Path,
    *,
    cycles: Path | None = None,
    theme: Theme,
    growing: bool = False,
) -> str:
    """Return the page of a comparison.

    Args:
        runs: The runs, in the order of their panels.
        hosts: Title of a run -> the regions that swell.
        frame: The table of the comparison.
        picture: PNG file of the figure side by side, for browsers that cannot draw bodies.
        cycles: PNG file of the figure over cycles, if there is one.
        theme: Colours, the same as those of the figures.
        growing: Whether more runs will come, so that the page loads itself again.
    """
    soc = align.common_soc(runs)
    bodies = [body(run, hosts[run.title], soc) for run in runs]
    along = timeline.stops(runs)
    encoder = Encoder()
    names = list(dict.fromkeys([*fields.BY_NAME, *(name for one in bodies for name in one.known)]))
    header = {
        "runs": [_run(one, i, along, names, encoder, theme) for i, one in enumerate(bodies)],
        "fields": _fields(bodies, names, theme),
        "words": asdict(words(runs)),
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
                "failures": tables.failures(run),
            }
            for i, run in enumerate(runs)
        ],
        soc=soc,
        growing=growing,
        words=words(runs),
        fields=header["fields"],
        metrics=tables.metrics(runs, frame),
        errors=errors.MEANING if has_errors(frame) else errors.UNKNOWN,
        warnings=tables.warnings(runs, hosts, used),
        cards=used,
        tags=tables.TAGS,
        version=__version__,
        picture=_embedded(picture),
        cycles=_embedded(cycles) if cycles else "",
        data=encoder.text(header),
        style=(files / "page.css").read_text(encoding="utf-8"),
        scripts=[(files / name).read_text(encoding="utf-8") for name in _SCRIPTS],
    )


def _letter(index: int) -> str:
    return chr(97 + index) if index < 26 else str(index + 1)


def _colour(index: int, theme: Theme) -> str:
    """Return the colour of an architecture as CSS; black turns white on a dark page.

    Args:
        index: Number of the architecture.
        theme: Look of the figure.
    """
    colour, _ = theme.architecture(index)
    return "var(--ink)" if colour == "#000000" else colour


def _run(
    one: Body,
    index: int,
    along: Sequence[timeline.Stop],
    names: Sequence[str],
    encoder: Encoder,
    theme: Theme,
) -> dict[str, Any]:
    """Return what the page knows of a run.

    Args:
        one: Its body.
        index: Its number.
        along: The stops of the path.
        names: Names of all fields.
        encoder: Takes the arrays.
        theme: Colours.
    """
    run = one.run
    own = timeline.passage(run, along)
    t = run.column("t")
    times = np.array([run.states[i][0] for i in one.states])
    limits = {name: number(run.sei(f"{name}_strain")) for name in ("yield", "fracture")}
    strain = run.column("sei_strain_max")
    seen = np.fmax.accumulate(strain)
    reached = {name: align.sei_first(run, name) for name in limits}
    bars = errors.error_bars(run, one.hosts).bars
    columns = {
        name: numbers(np.interp(own.time, t, run.column(name)))
        for name in (
            "soc",
            "sei_strain_max",
            "hull_volume_ratio",
            "volumetric_capacity",
            "crack_max",
        )
    }
    return {
        "title": run.title,
        "letter": _letter(index),
        "colour": _colour(index, theme),
        "hosts": list(one.hosts),
        "painted": {name: list(painted(run, one.hosts, name)) for name in names},
        "limits": limits,
        "recipe": run.recipe,
        "first": {name: number(soc) for name, (_, soc, _) in reached.items()},
        "reached": {name: number(strain) for name, (_, _, strain) in reached.items()},
        "bars": {name: number(bars.get(f"sei_{name}_soc", np.nan)) for name in limits},
        "since": {name: timeline.place(own, time) for name, (time, _, _) in reached.items()},
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
        "volume": None if one.volume is None else _volume(one.volume, encoder),
        "profile": {
            "nodes": one.profile,
            "distance": numbers(one.distance),
            "line": one.line,
        },
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
                "side": piece.side,
                "nodes": piece.nodes,
                "node": encoder.integers(piece.node),
                "copy": encoder.integers(piece.copy),
                "cells": encoder.integers(piece.cells),
            }
            for piece in one.pieces
            if piece.cells.size
        ],
    }


def _volume(volume: Volume, encoder: Encoder) -> dict[str, Any]:
    return {
        "nodes": volume.nodes,
        "cells": encoder.integers(volume.cells),
        "corners": int(volume.cells.shape[1]),
        "region": encoder.integers(volume.region),
        "regions": list(volume.regions),
        "maps": encoder.floats(volume.images.maps),
        "pairs": volume.images.pairs.tolist(),
    }


def _fields(bodies: Sequence[Body], names: Sequence[str], theme: Theme) -> list[dict[str, Any]]:
    """Return label, scales and colours of each field that any architecture has.

    Args:
        bodies: The bodies of all runs.
        names: Names of the fields, in the order in which they are offered.
        theme: Colours.
    """
    stored = words([one.run for one in bodies]).species
    limits = [one.run.sei("fracture_strain") for one in bodies]
    found = []
    units = {name: unit for one in bodies for name, unit in one.units.items()}
    for name in names:
        field = fields.of(name, units)
        values = [_values(one, field.name) for one in bodies]
        if not any(each.size for each in values):
            continue
        own = [fields.scale(field, [each], limits=limits) if each.size else None for each in values]
        found.append(
            {
                "name": field.name,
                "label": field.label.replace("species", stored),
                "unit": field.unit,
                "where": field.where,
                "surface": field.place == "sei",
                "common": _scale(fields.scale(field, values, limits=limits)),
                "own": [None if each is None else _scale(each) for each in own],
                "apart": fields.apart(field, [each for each in own if each is not None]),
                "most": [number(each.max()) if each.size else None for each in values],
                "least": min(number(each.min()) or 0.0 for each in values if each.size),
                "map": [
                    round(255 * part)
                    for colour in theme.colormap(field.colours)(np.linspace(0, 1, 64))
                    for part in colour[:3]
                ],
            }
        )
    return found


def _values(one: Body, name: str) -> npt.NDArray[np.float64]:
    """Return the finite values of a field on what is drawn of a body.

    Args:
        one: The body.
        name: Name of the field.
    """
    seen = {piece.nodes for piece in one.pieces}
    found = [one.nodes[i].fields[name].ravel() for i in sorted(seen) if name in one.nodes[i].fields]
    values = np.concatenate([np.empty(0), *found])
    return values[np.isfinite(values)]


def _scale(scale: fields.Scale) -> dict[str, Any]:
    return {
        "low": scale.low,
        "high": scale.high,
        "limit": scale.limit,
        "below": fields.BELOW,
        "ticks": numbers(np.array(scale.ticks())),
    }


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
