"""Folds: cross-validation that leaves whole sources out, by which recipes are compared.

    memes folds configs/ladder.toml --data ../shared/data --weights ../shared/weights

One split of a few sources says little of strangers' pictures. Here train and val together are cut
into folds of whole sources; each recipe is trained once a fold and judges what it never saw. What
it gave is kept, so a stopped comparison goes on. Test is never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sklearn.model_selection import StratifiedGroupKFold

from ..corrections import corrected
from ..errors import UsageError
from ..labels import LabelledPicture, read_labels
from .cache import prefetched, told_errors
from .config import Config, checked, read_toml
from .dataset import Batches, Inputs, Subset, sampling_weights, targets_of, taught
from .network import Examples, Network, build, precision
from .screen import SILENT, Screen
from .train import averaged, compile_model, fit_head, read_extra
from .weights import start


class Recipe(BaseModel):
    """One recipe: how a classifier is made, and what is tried by it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    idea: str
    """What it tries, for the table."""

    against: str = ""
    """The recipe it is compared with; by default the first."""

    set: dict[str, Any] = Field(default_factory=dict)
    """Fields of `Config` that differ from the base."""

    repaired: bool = True
    """Learn from the corrected labels; all recipes are measured by these."""

    extra: bool = False
    """Learn from the extra pictures, too."""

    teachers: tuple[str, ...] = ()
    """Recipes whose mean probability is mixed into the labels."""

    mean_logit_of: tuple[str, ...] = ()
    """Instead of a training, the mean of these recipes' logits."""

    mean_weights_of: tuple[str, ...] = ()
    """Instead of a training, the mean of the weights of these recipes, which are alike."""

    back_to_start: float = Field(default=0.0, ge=0, le=1)
    """With `mean_weights_of`, the share of the weights before fine-tuning (arXiv 2109.01903)."""


@dataclass(frozen=True)
class Ladder:
    """Recipes to compare.

    Attributes:
        folds: how many.
        seeds: of the trainings; each recipe is trained with each.
        base: fields of `Config` that all share.
        recipes: by name; the first is what the others are compared with.
    """

    folds: int
    seeds: tuple[int, ...]
    base: dict[str, Any]
    recipes: dict[str, Recipe]

    def config(self, name: str) -> Config:
        """The hyper-parameters of a recipe."""
        return checked(self.base | self.recipes[name].set, shown=f"the recipe {name}")


def read_ladder(file: Path) -> Ladder:
    """Read a ladder: a TOML file with `folds`, `seeds`, `base` and a table for each recipe.

    Raises:
        UsageError: it cannot be read, or names what does not exist.
    """
    content = read_toml(file)
    try:
        recipes = {name: Recipe(**fields) for name, fields in content["recipes"].items()}
        ladder = Ladder(content["folds"], tuple(content["seeds"]), content.get("base", {}), recipes)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} needs folds, seeds and the table recipes.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise UsageError(f"A recipe of {file} is wrong: {problem['loc']} {problem['msg']}.") from (
            error
        )
    if not recipes or ladder.folds < 2 or not ladder.seeds:
        raise UsageError(f"{file} needs two folds, a seed and a recipe, or more of each.")
    earlier: list[str] = []
    for name, recipe in recipes.items():
        ladder.config(name)
        against = (recipe.against,) if recipe.against else ()
        named = (*recipe.teachers, *recipe.mean_logit_of, *recipe.mean_weights_of, *against)
        for other in named:
            if other not in earlier:
                raise UsageError(f"The recipe {name} of {file} needs {other!r} before it.")
        earlier.append(name)
    return ladder


def folds_of(examples: Sequence[LabelledPicture], folds: int, seed: int = 0) -> np.ndarray:
    """The fold of each picture, int [n]: whole sources, each with its share of kinds and languages.

    Raises:
        UsageError: there are fewer sources than folds.
    """
    sources = [example.source for example in examples]
    if len(set(sources)) < folds:
        raise UsageError(f"{folds} folds need as many sources; there are {len(set(sources))}.")
    strata = [f"{e.label} {e.language.split(',')[0] if e.is_meme else e.kind}" for e in examples]
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = np.zeros(len(examples), dtype=int)
    for number, (_, held_out) in enumerate(splitter.split(sources, strata, sources)):
        found[held_out] = number
    return found


