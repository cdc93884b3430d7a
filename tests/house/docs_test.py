# SPDX-License-Identifier: MIT
"""Documents that can fail: what they name exists, and what exists and matters is named."""

import json
import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
HEAPREEL = pathlib.Path(os.environ["HEAPREEL_BUILD"], "bin", "heapreel")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "HACKING.md", "docs/decisions/README.md", "docs/benchmarks.md", "docs/claims.md", "docs/metrics.md"]
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|txt|toml|json|py|sh|sql|cmake|h|c)")
MADE_WHILE_WORKING = ("build/", "/")


def text_of(document):
    return (SOURCE / document).read_text(encoding="utf-8")


def code_of(document):
    """All that is set as code: blocks whole, and what stands between backticks."""
    text = text_of(document)
    blocks = re.findall(r"^```.*?$(.*?)^```$", text, re.M | re.S)
    return blocks + CODE.findall(re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))


def named_paths(document):
    spans = CODE.findall(text_of(document))
    links = [link for link in LINK.findall(text_of(document)) if "://" not in link]
    found = {span for span in spans if PATH.fullmatch(span.rstrip("/") + ("/" if span.endswith("/") else ""))}
    folder = (SOURCE / document).parent
    return {SOURCE / path for path in found if not path.startswith(MADE_WHILE_WORKING)} | {folder / link for link in links}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_path_exists(document):
    paths = named_paths(document)
    assert paths, "a document that names no path is not checked by this"
    assert sorted(str(path.relative_to(SOURCE)) for path in paths if not path.exists()) == []


def test_every_link_leads_to_a_file():
    documents = [*SOURCE.glob("*.md"), *SOURCE.glob("docs/**/*.md"), *SOURCE.glob("samples/*.md")]
    links = {document.parent / link for document in documents for link in LINK.findall(document.read_text(encoding="utf-8"))
             if "://" not in link}
    assert len(links) > 10
    assert sorted(str(link.relative_to(SOURCE)) for link in links if not link.exists()) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_command_exists(document):
    named = {match for code in code_of(document) for match in re.findall(r"(?:^|[\s/])heapreel ([a-z]+)\b", code)}
    output = subprocess.run([HEAPREEL, "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^\s+(?:heapreel )?([a-z]+)\b", output, re.M))
    assert document != "README.md" or "record" in named
    assert sorted(named - known) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_dev_command_exists(document):
    named = {match for code in code_of(document) for match in re.findall(r"\./dev ([a-z]+)\b", code)}
    output = subprocess.run([SOURCE / "dev", "help"], capture_output=True, text=True, check=True).stdout
    assert sorted(named - set(re.findall(r"^    ([a-z]+)", output, re.M))) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_preset_exists(document):
    presets = {preset["name"] for preset in json.loads(text_of("CMakePresets.json"))["configurePresets"]}
    named = {match for code in code_of(document) for match in re.findall(r"--preset[ =](\w+)", code)}
    assert sorted(named - presets) == []


def test_architecture_names_every_folder_of_code():
    """A page in the browser is a folder, and the row of all pages is about each of them."""
    folders = {re.sub(r"^(web/front/src/pages)/.+", r"\1", path.parent.relative_to(SOURCE).as_posix())
               for suffix in ("*.c", "*.py", "*.ts", "*.tsx")
               for path in SOURCE.rglob(suffix) if not {"build", "tests", "node_modules"} & set(path.relative_to(SOURCE).parts)}
    text = text_of("ARCHITECTURE.md")
    assert len(folders) > 5
    assert sorted(folder for folder in folders if f"`{folder}/`" not in text) == []


def test_every_decision_is_listed():
    listed = set(LINK.findall(text_of("docs/decisions/README.md")))
    records = {path.name for path in (SOURCE / "docs/decisions").glob("[0-9]*.md")}
    assert records and records == {name for name in listed if name[0].isdigit()}
