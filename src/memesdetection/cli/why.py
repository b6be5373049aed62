"""`memes why`: one picture's verdict, and where in the picture the meme is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import gallery, pictures
from ..classifier import DEFAULT_MODEL, Classifier, percent
from ..errors import OutputError, UsageError
from ..heatmap import is_heat_map, overlay, save
from ..learning import learn
from ..marks import read_marks
from ..moving import LONGEST_NAME, free_name
from ..names import printable
from .options import Model


def why(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The picture.")],
    output: Annotated[
        Optional[Path],
        typer.Option(
            "--output", "-o", help="Where the heat map goes, PNG; by default NAME.why.png, here."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace the output where it is there already.")
    ] = False,
    model: Model = DEFAULT_MODEL,
) -> None:
    """Say why a picture has its verdict, and lay the heat map over it as a PNG."""
    target = output or _default_target(file)
    if os.path.exists(target):
        if target.samefile(file):
            raise UsageError(f"{target} is the picture itself; name another file with -o.")
        if not force:
            raise OutputError(f"{target} is there already; name another with -o, or use --force.")
        if pictures.sniff(pictures.read_head(target)) and not is_heat_map(target):
            raise UsageError(f"{target} is a picture of yours; name another file with -o.")
    classifier = Classifier(model)
    content = pictures.read(file)
    picture = classifier.decode(content)
    outputs = classifier.run(picture)
    influence = None
    if likeness := learn(classifier):
        (influence,) = likeness.influences([outputs.kept_embedding])
    judgement = gallery.judgement(
        hashlib.sha256(content).hexdigest(),
        outputs.probability,
        picture.from_camera,
        classifier.thresholds,
        read_marks(),
        influence,
    )
    shown = overlay(pictures.decode_whole(content), outputs.heat_map)
    try:
        save(shown, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error
    print(f"{judgement.verdict}, {percent(judgement.probability)}: {printable(str(file))}")
    print(judgement.reason)
    print(f"Where: {printable(str(target))}")


def _default_target(file: Path) -> Path:
    """In the current folder, with a name that file systems take however long the picture's is."""
    fitting = free_name(f"{file.stem}.png", lambda _: False, longest=LONGEST_NAME - len(".why"))
    return Path(fitting).with_suffix(".why.png")
