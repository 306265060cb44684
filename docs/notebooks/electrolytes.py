# %% [markdown]
# # Electrolytes compared
#
# The same tin particle is sodiated in two electrolytes. Which SEI survives, and what is the
# answer worth?

# %%
from anodefem import Case, Comparison

base = Case(
    title="Tin",
    geometry={"plugin": "bare_particle", "particle_radius": "500 nm", "refinement": 0.3},
    materials={"particle": {"card": "tin-sodium", "transport": "uniform"}},
    sei={"recipe": "diglyme-napf6"},
    protocol={"steps": ["sodiate at C/5 until soc = 0.3"]},
    output={"fields_every": 0.1},
)
results = [
    base.changed({"title": f"Tin, {recipe}", "sei.recipe": recipe}).run(recipe, reuse=True)
    for recipe in ("diglyme-napf6", "ec-dec-napf6")
]

# %%
both = Comparison(results)
both.table[["architecture", "sei_strain_max [-]", "sei_yield_soc [-]", "sei_fracture_soc [-]"]].T

# %% [markdown]
# The surface is stretched alike in both: the SEI is thin against the particle. What differs is
# what each of them takes. Curves end where the runs end; crosses mark where an SEI breaks:

# %%
both.plot()

# %% [markdown]
# How far to trust it: every number of a recipe has a source and a tag. These decide here:

# %%
from anodefem import cards

for recipe in ("diglyme-napf6", "ec-dec-napf6"):
    card = cards.sei(recipe)
    for name in ("young", "yield_strain", "fracture_strain"):
        number = card.sources[name]
        print(f"{recipe:14s} {name:16s} {number.si:10.3g}  {number.tag}")

# %% [markdown]
# Where the tag is `assumed`, compare the band of the card ([rank
# electrolytes](../how-to/advise.md)), or vary the number in a [sweep](../sweeps.md).
