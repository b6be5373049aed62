"""The configuration of an experiment: every hyper-parameter, checked, from a TOML file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


WHOLE = "backbone"
"""For `Config.frozen_to`: the last layer of the backbone."""


class Config(BaseModel):
    """Hyper-parameters of one training."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    backbone: str = "efficientnet_lite0"
    """Which network computes the features: `vgg16`, `vgg19`, `resnet50`, `inception_v3`,
    `mobilenet_v2`, `efficientnet_lite0` or `efficientnet_lite2`."""

    weights: Literal["files", "imagenet"] = "files"
    """Where it starts: files of the folder `--weights`, or the original ones by a download."""

    size: int = Field(default=0, ge=0, le=600)
    """Side of the square input in pixels; 0 is what the backbone was trained at."""

    frozen_to: str = ""
    """The last layer that stays as it starts, by name; empty freezes none, `backbone` all of it."""

    cache_frozen: bool = False
    """Compute the frozen layers once for each picture instead of in every step."""

    views: int = Field(default=1, ge=1, le=16)
    """With `cache_frozen`, how many views of each picture are computed once: the first is plain,
    the others are augmented, so that 1 is without augmentation and drawn text."""

    batch_norm: Literal["frozen", "trained"] = "frozen"
    """Whether batch normalisation stays as it starts: small batches spoil its statistics."""

    pooling: Literal["mean", "lse"] = "mean"
    """How the logits of all places become one: their mean, or log-sum-exp, which a few strong
    places decide (Pinheiro and Collobert, arXiv 1411.6228)."""

    top_layers: tuple[int, ...] = ()
    """Units of the dense layers with ReLU between the embedding and the logit."""

    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the embedding, and of each top layer, that a step leaves out."""

    head_epochs: int = Field(default=30, ge=0)
    """Passes in which the head alone is fitted on embeddings of whole pictures, computed once."""

    head_learning_rate: float = Field(default=1e-3, gt=0)
    """Adam's rate in those passes."""

    epochs: float = Field(default=2.0, gt=0)
    """Passes of fine-tuning, over as many pictures as train has; parts of a pass are allowed."""

    batch_size: int = Field(default=64, ge=1)
    """Pictures of one step."""

    accumulation: int = Field(default=1, ge=1)
    """Steps whose gradients are averaged before the weights move, for batches beyond the memory."""

    optimizer: Literal["adam", "adamw", "adamax", "nadam", "rmsprop", "sgd"] = "adamw"
    """By its name in Keras."""

    learning_rate: float = Field(default=2e-4, gt=0)
    """Its peak; high rates forget what ImageNet taught of ordinary pictures."""

    schedule: Literal["cosine", "constant"] = "cosine"
    """What the rate does after the warm-up: falls to 0 along a cosine, or stays."""

    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of all steps in which the rate rises from 0."""

    weight_decay: float = Field(default=0.01, ge=0)
    """Of all trained weights, decoupled from the gradient (arXiv 1711.05101); 0 is none."""

    label_smoothing: float = Field(default=0.02, ge=0, lt=1)
    """About the share of wrong labels among the memes."""

    focal_gamma: float = Field(default=0.0, ge=0, le=5)
    """How much less well-told pictures count (focal loss, arXiv 1708.02002); 0 is the log loss."""

    taught: float = Field(default=0.5, ge=0, le=1)
    """The teachers' share of the labels, if there are teachers."""

    ema_momentum: float = Field(default=0.995, ge=0, lt=1)
    """Of the exponential moving average that stands in for the weights; 0 is none."""

    balance_labels: bool = True
    """Draw memes and other pictures equally often."""

    balance_kinds: float = Field(default=0.5, ge=0, le=1)
    """Within a label a picture is drawn by (pictures of its kind) to the minus this."""

    balance_sources: float = Field(default=0.25, ge=0, le=1)
    """And by (pictures of its source) to the minus this."""

    extra_share: float = Field(default=0.1, ge=0, lt=1)
    """Of all draws, the share of the extra pictures, if there are any."""

    augmentation: float = Field(default=1.0, ge=0, le=2)
    """Strength of crops, mirroring, recompression and colours; 0 is the plain picture."""

    captioned: float = Field(default=0.0, ge=0, lt=1)
    """Of the memes, the share that is drawn instead: other photos with a meme's caption."""

    lettered: float = Field(default=0.0, ge=0, lt=1)
    """Of the photos that are no memes, the share that gets text which makes no meme."""

    cut_out: float = Field(default=0.0, ge=0, lt=1)
    """Of the pages that are no memes, as documents, screens and charts, the share of which a part
    alone is seen."""

    fonts: str = "/usr/share/fonts"
    """Folder of the fonts for drawn text."""

    patience: int = Field(default=3, ge=0)
    """Stop after so many evaluations without a lower log loss on val; 0 never stops early."""

    evaluate_steps: int = Field(default=0, ge=0)
    """Steps between evaluations on val; 0 is one evaluation a pass."""

    checkpoint_steps: int = Field(default=100, ge=1)
    """Steps after which a stopped training can go on at the latest."""

    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    """What the layers compute in; the weights stay float32."""

    train_pictures: int = Field(default=0, ge=0)
    """Train on so many pictures only, drawn by the seed; 0 is all."""

    seed: int = Field(default=4, ge=0)
    """Of all randomness."""


def read_config(file: Path | None, changes: Sequence[str] = ()) -> Config:
    """Read a configuration.

    Args:
        file: a TOML file with fields of `Config`; without it all have their defaults.
        changes: such as `dropout=0.5` or `top_layers=[64]`; each value as in TOML, or a bare word.

    Raises:
        UsageError: the file is missing or no TOML, or a field is unknown or out of its range.
    """
    values = read_toml(file) if file is not None else {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise UsageError(f"{change!r} sets nothing; write it as FIELD=VALUE.")
        values[name.strip()] = _value(value.strip())
    return checked(values, shown=str(file) if file else "the configuration")


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The configuration {file} cannot be read; name a TOML file.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The configuration {file} is no valid TOML: {error}.") from error


def checked(values: dict[str, Any], shown: str) -> Config:
    """A configuration of these fields.

    Raises:
        UsageError: a field is unknown or out of its range; `shown` names where it stands.
    """
    try:
        return Config(**values)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            known = ", ".join(Config.model_fields)
            raise UsageError(f"{shown} has no field {field!r}; the fields are {known}.") from error
        raise UsageError(f"{field} in {shown}: {problem['msg']}.") from error


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
