"""`memes compare`: what it writes, and what it cannot compare."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import Memes
from finished import finished_run, unfinished_run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with docs and two runs, one exported."""
    folder = tmp_path / "project"
    (folder / "docs").mkdir(parents=True)
    finished_run(folder / "runs/lite", auc=0.96, exported=True)
    finished_run(folder / "runs/vgg", auc=0.94)
    return folder


def test_a_page_and_its_plot_are_written(memes: Memes, project: Path) -> None:
    compared = memes("compare", "runs/vgg", "runs/lite", cwd=project)
    assert (compared.returncode, compared.stderr) == (0, "")
    assert compared.stdout == "Written: docs/results.svg\nWritten: docs/results.md\n"
    page = (project / "docs/results.md").read_text(encoding="utf-8")
    assert "Written by `memes compare runs/vgg runs/lite`." in page
    assert "](<results.svg>)" in page
    assert page.index("| lite ") < page.index("| vgg ") < page.index("| reference work ")
    assert (project / "docs/results.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_the_output_may_be_elsewhere(memes: Memes, project: Path) -> None:
    compared = memes("compare", "runs/lite", "--output", "my page.md", cwd=project)
    assert compared.returncode == 0
    page = (project / "my page.md").read_text(encoding="utf-8")
    assert "Written by `memes compare runs/lite --output 'my page.md'`." in page
    assert "](<my page.svg>)" in page
    assert (project / "my page.svg").is_file()
    assert list((project / "docs").iterdir()) == []


def test_an_unfinished_run_is_told_and_left_out(memes: Memes, project: Path) -> None:
    unfinished_run(project / "runs/half")
    (project / "runs/cache").mkdir()
    compared = memes("compare", "runs/half", "runs/cache", "runs/vgg", cwd=project)
    assert compared.returncode == 0
    assert compared.stderr.splitlines() == [
        f"{name} is left out: it is no finished run, without metrics.json."
        for name in ("half", "cache")
    ]
    page = (project / "docs/results.md").read_text(encoding="utf-8")
    assert "| vgg " in page
    assert "| half " not in page


def test_without_an_exported_model_only_the_page_is_written(memes: Memes, project: Path) -> None:
    compared = memes("compare", "runs/vgg", cwd=project)
    assert compared.stdout == "Written: docs/results.md\n"
    assert [file.name for file in (project / "docs").iterdir()] == ["results.md"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (["docs"], 2, "None of the runs is finished"),
        (["runs/vgg", "runs/other"], 2, "The runs are of different data (vgg of "),
        (["runs/vgg", "--output", "results.svg"], 2, "name an output that ends in .md"),
        (["runs/vgg", "--output", "no/such.md"], 1, "no/such.md cannot be written"),
        (["runs/broken"], 1, "broken/model is broken; write it again by memes export"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    memes: Memes, project: Path, arguments: list[str], exit_code: int, told: str
) -> None:
    finished_run(project / "runs/other", data={"index_sha256": "ff" * 32})
    finished_run(project / "runs/broken", exported=True)
    (project / "runs/broken/model/model.tflite").unlink()
    compared = memes("compare", *arguments, cwd=project)
    assert (compared.returncode, compared.stdout) == (exit_code, "")
    (sentence,) = compared.stderr.splitlines()
    assert sentence.startswith("memes: ")
    assert told in sentence
    assert list((project / "docs").iterdir()) == []


def test_a_failed_comparison_leaves_the_last_page(memes: Memes, project: Path) -> None:
    assert memes("compare", "runs/lite", cwd=project).returncode == 0
    before = (project / "docs/results.md").read_bytes()
    shutil.rmtree(project / "runs/lite/model")
    (project / "runs/lite/run.json").write_text("{")
    assert memes("compare", "runs/lite", cwd=project).returncode == 2
    assert (project / "docs/results.md").read_bytes() == before
