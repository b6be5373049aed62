"""Lettering: phrases of many languages, written on pictures in fonts that have their letters."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from ..errors import UsageError
from .config import read_toml

Colour = tuple[int, int, int]
_T = TypeVar("_T")

_PHRASES = Path(__file__).with_name("phrases.toml")
_SMALLEST = 8
"""Pixels of a font's size, below which nothing can be read."""

# What most texts in Latin letters are set in; the ornate families of a machine would outvote it.
_COMMON = re.compile(
    r"Anton|Arial|Bebas|Cantarell|Comic|DejaVu|FreeSans|FreeSerif|Georgia|Helvetica|Impact|Inter|Lato"
    r"|League|Liberation|Montserrat|Noto(Sans|Serif)-|OpenSans|Oswald|Poppins|Roboto|Times|Tinos"
    r"|Ubuntu|Verdana",
    re.I,
)
_ODD = re.compile(
    r"Italic|Oblique|Slanted|Thin|Light|Hairline|Mono|Math|Symbol|Emoji|Music|Nastaliq",
    re.I,
)
_HEAVY = re.compile(
    r"Impact|Anton|Bebas|League|Oswald|Heavy|Black|ExtraBold|Cond\w*-?Bold|Narrow-Bold", re.I
)
_BOLD = re.compile("Bold", re.I)
_SERIF = re.compile("Serif|Naskh|Times|Roman", re.I)


@dataclass(frozen=True)
class Language:
    """Phrases, by what they are for, and font files that have all their letters, by style."""

    phrases: dict[str, list[str]]
    spaced: bool
    fonts: dict[str, list[str]]


class Lettering:
    """The languages that can be written with the fonts of a folder."""

    def __init__(self, folder: Path) -> None:
        """Search the folder, with all below it, for fonts.

        Raises:
            UsageError: there is no font for Latin letters.
        """
        fonts = [
            str(file)
            for file in sorted(folder.rglob("*"))
            if file.suffix.lower() in (".ttf", ".ttc", ".otf") and not _ODD.search(file.stem)
        ]
        letters = [_Letters(font) for font in fonts]
        self._languages: dict[str, Language] = {}
        odds = []
        for name, phrases in read_toml(_PHRASES).items():
            share, spaced = phrases.pop("odds"), not phrases.pop("unspaced", False)
            if own := _fonts(phrases, spaced, letters):
                self._languages[name] = Language(phrases, spaced, _styles(own))
                odds.append(share)
        if "english" not in self._languages:
            raise UsageError(
                f"{folder} has no font for Latin letters; install some, on Debian by:"
                " apt install fonts-dejavu-core fonts-liberation fonts-open-sans fonts-noto-core"
                " fonts-noto-cjk"
            )
        self._odds = np.array(odds) / sum(odds)

    @property
    def languages(self) -> list[str]:
        """The names of the languages there are fonts for."""
        return list(self._languages)

    def pen(self, random: np.random.Generator) -> Pen:
        """A pen for one picture, that writes a language drawn by its odds."""
        name = self.languages[random.choice(len(self._odds), p=self._odds)]
        return Pen(self._languages[name], self._languages["english"], random)


