"""The scan: a finding for each file in its place, whatever the files beside it are."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from memesdetection.classifier import Classifier
from memesdetection.errors import ModelError
from memesdetection.gallery import Finding, scan
from memesdetection.pictures import find
from memesdetection.store import Store


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "verdicts.sqlite") as opened:
        yield opened


def test_a_finding_tells_all_of_a_picture(pictures: Path, classifier: Classifier) -> None:
    path = pictures / "IMG-20260105-WA0002.jpg"
    content = path.read_bytes()
    (finding,) = scan(find([path]), classifier)
    judgement = classifier.judge(path)
    with Image.open(path) as image:
        width, height = image.size
    assert finding == Finding(
        path=str(path),
        verdict=judgement.verdict,
        probability=judgement.probability,
        reason=judgement.reason,
        bytes=len(content),
        width=width,
        height=height,
        format="JPEG",
        sha256=hashlib.sha256(content).hexdigest(),
        model=classifier.identity,
        error=None,
    )


def test_findings_come_in_the_order_of_the_files(
    pictures: Path, noise: Path, classifier: Classifier
) -> None:
    """Broken and large files are faster and slower than their neighbours."""
    for index in range(0, 60, 3):
        (pictures / f"broken{index:03}.jpg").write_bytes(b"no picture")
        shutil.copy(noise / f"{index:03}.jpg", pictures / f"broken{index:03}b.jpg")
    Image.effect_noise((4000, 3000), 50).save(pictures / "aaa.png", compress_level=1)
    files = list(find([pictures]))
    findings = list(scan(files, classifier, workers=4))
    assert len(findings) == 54
    assert [finding.path for finding in findings] == [file.path for file in files]
    assert [f.error is not None for f in findings] == [
        "broken" in file.path and not file.path.endswith("b.jpg") for file in files
    ]


def test_many_workers_find_what_one_finds(pictures: Path, classifier: Classifier) -> None:
    by_one = list(scan(find([pictures]), classifier, workers=1))
    assert list(scan(find([pictures]), classifier, workers=4)) == by_one


def test_a_file_that_is_no_picture_is_a_finding_without_verdict(
    tmp_path: Path, classifier: Classifier, store: Store
) -> None:
    (tmp_path / "voice.opus").write_bytes(b"OggS")
    for _ in range(2):
        (finding,) = scan(find([tmp_path / "voice.opus"]), classifier, store)
        assert not finding.is_picture
        assert finding.verdict is finding.error is finding.sha256 is None


def test_a_picture_is_known_by_its_content_whatever_its_name(
    pictures: Path, classifier: Classifier
) -> None:
    shutil.copy(pictures / "IMG-20260105-WA0002.jpg", pictures / "no suffix")
    shutil.copy(pictures / "IMG-20260105-WA0002.jpg", pictures / "wrong.png")
    same = [f for f in scan(find([pictures]), classifier) if f.format == "JPEG"]
    names = {Path(finding.path).name for finding in same}
    assert {"no suffix", "wrong.png"} <= names


def test_a_scan_that_is_stopped_keeps_what_it_yielded(
    noise: Path, classifier: Classifier, store: Store, unusable_model: Path
) -> None:
    with closing(scan(find([noise]), classifier, store)) as findings:
        first = list(islice(findings, 40))
    remembered = scan(find([noise]), Classifier(unusable_model), store, workers=1)
    assert list(islice(remembered, 40)) == first


def test_a_broken_model_ends_the_scan(
    noise: Path, unusable_model: Path, store: Store, classifier: Classifier
) -> None:
    with pytest.raises(ModelError):
        list(scan(find([noise]), Classifier(unusable_model), store))
    files = list(find([noise]))[:1]
    assert store.known_file(files[0], classifier.identity) is None


def test_a_file_that_goes_away_meanwhile_is_told_and_not_remembered(
    pictures: Path, classifier: Classifier, store: Store
) -> None:
    files = list(find([pictures]))
    content = Path(files[3].path).read_bytes()
    Path(files[3].path).unlink()
    findings = list(scan(files, classifier, store))
    assert findings[3].error == "It is not there (any more)."
    assert [finding.error for finding in findings].count(None) == 12
    Path(files[3].path).write_bytes(content)
    again = list(scan(files, classifier, store))
    assert again[3].verdict is not None
    assert again[:3] + again[4:] == findings[:3] + findings[4:]


def test_a_phones_gallery_is_judged_whole(
    gallery: Path, classifier: Classifier, store: Store, unusable_model: Path
) -> None:
    with open(gallery / "labels.csv", encoding="utf-8", newline="") as file:
        listed = {str(gallery / row["file"]) for row in csv.DictReader(file)}
    findings = list(scan(find([gallery / "WhatsApp Images"]), classifier, store))
    assert len(listed) == 240
    assert {finding.path for finding in findings} == listed
    assert [finding for finding in findings if finding.verdict is None] == []
    assert {finding.format for finding in findings} == {"JPEG", "PNG", "WEBP"}
    again = list(scan(find([gallery / "WhatsApp Images"]), Classifier(unusable_model), store))
    assert again == findings
