"""Make the sample pictures next to this file, and `labels.csv` that says what each one is.

The photos come with the package scikit-image and are in the public domain or CC0 (see
`README.md`); captions are drawn with the font inside Pillow. Nothing is downloaded. The same
versions of both packages make the same bytes.

Usage: python samples/make.py
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

FOLDER = Path(__file__).resolve().parent
SIDE = 480
MARGIN = 12
BLACK, WHITE, PAPER = (24, 24, 24), (255, 255, 255), (250, 249, 245)
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".jpg": {"quality": 85},
    ".png": {"optimize": True},
    ".webp": {"quality": 80},
}

RECEIPT = (
    ("Oat bread", "3.40"),
    ("Butter 250 g", "2.15"),
    ("Apples 1.2 kg", "2.99"),
    ("Milk 1 l  x 2", "2.58"),
    ("Paper bag", "0.20"),
    ("", ""),
    ("Subtotal", "11.32"),
    ("Tax 7 %", "0.79"),
    ("Total", "12.11"),
    ("Card", "12.11"),
)


@dataclass(frozen=True)
class Sample:
    """One picture and its row in `labels.csv`.

    Attributes:
        name: of its file; the ending says the format.
        label: `meme` or `not_meme`.
        kind: what it shows.
        language: of a meme's text, as a language tag.
        make: draws it.
    """

    name: str
    label: str
    kind: str
    language: str
    make: Callable[[], Image.Image]


def photo(name: str, width: int = SIDE, height: int = SIDE, crop: bool = False) -> Image.Image:
    """Load a photo from scikit-image, without its metadata, no larger than asked for.

    Args:
        name: of a file in the package's folder `data`.
        width: at most this many pixels; exactly, where it is cropped (so `height`).
        height: see `width`.
        crop: fill the whole width and height and cut off what is left over.
    """
    with (resources.files("skimage") / "data" / name).open("rb") as file:
        picture = Image.open(file).convert("RGB")
    picture.info.clear()
    fit = ImageOps.fit if crop else ImageOps.contain
    return fit(picture, (width, height), Image.Resampling.LANCZOS)


def fitting_font(text: str, width: int, largest: int) -> ImageFont.FreeTypeFont:
    """Load Pillow's own font, no larger than lets the longest line fit into `width`."""
    font = ImageFont.load_default(size=largest)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise SystemExit("This Pillow was built without FreeType; install one from PyPI.")
    longest = max(font.getlength(line) for line in text.split("\n"))
    return font.font_variant(size=int(largest * min(1.0, width / longest)))


def macro(picture: Image.Image, top: str, bottom: str) -> Image.Image:
    """Write on a photo, above and below, in white letters with a black outline."""
    draw = ImageDraw.Draw(picture)
    middle = picture.width / 2
    for text, anchor, y in ((top, "ma", MARGIN), (bottom, "md", picture.height - MARGIN)):
        font = fitting_font(text, picture.width - 4 * MARGIN, largest=46)
        for fill, stroke_width in ((BLACK, 5), (WHITE, 1)):
            draw.text((middle, y), text, fill, font, anchor=anchor, stroke_width=stroke_width)
    return picture


def under_bar(picture: Image.Image, text: str) -> Image.Image:
    """Put a photo under a white bar with black text."""
    font = fitting_font(text, picture.width - 2 * MARGIN, largest=28)
    bar = ImageDraw.Draw(picture).multiline_textbbox((MARGIN, MARGIN), text, font=font)[3] + MARGIN
    canvas = Image.new("RGB", (picture.width, int(bar) + picture.height), WHITE)
    canvas.paste(picture, (0, int(bar)))
    ImageDraw.Draw(canvas).multiline_text((MARGIN, MARGIN), text, fill=BLACK, font=font)
    return canvas


def stack(*pictures: Image.Image) -> Image.Image:
    """Put pictures of the same width below each other."""
    canvas = Image.new("RGB", (pictures[0].width, sum(picture.height for picture in pictures)))
    y = 0
    for picture in pictures:
        canvas.paste(picture, (0, y))
        y += picture.height
    return canvas


def panel(text: str, picture: Image.Image) -> Image.Image:
    """Put a white field with text left of a photo, both of the same size, and a line around."""
    width, height = picture.size
    canvas = Image.new("RGB", (2 * width, height), WHITE)
    canvas.paste(picture, (width, 0))
    draw = ImageDraw.Draw(canvas)
    font = fitting_font(text, width - 2 * MARGIN, largest=40)
    draw.multiline_text(
        (width / 2, height / 2), text, fill=BLACK, font=font, anchor="mm", align="center"
    )
    draw.rectangle((0, 0, 2 * width - 1, height - 1), outline=BLACK, width=2)
    return canvas