@dataclass(frozen=True)
class Material:
    """The pictures of train and val, and how they are folded.

    Attributes:
        examples: n pictures, with the labels that the data came with.
        labels: bool [n], True for a meme, by the corrected labels.
        counted: bool [n], False for a picture that the corrections call ambiguous.
        folds: int [n].
        extra: more pictures to learn from, never measured.
    """

    examples: list[LabelledPicture]
    labels: np.ndarray
    counted: np.ndarray
    folds: np.ndarray
    extra: list[LabelledPicture]

    @cached_property
    def repaired(self) -> list[LabelledPicture]:
        """The pictures with corrected labels."""
        return [
            replace(e, label="meme" if is_meme else "not_meme")
            for e, is_meme in zip(self.examples, self.labels, strict=True)
        ]


def read_material(
    data: Path, folds: int, corrections: Path | None = None, extra: Path | None = None
) -> Material:
    """Read train and val of a data folder and cut them into folds.

    Args:
        data: folder of `index.csv` and the labelled pictures.
        folds: how many.
        corrections: a file of corrected labels.
        extra: folder of an `index.csv` of more pictures to learn from.

    Raises:
        UsageError: a file is missing or wrong.
    """
    read = read_labels(data / "index.csv")
    examples = [example for example in read if example.split in ("train", "val")]
    repaired = corrected(examples, corrections, data) if corrections else examples
    label_of = {example.path: example.is_meme for example in repaired}
    return Material(
        examples,
        np.array([label_of.get(e.path, e.is_meme) for e in examples]),
        np.array([e.path in label_of for e in examples]),
        folds_of(examples, folds),
        read_extra(extra) if extra else [],
    )


