"""The page of an evaluation: HTML with plots and the worst mistakes that needs nothing beside it.

Needs the extra `evaluate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .classifier import Classifier, Thresholds, percent
from .errors import MissingExtra
from .evaluation import CALIBRATION_BINS, Scores, proportion, with_interval
from .page import templates, thumbnail

try:
    import numpy as np
    from markupsafe import Markup
    from matplotlib.ticker import PercentFormatter
    from scipy import stats
    from sklearn import metrics

    from .plots import BLUE, VERMILLION, svg
except ImportError as error:
    raise MissingExtra("A report", "evaluate") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURES = {
    "roc_auc": "area under the ROC curve",
    "average_precision": "average precision",
    "accuracy": "accuracy at probability 0.5",
    "log_loss": "log loss",
    "ece": "expected calibration error",
    "recall_at_fpr_0.01": "recall at 1 % false positive rate",
    "recall_at_fpr_0.002": "recall at 0.2 % false positive rate",
    "threshold": "threshold of the verdict meme",
}
"""Single figures of `evaluation.report`, as a person reads them."""

PICTURES_SHOWN = 24
"""Pictures on each of the two contact sheets."""

KINDS_DRAWN = 30
"""Kinds with a histogram of their own: the most frequent ones."""

UNREADABLE_NAMED = 50

_THUMBNAIL_SIDE = 320
_TEMPLATE = "evaluation_page.html"
_AT = ("at_0.5", "at_threshold", "meme_or_unsure")
_HISTOGRAM_BINS = 20
_LOWEST_RATE = 0.0005
"""Where the ROC curve's logarithmic axis begins; smaller rates, and none, are drawn there."""

_BOTH_LABELS = (("memes", True, VERMILLION), ("other pictures", False, BLUE))


@dataclass(frozen=True)
class _Plot:
    title: str
    drawing: Markup
    description: str
    counts: str = ""


@dataclass(frozen=True)
class _Mistake:
    thumbnail: str | None
    description: str
    probability: str
    verdict: str
    facts: str
    path: str


def page(scored: Scores, figures: dict[str, Any], classifier: Classifier, table: Path) -> str:
    """The report as HTML: figures, rates by kind and language, plots, and the worst mistakes.

    The page holds small copies of the pictures that it shows. Pictures that cannot be read any more
    get an empty frame.

    Args:
        scored: what the classifier gave.
        figures: of `evaluation.report`.
        classifier: the one that judged.
        table: the table of labels; pictures are named as below its folder.
    """
    thresholds = classifier.thresholds
    false_alarms, misses = _false_alarms(scored), _misses(scored)
    template = templates().get_template(_TEMPLATE)
    return template.render(
        version=__version__,
        model=classifier.identity,
        table=table.name,
        splits=sorted({example.split for example in scored.examples} - {""}),
        report=figures,
        thresholds=thresholds,
        figures=[(title, f"{figures[name]:.4f}") for name, title in FIGURES.items()],
        confusions=_confusions(scored),
        plots=[
            _roc(scored, figures),
            _precision_recall(scored, figures),
            _reliability(scored, figures),
        ],
        histograms=_histograms(scored, thresholds),
        more_kinds=max(0, len(figures["by_kind"]) - KINDS_DRAWN),
        rates=[
            ("Of the memes (recall, more is better)", _rates(figures, "recall")),
            (
                "Of the other pictures (false alarms, less is better)",
                _rates(figures, "false_alarm_rate"),
            ),
        ],
        sheets=[
            (
                "Worst false alarms",
                "Other pictures with the verdict meme or unsure",
                len(false_alarms),
                _shown(scored, false_alarms, table.parent),
            ),
            (
                "Worst misses",
                "Memes with the verdict not_meme or unsure",
                len(misses),
                _shown(scored, misses, table.parent),
            ),
        ],
        unreadable=[
            (_below(Path(finding.path), table.parent), finding.error or "This is not a picture.")
            for finding in scored.unreadable[:UNREADABLE_NAMED]
        ],
    )


def _confusions(scored: Scores) -> list[tuple[str, list[str], list[tuple[str, list[Any]]]]]:
    """Confusion matrices: title, columns, and for each label the counts with their shares."""
    likely = scored.probabilities >= 0.5
    verdicts = {
        "meme": scored.called_meme,
        "unsure": scored.called_unsure,
        "not_meme": ~scored.called_meme & ~scored.called_unsure,
    }
    matrices = []
    for title, called in (
        ("Confusion at probability 0.5", {"meme": likely, "not_meme": ~likely}),
        ("Confusion by verdict", verdicts),
    ):
        rows = []
        for label, labelled in (("meme", scored.is_meme), ("not_meme", ~scored.is_meme)):
            counts = [int((labelled & mine).sum()) for mine in called.values()]
            rows.append((label, [(count, count / int(labelled.sum())) for count in counts]))
        matrices.append((title, list(called), rows))
    return matrices


