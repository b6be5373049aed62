"""The label audit: planted wrong labels are proposed, and nothing is decided for anybody."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from command import Memes
from making import encoded
from PIL import Image

from memesdetection.data.audit import out_of_fold
from memesdetection.errors import UsageError

WRONG = (5, 17, 40)


def embeddings_of(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Two clouds that hardly overlap."""
    random = np.random.default_rng(seed)
    return (random.normal(size=(len(labels), 16)) + 1.5 * labels[:, None]).astype(np.float32)


def test_wrong_labels_get_a_low_probability_of_their_own() -> None:
    truth = np.arange(400) % 2 == 0
    labels = truth.copy()
    labels[[4, 5, 6]] ^= True
    probabilities = out_of_fold(embeddings_of(truth), labels, [f"s{i % 20}" for i in range(400)])
    own = np.where(labels, probabilities, 1 - probabilities)
    assert set(np.argsort(own)[:3]) == {4, 5, 6}
    assert np.mean((probabilities >= 0.5) == truth) > 0.97


def test_a_source_that_is_wrong_as_a_whole_does_not_confirm_itself() -> None:
    truth = np.arange(400) % 2 == 0
    sources = [f"s{i % 20}" for i in range(400)]
    wrong = np.array([source == "s3" for source in sources])
    # A mark that all pictures of this source share, by which a model could learn its labels.
    embeddings = np.column_stack([embeddings_of(truth), 30 * wrong])
    probabilities = out_of_fold(embeddings, truth ^ wrong, sources)
    agrees = (probabilities >= 0.5) == (truth ^ wrong)
    assert agrees[~wrong].mean() > 0.95
    assert agrees[wrong].mean() < 0.1