class Pen:
    """Writes on one picture: all that is random in it is drawn here."""

    def __init__(self, language: Language, latin: Language, random: np.random.Generator) -> None:
        """Take the language to write, and the one for dates, prices and handles."""
        self.language, self.latin = language, latin
        self._random = random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self._random.random() < probability)

    def between(self, low: float, high: float) -> float:
        """A number of this range."""
        return float(self._random.uniform(low, high))

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return int(self._random.integers(low, high + 1))

    def pick(self, options: Sequence[_T]) -> _T:
        """One of the options."""
        return options[int(self._random.integers(len(options)))]

    def colour(self, low: int = 0, high: int = 255) -> Colour:
        """A colour whose channels are of this range."""
        red, green, blue = (int(value) for value in self._random.integers(low, high + 1, 3))
        return red, green, blue

    def date(self) -> str:
        """A date as it is written somewhere."""
        day, month, year = self.number(1, 28), self.number(1, 12), self.number(1998, 2026)
        form = self.pick(
            ["{d:02}.{m:02}.{y}", "{d:02}/{m:02}/{y}", "{d}-{m}-{y}", "{y}-{m:02}-{d:02}"]
        )
        return form.format(d=day, m=month, y=year)

    def time(self) -> str:
        """A time of the day."""
        return f"{self.number(0, 23)}:{self.number(0, 59):02}"

    def phrase(self, kind: str) -> str:
        """A phrase of the language, its slots filled."""
        return self._filled(self.pick(self.language.phrases[kind]))

    def caption(self) -> list[str]:
        """What a meme says, in one part or several."""
        text = self.phrase("captions")
        if self.chance(0.15) and self.language.spaced:
            # No two memes say the same: words of the language in any order.
            words = " ".join(self.phrase("captions") for _ in range(3)).replace("|", " ").split()
            text = " ".join(self._random.permutation(words)[: self.number(3, 9)])
        elif self.chance(0.1):
            text += " " + self.phrase("captions").replace("|", " ")
        return text.split("|")

    def font(self, size: float, style: str = "plain", *, latin: bool = False) -> Face:
        """A font of a style, or the nearest there is.

        Args:
            size: pixels.
            style: "heavy", "bold", "serif" or "plain".
            latin: whether it is for dates, prices and the like, in any language.
        """
        language = self.latin if latin else self.language
        file = self.pick(language.fonts[style])
        # Even sizes only: each that is new costs as much as the text itself.
        return Face(file, max(round(size / 2) * 2, _SMALLEST), language.spaced)

    def _filled(self, text: str) -> str:
        for _ in range(2):
            text = re.sub(r"\{(\w+)\}", lambda slot: self._slot(slot[1]), text)
        return text

    def _slot(self, name: str) -> str:
        if name == "date":
            return self.date()
        if name == "time":
            return self.time()
        if name == "year":
            return str(self.number(2015, 2027))
        if name == "number":
            return str(self.number(1, 99))
        return self.pick(self.language.phrases[name])


@dataclass(frozen=True)
class Face:
    """A font file at a size in pixels."""

    file: str
    size: int
    spaced: bool = True

    def block(self, text: str, width: float, most: int = 4) -> Block:
        """The text in lines of at most `width` pixels, smaller if it takes more than `most` lines.

        What does not fit at the smallest size is left out.
        """
        size = self.size
        while True:
            font = _font(self.file, size)
            letters = max(int(width * len(text) / max(font.getlength(text), 1)), 1)
            lines = textwrap.wrap(text, letters, break_long_words=not self.spaced) or [""]
            widest = max(font.getlength(line) for line in lines)
            if size <= _SMALLEST or (widest <= width and len(lines) <= most):
                return Block(font, lines[:most], widest)
            size = max(min(round(size * 0.45) * 2, size - 2), _SMALLEST)


