"""What helps to write a case: help, lists, a commented case, a schema for editors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from anodefem import cases, geometry
from anodefem.cases.keys import TABLES, keys
from anodefem.cli import app
from anodefem.cli.schema import case_schema

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "runs").glob("*/run.toml"))
PLUGINS = [name for name in geometry.plugins() if name != "user_mesh"]


def run(*arguments: object) -> Result:
    """Call the command line."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("arguments", [("-h",), ("run", "-h"), ("new", "-h"), ("schema", "-h")])
def test_h_is_help(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def completed(shell: str, words: str, last: str) -> list[str]:
    """Return what a shell is told to offer, as its script asks for it.

    Args:
        shell: bash, zsh or fish.
        words: What was typed before the last word.
        last: The word that is to be completed.
    """
    asked = {"_ANODEFEM_COMPLETE": f"complete_{shell}"}
    if shell == "bash":
        line = f"{words} {last}"
        asked |= {"COMP_WORDS": line, "COMP_CWORD": str(len(words.split()))}
    else:
        asked |= {
            "_TYPER_COMPLETE_ARGS": f"{words} {last}",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
    done = CliRunner().invoke(app, [], prog_name="anodefem", env=asked)
    assert not done.stderr
    return re.findall(r"[\w-]+", done.stdout)


def test_completion_is_offered() -> None:
    assert "--install-completion" in run("--help").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "last", "expected"),
    [
        ("anodefem", "jo", "jobscript"),
        ("anodefem list", "ge", "geometries"),
        ("anodefem list geometries", "gra", "graphene_cage"),
        ("anodefem list materials", "tin-s", "tin-sodium-wang"),
        ("anodefem list sei", "dig", "diglyme-nabf4"),
        ("anodefem list keys", "prot", "protocol"),
        ("anodefem new", "bin", "binder_particle"),
        ("anodefem new --species", "N", "Na"),
        ("anodefem advise sei --host", "tin-s", "tin-sodium"),
        ("anodefem run", "--res", "--resume"),
    ],
)
def test_shells_complete_commands_and_names(
    shell: str, words: str, last: str, expected: str
) -> None:
    assert expected in completed(shell, words, last)


def test_a_wrong_folder_of_plugins_does_not_disturb_completion() -> None:
    assert completed("bash", "anodefem --plugins nowhere new", "gra") == []


def test_help_and_completion_import_nothing_heavy() -> None:
    heavy = "numpy pint pydantic matplotlib dolfinx gmsh"
    code = f"import sys, anodefem.cli; print(*{{*{heavy.split()!r}}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_quiet_and_verbose_exclude_each_other() -> None:
    done = run("--quiet", "--verbose", "list", "protocols")
    assert done.exit_code == 2
    assert "choose one" in done.stderr
    for option in ("-q", "-v", "--log-level=debug"):
        assert run(option, "list", "protocols").exit_code == 0
    assert run("--log-level=loud", "list", "protocols").exit_code == 2


