"""The network: a backbone with its head, cut where its frozen layers end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ..errors import UsageError
from ..labels import LabelledPicture
from .backbones import Start, feature_extractor
from .cache import Pixels, digest, features, prefetched
from .config import WHOLE, Config
from .dataset import FeatureInputs, Inputs, PixelInputs, TwinnedInputs
from .run import Predictions
from .screen import Screen
from .twins import Twins

_PREDICTED_AT_ONCE = 64


def build(config: Config, beginning: Start) -> keras.Model:
    """A classifier from uint8 pixels [N, size, size, 3] to the meme logit, float32 [N, 1].

    Its last layers: `embedding` (the mean of the feature map), `dropout`, for each top layer
    `top_1`, `top_1_dropout` and so on, and `logit`.
    """
    extractor = feature_extractor(beginning, config.size)
    x = layers.GlobalAveragePooling2D(name="embedding")(extractor.output)
    x = layers.Dropout(config.dropout, name="dropout")(x)
    for number, units in enumerate(config.top_layers, 1):
        x = layers.Dense(units, activation="relu", name=f"top_{number}")(x)
        x = layers.Dropout(config.dropout, name=f"top_{number}_dropout")(x)
    # In float32 whatever the rest computes in: a sum of losses needs the digits.
    head = layers.Dense(1, dtype="float32", name="logit")
    logit = head(x)
    if config.pooling == "lse":
        if config.top_layers:
            raise UsageError("pooling = lse needs a head without top_layers; leave these out.")
        places = head(extractor.output)
        strongest = keras.ops.logsumexp(places, axis=(1, 2)) - math.log(math.prod(places.shape[1:]))
        logit = logit + strongest - keras.ops.mean(places, axis=(1, 2))
    model = keras.Model(extractor.input, logit, name=config.backbone)
    for layer in _layers_until(model, frozen_to(config, beginning)):
        layer.trainable = False
    if config.batch_norm == "frozen":
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.trainable = False
    return model


def frozen_to(config: Config, beginning: Start) -> str:
    """The name of the last frozen layer, empty if there is none."""
    return beginning.backbone.features if config.frozen_to == WHOLE else config.frozen_to


@dataclass(frozen=True)
class Examples:
    """Labelled pictures with what the trained part of a network reads of each."""

    examples: list[LabelledPicture]
    inputs: Inputs
    pixels: Pixels
    key: str

    def __len__(self) -> int:
        return len(self.examples)

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """See `Inputs`."""
        return self.inputs.batch(chosen, random)


class Network:
    """A classifier, cut in two where its frozen layers end if their outputs are cached.

    Attributes:
        saved: the whole, from pixels to the logit, in float32 and without an optimizer.
        model: the same in the precision of the training.
        trained: the part of `model` that training runs, which shares its layers.
    """

    def __init__(
        self, saved: keras.Model, config: Config, beginning: Start, cache: Path, screen: Screen
    ) -> None:
        """Cut a model that `build` made.

        Raises:
            UsageError: the configuration names no layer to cut at, or one that cannot be.
        """
        self.saved, self.model = saved, build(config, beginning)
        self.trained = self.model
        self._cut, self._entry = "", self.model.input
        self._config, self._cache, self._screen = config, cache, screen
        self._size = saved.input_shape[1]
        self._frozen: keras.Model | None = None
        if config.cache_frozen:
            if not config.frozen_to:
                raise UsageError("cache_frozen needs frozen_to, the last layer that is frozen.")
            self._cut = frozen_to(config, beginning)
            self._entry = self.model.get_layer(self._cut).output
            try:
                self.trained = keras.Model(self._entry, self.model.output)
            except ValueError as error:
                raise UsageError(
                    f"A connection of {config.backbone} goes past {self._cut}, so the layers up to"
                    " it cannot be cached; choose another frozen_to, such as the end of a block."
                ) from error
            self._frozen = keras.Model(self.model.input, self._entry)
            if beginning.equal is not None and self._cut == beginning.equal_until:
                quicker = feature_extractor(beginning.equal, config.size)
                self._frozen = keras.Model(quicker.input, quicker.get_layer(self._cut).output)

    def best_so_far(self) -> keras.Model:
        """`saved` with the weights that `model` has now."""
        self.saved.set_weights(self.model.get_weights())
        return self.saved

    def inputs(
        self,
        examples: Sequence[LabelledPicture],
        augmented: bool = False,
        folds: np.ndarray | None = None,
    ) -> Examples:
        """Decode the pictures, and compute the frozen layers if these are cached.

        Args:
            examples: the pictures, n of them; of those that cannot be read the user is told.
            augmented: they serve for training.
            folds: int [n], where they are of several; see `TwinnedInputs`.
        """
        strength = self._config.augmentation if augmented else 0.0
        size = None if augmented else self._size
        pixels = Pixels(examples, size, self._cache, self._screen)
        for path, error in pixels.unreadable:
            self._screen.tell(f"{path}: {error} It is left out.")
        inputs = self._pixel_inputs(pixels, strength, folds)
        key = digest(pixels.key, self._size, 0.0)
        if isinstance(inputs, TwinnedInputs) and folds is not None:
            key = digest(key, folds.tobytes())
        if self._frozen is not None:
            views = self._config.views if strength else 1
            inputs = FeatureInputs([self._view(inputs, v, key, strength) for v in range(views)])
        return Examples(pixels.examples, inputs, pixels, key)

    def _pixel_inputs(self, pixels: Pixels, strength: float, folds: np.ndarray | None) -> Inputs:
        shares = self._config.captioned, self._config.lettered
        cut = self._config.cut_out if strength else 0.0
        if not strength or not any(shares):
            return PixelInputs(pixels, self._size, strength, cut)
        twins = Twins(Path(self._config.fonts))
        return TwinnedInputs(pixels, self._size, strength, twins, shares, folds, cut)

    def _view(self, pixels: Inputs, number: int, key: str, strength: float) -> np.ndarray:
        """The frozen layers' outputs; view 0 is plain, the others are augmented."""

        def batch(chosen: np.ndarray) -> np.ndarray:
            seed = [self._config.seed, 2, number, int(chosen[0])]
            return pixels.batch(chosen, np.random.default_rng(seed) if number else None)

        assert self._frozen is not None
        drawn, cut = (self._config.captioned, self._config.lettered), self._config.cut_out
        others = (*(drawn if any(drawn) else ()), *((cut,) if cut else ()))
        seed = (self._config.seed, number, strength, *others)
        key = digest(key, seed if number else 0, self._cut)
        return features(self._frozen, batch, len(pixels), key, self._cache, self._screen)

    def embeddings(self, examples: Examples) -> np.ndarray:
        """Float16 [n, channels], of plain pictures, computed once for these weights."""
        embed = keras.Model(self._entry, self.model.get_layer("embedding").output)
        key = digest(examples.key, "embedding", self._cut)
        return features(
            embed,
            lambda chosen: examples.batch(chosen, None),
            len(examples),
            key,
            self._cache,
            self._screen,
        )

    def logits(self, examples: Examples, chosen: np.ndarray) -> np.ndarray:
        """Float64 [n], of the plain pictures chosen by int [n]."""
        parts = [
            chosen[i : i + _PREDICTED_AT_ONCE] for i in range(0, len(chosen), _PREDICTED_AT_ONCE)
        ]
        inputs = prefetched(lambda part: examples.batch(part, None), parts)
        shown = self._screen.progress(range(len(parts)), len(parts), "Evaluating")
        outputs = [self.trained.predict_on_batch(next(inputs))[:, 0] for _ in shown]
        return np.concatenate(outputs).astype(np.float64)

    def predictions(self, examples: Examples, chosen: np.ndarray | None = None) -> Predictions:
        """Labels and logits of the plain pictures, all or those chosen by int [n]."""
        if chosen is None:
            chosen = np.arange(len(examples))
        mine = [examples.examples[i] for i in chosen]
        return Predictions(mine, self.logits(examples, chosen))


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Let the layers built meanwhile compute in this precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _layers_until(model: keras.Model, last: str) -> list[keras.Layer]:
    if not last:
        return []
    if last not in {layer.name for layer in model.layers}:
        names = ", ".join(layer.name for layer in model.layers if layer.weights)
        raise UsageError(f"{model.name} has no layer {last!r} to freeze to; it has {names}.")
    return keras.Model(model.input, model.get_layer(last).output).layers