class Comparison:
    """Trains what is not trained yet, and keeps each recipe's logits of pictures it never saw."""

    def __init__(
        self,
        ladder: Ladder,
        material: Material,
        weights: Path,
        folder: Path,
        cache: Path,
        screen: Screen = SILENT,
    ) -> None:
        """Take what to compare and where.

        Args:
            ladder: the recipes.
            material: the pictures.
            weights: folder of the pretrained backbones' weights.
            folder: where logits and weights are kept.
            cache: folder for decoded pictures and features of frozen layers.
            screen: shows progress.
        """
        self.ladder, self.material = ladder, material
        self._weights, self._folder, self._cache, self._screen = weights, folder, cache, screen

    def logits(self, name: str, seed: int) -> np.ndarray:
        """Float64 [n], each by the training that did not see the picture's fold.

        Raises:
            UsageError: the weights or the data are missing, or a picture cannot be read.
            OutputError: the folder or the cache cannot be written.
        """
        return self._each_fold(name, seed)[self.material.folds, np.arange(len(self._labels))]

    def embeddings(self, name: str) -> np.ndarray:
        """Float16 [n, channels], by a recipe's backbone as it starts."""
        network = self._network(self.ladder.config(name))
        return network.embeddings(network.inputs(self.material.examples, augmented=True))

    @property
    def _labels(self) -> np.ndarray:
        return self.material.labels

    def _each_fold(self, name: str, seed: int) -> np.ndarray:
        """Float64 [folds, n], what the training without each fold gives its pictures.

        A teacher judges those it learned from, too; else they are nan.
        """
        recipe = self.ladder.recipes[name]
        if recipe.mean_logit_of:
            members = [self._each_fold(member, seed) for member in recipe.mean_logit_of]
            return np.mean(members, axis=0)
        file = self._folder / f"{name}-{seed}.npz"
        if not file.exists():
            self._screen.tell(f"{name}, seed {seed}: {recipe.idea}")
            found = self._computed(name, seed)
            with told_errors(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
                new = file.with_suffix(".new.npz")
                np.savez(new, allow_pickle=False, **found)
                new.replace(file)
        with np.load(file) as kept:
            return kept["logits"]

    def _computed(self, name: str, seed: int) -> dict[str, np.ndarray]:
        recipe, config = self.ladder.recipes[name], self.ladder.config(name)
        keras.utils.set_random_seed(seed)
        network = self._network(config)
        material = self.material
        labelled = material.repaired if recipe.repaired else material.examples
        everything = network.inputs(labelled, augmented=True, folds=material.folds)
        if len(everything) < len(labelled):
            raise UsageError("A picture of train or val cannot be read; folds need all of them.")
        extra = network.inputs(material.extra, augmented=True) if recipe.extra else None
        if recipe.mean_weights_of:
            return self._averaged(network, everything, recipe, seed)
        logits: list[np.ndarray] = []
        weights: dict[str, np.ndarray] = {}
        begin = network.model.get_weights()
        for fold in range(self.ladder.folds):
            network.model.set_weights(begin)
            chosen = np.flatnonzero(
                (material.folds != fold) & (material.counted | (not recipe.repaired))
            )
            begun = self._train(network, everything, extra, chosen, recipe, config, seed, fold)
            if name in self._named("mean_weights_of"):
                weights |= {f"begin_{fold}_{i}": w for i, w in enumerate(begun)}
                weights |= {
                    f"end_{fold}_{i}": w for i, w in enumerate(network.trained.get_weights())
                }
            judged = material.folds == fold
            if name in self._named("teachers"):
                judged = np.ones(len(labelled), dtype=bool)
            logits.append(self._judged(network, everything, judged))
        return {"logits": np.array(logits), **weights}

    def _network(self, config: Config) -> Network:
        beginning = start(config.backbone, config.weights, self._weights)
        with precision(config.precision):
            saved = build(config, beginning)
            return Network(saved, config, beginning, self._cache, self._screen)

    def _train(
        self,
        network: Network,
        everything: Examples,
        extra: Examples | None,
        chosen: np.ndarray,
        recipe: Recipe,
        config: Config,
        seed: int,
        fold: int,
    ) -> list[np.ndarray]:
        """Fit the head and then all that is not frozen, on the pictures chosen by int [n].

        Returns:
            The weights of the trained part when the head was fitted.
        """
        examples = [everything.examples[i] for i in chosen]
        embeddings = network.embeddings(everything)[chosen]
        inputs: Inputs = Subset(everything.inputs, chosen)
        targets = targets_of(examples)
        if recipe.teachers:
            said = [self._each_fold(name, seed)[fold][chosen] for name in recipe.teachers]
            targets = taught(targets, np.mean(said, axis=0)[:, None], config.taught)
        if extra is not None:
            examples = [*examples, *extra.examples]
            embeddings = np.concatenate([embeddings, network.embeddings(extra)])
            inputs = Joined(inputs, extra.inputs)
            targets = np.concatenate([targets, targets_of(extra.examples)])
        if config.head_epochs:
            fit_head(network.model, embeddings, examples, config)
        begun = network.trained.get_weights()
        weights = sampling_weights(examples, config)
        batches = Batches(inputs, examples, weights, config.batch_size, seed, targets)
        steps = round(config.epochs * len(batches))
        if not steps:
            return begun
        compile_model(network.trained, config, steps)
        doing = f"Fold {fold + 1} of {self.ladder.folds}"
        prepared = prefetched(batches.__getitem__, range(steps))
        for _ in self._screen.progress(range(steps), steps, doing):
            network.trained.train_on_batch(*next(prepared))
        with averaged(network.trained):
            averages = network.trained.get_weights()
        network.trained.set_weights(averages)
        return begun

    def _averaged(
        self, network: Network, everything: Examples, recipe: Recipe, seed: int
    ) -> dict[str, np.ndarray]:
        logits = []
        for fold in range(self.ladder.folds):
            members = []
            for name in recipe.mean_weights_of:
                self._each_fold(name, seed)
                with np.load(self._folder / f"{name}-{seed}.npz") as kept:
                    count = len(network.trained.get_weights())
                    begin, end = (
                        [kept[f"{when}_{fold}_{i}"] for i in range(count)]
                        for when in ("begin", "end")
                    )
                back = recipe.back_to_start
                members.append([back * b + (1 - back) * e for b, e in zip(begin, end, strict=True)])
            network.trained.set_weights(
                [np.mean(weights, axis=0) for weights in zip(*members, strict=True)]
            )
            logits.append(self._judged(network, everything, self.material.folds == fold))
        return {"logits": np.array(logits)}

    def _judged(self, network: Network, everything: Examples, judged: np.ndarray) -> np.ndarray:
        """Float64 [n], the logits of the pictures for which bool [n] is True; else nan."""
        logits = np.full(len(everything), np.nan)
        chosen = np.flatnonzero(judged)
        logits[chosen] = network.logits(everything, chosen)
        return logits

    def _named(self, field: str) -> set[str]:
        """The recipes that others name in this field, by way of means of logits, too."""
        named = {name for r in self.ladder.recipes.values() for name in getattr(r, field)}
        members = {m for name in named for m in self.ladder.recipes[name].mean_logit_of}
        return named | members


class Joined:
    """The inputs of some pictures, then those of others."""

    def __init__(self, first: Inputs, second: Inputs) -> None:
        """Take both."""
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """See `Inputs`."""
        first = chosen < len(self._first)
        found: np.ndarray | None = None
        parts = ((self._first, first, 0), (self._second, ~first, len(self._first)))
        for inputs, mine, offset in parts:
            if mine.any():
                drawn = inputs.batch(chosen[mine] - offset, random)
                if found is None:
                    found = np.empty((len(chosen), *drawn.shape[1:]), drawn.dtype)
                found[mine] = drawn
        assert found is not None
        return found