def _rates(
    figures: dict[str, Any], rate: str
) -> list[tuple[str, list[tuple[str, list[dict[str, Any]]]]]]:
    """Rates by group of groups: `[(title, [(group, [proportion, ...])])]`; no title holds none."""
    groups = {
        "": {"all": figures["overall"]},
        "By kind": figures["by_kind"],
        "By language": figures["by_language"],
    }
    tables = []
    for title, rates_of in groups.items():
        rows = [
            (group, [{**rates[rate][at], "text": with_interval(rates[rate][at])} for at in _AT])
            for group, rates in rates_of.items()
            if rate in rates
        ]
        if rows:
            tables.append((title, rows))
    return tables


def _false_alarms(scored: Scores) -> list[int]:
    """Places of the other pictures called meme or unsure; the verdict meme is the worse one."""
    wrong = ~scored.is_meme & (scored.called_meme | scored.called_unsure)
    return sorted(
        np.flatnonzero(wrong).tolist(),
        key=lambda i: (not scored.called_meme[i], -scored.probabilities[i]),
    )


def _misses(scored: Scores) -> list[int]:
    """Places of the memes not called meme, the least probable first."""
    wrong = scored.is_meme & ~scored.called_meme
    return sorted(np.flatnonzero(wrong).tolist(), key=lambda i: scored.probabilities[i])


def _shown(scored: Scores, places: Sequence[int], folder: Path) -> list[_Mistake]:
    mistakes = []
    for i in places[:PICTURES_SHOWN]:
        example = scored.examples[i]
        verdict = "unsure" if scored.called_unsure[i] else "not_meme"
        mistakes.append(
            _Mistake(
                thumbnail=thumbnail(example.path, _THUMBNAIL_SIDE),
                description=f"A {example.label} picture: {example.path.name}",
                probability=percent(scored.probabilities[i]),
                verdict="meme" if scored.called_meme[i] else verdict,
                facts=" · ".join(filter(None, (example.kind, example.language, example.source))),
                path=_below(example.path, folder),
            )
        )
    return mistakes