def blurred(picture: Image.Image) -> Image.Image:
    """Blur a photo as a shaking hand does, mostly from left to right."""
    return picture.resize((picture.width // 24, picture.height // 4)).resize(picture.size)


def cat_seen_twice() -> Image.Image:
    """Compare two photos, one above the other."""
    cat = photo("chelsea.png", 410, 185, crop=True)
    return stack(
        under_bar(cat, "What my cat looks like:"),
        under_bar(blurred(cat), "What my phone has 400 photos of:"),
    )


def monday_and_friday() -> Image.Image:
    """Compare two photos in Spanish, text on the left."""
    cat = photo("chelsea.png", 230, 230, crop=True)
    shuttle = photo("astronaut.png", 512, 512).crop((338, 0, 512, 174)).resize(cat.size)
    return stack(panel("Yo, lunes\na las siete", cat), panel("Yo, viernes\na las siete", shuttle))


def receipt() -> Image.Image:
    """Draw a shop's receipt: text, but no joke."""
    canvas = Image.new("RGB", (340, SIDE), PAPER)
    draw = ImageDraw.Draw(canvas)
    title, body = ImageFont.load_default(size=26), ImageFont.load_default(size=19)
    draw.text((170, 24), "Corner Shop", fill=BLACK, font=title, anchor="ma")
    draw.text((170, 60), "5 January 2026   18:42", fill=BLACK, font=body, anchor="ma")
    draw.line((24, 98, 316, 98), fill=BLACK, width=2)
    for row, (item, price) in enumerate(RECEIPT):
        y = 116 + 29 * row
        draw.text((24, y), item, fill=BLACK, font=body)
        draw.text((316, y), price, fill=BLACK, font=body, anchor="ra")
    draw.line((24, 412, 316, 412), fill=BLACK, width=2)
    draw.text((170, 430), "Thank you for your visit", fill=BLACK, font=body, anchor="ma")
    return canvas


def not_meme(name: str, kind: str, make: Callable[[], Image.Image]) -> Sample:
    """Describe an ordinary picture."""
    return Sample(name, "not_meme", kind, "", make)


def meme(name: str, kind: str, make: Callable[[], Image.Image], language: str = "en") -> Sample:
    """Describe a meme."""
    return Sample(name, "meme", kind, language, make)


SAMPLES = (
    not_meme("IMG-20260105-WA0001.jpg", "food", lambda: photo("coffee.png")),
    meme(
        "IMG-20260105-WA0002.jpg",
        "macro",
        lambda: macro(
            photo("chelsea.png"), top="SOMEBODY OPENED THE FRIDGE", bottom="FOUR ROOMS AWAY"
        ),
    ),
    not_meme("IMG-20260105-WA0003.png", "documents", receipt),
    not_meme("IMG-20260107-WA0001.jpg", "people", lambda: photo("camera.png", 400, 400)),
    meme(
        "IMG-20260107-WA0002.jpg",
        "mixed",
        lambda: under_bar(
            photo("gravel.png", 360, 300, crop=True),
            "My desk is not a mess.\nI know where everything is:",
        ),
    ),
    not_meme("IMG-20260111-WA0001.jpg", "animals", lambda: photo("chelsea.png")),
    not_meme(
        "IMG-20260111-WA0002.jpg", "everyday_mixed", lambda: photo("brick.png", 320, 400, crop=True)
    ),
    meme(
        "IMG-20260111-WA0003.jpg",
        "macro",
        lambda: macro(
            photo("coffee.png", 400, 400, crop=True),
            top="IT IS NOT MONDAY YET",
            bottom="THE CUP IS STILL FULL",
        ),
    ),
    meme("IMG-20260114-WA0001.webp", "mixed", cat_seen_twice),
    not_meme("IMG-20260114-WA0002.jpg", "people", lambda: photo("astronaut.png", 400, 400)),
    meme("IMG-20260120-WA0001.jpg", "mixed", monday_and_friday, language="es"),
    not_meme("IMG-20260120-WA0002.jpg", "illustrations", lambda: photo("horse.png")),
    meme(
        "IMG-20260120-WA0003.jpg",
        "macro",
        lambda: macro(
            photo("clock_motion.png"), top="WHAT TIME IS IT?", bottom="MY EYES BEFORE COFFEE: YES"
        ),
    ),
)


def main() -> None:
    """Write all pictures and `labels.csv` into the folder of this file."""
    for sample in SAMPLES:
        path = FOLDER / sample.name
        sample.make().save(path, **SAVE_OPTIONS[path.suffix])
    with open(FOLDER / "labels.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("path", "label", "kind", "language"))
        table.writerows((s.name, s.label, s.kind, s.language) for s in SAMPLES)


if __name__ == "__main__":
    main()
