"""Recipes are compared on pictures of sources that they never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny import FIELDS

from memesdetection.errors import UsageError
from memesdetection.labels import LabelledPicture
from memesdetection.training import caution
from memesdetection.training.caution import nearest
from memesdetection.training.folds import (
    Comparison,
    Joined,
    Ladder,
    Material,
    Recipe,
    folds_of,
    read_ladder,
    read_material,
)
from memesdetection.training.ladder import Groups, Rung, table

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

HEAD_ONLY = {"epochs": 0.001}
RECIPES = {
    "start": Recipe(idea="all of it"),
    "probe": Recipe(idea="the head", set=HEAD_ONLY),
    "halfway": Recipe(idea="between", mean_weights_of=("start",), back_to_start=0.5),
    "both": Recipe(idea="together", mean_logit_of=("start", "probe")),
    "taught": Recipe(idea="learned", teachers=("both",), against="probe"),
}


def examples(*groups: tuple[str, str, str, int]) -> list[LabelledPicture]:
    """So many pictures of each (source, label, kind)."""
    return [
        LabelledPicture(Path(f"{source}-{i}.webp"), label, "train", kind, "en", source)
        for source, label, kind, count in groups
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def comparison(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Five recipes, trained on three folds of the labelled pictures."""
    folder = tmp_path_factory.mktemp("folds")
    ladder = Ladder(3, (1,), FIELDS | {"epochs": 1.0}, RECIPES)
    return Comparison(ladder, read_material(data, 3), weights, folder, folder / "cache")


def test_a_source_is_in_one_fold() -> None:
    pictures = examples(*((f"s{i}", ("meme", "not_meme")[i % 2], "people", i) for i in range(20)))
    folds = folds_of(pictures, 4)
    assert set(folds) == {0, 1, 2, 3}
    of_source = {(picture.source, fold) for picture, fold in zip(pictures, folds, strict=True)}
    assert len(of_source) == len({source for source, _ in of_source})


def test_too_few_sources_are_told() -> None:
    with pytest.raises(UsageError, match="3 folds need as many sources; there are 1"):
        folds_of(examples(("one", "meme", "macro", 9)), 3)


def test_each_recipe_judges_every_picture(comparison: Comparison) -> None:
    given = {name: comparison.logits(name, 1) for name in RECIPES}
    for name, logits in given.items():
        assert np.isfinite(logits).all(), name
    assert len({logits.tobytes() for logits in given.values()}) == len(RECIPES)
    np.testing.assert_allclose(given["both"], (given["start"] + given["probe"]) / 2)


def test_a_comparison_goes_on_with_what_is_there(comparison: Comparison) -> None:
    before = comparison.logits("start", 1)
    again = Comparison(
        comparison.ladder, comparison.material, Path("nowhere"), comparison._folder, Path("nowhere")
    )
    np.testing.assert_array_equal(again.logits("start", 1), before)


def test_the_ladder_tells_what_is_better_and_what_is_noise(comparison: Comparison) -> None:
    material = Material(
        examples(
            *((f"m{i}", "meme", "macro", 20) for i in range(10)),
            *((f"p{i}", "not_meme", "people", 20) for i in range(10)),
        ),
        labels=np.repeat([True, False], 200),
        counted=np.ones(400, dtype=bool),
        folds=np.zeros(400, dtype=int),
        extra=[],
    )
    groups = Groups(material)
    random = np.random.default_rng(0)
    losses = random.uniform(0.2, 0.4, 400)
    right = np.where(groups.is_meme, 0.9, 0.1)
    rungs = [
        Rung("start", losses, right, None),
        Rung("probe", losses + random.uniform(-0.01, 0.01, 400), 1 - right, None),
        Rung("halfway", losses - 0.1, right, 0.01),
    ]
    told = table(Comparison(comparison.ladder, material, *[Path()] * 3), rungs, groups)
    rows = {row.split(" |")[0][2:]: row for row in told.splitlines() if row.startswith("| ")}
    assert "| noise | 0.0 % | 0.0000 |" in told
    assert "-0.1000 (-0.1000 to -0.1000) | better | 100.0 % | 1.0000 |" in told
    assert "seeds ± 0.0050" in told
    assert rows["probe"].endswith("| 0.0 |")


def test_a_mean_is_over_kinds_and_not_over_pictures() -> None:
    pictures = examples(
        ("a", "meme", "macro", 50), ("b", "not_meme", "people", 950), ("c", "not_meme", "food", 50)
    )
    labels = np.array([picture.is_meme for picture in pictures])
    groups = Groups(Material(pictures, labels, np.ones(1050, dtype=bool), labels * 0, []))
    food = np.array([picture.kind == "food" for picture in pictures])
    np.testing.assert_allclose(groups.means(food.astype(float)), [0.25])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("folds = 3", "needs folds, seeds and the table recipes"),
        ("folds = 1\nseeds = [1]\n[recipes.a]\nidea = 'x'", "needs two folds, a seed and a recipe"),
        ("folds = 2\nseeds = [1]\n[recipes.a]\nidee = 'x'", "A recipe of .* is wrong"),
        (
            "folds = 2\nseeds = [1]\n[recipes.a]\nidea = 'x'\nteachers = ['b']",
            "The recipe a of .* needs 'b' before it",
        ),
        (
            "folds = 2\nseeds = [1]\n[recipes.a]\nidea = 'x'\nset = {rate = 1}",
            "the recipe a has no field 'rate'",
        ),
    ],
)
def test_a_wrong_ladder_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "ladder.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        read_ladder(file)


def test_what_lies_far_from_other_folds_is_told_by_its_distance() -> None:
    embeddings = np.array([[1, 0], [2, 0.1], [0, 1], [1, 0.2]])
    distances = nearest(embeddings, np.array([0, 1, 0, 1]))
    assert np.argmax(distances) == 2
    np.testing.assert_allclose(distances[2], 1 - 0.2 / np.hypot(1, 0.2), atol=1e-6)


def test_caution_is_tried_on_sources_that_chose_no_threshold(comparison: Comparison) -> None:
    rows = [row for row in caution.table(comparison, "start", 1).splitlines() if " | " in row]
    assert [row.split(" | ")[0] for row in rows[2:]] == [
        "| as it is on the other folds",
        "| as it is on the other folds, `unsure` if far",
        "| 95 % confidence bound",
        "| 95 % confidence bound, `unsure` if far",
    ]


def test_joined_inputs_keep_their_order() -> None:
    class Numbers:
        def __init__(self, numbers: list[int]) -> None:
            self._numbers = np.array(numbers)

        def __len__(self) -> int:
            return len(self._numbers)

        def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
            return self._numbers[chosen]

    joined = Joined(Numbers([1, 2]), Numbers([3, 4, 5]))
    assert len(joined) == 5
    assert joined.batch(np.array([4, 0, 2, 1, 3]), None).tolist() == [5, 1, 3, 2, 4]
