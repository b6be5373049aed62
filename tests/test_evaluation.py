"""The figures of an evaluation, against figures worked out by hand."""

from __future__ import annotations

import json
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memesdetection.classifier import Thresholds
from memesdetection.errors import UsageError
from memesdetection.evaluation import Scores, expected_calibration_error, report, scores
from memesdetection.gallery import Finding
from memesdetection.labels import LabelledPicture

MEMES = (0.9, 0.8, 0.6, 0.3)
OTHERS = (0.7, 0.4, 0.2, 0.1)
THRESHOLDS = Thresholds(meme=0.75, unsure=0.35)


def scored(
    memes: tuple[float, ...] = MEMES,
    others: tuple[float, ...] = OTHERS,
    kinds: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    by_camera: tuple[int, ...] = (),
) -> Scores:
    """Scores of a model that gave these probabilities."""
    examples, findings = [], []
    for index, probability in enumerate((*memes, *others)):
        examples.append(
            LabelledPicture(
                Path(f"{index}.jpg"),
                "meme" if index < len(memes) else "not_meme",
                kind=kinds[index] if kinds else "",
                language=languages[index] if languages else "",
            )
        )
        findings.append(finding(probability, from_camera=index in by_camera))
    return scores(examples, findings)


def finding(probability: float | None, from_camera: bool = False) -> Finding:
    verdict, error = None, "The file is empty."
    if probability is not None:
        verdict, error = THRESHOLDS.judge(probability, from_camera).verdict, None
    return Finding(
        path="a.jpg",
        verdict=verdict,
        probability=probability,
        reason=None,
        bytes=1,
        width=1,
        height=1,
        format="JPEG",
        sha256=None,
        model="hand",
        error=error,
    )


@pytest.mark.parametrize(
    ("figure", "by_hand"),
    [
        ("pictures", 8),
        ("memes", 4),
        ("unreadable", 0),
        ("threshold", 0.75),
        ("accuracy", 6 / 8),
        ("log_loss", -sum(map(log, (0.9, 0.8, 0.6, 0.3, 0.3, 0.6, 0.8, 0.9))) / 8),
        # Of the 16 pairs of a meme and another picture, the meme is ahead in 4 + 4 + 3 + 2.
        ("roc_auc", 13 / 16),
        # The precision where each meme comes in the ranking.
        ("average_precision", (1 / 1 + 2 / 2 + 3 / 4 + 4 / 6) / 4),
        # With no false alarm at all, the memes above 0.7.
        ("recall_at_fpr_0.01", 2 / 4),
        ("recall_at_fpr_0.002", 2 / 4),
        # Each picture is alone in its bin.
        ("ece", (0.1 + 0.2 + 0.4 + 0.7 + 0.7 + 0.4 + 0.2 + 0.1) / 8),
    ],
)
def test_figures_are_those_worked_out_by_hand(figure: str, by_hand: float) -> None:
    assert report(scored(), threshold=0.75)[figure] == pytest.approx(by_hand)


def test_recall_is_found_at_the_share_of_false_alarms_allowed() -> None:
    others = tuple(np.linspace(0.5, 0.001, 1000))
    above_all, behind_2, behind_10, behind_all = 0.9, 0.4993, 0.4953, 0.0001
    assert others[1] > behind_2 > others[2]
    assert others[9] > behind_10 > others[10]
    memes = (*[above_all] * 3, *[behind_2] * 3, *[behind_10] * 2, *[behind_all] * 2)
    figures = report(scored(memes, others), threshold=0.75)
    assert figures["recall_at_fpr_0.002"] == pytest.approx(6 / 10)
    assert figures["recall_at_fpr_0.01"] == pytest.approx(8 / 10)


@pytest.mark.parametrize(
    ("probabilities", "labels", "error"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1), 0),
        ((1, 1, 0, 0), (0, 0, 1, 1), 1),
        ((0.5, 0.5, 0.5, 0.5), (0, 0, 1, 1), 0),
        ((0.5, 0.5, 0.5, 0.5), (1, 1, 1, 1), 0.5),
        # Together in the middle one of 15 bins: their mean is 0.515, the frequency 0.5.
        ((0.5, 0.51, 0.52, 0.53), (1, 0, 1, 0), 0.015),
        # In two bins, 3 pictures 0.1 too high and 1 picture 0.1 too low.
        ((0.1, 0.1, 0.1, 0.9), (0, 0, 0, 1), 0.1),
    ],
)
def test_calibration_error_is_the_distance_of_probability_and_frequency(
    probabilities: tuple[float, ...], labels: tuple[int, ...], error: float
) -> None:
    measured = expected_calibration_error(np.array(labels, dtype=bool), np.array(probabilities))
    assert measured == pytest.approx(error)