def test_an_argument_that_is_not_text_is_refused() -> None:
    done = run("check", "\udcff.toml")
    assert done.exit_code == 2
    assert "not UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("advise", "seii", "--host", "x"), "'seii' is not one of 'sei', 'binder'"),
        (("advise", "sei", "--host", "x", "--fraction", "1.1"), "must be less than or equal to 1"),
        (("advise", "sei", "--host", "x", "--fraction", "0,5"), "must be a number"),
        (("jobscript", "x", "--scheduler", "sge"), "'sge' is not one of 'slurm', 'pbs'"),
        (("jobscript", "x", "--scheduler", "pbs", "--ranks", "1.5"), "must be an integer"),
        (("jobscript", "x", "--scheduler", "pbs", "--ranks", "0"), "must be greater than or equal"),
        (("run", "x", "-o", ""), "-o is empty; name a folder"),
        (("mesh", "runs/bare-particle/run.toml", "-o", "a" * 300), "cannot be used"),
        (("run", "x", "-o", "a/" * 2000), "-o has 4000 letters, and 1000 are allowed"),
        (("--log-level", "loud", "list", "materials"), "'loud' is not one of"),
    ],
)
def test_a_wrong_argument_is_told_in_plain_words(words: tuple[str, ...], expected: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    said = " ".join(done.stderr.replace("│", " ").split())
    assert expected in said
    assert "Value error" not in said and "Input should" not in said


@pytest.mark.parametrize("section", [*TABLES, "materials", "interfaces"])
def test_the_keys_of_a_section_are_listed(section: str) -> None:
    done = run("list", "keys", section)
    assert done.exit_code == 0, done.stderr
    assert "meaning" in done.stdout


def test_every_key_has_a_meaning_and_a_kind() -> None:
    for section, model in TABLES.items():
        for key in keys(model):
            assert key.meaning and key.value, f"{section}.{key.name}"


@pytest.mark.parametrize(
    ("topic", "name", "expected"),
    [
        ("laws", "hencky", "Poisson's ratio"),
        ("laws", "cohesive interface", "bilinear"),
        ("keys", "solver", "newton_tolerance"),
    ],
)
def test_details_are_listed(topic: str, name: str, expected: str) -> None:
    assert expected in run("list", topic, name).stdout


def test_a_metric_of_a_region_is_explained() -> None:
    pytest.importorskip("dolfinx")
    assert "largest von Mises" in run("list", "metrics", "von_mises_max_cage").stdout


@pytest.mark.parametrize(
    ("topic", "name", "hint"),
    [
        ("laws", "henky", "'hencky'"),
        ("keys", "sovler", "'solver'"),
        ("geometries", "core_shell", "'shells'"),
        ("geometries", "yolk_shell", "'shells'"),
        ("geometries", "coated_particle", "'binder_particle'"),
    ],
)
def test_what_is_not_known_is_answered_with_the_nearest(topic: str, name: str, hint: str) -> None:
    done = run("list", topic, name)
    assert done.exit_code == 2
    assert f"Did you mean {hint}?" in done.stderr


@pytest.mark.parametrize("species", ["Li", "Na", "K"])
@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_new_case_is_a_case(tmp_path: Path, plugin: str, species: str) -> None:
    path = tmp_path / "new" / "run.toml"
    done = run("new", plugin, "-o", path, "--species", species)
    assert done.exit_code == 0, done.stderr
    case = cases.load(path)
    assert {case.materials[name].card.storage.carrier for name in case.hosts} == {species}
    assert run("new", plugin, "-o", path).exit_code == 2
    # every default that it shows is what it says
    text = re.sub(r"^# (\w+ = (?!\.\.\.))", r"\1", path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    again = cases.load(path)
    assert (again.solver, again.output) == (case.solver, case.output)
    assert again.geometry.parameters == case.geometry.parameters
    assert again.protocol == case.protocol


def test_a_new_case_of_a_file_says_what_is_missing(tmp_path: Path) -> None:
    text = run("new", "user_mesh").stdout
    assert "# path = ...  # required" in text
    tomllib.loads(text)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.parent.name)
def test_the_schema_admits_every_shipped_case(path: Path) -> None:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert list(faults(tables, case_schema())) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("protocol", "initial_soc", 2.0),
        ("protocol", "flux_area", "deformed"),
        ("geometry", "particle_radius", 1.0),
        ("solver", "max_steps", "10"),
        ("solver", "linaer", "auto"),
        ("sei", "thickness", 20),
    ],
)
def test_the_schema_refuses_what_check_refuses(section: str, key: str, value: object) -> None:
    path = ROOT / "runs" / "bare-particle" / "run.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    tables.setdefault(section, {})[key] = value
    assert list(faults(tables, case_schema()))


def test_the_schema_is_written(tmp_path: Path) -> None:
    path = tmp_path / "anodefem.schema.json"
    assert run("schema", "-o", path).exit_code == 0
    assert json.loads(path.read_text()) == json.loads(run("schema").stdout)
    assert run("schema", "-o", path).exit_code == 0  # made anew
    assert run("schema", "-o", tmp_path).exit_code == 2
    (other := tmp_path / "run.json").write_text("{}")
    done = run("schema", "-o", other)
    assert done.exit_code == 2 and "is no schema" in done.stderr
    assert other.read_text() == "{}"


KINDS: dict[str, Any] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def faults(value: Any, schema: dict[str, Any], where: str = "") -> Any:
    """Yield where a value breaks a JSON schema: the words that `anodefem schema` uses."""
    if "anyOf" in schema:
        if all(list(faults(value, each, where)) for each in schema["anyOf"]):
            yield where
        return
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(
        isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in kinds
    ):
        yield where
        return
    if "enum" in schema and value not in schema["enum"]:
        yield where
    if isinstance(value, int | float):
        if not schema.get("minimum", -1e300) <= value <= schema.get("maximum", 1e300):
            yield where
        if (
            not schema.get("exclusiveMinimum", -1e300)
            < value
            < schema.get("exclusiveMaximum", 1e300)
        ):
            yield where
    if isinstance(value, list):
        for item in value:
            yield from faults(item, schema.get("items", {}), where)
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where}.{key}"
        for key, item in value.items():
            known = schema.get("properties", {}).get(key, schema.get("additionalProperties", True))
            if known is False:
                yield f"{where}.{key}"
            elif known is not True:
                yield from faults(item, known, f"{where}.{key}")
