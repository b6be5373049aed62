"""`memes data`: fetch or draw labelled pictures, prepare them for training, check their labels."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ..classifier import DEFAULT_MODEL, Classifier, percent
from ..errors import PictureError, SourceError, UsageError
from ..labels import LabelledPicture, read_labels
from ..names import printable
from .options import Model
from .output import Transfers, progress, tell
from .training import CACHE, Cache, need_keras, screen

if TYPE_CHECKING:
    import numpy as np

    from ..data.sources import Source

data = typer.Typer(
    name="data",
    help="Fetch or draw labelled pictures, prepare them for training, check their labels.",
    no_args_is_help=True,
)


@data.command()
def fetch(
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the originals.", show_default=False)
    ],
    only: Annotated[
        Optional[list[str]],
        typer.Option(metavar="SOURCE", help="Only this source; may be given again."),
    ] = None,
    manifest: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Another manifest than the shipped one."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Sources at a time.")] = 4,
    keep_archives: Annotated[
        bool, typer.Option("--keep-archives", help="Keep archives whose pictures are there.")
    ] = False,
) -> None:
    """Download the sources that the manifest pins; run again, it goes on.

    The pictures are third parties', for training and evaluation at home: do not publish them.
    """
    from ..data.fetching import fetch as fetch_sources
    from ..data.sources import SHIPPED_MANIFEST, chosen, read_manifest

    sources = chosen(read_manifest(manifest or SHIPPED_MANIFEST), only or [])
    missing = []
    with Transfers(len(sources), "Fetching") as transfers:

        def show(source: Source, done: int, total: int | None) -> None:
            transfers.moved(source.name, done, total)

        # Closed here, an interruption ends the downloads now and not when Python does.
        with closing(fetch_sources(sources, output, jobs, keep_archives, show)) as results:
            for fetched in results:
                transfers.ended(fetched.source.name)
                if not fetched.is_whole:
                    missing.append(fetched)
    for fetched in sorted(missing, key=lambda one: one.source.name):
        reason = fetched.error or (
            f"{fetched.missing} of its {fetched.missing + fetched.pictures} pictures are not there."
        )
        tell(printable(f"{fetched.source.name}: {reason}"))
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(sources)} sources are missing or not whole;"
            " run the same command again to try those that failed once more."
        )
    print(f"All {len(sources)} sources are in {printable(str(output))}.")


@data.command()
def prepare(
    raw: Annotated[
        Path,
        typer.Argument(
            metavar="RAW",
            exists=True,
            file_okay=False,
            help="Folder of originals, with a pictures.csv in it or in its folders.",
        ),
    ],
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the data.", show_default=False)
    ],
    side: Annotated[int, typer.Option(min=32, max=4096, help="Longest side in pixels.")] = 288,
    quality: Annotated[int, typer.Option(min=30, max=95, help="Quality of the JPEGs.")] = 90,
    min_side: Annotated[
        int, typer.Option(min=1, help="Originals with a shorter side are dropped.")
    ] = 64,
    val: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share for val of sources without a split.")
    ] = 0.1,
    test: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share for test of sources without a split.")
    ] = 0.1,
    per_source: Annotated[
        Optional[int], typer.Option(min=1, help="Most pictures of a source.")
    ] = None,
    per_kind: Annotated[
        Optional[int], typer.Option(min=1, help="Most pictures of a label and kind in a split.")
    ] = None,
    balance: Annotated[
        float,
        typer.Option(
            min=0, help="In train, most pictures of one label for one of the other; 0 for any."
        ),
    ] = 1.1,
    seed: Annotated[int, typer.Option(help="Of all draws.")] = 0,
    jobs: Annotated[
        Optional[int], typer.Option(min=1, max=256, help="Processes; by default one a core.")
    ] = None,
) -> None:
    """Make originals the data that training reads: cleaned, without copies, split by source.

    Interrupted and run again, it goes on. The folder also gets a data card with contact sheets.
    """
    from ..data.cleaning import Cleaning
    from ..data.preparing import prepare as prepare_data
    from ..data.selecting import Selection

    prepared = prepare_data(
        raw,
        output,
        Cleaning(side, quality, min_side),
        Selection(seed, val, test, per_source, per_kind, balance),
        jobs,
        lambda items, total: progress(items, total, "Cleaning", shown=True),
    )
    print(
        f"{len(prepared.pictures)} pictures are in {printable(str(output))};"
        f" {len(prepared.dropped)} were dropped, dropped.csv says why. See card.md."
    )


@data.command()
def check(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            exists=True,
            file_okay=False,
            help="Folder of index.csv and the labelled pictures.",
        ),
    ],
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the proposals.")] = Path(
        "runs/check"
    ),
    corrections: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Corrections so far; their pictures are done with."),
    ] = None,
    embeddings: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FILE.npz",
            help="Arrays paths and embeddings, in place of the shipped model's embeddings. That"
            " model was trained on these labels: with it, fewer wrong ones of train are found.",
        ),
    ] = None,
    backbone: Annotated[
        Optional[str],
        typer.Option(
            help="Embed by this backbone as ImageNet left it, which was trained on no label here;"
            " slower. Needs --weights."
        ),
    ] = None,
    weights: Annotated[
        Optional[Path], typer.Option(help="Folder of the pretrained backbones' weights.")
    ] = None,
    cache: Cache = CACHE,
    confidence: Annotated[
        float,
        typer.Option(min=0.5, max=1, help="Lowest probability of the other label to propose it."),
    ] = 0.9,
    folds: Annotated[int, typer.Option(min=2, max=50, help="Folds, of whole sources.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the draw of sources into folds.")] = 0,
    model: Model = DEFAULT_MODEL,
) -> None:
    """Find labels of train and val that may be wrong, for a person to decide.

    Changes no label: writes proposals.csv, to be edited and renamed to corrections.csv, which
    training reads, and proposals.html to look at the pictures. Test is left alone.
    """
    import numpy as np

    from ..corrections import corrected, read_corrections
    from ..data import audit
    from ..data.embeddings import read_embeddings, write_embeddings

    if (output / audit.PROPOSALS).exists():
        raise UsageError(audit.THERE_ALREADY.format(output / audit.PROPOSALS))
    index = read_labels(folder / "index.csv")
    pictures = [picture for picture in index if picture.split in ("train", "val")]
    decided = set()
    if corrections is not None:
        pictures = corrected(pictures, corrections, folder)
        decided = {folder / correction.path for correction in read_corrections(corrections)}
    if embeddings is not None:
        values = read_embeddings(embeddings, pictures, folder)
    else:
        if backbone is None:
            pictures, values = _embedded(pictures, Classifier(model))
        else:
            pictures, values = _pretrained(pictures, backbone, weights, cache)
        if not pictures:
            raise UsageError(f"{folder} has no readable picture of train or val.")
        write_embeddings(output / "embeddings.npz", pictures, values, folder)
    labels = np.array([picture.is_meme for picture in pictures])
    sources = [picture.source for picture in pictures]
    probabilities = audit.out_of_fold(values, labels, sources, folds, seed)
    found = audit.proposals(pictures, probabilities, confidence)
    found = [one for one in found if one.picture.path not in decided]
    audit.write_proposals(found, output, folder)
    agreeing = float(np.mean((probabilities >= 0.5) == labels))
    print(
        f"{len(found)} of {len(pictures)} labels may be wrong; out of fold, {percent(agreeing)}"
        f" agree. Look at {printable(str(output / audit.SHEET))} and decide in"
        f" {printable(str(output / audit.PROPOSALS))}."
    )


@data.command()
def draw(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="For the pictures.", show_default=False)
    ],
    count: Annotated[int, typer.Option(min=1, help="How many pictures.", show_default=False)],
    seed: Annotated[int, typer.Option(help="Of all draws.")] = 0,
    photos: Annotated[
        Optional[Path],
        typer.Option(
            metavar="DATA",
            help="Folder of prepared data; photos of its train split are put into some pictures.",
        ),
    ] = None,
) -> None:
    """Draw synthetic labelled pictures, such as chats, tickets and greetings; needs Chromium.

    Interrupted and run again, it goes on.
    """
    from ..data.drawing import draw as draw_pictures

    rows = draw_pictures(
        folder, count, seed, photos, lambda items, total: progress(items, total, "Drawing", True)
    )
    memes = sum(row["label"] == "meme" for row in rows)
    print(f"{len(rows)} pictures are in {printable(str(folder))}; {memes} are memes.")


def _pretrained(
    pictures: list[LabelledPicture], backbone: str, weights: Path | None, cache: Path
) -> tuple[list[LabelledPicture], np.ndarray]:
    if weights is None:
        raise UsageError("--backbone needs --weights, the folder of its pretrained weights.")
    need_keras()
    from ..training.embeddings import pretrained_embeddings

    return pretrained_embeddings(backbone, weights, pictures, cache, screen())


def _embedded(
    pictures: list[LabelledPicture], classifier: Classifier
) -> tuple[list[LabelledPicture], np.ndarray]:
    """The readable pictures and their embeddings; of the others the user is told."""
    import numpy as np

    from ..data.embeddings import embed

    readable, rows = [], []
    with closing(embed(pictures, classifier)) as outcomes:
        shown = progress(outcomes, len(pictures), "Embedding", shown=True)
        for picture, outcome in zip(pictures, shown, strict=True):
            if isinstance(outcome, PictureError):
                tell(f"{printable(str(picture.path))}: {outcome}")
            else:
                readable.append(picture)
                rows.append(outcome)
    return readable, np.array(rows)
