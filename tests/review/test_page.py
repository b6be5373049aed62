"""The review page, as a user has it: in a real browser, on real files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import Memes
from PIL import Image
from playwright.sync_api import Browser, expect
from reviewing import Review, Running, reviewing

from memesdetection.journal import Journal, default_path

MEME, OTHER_MEME, PHOTO = (
    "IMG-20260105-WA0002.jpg",
    "IMG-20260111-WA0001.jpg",
    "IMG-20260105-WA0001.jpg",
)

Open = Callable[[Path], tuple[Review, Running]]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Reviews folders; no page may fail meanwhile."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        reviews = []

        def open_page(folder: Path) -> tuple[Review, Running]:
            running = stack.enter_context(reviewing(folder))
            reviews.append(Review(browser, running.address))
            stack.callback(reviews[-1].page.close)
            return reviews[-1], running

        yield open_page
        for review in reviews:
            assert review.errors == []


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_from_the_scan_to_the_trash_and_back(
    opened: Open, pictures: Path, home_trash: Path, memes: Memes
) -> None:
    before = contents(pictures)
    review, running = opened(pictures)
    findings = memes.findings(pictures)
    by_verdict = {
        verdict: [one for one in findings if one["verdict"] == verdict]
        for verdict in ("meme", "unsure", "not_meme")
    }
    assert review.count("All") == review.shown() == len(before)
    assert review.count("Memes") == len(by_verdict["meme"])
    assert review.count("Unsure") == len(by_verdict["unsure"])
    page = review.page
    # The most certain meme first.
    surest = max(findings, key=lambda one: one["probability"])
    expect(page.locator("#grid li .name").first).to_have_text(Path(surest["path"]).name)
    expect(page.locator("#grid img").first).to_have_js_property("complete", True)
    assert page.locator("#grid img").first.evaluate("image => image.naturalWidth") > 0

    page.locator(".filter.meme").click()
    assert review.shown() == len(by_verdict["meme"])
    review.button("Select all shown").click()
    size = sum(one["bytes"] for one in by_verdict["meme"])
    expect(page.locator("#total")).to_contain_text(f"{len(by_verdict['meme'])} pictures selected")
    expect(page.locator("#total")).to_contain_text(f"{size / 1000:.0f} kB")
    page.locator("#selection").get_by_role("button", name="Move to trash").click()
    expect(review.told()).to_have_text(f"Moved {len(by_verdict['meme'])} pictures to the trash.")
    gone = {Path(one["path"]).name for one in by_verdict["meme"]}
    assert contents(pictures) == {name: before[name] for name in before.keys() - gone}
    assert contents(home_trash / "files") == {name: before[name] for name in gone}
    assert review.count("Memes") == 0
    assert review.count("All") == len(before) - len(gone)
    # Also for who comes again.
    page.reload()
    review.wait_until_scanned()
    assert review.count("Memes") == 0
    page.keyboard.press("z")
    expect(review.told()).to_have_text(f"Put back {len(gone)} pictures.")
    assert contents(pictures) == before
    assert review.count("Memes") == len(gone)
    assert running.stop() == 0
    expect(page.locator("#ended")).to_be_visible(timeout=20_000)
    # Asking a program that has ended is an error, and told.
    review.errors.clear()


def test_keep_and_meme_hold_for_copies_and_later_scans(
    opened: Open, pictures: Path, memes: Memes
) -> None:
    (pictures / "below").mkdir()
    shutil.copy2(pictures / MEME, pictures / "below/copy.jpg")
    review, _ = opened(pictures)
    page = review.page
    page.get_by_label("stack the same").uncheck()
    review.select(MEME)
    page.locator("#selection").get_by_role("button", name="Keep").click()
    expect(review.told()).to_have_text("Kept 1 picture.")
    for name in (MEME, "copy.jpg"):
        expect(review.card(name).locator(".badge")).to_have_text("Not a meme")
    # What is kept stays, also if it is selected.
    review.select("copy.jpg")
    page.locator("#selection").get_by_role("button", name="Move to trash").click()
    expect(page.locator("#problems")).to_have_text("copy.jpg: You kept this picture.")
    assert (pictures / "below/copy.jpg").exists()
    review.select(PHOTO)
    page.locator("#selection").get_by_role("button", name="Mark as meme").click()
    expect(review.card(PHOTO).locator(".badge")).to_have_text("Meme")
    verdicts = {Path(one["path"]).name: one["verdict"] for one in memes.findings(pictures)}
    assert (verdicts["copy.jpg"], verdicts[PHOTO]) == ("not_meme", "meme")
    review.button("Undo").click()
    expect(review.card(PHOTO).locator(".badge")).to_have_text("Not a meme")
    expect(review.told()).to_have_text("Your verdict is taken back.")
    review.button("Undo").click()
    expect(review.button("Undo")).to_be_hidden()
    expect(review.card(MEME).locator(".badge")).to_have_text("Meme")


def test_undo_leaves_what_was_said_elsewhere(opened: Open, pictures: Path, memes: Memes) -> None:
    review, _ = opened(pictures)
    assert memes("keep", pictures / MEME).returncode == 0
    review.select(MEME)
    review.page.locator("#selection").get_by_role("button", name="Keep").click()
    expect(review.told()).to_have_text("Kept 1 picture.")
    review.button("Undo").click()
    expect(review.told()).to_have_text("Your verdict is taken back.")
    expect(review.card(MEME).locator(".badge")).to_have_text("Not a meme")
    verdicts = {Path(one["path"]).name: one["verdict"] for one in memes.findings(pictures)}
    assert verdicts[MEME] == "not_meme"


def test_undo_knows_of_what_was_put_back_in_the_terminal(
    opened: Open, pictures: Path, memes: Memes
) -> None:
    review, _ = opened(pictures)
    for _ in range(2):
        review.select(MEME)
        review.page.keyboard.press("t")
        expect(review.told()).to_have_text("Moved 1 picture to the trash.")
        assert not (pictures / MEME).exists()
        assert memes("undo").returncode == 0
        review.button("Undo").click()
        expect(review.told()).to_have_text("Put back 1 picture.")
        assert (pictures / MEME).exists()


def test_an_undo_that_failed_can_be_tried_again(opened: Open, pictures: Path) -> None:
    below = pictures / "below"
    below.mkdir()
    os.rename(pictures / MEME, below / MEME)
    review, _ = opened(pictures)
    review.select(MEME)
    review.page.keyboard.press("t")
    expect(review.told()).to_have_text("Moved 1 picture to the trash.")
    below.rmdir()
    below.symlink_to(pictures.parent)
    review.button("Undo").click()
    expect(review.page.locator("#problems")).to_contain_text("A folder on its path is a link now.")
    below.unlink()
    review.button("Undo").click()
    expect(review.told()).to_have_text("Put back 1 picture.")
    assert (below / MEME).exists()


def test_a_key_that_is_held_down_takes_one_picture(opened: Open, pictures: Path) -> None:
    review, _ = opened(pictures)
    keyboard, before = review.page.keyboard, len(os.listdir(pictures))
    keyboard.press("ArrowDown")
    keyboard.down("t")
    expect(review.told()).to_have_text("Moved 1 picture to the trash.")
    for _ in range(5):
        keyboard.down("t")
    keyboard.up("t")
    keyboard.press("z")
    expect(review.told()).to_have_text("Put back 1 picture.")
    assert len(os.listdir(pictures)) == before


def test_keys_alone_do_everything(opened: Open, pictures: Path) -> None:
    review, _ = opened(pictures)
    page = review.page
    names = page.locator("#grid .name").all_inner_texts()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    review.expect_focused(names[0])
    page.keyboard.press("ArrowRight")
    review.expect_focused(names[1])
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Space")
    expect(page.locator("#total")).to_contain_text("3 pictures selected")
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    # Without a selection it is the picture with the focus.
    page.keyboard.press("Delete")
    expect(review.told()).to_have_text("Moved 1 picture to the trash.")
    assert not (pictures / names[3]).exists()
    review.expect_focused(names[4])
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog).to_contain_text(names[4])
    expect(dialog).to_contain_text("eme (9")
    expect(page.locator(".frame.heated.loaded canvas")).to_be_visible()
    expect(page.locator(".frame canvas")).not_to_have_js_property("width", 0)
    idle = page.locator("body:not(.acting)")
    for key, then in (
        ("k", "You kept this picture."),
        ("m", "You marked this picture as a meme."),
        ("t", names[5]),
    ):
        page.keyboard.press(key)
        expect(dialog).to_contain_text(then)
        expect(idle).to_have_count(1)
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("z")
        expect(idle).to_have_count(1)
    assert sorted(os.listdir(pictures)) == sorted(names)
    expect(review.card(names[4]).locator(".badge")).to_have_text("Meme")


def test_the_large_view_says_what_was_done_and_leaves_the_selection(
    opened: Open, pictures: Path
) -> None:
    review, running = opened(pictures)
    page = review.page
    review.select(PHOTO)
    review.card(MEME).locator(".card").click()
    dialog = page.get_by_role("dialog", name="Picture")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog.get_by_role("status")).to_have_text("Kept 1 picture.")
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_role("status")).to_have_text("Your verdict is taken back.")
    expect(page.locator("#total")).to_contain_text("1 picture selected")
    page.keyboard.press("Escape")
    expect(review.told()).to_be_in_viewport()
    review.button("Close").click()
    expect(review.told()).to_be_hidden()
    review.card(MEME).locator(".card").click()
    assert running.stop() == 0
    expect(dialog.get_by_role("alert")).to_be_in_viewport(timeout=20_000)
    # Asking a program that has ended is an error, and told.
    review.errors.clear()


def test_the_same_picture_is_stacked_and_one_is_left(opened: Open, pictures: Path) -> None:
    with Image.open(pictures / OTHER_MEME) as image:
        image.convert("RGB").resize((300, 300 * image.height // image.width)).save(
            pictures / "smaller.jpg", quality=60
        )
        image.save(pictures / "again.png")
    shutil.copy2(pictures / MEME, pictures / "copy.jpg")
    count = len(os.listdir(pictures))
    review, _ = opened(pictures)
    page = review.page
    expect(page.locator(".same")).to_have_count(2)
    assert review.shown() == count - 3
    page.get_by_role("button", name="Same picture 3 times").click()
    expect(page.locator("#grid li")).to_have_count(3)
    for name in (OTHER_MEME, "smaller.jpg", "again.png"):
        expect(review.card(name)).to_be_visible()
    review.button("Back to all").click()
    review.button("Select all shown").click()
    expect(page.locator("#total")).to_contain_text(f"{count} pictures selected")
    review.button("Leave one of each").click()
    expect(page.locator("#total")).to_contain_text("3 pictures selected")
    page.locator("#selection").get_by_role("button", name="Move to trash").click()
    expect(review.told()).to_have_text("Moved 3 pictures to the trash.")
    assert len(os.listdir(pictures)) == count - 3
    assert not (pictures / "smaller.jpg").exists()


def test_it_narrows_by_size_date_and_folder_and_sorts(opened: Open, pictures: Path) -> None:
    (pictures / "below").mkdir()
    os.rename(pictures / MEME, pictures / "below" / MEME)
    os.utime(pictures / PHOTO, (0, 0))
    # A camera's clock may be wrong.
    os.utime(pictures / OTHER_MEME, (4e9, 4e9))
    large = pictures / "large.bmp"
    Image.effect_noise((700, 300), 90).save(large)
    review, _ = opened(pictures)
    page = review.page
    expect(review.card(OTHER_MEME)).to_be_visible()
    for label, choice, only in (
        ("Folder", "below", MEME),
        ("Date", "older than a year", PHOTO),
        ("Size", "100 kB or more", large.name),
    ):
        select = page.get_by_label(label, exact=True)
        before = select.input_value()
        select.select_option(label=choice)
        expect(page.locator("#grid .name")).to_have_text([only])
        select.select_option(before)
    page.get_by_label("Order").select_option(label="largest first")
    expect(page.locator("#grid .name").first).to_have_text(large.name)
    page.get_by_label("Order").select_option(label="oldest first")
    expect(page.locator("#grid .name").first).to_have_text(PHOTO)


def test_what_goes_wrong_is_one_sentence_and_the_rest_goes_on(opened: Open, pictures: Path) -> None:
    review, _ = opened(pictures)
    page = review.page
    with Journal(default_path()) as journal, journal.alone():
        review.select(MEME)
        page.locator("#selection").get_by_role("button", name="Move to trash").click()
        expect(review.told()).to_have_text(
            "Another clean-up or undo is running. Try again when it is through."
        )
    assert (pictures / MEME).exists()
    with open(pictures / MEME, "ab") as file:
        file.write(b"edited")
    (pictures / PHOTO).unlink()
    # What was selected still is.
    for name in (PHOTO, OTHER_MEME):
        review.select(name)
    page.locator("#selection").get_by_role("button", name="Move to trash").click()
    expect(review.told()).to_have_text("Moved 1 picture to the trash.")
    told = page.locator("#problems")
    expect(told).to_contain_text(f"{MEME}: It is not what was judged (any more); scan again.")
    expect(told).to_contain_text(f"{PHOTO}: It is not there (any more).")
    assert (pictures / MEME).exists()
    assert not (pictures / OTHER_MEME).exists()
    # A card says so as well, when it is looked at.
    review.card(PHOTO).locator(".card").click()
    page.keyboard.press("Escape")
    expect(review.card(PHOTO).locator(".error")).to_have_text("It is not there (any more).")


def test_a_picture_comes_back_under_a_free_name(opened: Open, pictures: Path) -> None:
    review, _ = opened(pictures)
    review.select(MEME)
    review.page.keyboard.press("t")
    expect(review.told()).to_have_text("Moved 1 picture to the trash.")
    shutil.copy2(pictures / PHOTO, pictures / MEME)
    review.button("Undo").click()
    back = f"{Path(MEME).stem} (2).jpg"
    expect(review.page.locator("#problems")).to_contain_text(f"so it is {back} now")
    review.card(back).locator(".card").click()
    expect(review.page.locator(".frame.loaded img.whole")).to_be_visible()


def test_names_with_html_are_only_text(opened: Open, tmp_path: Path, samples: Path) -> None:
    folder = tmp_path / "<b>&amp;'\"><script>alert(1)<"
    folder.mkdir()
    names = ["<img src=x onerror=alert(1)>.jpg", '"><script>alert(2)<', "a\u202egpj.jpg"]
    for name in names:
        shutil.copy2(samples / MEME, folder / name)
    review, _ = opened(folder)
    page = review.page
    page.get_by_label("stack the same").uncheck()
    expect(page.locator("h1")).to_have_text(str(folder))
    shown = page.locator("#grid .name").all_inner_texts()
    assert {*names[:2], "a\\u202egpj.jpg"} == set(shown)
    page.locator("#grid .card").first.click()
    expect(page.locator(".frame.loaded img.whole")).to_be_visible()
    assert page.locator("#grid img[src=x], #grid script").count() == 0


def test_only_the_pictures_in_view_are_on_the_page(opened: Open, noise: Path, memes: Memes) -> None:
    memes.findings(noise)
    review, _ = opened(noise)
    page = review.page
    page.set_viewport_size({"width": 900, "height": 600})
    assert review.shown() == 300
    assert page.locator("#grid li").count() < 100
    first = page.locator("#grid .name").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    last = review.focused()
    expect(review.card(last)).to_be_in_viewport()
    expect(review.card(last)).to_have_attribute("aria-posinset", "300")
    expect(review.card(first)).to_have_count(0)
    assert page.locator("#grid li").count() < 100
    page.keyboard.press("Home")
    review.expect_focused(first)


def test_it_fits_a_phone(opened: Open, pictures: Path) -> None:
    review, _ = opened(pictures)
    page = review.page
    page.set_viewport_size({"width": 360, "height": 720})
    review.select(page.locator("#grid .name").first.inner_text())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("#selection")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.locator("#grid .card").first.click()
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.locator(".about")).to_be_in_viewport()
    for name in ("Keep", "Mark as meme", "Move to trash"):
        expect(dialog.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    picture, facts = (page.locator(which).bounding_box() for which in (".stage", ".side"))
    assert picture is not None
    assert facts is not None
    assert picture["y"] + picture["height"] <= facts["y"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(opened: Open, pictures: Path, scheme: str) -> None:
    review, _ = opened(pictures)
    page = review.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    review.select(page.locator("#grid .name").first.inner_text())
    # A colour on its way to another is neither.
    page.evaluate(
        "document.getAnimations().filter((one) => one instanceof CSSTransition)"
        ".forEach((one) => one.finish())"
    )
    pairs = page.evaluate(
        """() => [...document.querySelectorAll("#total, .bottom button, .badge, .card .name,"
            + " .card .size, .date, #said, h1, .narrow select, .filter *")].map((part) => {
            let ground = part;
            while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
                ground = ground.parentElement;
            return [part.textContent, getComputedStyle(part).color,
                getComputedStyle(ground).backgroundColor];
        })"""
    )
    assert len(pairs) > 50
    for text, ink, ground in pairs:
        light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ink, ground)


def _luminance(colour: str) -> float:
    """As WCAG defines it."""
    linear = []
    for value in re.findall(r"[\d.]+", colour)[:3]:
        share = float(value) / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
