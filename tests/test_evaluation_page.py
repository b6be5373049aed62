"""The page of an evaluation: what it shows, and that nothing of a user's can break it."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from making import RED, encoded, quadrants
from PIL import Image

from memesdetection.classifier import Classifier
from memesdetection.evaluation import Scores, report, scores
from memesdetection.evaluation_page import KINDS_DRAWN, PICTURES_SHOWN, page
from memesdetection.gallery import Finding
from memesdetection.labels import LabelledPicture

MEMES = (0.9, 0.8, 0.6, 0.3)
OTHERS = (0.7, 0.4, 0.2, 0.1)
VOID = ("meta", "img", "br")


class Read(HTMLParser):
    """A page as a reader has it: its elements with their text; unbalanced tags are an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any], list[str]]] = []
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, dict(attrs), list[str]())
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def texts(self, tag: str) -> list[str]:
        return [" ".join(" ".join(text).split()) for name, _, text in self.elements if name == tag]

    def attributes(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes, _ in self.elements if name == tag]

    @property
    def sheet(self) -> list[str]:
        """The captions of the pictures shown, without what is in the second line."""
        return self.texts("figcaption")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(threshold=0.75)


def labelled(
    folder: Path,
    memes: tuple[float, ...] = MEMES,
    others: tuple[float, ...] = OTHERS,
    by_camera: tuple[int, ...] = (),
    threshold: float = 0.75,
    **columns: tuple[str, ...],
) -> Scores:
    """Scores of pictures that are there; columns hold a value for each picture."""
    thresholds = Classifier(threshold=threshold).thresholds
    examples, findings = [], []
    for i, probability in enumerate((*memes, *others)):
        path = folder / f"{i}.jpg"
        path.write_bytes(encoded(quadrants()))
        values = {name: column[i] for name, column in columns.items()}
        label = "meme" if i < len(memes) else "not_meme"
        examples.append(LabelledPicture(path, label, **values))
        verdict = thresholds.judge(probability, from_camera=i in by_camera).verdict
        findings.append(
            Finding(str(path), verdict, probability, None, 1, 1, 1, "JPEG", None, "hand", None)
        )
    return scores(examples, findings)


def shown(scored: Scores, classifier: Classifier, folder: Path) -> str:
    return page(scored, report(scored, 0.75), classifier, folder / "labels.csv")


def test_the_page_needs_nothing_beside_it(classifier: Classifier, tmp_path: Path) -> None:
    html = shown(labelled(tmp_path), classifier, tmp_path)
    read = Read(html)
    names = {tag for tag, _, _ in read.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "image", "base"}
    loaded = [a[key] for _, a, _ in read.elements for key in a if key in ("src", "srcset", "href")]
    assert loaded
    assert all(target.startswith("data:image/jpeg;base64,") for target in loaded)
    assert re.findall(r"url\((?!#)", html) == []
    assert "@import" not in html
    (policy,) = [a for a in read.attributes("meta") if "http-equiv" in a]
    assert policy["content"].startswith("default-src 'none'")


def test_it_suits_phones_and_dark_screens(classifier: Classifier, tmp_path: Path) -> None:
    html = shown(labelled(tmp_path), classifier, tmp_path)
    metas = {a["name"]: a["content"] for a in Read(html).attributes("meta") if "name" in a}
    assert "width=device-width" in metas["viewport"]
    assert metas["color-scheme"] == "light dark"
    assert "prefers-color-scheme: dark" in html
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    for drawing in drawings:
        texts = [e for e in ElementTree.fromstring(drawing).iter() if e.tag.endswith("text")]
        assert texts
        assert all("fill: currentColor" in text.attrib["style"] for text in texts)


def test_what_is_drawn_or_shown_is_also_told(classifier: Classifier, tmp_path: Path) -> None:
    scored = labelled(tmp_path)
    figures = report(scored, 0.75)
    read = Read(shown(scored, classifier, tmp_path))
    drawings = [a for a in read.attributes("div") if a.get("class") == "drawing"]
    assert len(drawings) == len(read.texts("svg")) == 4
    assert all(a["role"] == "img" and len(a["aria-label"]) > 40 for a in drawings)
    told = " ".join(a["aria-label"] for a in drawings)
    assert f"area of {figures['roc_auc']:.3f}" in told
    assert f"average precision of {figures['average_precision']:.3f}" in told
    assert f"calibration error is {figures['ece']:.3f}" in told
    assert "4 memes, 4 other pictures; from the threshold" in told
    assert all(a["alt"] for a in read.attributes("img"))


def test_every_single_figure_of_the_evaluation_is_in_the_table(
    classifier: Classifier, tmp_path: Path
) -> None:
    scored = labelled(tmp_path)
    rows = Read(shown(scored, classifier, tmp_path)).texts("tr")
    for value in report(scored, 0.75).values():
        if isinstance(value, float):
            assert [row for row in rows if row.endswith(f" {value:.4f}")]


