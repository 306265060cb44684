"""``anodefem advise`` ranks SEI recipes, or binders and coats, for a host."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from anodefem.cli import names
from anodefem.cli.common import console
from anodefem.errors import InputError


class By(enum.StrEnum):
    """What can be ranked."""

    SEI = "sei"
    BINDER = "binder"


def advise(
    by: Annotated[By, typer.Argument(help="What is ranked: recipes of the SEI, or binders.")],
    host: Annotated[
        str,
        typer.Option(
            metavar="CARD",
            help="Card of the host, as in tin-sodium.",
            autocompletion=names.hosts,
        ),
    ],
    fraction: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Up to which the host is filled.")
    ] = 1.0,
) -> None:
    """Rank SEI recipes, or binders and coats, for a host by what their cards say.

    A first look without a run: the surface of a bare host that swells freely is compared with what
    a film can take. Places that overlap cannot be told apart with the bands of the cards.
    """
    from anodefem import cards
    from anodefem.cards import ranking
    from anodefem.cli import tables

    card = cards.material(host)
    try:
        strain = ranking.surface_strain(card, fraction)
    except ValueError as error:
        raise InputError(
            f"--host: {error}; 'anodefem list materials' has those that do."
        ) from error
    if by is By.SEI:
        ion = card.storage.carrier if card.storage else ""
        recipes = [each for name in cards.paths("sei") if ion in (each := cards.sei(name)).carriers]
        ranked = ranking.by_elastic_energy(recipes, strain)
        if not ranked:
            raise InputError(f"--host {host}: no recipe is for {ion} cells.")
    else:
        polymers = [cards.material(name) for name in cards.paths("materials")]
        ranked = ranking.by_breaking_strain(
            [each for each in polymers if each.kind == "polymer"], strain
        )
    console().print(
        tables.ranking(ranked, host=card, fraction=fraction, strain=strain, by=by.value)
    )