@dataclass(frozen=True)
class Block:
    """Lines of text, ready to be drawn."""

    font: ImageFont.FreeTypeFont
    lines: list[str]
    width: float

    @property
    def step(self) -> int:
        """Pixels from line to line."""
        return sum(self.font.getmetrics())

    @property
    def height(self) -> int:
        """Pixels of all lines."""
        return self.step * len(self.lines)

    def draw(
        self,
        draw: ImageDraw.ImageDraw,
        x: float,
        y: float,
        fill: tuple[int, ...],
        *,
        anchor: str = "l",
        outline: tuple[int, ...] | None = None,
        stroke: int = 1,
    ) -> None:
        """Draw it with its top at `y`, and `x` at its left "l", middle "m" or right "r"."""
        if outline is None:
            self._write(draw, x, y, fill, anchor)
            return
        # FreeType's own outlines take three times as long.
        edge = stroke + 2
        size = (math.ceil(self.width) + 2 * edge, self.height + 2 * edge)
        letters = Image.new("L", size)
        middle = {"l": edge, "m": size[0] / 2, "r": size[0] - edge}[anchor]
        self._write(ImageDraw.Draw(letters), middle, edge, (255,), anchor)
        place = (round(x - middle), round(y - edge))
        draw.bitmap(place, Image.fromarray(_widened(np.asarray(letters), stroke)), outline)
        draw.bitmap(place, letters, fill)

    def _write(
        self, draw: ImageDraw.ImageDraw, x: float, y: float, fill: tuple[int, ...], anchor: str
    ) -> None:
        for i, line in enumerate(self.lines):
            draw.text((x, y + i * self.step), line, fill, self.font, anchor + "a")


def mean_side(picture: Image.Image) -> float:
    """The side in pixels of a square as large as the picture; sizes of texts go by it."""
    return float((picture.width * picture.height) ** 0.5)


class _Letters:
    """Which letters a font file has."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.common = bool(_COMMON.match(Path(file).name))
        self._known: dict[str, bool] = {}
        self._font: ImageFont.FreeTypeFont | None = None
        try:
            self._font = ImageFont.truetype(file, 16, layout_engine=ImageFont.Layout.BASIC)
            self._missing = self._drawn(self._font, "\U0010fffe")
        except OSError:
            # A bitmap font, or a damaged one.
            self._font = None

    def has(self, letters: list[str]) -> bool:
        return all(self._has(letter) for letter in letters)

    def _has(self, letter: str) -> bool:
        if self._font is None:
            return False
        if letter not in self._known:
            self._known[letter] = self._drawn(self._font, letter) != self._missing
        return self._known[letter]

    @staticmethod
    def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
        mask = font.getmask(letter)
        return mask.size, bytes(mask)


def _fonts(phrases: dict[str, list[str]], spaced: bool, letters: list[_Letters]) -> list[str]:
    """The font files that have all letters of the phrases."""
    text = "".join(chain(*phrases.values()))
    used = set(re.sub(r"\{\w+\}|[|\s]", "", text)) | set("0123456789")
    if "{date}" in text or "{time}" in text:
        used |= set(".:/-")
    shaped = any("\u0530" <= letter < "\u1e00" for letter in used)
    # Without the library raqm, Pillow draws such scripts letter by letter, as nobody writes them.
    if shaped and not features.check_feature("raqm"):
        return []
    latin = spaced and not shaped
    # Letters above come first: most fonts lack them, so the search is short.
    wanted = sorted(used, reverse=True)
    return [font.file for font in letters if (font.common or not latin) and font.has(wanted)]


def _styles(fonts: list[str]) -> dict[str, list[str]]:
    """The fonts that are heavy, bold, serif or plain; where there is none, the nearest."""
    stems = {font: Path(font).stem for font in fonts}
    serif = [font for font in fonts if _SERIF.search(stems[font])]
    heavy = [font for font in fonts if _HEAVY.search(stems[font]) and font not in serif]
    plain = [font for font in fonts if font not in serif and font not in heavy] or fonts
    bold = [font for font in plain if _BOLD.search(stems[font])] or plain
    return {"heavy": heavy or bold, "bold": bold, "serif": serif or plain, "plain": plain}


@lru_cache(maxsize=2048)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


def _widened(mask: np.ndarray, pixels: int) -> np.ndarray:
    """The mask, uint8 [height, width], grown by so many pixels on all sides."""
    for _ in range(pixels):
        mask = np.maximum(mask, np.maximum(np.roll(mask, 1, axis=0), np.roll(mask, -1, axis=0)))
        mask = np.maximum(mask, np.maximum(np.roll(mask, 1, axis=1), np.roll(mask, -1, axis=1)))
    return mask