def test_rates_count_what_the_verdict_says_and_what_0_5_would() -> None:
    # Memes are 2 called memes, 1 unsure, 1 neither; the others 2 unsure and 2 neither.
    overall = report(scored(), threshold=0.75)["overall"]
    assert counts(overall["recall"]) == {"at_0.5": 3, "at_threshold": 2, "meme_or_unsure": 3}
    assert counts(overall["false_alarm_rate"]) == {
        "at_0.5": 1,
        "at_threshold": 0,
        "meme_or_unsure": 2,
    }


def test_a_photo_by_a_camera_counts_as_unsure_however_probable() -> None:
    overall = report(scored(others=(0.99, 0.1), by_camera=(4,)), threshold=0.75)["overall"]
    assert counts(overall["false_alarm_rate"]) == {
        "at_0.5": 1,
        "at_threshold": 0,
        "meme_or_unsure": 1,
    }


def counts(rates: dict[str, Any]) -> dict[str, int]:
    return {name: proportion["called"] for name, proportion in rates.items()}


@pytest.mark.parametrize(
    ("called", "total", "low", "high"),
    [
        # Wilson's interval by hand, with z = 1.95996.
        (0, 10, 0.0, 0.27753),
        (5, 10, 0.23659, 0.76341),
        (10, 10, 0.72247, 1.0),
        (0, 1000, 0.0, 0.0038268),
        (1, 4, 0.045587, 0.699358),
    ],
)
def test_an_interval_is_that_of_wilson_and_holds_the_rate(
    called: int, total: int, low: float, high: float
) -> None:
    others = (0.9,) * called + (0.1,) * (total - called)
    rate = report(scored(others=others), 0.75)["overall"]["false_alarm_rate"]["at_threshold"]
    assert (rate["count"], rate["called"], rate["rate"]) == (total, called, called / total)
    assert rate["low"] == pytest.approx(low, abs=1e-5)
    assert rate["high"] == pytest.approx(high, abs=1e-5)
    assert rate["low"] <= rate["rate"] <= rate["high"]


def test_kinds_are_counted_apart_and_one_kind_may_have_both_labels() -> None:
    kinds = ("chat", "chat", "macro", "macro", "chat", "people", "people", "")
    by_kind = report(scored(kinds=kinds), threshold=0.75)["by_kind"]
    assert by_kind.keys() == {"chat", "macro", "people"}
    assert by_kind["chat"].keys() == {"recall", "false_alarm_rate"}
    assert by_kind["macro"].keys() == {"recall"}
    assert by_kind["people"].keys() == {"false_alarm_rate"}
    assert by_kind["chat"]["recall"]["at_0.5"]["count"] == 2
    assert by_kind["chat"]["recall"]["at_0.5"]["called"] == 2
    assert by_kind["chat"]["false_alarm_rate"]["at_0.5"]["count"] == 1
    assert by_kind["chat"]["false_alarm_rate"]["at_0.5"]["called"] == 1


def test_a_picture_counts_in_each_of_its_languages() -> None:
    languages = ("en", "en,hi", "hi", "", "en", "pl", "", "")
    by_language = report(scored(languages=languages), threshold=0.75)["by_language"]
    assert by_language.keys() == {"en", "hi", "pl"}
    assert by_language["en"]["recall"]["at_0.5"]["count"] == 2
    assert by_language["hi"]["recall"]["at_0.5"]["count"] == 2
    assert by_language["en"]["false_alarm_rate"]["at_0.5"]["count"] == 1
    assert by_language["pl"].keys() == {"false_alarm_rate"}


def test_a_report_is_json() -> None:
    figures = report(scored(), threshold=0.75)
    assert json.loads(json.dumps(figures)) == figures


def test_an_unreadable_picture_is_counted_and_left_out_of_the_figures() -> None:
    examples = [LabelledPicture(Path(f"{i}.jpg"), label) for i, label in enumerate(("meme",) * 3)]
    examples.append(LabelledPicture(Path("3.jpg"), "not_meme"))
    judged = scores(examples, [finding(0.9), finding(None), finding(0.8), finding(0.1)])
    assert [example.path.name for example in judged.examples] == ["0.jpg", "2.jpg", "3.jpg"]
    figures = report(judged, threshold=0.75)
    assert (figures["pictures"], figures["memes"], figures["unreadable"]) == (3, 2, 1)
    assert figures["accuracy"] == 1


@pytest.mark.parametrize("readable", [(0.9, 0.8, None), (None, None, 0.1), (None, None, None)])
def test_one_label_alone_cannot_be_evaluated(readable: tuple[float | None, ...]) -> None:
    labels = ("meme", "meme", "not_meme")
    examples = [LabelledPicture(Path("a.jpg"), label) for label in labels]
    with pytest.raises(UsageError, match="readable pictures of both labels"):
        scores(examples, [finding(probability) for probability in readable])