def _below(path: Path, folder: Path) -> str:
    """A path as the table of labels names it."""
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _roc(scored: Scores, figures: dict[str, Any]) -> _Plot:
    rate, recall, _ = metrics.roc_curve(scored.is_meme, scored.probabilities)

    def draw(axes: Axes) -> None:
        axes.set(
            xscale="log",
            xlim=(_LOWEST_RATE, 1),
            xlabel="false positive rate, % (logarithmic)",
            ylim=(0, 1.02),
            ylabel="recall, %",
        )
        ticks = (0.001, 0.002, 0.01, 0.1, 1)
        axes.set_xticks(ticks, [f"{100 * tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
        _in_percent(axes, "y")
        axes.plot(np.maximum(rate, _LOWEST_RATE), recall, color=VERMILLION, clip_on=False)
        chance = np.geomspace(_LOWEST_RATE, 1)
        axes.plot(chance, chance, color=BLUE, linestyle=":", label="chance")
        _mark(axes, figures, lambda found, alarms: (max(alarms["rate"], _LOWEST_RATE), found))
        axes.legend(loc="lower left", bbox_to_anchor=(0.04, 0.02))

    return _Plot(
        "ROC curve",
        _drawn(draw),
        f"ROC curve with an area of {figures['roc_auc']:.3f} below it. Recall is"
        f" {percent(figures['recall_at_fpr_0.01'])} at 1 % false positive rate and"
        f" {percent(figures['recall_at_fpr_0.002'])} at 0.2 %.",
    )


def _precision_recall(scored: Scores, figures: dict[str, Any]) -> _Plot:
    precision, recall, _ = metrics.precision_recall_curve(scored.is_meme, scored.probabilities)
    share = figures["memes"] / figures["pictures"]

    def draw(axes: Axes) -> None:
        axes.set(xlim=(0, 1.02), xlabel="recall, %", ylim=(0, 1.02), ylabel="precision, %")
        _in_percent(axes, "x")
        _in_percent(axes, "y")
        axes.plot(recall, precision, color=VERMILLION)
        axes.axhline(share, color=BLUE, linestyle=":", label="chance")
        memes = figures["memes"]
        _mark(
            axes,
            figures,
            lambda found, alarms: (found, found * memes / (found * memes + alarms["called"])),
        )
        axes.legend(loc="lower left")

    return _Plot(
        "Precision and recall",
        _drawn(draw),
        f"Precision against recall, with an average precision of"
        f" {figures['average_precision']:.3f}; {percent(share)} of the pictures are memes.",
    )


def _mark(
    axes: Axes,
    figures: dict[str, Any],
    place: Callable[[float, dict[str, float]], tuple[float, float]],
) -> None:
    """Mark on a curve where the verdicts stand, if they call anything a meme."""
    overall = figures["overall"]
    for at, marker, label in zip(
        _AT, "osD", ("probability 0.5", "verdict meme", "meme or unsure"), strict=True
    ):
        recall, alarms = overall["recall"][at], overall["false_alarm_rate"][at]
        if recall["called"] + alarms["called"]:
            x, y = place(recall["rate"], alarms)
            axes.plot(
                x, y, marker, color=VERMILLION, markerfacecolor="none", label=label, clip_on=False
            )


def _reliability(scored: Scores, figures: dict[str, Any]) -> _Plot:
    bins = stats.binned_statistic(
        scored.probabilities, scored.probabilities, "mean", CALIBRATION_BINS, range=(0, 1)
    )
    filled = np.unique(bins.binnumber)
    rates = [proportion(scored.is_meme[bins.binnumber == i]) for i in filled]

    def draw(axes: Axes) -> None:
        axes.set(
            xlim=(0, 1),
            xlabel="mean probability in the bin, %",
            ylim=(0, 1),
            ylabel="memes in the bin, %",
        )
        _in_percent(axes, "x")
        _in_percent(axes, "y")
        axes.plot([0, 1], [0, 1], color=BLUE, linestyle=":", label="calibrated")
        frequency = np.array([rate["rate"] for rate in rates])
        below = frequency - [rate["low"] for rate in rates]
        above = [rate["high"] for rate in rates] - frequency
        axes.errorbar(
            bins.statistic[filled - 1],
            frequency,
            np.maximum([below, above], 0),
            color=VERMILLION,
            marker="o",
            markersize=4,
            capsize=2,
            clip_on=False,
            label="measured, 95 % interval",
        )
        axes.legend(loc="upper left")

    return _Plot(
        "Reliability",
        _drawn(draw),
        f"Frequency of memes against the probability, in {CALIBRATION_BINS} bins of equal width;"
        f" the expected calibration error is {figures['ece']:.3f}.",
    )


def _histograms(scored: Scores, thresholds: Thresholds) -> list[_Plot]:
    kinds = np.array([example.kind for example in scored.examples])
    frequent = Counter(kind for kind in kinds.tolist() if kind).most_common(KINDS_DRAWN)
    groups = [("all", np.ones(len(kinds), dtype=bool))]
    groups += [(kind, kinds == kind) for kind, _ in frequent]
    return [_histogram(kind, scored, chosen, thresholds) for kind, chosen in groups]


def _histogram(kind: str, scored: Scores, chosen: np.ndarray, thresholds: Thresholds) -> _Plot:
    here = {
        name: scored.probabilities[chosen & (scored.is_meme == label)]
        for name, label, _ in _BOTH_LABELS
    }

    def draw(axes: Axes) -> None:
        axes.set(xlim=(0, 1), xlabel="probability, %", yscale="log", ylabel="pictures")
        _in_percent(axes, "x")
        for name, _, colour in _BOTH_LABELS:
            counts, edges = np.histogram(here[name], _HISTOGRAM_BINS, range=(0, 1))
            if counts.any():
                axes.stairs(counts, edges, baseline=0.5, color=colour, fill=True, alpha=0.45)
                axes.stairs(counts, edges, baseline=0.5, color=colour, linewidth=1.2)
        axes.set_ylim(bottom=0.5, top=max(20, axes.get_ylim()[1]))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_yticks([], minor=True)
        for threshold in (thresholds.meme, thresholds.unsure):
            axes.axvline(threshold, color=axes.spines["left"].get_edgecolor(), linestyle="--")

    told = ", ".join(f"{len(values)} {name}" for name, values in here.items() if len(values))
    above = ", ".join(
        f"{int((values >= thresholds.meme).sum())} {name}"
        for name, values in here.items()
        if len(values)
    )
    return _Plot(
        kind,
        _drawn(draw, width=3, height=1.9),
        f"Histogram of the probabilities of kind {kind}: {told}; from the threshold of the verdict"
        f" meme on: {above}.",
        counts=told,
    )


def _drawn(draw: Callable[[Axes], None], width: float = 4.2, height: float = 3.4) -> Markup:
    def on_figure(figure: Figure) -> None:
        draw(figure.subplots())

    return Markup(svg(on_figure, width, height))


def _in_percent(axes: Axes, axis: str) -> None:
    axes.set(**{f"{axis}ticks": np.linspace(0, 1, 6)})
    getattr(axes, f"{axis}axis").set_major_formatter(PercentFormatter(1, 0, symbol=""))