def test_confusion_matrices_count_by_probability_and_by_verdict(
    classifier: Classifier, tmp_path: Path
) -> None:
    rows = Read(shown(labelled(tmp_path), classifier, tmp_path)).texts("tr")
    by_probability, by_verdict = (
        rows.index("label meme not_meme"),
        rows.index("label meme unsure not_meme"),
    )
    assert rows[by_probability + 1 : by_probability + 3] == [
        "meme 3 75.0 % 1 25.0 %",
        "not_meme 1 25.0 % 3 75.0 %",
    ]
    assert rows[by_verdict + 1 : by_verdict + 3] == [
        "meme 2 50.0 % 1 25.0 % 1 25.0 %",
        "not_meme 0 0.0 % 2 50.0 % 2 50.0 %",
    ]


def test_rates_come_by_kind_and_language_with_intervals(
    classifier: Classifier, tmp_path: Path
) -> None:
    scored = labelled(
        tmp_path,
        kind=("macro", "macro", "comic", "comic", "food", "food", "food", "maps"),
        language=("en", "en,hi", "hi", "", "", "", "", ""),
    )
    rows = Read(shown(scored, classifier, tmp_path)).texts("tr")
    # By hand with Wilson's interval of 2 of 2, 1 of 3 and 0 of 3.
    assert "macro 2 100.0 (34.2-100.0) 100.0 (34.2-100.0) 100.0 (34.2-100.0)" in rows
    assert "food 3 33.3 (6.1-79.2) 0.0 (0.0-56.1) 66.7 (20.8-93.9)" in rows
    assert {"By kind", "By language"} <= set(rows)
    assert sum(row.startswith(("en 2 ", "hi 2 ")) for row in rows) == 2


def test_without_kinds_and_languages_there_is_all(classifier: Classifier, tmp_path: Path) -> None:
    read = Read(shown(labelled(tmp_path), classifier, tmp_path))
    assert not {"By kind", "By language"} & set(read.texts("tr"))
    assert sum(row.startswith("all 4 ") for row in read.texts("tr")) == 2
    assert "all 4 memes, 4 other pictures" in read.texts("h3")


def test_the_most_frequent_kinds_have_a_histogram_each(
    classifier: Classifier, tmp_path: Path
) -> None:
    many = KINDS_DRAWN + 5
    kinds = (*(f"kind{i}" for i in range(many)), *["often"] * 2)
    scored = labelled(tmp_path, (0.9,) * many, (0.1,) * 2, kind=kinds)
    read = Read(shown(scored, classifier, tmp_path))
    assert "often 2 other pictures" in read.texts("h3")
    assert sum(title.endswith(" 1 memes") for title in read.texts("h3")) == KINDS_DRAWN - 1
    assert "The 6 rarest kinds are not drawn." in " ".join(read.texts("p"))


def test_mistakes_are_shown_worst_first(classifier: Classifier, tmp_path: Path) -> None:
    # A camera's photo is only unsure, however probable.
    scored = labelled(tmp_path, (0.9, 0.2, 0.6, 0.1), (0.99, 0.8, 0.3, 0.5, 0.05), by_camera=(4,))
    captions = Read(shown(scored, classifier, tmp_path)).sheet
    assert captions == [
        "80.0 %, meme 5.jpg",
        "99.0 %, unsure 4.jpg",
        "50.0 %, unsure 7.jpg",
        "10.0 %, not_meme 3.jpg",
        "20.0 %, not_meme 1.jpg",
        "60.0 %, unsure 2.jpg",
    ]


def test_a_mistake_comes_with_all_that_is_known_of_it(
    classifier: Classifier, tmp_path: Path
) -> None:
    (tmp_path / "val").mkdir()
    scored = labelled(
        tmp_path / "val",
        (0.1,),
        (0.01,),
        kind=("macro", ""),
        language=("pl", ""),
        source=("a/b",) * 2,
    )
    html = page(scored, report(scored, 0.75), classifier, tmp_path / "labels.csv")
    read = Read(html)
    assert read.sheet == ["10.0 %, not_meme macro · pl · a/b val/0.jpg"]
    assert [a["alt"] for a in read.attributes("img")] == ["A meme picture: 0.jpg"]
    assert str(tmp_path) not in html


def test_only_the_worst_of_many_are_shown(classifier: Classifier, tmp_path: Path) -> None:
    many = PICTURES_SHOWN + 3
    read = Read(shown(labelled(tmp_path, (0.9,), (0.8,) * many), classifier, tmp_path))
    assert len(read.sheet) == PICTURES_SHOWN
    told = " ".join(read.texts("p"))
    assert f"the worst {PICTURES_SHOWN} of {many}." in told
    assert "Memes with the verdict not_meme or unsure: none." in told


