# %% [markdown]
# # A first run
#
# A silicon particle of 1 um takes up lithium at C/5: how far is its SEI stretched, and when does
# it fail? The mesh is coarse, so that this takes seconds.

# %%
from anodefem import Case

case = Case(
    title="Silicon, 1 um",
    geometry={"plugin": "bare_particle", "particle_radius": "1 um", "refinement": 0.3},
    materials={"particle": "silicon-amorphous"},
    sei={"recipe": "ec-dmc"},
    protocol={"steps": ["lithiate at C/5 until soc = 0.3"]},
    output={"fields_every": 0.05},
)
result = case.run("silicon", reuse=True)
result

# %% [markdown]
# Every accepted step is a row of `metrics`; `units` says what the numbers are.

# %%
result.metrics[["soc", "hull_volume_ratio", "sei_strain_max", "voltage"]].tail(3)

# %%
print(f"{result.at('sei_strain_max', soc=0.2):.4f}", result.units["sei_strain_max"])
for message in result.events["message"]:
    print(message)

# %% [markdown]
# Curves over the state of charge, and the swollen body cut open:

# %%
result.plot("sei_strain_max", "hull_volume_ratio", "voltage")

# %%
result.draw(soc=0.3)

# %% [markdown]
# The SEI of a bare particle follows its surface: it is beyond what it can take long before the
# particle is full. What a cage or a binder changes is in the [gallery](../gallery/index.md);
# which electrolyte helps, in [another notebook](electrolytes.md).
