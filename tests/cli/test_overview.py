"""`memes report` as a user meets it: the page in real Chromium, and its limits."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from command import Memes
from making import RED, encoded, exif
from PIL import Image
from playwright.sync_api import Browser

HOSTILE = "<img src=x onerror=alert(1)>&amp;\"' \x1b[31m\u202e.jpg"


@pytest.fixture
def page(memes: Memes, pictures: Path, tmp_path: Path) -> str:
    """The page of the 13 samples, all of them shown, one with a hostile name, and a broken file."""
    (pictures / "IMG-20260105-WA0002.jpg").rename(pictures / HOSTILE)
    (pictures / "broken.jpg").write_bytes(b"no picture")
    made = memes("report", pictures, "--all", "-o", tmp_path / "all.html")
    assert (made.returncode, made.stderr) == (0, "")
    return (tmp_path / "all.html").read_text("utf-8")


def embedded(html: str) -> list[Image.Image]:
    return [
        Image.open(io.BytesIO(base64.b64decode(content)))
        for content in re.findall(r'src="data:image/jpeg;base64,([^"]*)"', html)
    ]


def test_the_report_shows_what_a_scan_finds(memes: Memes, pictures: Path, tmp_path: Path) -> None:
    found = memes.findings(pictures)
    made = memes("report", pictures, cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    html = (tmp_path / "report.html").read_text("utf-8")
    memes_found, unsure = (
        sorted(
            (one for one in found if one["verdict"] == verdict),
            key=lambda one: -one["probability"],
        )
        for verdict in ("meme", "unsure")
    )
    size = sum(one["bytes"] for one in memes_found) / 1000
    assert re.fullmatch(
        rf"report\.html, [\d.]+ kB: {len(memes_found)} memes \({size:.1f} kB\),"
        rf" {len(unsure)} unsure, 13 pictures, 0 unreadable\n",
        made.stdout,
    )
    rows = re.findall(r"<tr><td>(\w+)</td>.*<td>pictures/([^<]*)</td></tr>", html)
    expected = [(one["verdict"], Path(one["path"]).name) for one in (*memes_found, *unsure)]
    assert rows == expected
    assert len(embedded(html)) == len(expected)
    assert str(tmp_path) not in html
    assert re.search(rf"Other pictures</th><td>{13 - len(expected)}</td>", html)


def test_names_are_no_markup_and_unreadable_files_are_named(page: str) -> None:
    assert "<img src=x" not in page
    assert not set("\x1b\u202e") & set(page)
    assert "&lt;img src=x onerror=alert(1)&gt;&amp;amp;&#34;&#39; \\x1b[31m\\u202e.jpg" in page
    assert "pictures/broken.jpg: The content is not a picture of a known format." in page


def test_small_pictures_hold_no_metadata(memes: Memes, tmp_path: Path) -> None:
    (tmp_path / "camera").mkdir()
    photo = Image.new("RGB", (1200, 600), RED)
    tags = exif(orientation=6, make="Phone", exposure=0.01)
    (tmp_path / "camera/a.jpg").write_bytes(
        encoded(photo, exif=tags, comment=b"home", icc_profile=b"profile")
    )
    (tmp_path / "camera/tiny.png").write_bytes(encoded(Image.new("RGBA", (8, 8)), "PNG"))
    made = memes("report", "camera", "--all", "-o", "-", cwd=tmp_path)
    for small in embedded(made.stdout):
        assert small.format == "JPEG"
        assert small.mode == "RGB"
        assert {*small.info} <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert {small.size for small in embedded(made.stdout)} == {(96, 192), (8, 8)}
    assert made.stderr.startswith("-: 0 memes")


def test_a_picture_is_never_replaced_by_the_page(memes: Memes, pictures: Path) -> None:
    picture = next(pictures.glob("*.jpg"))
    before = picture.read_bytes()
    refused = memes("report", pictures, "-o", picture)
    assert refused.returncode == 2
    assert "is a picture; name another file" in refused.stderr
    assert picture.read_bytes() == before


def test_a_folder_without_pictures_gives_a_page_too(memes: Memes, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    made = memes("report", "empty", "-o", "-", cwd=tmp_path)
    assert "<h2>No memes</h2>" in made.stdout
    assert '<table class="pictures">' not in made.stdout


def test_a_browser_sorts_the_table_and_obeys_nothing_else(
    page: str, tmp_path: Path, browser: Browser
) -> None:
    injected = page.replace("</main>", "<script>document.title = 'owned'</script></main>")
    (tmp_path / "injected.html").write_text(injected, "utf-8")
    view = browser.new_page(viewport={"width": 360, "height": 700}, color_scheme="dark")
    told: list[str] = []
    view.on("console", lambda message: told.append(message.text))
    view.goto((tmp_path / "all.html").as_uri())
    assert told == []
    assert view.evaluate("document.documentElement.scrollWidth") == 360
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    shown = view.locator("figure img")
    assert shown.count() == 13
    assert all(shown.nth(i).evaluate("image => image.naturalWidth") for i in range(13))
    sizes = view.locator("table.pictures tbody td:nth-child(3)")
    for sorting, reverse in (("descending", True), ("ascending", False)):
        view.get_by_role("button", name="size").click()
        values = sizes.evaluate_all("cells => cells.map(cell => Number(cell.dataset.value))")
        assert values == sorted(values, reverse=reverse)
        assert view.locator(f"th[aria-sort={sorting}]").inner_text().startswith("size")
    view.goto((tmp_path / "injected.html").as_uri())
    assert view.title() == "Memes among 13 pictures"
    assert "Content Security Policy" in " ".join(told)
    view.close()