@pytest.mark.parametrize("label", [True, False])
def test_one_source_of_a_label_is_too_few(label: bool) -> None:
    labels = np.array([True, True, False, False]) ^ label
    with pytest.raises(UsageError, match="at least two sources with label"):
        out_of_fold(embeddings_of(labels), labels, ["a", "a", "b", "c"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures: memes are red, others blue, but for `WRONG`; every tenth is of test."""
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "a & b").mkdir()
    random = np.random.default_rng(2)
    with open(folder / "index.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("path", "label", "split", "kind", "source"))
        for i in range(60):
            is_red = i % 2 == 0
            pixels = random.integers(0, 60, (64, 64, 3), dtype=np.uint8)
            pixels[:, :, 0 if is_red else 2] += 150
            (folder / f"a & b/{i}#.jpg").write_bytes(encoded(Image.fromarray(pixels)))
            label = "meme" if is_red ^ (i in WRONG) else "not_meme"
            split = "test" if i % 10 == 9 else ("train", "val")[i % 3 == 0]
            table.writerow((f"a & b/{i}#.jpg", label, split, "<kind>", f"source{i % 12}"))
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "checked"


@pytest.fixture(scope="module")
def independent(data: Path) -> Path:
    """Embeddings that tell red from blue."""
    names = [f"a & b/{i}#.jpg" for i in range(60)]
    values = embeddings_of(np.arange(60) % 2 == 0) * 2
    np.savez(data.parent / "independent.npz", paths=np.array(names), embeddings=values)
    return data.parent / "independent.npz"


def proposed(output: Path) -> list[dict[str, str]]:
    with open(output / "proposals.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_planted_wrong_labels_are_proposed_with_the_label_they_have(
    memes: Memes, data: Path, output: Path, independent: Path
) -> None:
    options = ("--output", output, "--embeddings", independent, "--confidence", "0.8")
    checked = memes("data", "check", data, *options)
    assert (checked.returncode, checked.stderr) == (0, "")
    rows = {row["path"]: row for row in proposed(output)}
    assert rows.keys() == {f"a & b/{i}#.jpg" for i in WRONG}
    assert [rows[f"a & b/{i}#.jpg"]["label"] for i in WRONG] == ["meme", "meme", "not_meme"]
    assert rows["a & b/5#.jpg"]["reason"] == "proposed: not_meme, out of fold"
    assert float(rows["a & b/5#.jpg"]["probability"]) < 0.2
    assert re.match(r"3 of 54 labels may be wrong; out of fold, 9\d\.\d % agree\.", checked.stdout)


class Sheet(HTMLParser):
    """Addresses of the pictures of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(unquote(dict(attrs)["src"] or ""))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_each_proposal_where_it_is(
    memes: Memes, data: Path, output: Path, independent: Path
) -> None:
    options = ("--output", output, "--embeddings", independent, "--confidence", "0.8")
    assert memes("data", "check", data, *options).returncode == 0
    sheet = Sheet((output / "proposals.html").read_text(encoding="utf-8"))
    shown = {(output / address).resolve() for address in sheet.pictures}
    assert shown == {(data / f"a & b/{i}#.jpg").resolve() for i in WRONG}
    assert "Labelled meme, perhaps not_meme: 2" in sheet.text
    assert "Labelled not_meme, perhaps meme: 1" in sheet.text
    for text in ("a & b/40#.jpg", "<kind>", "source5"):
        assert text in sheet.text
    assert len(re.findall(r"p\(meme\) 0\.\d{3}", sheet.text)) == 3


def test_the_shipped_models_embeddings_serve_and_are_kept(
    memes: Memes, data: Path, output: Path
) -> None:
    checked = memes("data", "check", data, "--output", output)
    assert (checked.returncode, checked.stderr) == (0, "")
    with np.load(output / "embeddings.npz") as arrays:
        assert arrays["embeddings"].shape == (54, 1280)
    again = ("--embeddings", output / "embeddings.npz", "--output", output / "again")
    assert memes("data", "check", data, *again).returncode == 0
    assert proposed(output / "again") == proposed(output)


def test_decided_pictures_are_not_proposed_again_and_count_as_decided(
    memes: Memes, data: Path, output: Path, independent: Path, tmp_path: Path
) -> None:
    decided = tmp_path / "corrections.csv"
    decided.write_text("path,label,reason\na & b/5#.jpg,not_meme,\na & b/17#.jpg,meme,it is one\n")
    options = ("--output", output, "--embeddings", independent, "--confidence", "0.8")
    checked = memes("data", "check", data, *options, "--corrections", decided)
    assert checked.returncode == 0
    assert [row["path"] for row in proposed(output)] == ["a & b/40#.jpg"]


def test_proposals_that_may_be_edited_are_never_written_over(
    memes: Memes, data: Path, output: Path, independent: Path
) -> None:
    output.mkdir()
    (output / "proposals.csv").write_text("mine")
    checked = memes("data", "check", data, "--output", output, "--embeddings", independent)
    assert checked.returncode == 2
    assert checked.stderr == (
        f"memes: {output}/proposals.csv is there already, perhaps with decisions in it;"
        " rename it or name another folder.\n"
    )
    assert (output / "proposals.csv").read_text() == "mine"


def test_unreadable_pictures_are_told_and_left_out(
    memes: Memes, data: Path, output: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a & b").symlink_to(data / "a & b")
    index = (data / "index.csv").read_text()
    (broken / "index.csv").write_text(index + "none.jpg,meme,train,,source1\n")
    checked = memes("data", "check", broken, "--output", output)
    assert checked.returncode == 0
    assert checked.stderr == f"{broken}/none.jpg: It is not there (any more).\n"


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"paths": ["x.jpg"], "embeddings": [[1.0]]}, "lack 54 pictures of train and val, such as"),
        ({"paths": ["x.jpg"]}, "are no .npz file with the arrays paths and embeddings"),
        ({"paths": ["x.jpg"], "embeddings": [[1.0], [2.0]]}, "need one row for each of its paths"),
        ({"paths": ["x.jpg"], "embeddings": [[np.nan]]}, "hold what is no number"),
        (None, "are no .npz file"),
    ],
)
def test_embeddings_that_do_not_serve_are_one_sentence(
    memes: Memes, data: Path, output: Path, tmp_path: Path, arrays: dict | None, told: str
) -> None:
    file = tmp_path / "own.npz"
    if arrays is None:
        file.write_bytes(b"no arrays")
    else:
        np.savez(file, **arrays)
    checked = memes("data", "check", data, "--output", output, "--embeddings", file)
    assert checked.returncode == 2
    (sentence,) = checked.stderr.splitlines()
    assert sentence.startswith(f"memes: The embeddings {file} ")
    assert told in sentence