def test_pictures_are_embedded_small_and_as_jpeg(classifier: Classifier, tmp_path: Path) -> None:
    scored = labelled(tmp_path)
    (tmp_path / "3.jpg").write_bytes(encoded(Image.new("RGB", (3000, 1500), RED), "PNG"))
    html = shown(scored, classifier, tmp_path)
    sizes = {}
    for attributes in Read(html).attributes("img"):
        content = base64.b64decode(attributes["src"].partition(",")[2])
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "JPEG"
            image.load()
            sizes[attributes["alt"]] = image.size
    assert sizes["A meme picture: 3.jpg"] == (320, 160)
    assert sizes["A not_meme picture: 4.jpg"] == quadrants().size


@pytest.mark.parametrize("content", [None, b"", b"no picture", encoded(quadrants())[:300]])
def test_a_picture_that_is_gone_or_broken_gets_an_empty_frame(
    classifier: Classifier, tmp_path: Path, content: bytes | None
) -> None:
    scored = labelled(tmp_path)
    before = Read(shown(scored, classifier, tmp_path))
    (tmp_path / "3.jpg").unlink()
    if content is not None:
        (tmp_path / "3.jpg").write_bytes(content)
    after = Read(shown(scored, classifier, tmp_path))
    assert after.sheet == before.sheet
    assert len(after.attributes("img")) == len(before.attributes("img")) - 1
    assert "The picture cannot be read any more." in after.texts("div")


def test_nothing_of_a_users_becomes_markup(classifier: Classifier, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>&amp;\"'{{ 7 * 7 }}"
    names = (hostile,) * 8
    scored = labelled(tmp_path, kind=names, language=names, source=names)
    examples = [
        LabelledPicture(
            tmp_path / f'{i}"><img src=x onerror=alert(1)>',
            example.label,
            "<u>",
            example.kind,
            example.language,
            example.source,
        )
        for i, example in enumerate(scored.examples)
    ]
    for example in examples:
        example.path.write_bytes(encoded(quadrants()))
    hostile_scores = Scores(
        examples, scored.probabilities, scored.called_meme, scored.called_unsure, []
    )
    html = page(hostile_scores, report(hostile_scores, 0.75), classifier, tmp_path / "<s>.csv")
    read = Read(html)
    assert not {"script", "u", "s"} & {tag for tag, _, _ in read.elements}
    assert "onerror" not in {key for _, attributes, _ in read.elements for key in attributes}
    assert hostile in " ".join(read.texts("figcaption"))
    assert any(row.startswith(f"{hostile} 4 ") for row in read.texts("tr"))
    assert "of <s>.csv, split <u>:" in read.texts("p")[0]


def test_control_characters_are_shown_escaped(classifier: Classifier, tmp_path: Path) -> None:
    kinds = ("a\x1b[31m\u202eb", *["\udcff"] * 7)
    html = shown(labelled(tmp_path, kind=kinds), classifier, tmp_path)
    assert r"a\x1b[31m\u202eb" in html
    assert not set("\x1b\u202e") & set(html)
    assert rb"\udcff" in html.encode()


def test_pictures_that_were_not_read_are_named(classifier: Classifier, tmp_path: Path) -> None:
    scored = labelled(tmp_path)
    missing = [
        Finding(str(tmp_path / name), None, None, None, 0, None, None, None, None, "hand", error)
        for name, error in (("gone.jpg", "It is not there (any more)."), ("notes.txt", None))
    ]
    scored.unreadable.extend(missing)
    read = Read(shown(scored, classifier, tmp_path))
    assert read.texts("li") == [
        "gone.jpg: It is not there (any more).",
        "notes.txt: This is not a picture.",
    ]
    assert "2 more could not be read" in read.texts("p")[0]


def test_the_false_positive_rate_can_be_read_below_one_percent(
    classifier: Classifier, tmp_path: Path
) -> None:
    html = shown(labelled(tmp_path), classifier, tmp_path)
    roc = ElementTree.fromstring(re.findall(r"<svg.*?</svg>", html, re.DOTALL)[0])
    x_of = {
        element.text: float(element.attrib["x"])
        for element in roc.iter("{http://www.w3.org/2000/svg}text")
        if element.text in ("0.1", "0.2", "1", "10", "100") and "x" in element.attrib
    }
    places = [x_of[tick] for tick in ("0.1", "1", "10")]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], rel=0.01)
    assert x_of["0.2"] - x_of["0.1"] > 10


def test_the_same_evaluation_gives_the_same_page(classifier: Classifier, tmp_path: Path) -> None:
    scored = labelled(tmp_path)
    assert shown(scored, classifier, tmp_path) == shown(scored, classifier, tmp_path)


def test_thresholds_that_call_nothing_or_all_are_drawn_too(tmp_path: Path) -> None:
    for threshold, told in (
        (0.0, "meme 1 100.0 % 0 0.0 % 0 0.0 %"),
        (1.0, "meme 0 0.0 % 1 100.0 %"),
    ):
        scored = labelled(tmp_path, (0.1,), (0.2,), threshold=threshold)
        read = Read(shown(scored, Classifier(threshold=threshold), tmp_path))
        assert len(read.texts("svg")) == 4
        assert told in read.texts("tr")
