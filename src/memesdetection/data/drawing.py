"""Drawing: synthetic labelled pictures of kinds of which few real ones are to be had."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from ..errors import OutputError, UsageError
from ..labels import PHOTO_KINDS
from .preparing import COLUMNS, INDEX
from .templates import TEMPLATES, Template

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SIDE = 320
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOLDER = Path(__file__).with_name("drawings")

# Many pictures share a page, because starting the browser takes longer than drawing one.
_A_PAGE = 96
_COLUMNS = 8
_CELL = 560
# Device pixels for each of those; a picture comes out a little larger than it is saved.
_SCALE = 0.6
# One picture in so many is a meme.
_MEME_EVERY = 4
_SECONDS_A_PAGE = 300

_T = TypeVar("_T")


@dataclass(frozen=True)
class Photo:
    """A photo that may be put into a picture: its kind, and the licence that its source states."""

    path: Path
    kind: str
    license: str


class Pencil:
    """What a template draws by: chance, words of one language, fonts, colours and photos."""

    def __init__(
        self,
        random: Random,
        words: Mapping[str, Mapping[str, list[str]]],
        language: str,
        photos: Sequence[Photo],
    ) -> None:
        self.random = random
        self.language = language
        self.used: list[Photo] = []
        self._words = words
        self._photos = photos
        self._hue = random.randrange(360)

    def text(self, name: str) -> str:
        """A text of the list `name`, its slots filled."""
        chosen = self.random.choice(self._list(name))
        return re.sub(r"\{(\w+)\}", lambda slot: self._filled(slot[1]), chosen)

    def texts(self, name: str, low: int, high: int) -> list[str]:
        """From `low` to `high` texts of the list `name`."""
        return [self.text(name) for _ in range(self.number(low, high))]

    def pick(self, *choices: _T) -> _T:
        """One of the choices."""
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        """True in this share of draws, 0-1."""
        return self.random.random() < share

    def number(self, low: int, high: int) -> int:
        """A whole number of `low` to `high`."""
        return self.random.randint(low, high)

    def price(self) -> str:
        """An amount of money, in one of the usual ways to write it."""
        amount = self.random.choice((self.number(5, 99), self.number(100, 9999)))
        return self.pick(
            f"{amount}", f"{amount}.00", f"{amount:,}", f"{amount}.{self.number(1, 9)}0"
        )

    def clock(self) -> str:
        """A time of day."""
        return f"{self.number(0, 23)}:{self.number(0, 59):02}"

    def photo(self, *kinds: str) -> str | None:
        """The address of a photo, of these kinds where there are such, or None without photos."""
        if not self._photos:
            return None
        fitting = [photo for photo in self._photos if photo.kind in kinds]
        self.used.append(self.random.choice(fitting or self._photos))
        return self.used[-1].path.resolve().as_uri()

    def curve(self, count: int) -> list[float]:
        """So many heights of a curve, 0-1: a wave, a rise, a fall, a hill, or a walk by chance."""
        speed, middle = self.random.uniform(1, 12), self.random.uniform(0.2, 0.8)
        low, high = self.random.uniform(0.02, 0.4), self.random.uniform(0.6, 0.98)
        shape: Callable[[float], float] = self.pick(
            lambda x: 0.5 + 0.5 * math.sin(speed * (x + middle)),
            lambda x: x ** (speed / 4),
            lambda x: math.exp(-speed * x / 2),
            lambda x: 1 / (1 + math.exp(-2 * speed * (x - middle))),
            lambda x: math.exp(-speed * (3 * (x - middle)) ** 2),
            lambda x: self.random.random(),
        )
        noise, keep = self.pick(0, 0, 0.02, 0.08), self.pick(0.0, 0.0, 0.85)
        heights: list[float] = []
        for index in range(count):
            new = shape(index / max(count - 1, 1)) + self.random.gauss(0, noise)
            heights.append(keep * heights[-1] + (1 - keep) * new if heights else new)
        return [min(1, max(0, low + (high - low) * height)) for height in heights]

    def near(self, middle: float, spread: float) -> float:
        """A number, mostly about as near to the middle as the spread is wide."""
        return self.random.gauss(middle, spread)

    def color(self, saturation: int = 60, lightness: int = 50, turn: int = 0) -> str:
        """The picture's colour, turned by so many degrees of hue."""
        return f"hsl({(self._hue + turn) % 360} {saturation}% {lightness}%)"

    def any_color(self, saturation: int = 60, lightness: int = 50) -> str:
        """Any colour of this saturation and lightness, per cent."""
        return f"hsl({self.number(0, 359)} {saturation}% {lightness}%)"

    def font(self, style: str = "plain") -> str:
        """A family of fonts of a style: plain, serif, mono, hand, script, or display."""
        scripts = ", ".join(
            f"'{family.replace('Sans', 'Serif') if style == 'serif' else family}', '{family}'"
            for family in _SCRIPTS.get(self.language, ())
        )
        other = f"{scripts}, " if scripts else ""
        return f"'{self.random.choice(_FONTS[style])}', {other}{_FALLBACK[style]}"

    def emoji(self, group: str = "faces") -> str:
        """One emoji of a group: faces, laughs, flowers, or things."""
        return self.random.choice(_EMOJI[group])

    def _filled(self, slot: str) -> str:
        numbers: dict[str, Callable[[], Any]] = {
            "n": lambda: self.number(2, 99),
            "price": self.price,
            "clock": self.clock,
            "day_of_month": lambda: self.number(1, 31),
            "year": lambda: self.number(2009, 2030),
        }
        return str(numbers[slot]()) if slot in numbers else self.text(slot)

    def _list(self, name: str) -> list[str]:
        return self._words[self.language].get(name) or self._words["en"][name]


_FONTS = {
    "plain": "Roboto|Open Sans|Lato|Liberation Sans|Noto Sans|DejaVu Sans".split("|"),
    "serif": "Liberation Serif|Noto Serif|DejaVu Serif|Noto Serif Display".split("|"),
    "mono": "Liberation Mono|DejaVu Sans Mono|Noto Sans Mono".split("|"),
    "hand": "femkeklaver|Breip|Rufscript|Kristi|Comic Neue|Yusei Magic".split("|"),
    "script": "Dancing Script|Lobster Two|Kaushan Script|Kristi".split("|"),
    "display": "Lobster Two|Comic Neue|Roboto Condensed|Open Sans|DejaVu Serif".split("|"),
}
_FALLBACK = {
    "plain": "sans-serif",
    "serif": "serif",
    "mono": "monospace",
    "hand": "cursive",
    "script": "cursive",
    "display": "sans-serif",
}
# Named, because the system may choose a supplement font, which has boxes for letters.
_SCRIPTS = {
    "hi": ("Noto Sans Devanagari",),
    "bn": ("Noto Sans Bengali",),
    "te": ("Noto Sans Telugu",),
    "ta": ("Noto Sans Tamil",),
    "gu": ("Noto Sans Gujarati",),
    "ar": ("Noto Naskh Arabic", "Noto Sans Arabic"),
    "zh": ("Noto Sans CJK SC",),
    "ja": ("Noto Sans CJK JP",),
}
_EMOJI = {
    "faces": "😀 😊 👍 🙏 🙂 😴 🎉 ❤️ 👌 😅".split(),
    "laughs": "😂 🤣 😜 😆 😎 💀 😭 😹 🤪 🙈".split(),
    "flowers": "🌹 🌸 🌺 🌻 🌷 🌼 💐 🪷 🍀 🦋".split(),
    "things": "☕ 🌞 🌙 ⭐ 🪔 🕉️ 🎆 🎁 🕊️ ❤️ 🙏 🎉 🌈 🐥".split(),
    "apps": "📞 💬 📷 🖼️ 🗺️ ⏰ ✉️ 🎵 ⚙️ 📁 📝 🏦 ⛅ 📅 🧮 🛍️ 📻 ❤️ 📰 👛 🚆 🚕 📚 🎮".split(),
}


def draw(
    folder: Path,
    count: int,
    seed: int = 0,
    data: Path | None = None,
    progress: Callable[[Iterable[int], int], Iterator[int]] = lambda items, total: iter(items),
) -> list[dict[str, Any]]:
    """Draw pictures into `folder/train/{label}` with their `index.csv`, and return its rows.

    What an earlier run with the same seed drew stays, so that it goes on after an interruption.

    Args:
        folder: is made; it may hold an earlier result and nothing else.
        count: how many pictures there shall be.
        seed: of all that is drawn by chance.
        data: a folder of labelled pictures, photos of whose train split are put into some.
        progress: is given the numbers of the pictures as they are drawn.

    Raises:
        UsageError: the folder has something else, there is no Chromium, or `data` has no photos.
        OutputError: the browser does not draw, or the disk does not take it.
    """
    photos = _photos(data) if data else []
    browser = _browser()
    rows = _earlier(folder, seed)
    known = {row["original"] for row in rows}
    missing = [number for number in range(count) if _original(seed, number) not in known]
    try:
        for label in ("meme", "not_meme"):
            (folder / "train" / label).mkdir(parents=True, exist_ok=True)
        for _ in progress(_drawn(folder, seed, missing, photos, browser, rows), len(missing)):
            pass
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from error
    return rows


def _drawn(
    folder: Path,
    seed: int,
    missing: Sequence[int],
    photos: Sequence[Photo],
    browser: str,
    rows: list[dict[str, Any]],
) -> Iterator[int]:
    """Draw page by page, and keep the table up to date, so that an interruption costs one page."""
    words = all_words()
    templates = environment()
    for start in range(0, len(missing), _A_PAGE):
        numbers = missing[start : start + _A_PAGE]
        cards = [_card(seed, number, words, photos, templates) for number in numbers]
        page = templates.get_template("page.html").render(cards=cards, cell=_CELL, columns=_COLUMNS)
        picture = _rendered(page, -(-len(cards) // _COLUMNS), browser)
        for place, card in enumerate(cards):
            rows.append(_saved(folder, card, _cut(picture, place, card["shape"])))
        _write_table(folder, rows)
        yield from numbers


def all_words() -> dict[str, dict[str, list[str]]]:
    """The lists of words of each language, by their names."""
    return tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))


def environment() -> Environment:
    """What turns templates into HTML."""
    return Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _card(
    seed: int,
    number: int,
    words: Mapping[str, Mapping[str, list[str]]],
    photos: Sequence[Photo],
    templates: Environment,
) -> dict[str, Any]:
    """One picture as HTML with its row; it depends on the seed, its number and the photos only."""
    random = Random(f"{seed}:{number}")
    label = "not_meme" if number % _MEME_EVERY else "meme"
    fitting = [template for template in TEMPLATES if template.label == label]
    template = random.choices(fitting, [one.weight for one in fitting])[0]
    speaking = speakers(template, words)
    # English is the most frequent language of real ones, too.
    language = random.choice([*speaking, *["en"] * (len(speaking) // 2)])
    shape = random.choice(template.shapes)
    pencil = Pencil(random, words, language, photos)
    html = templates.get_template("card.html").render(
        draw=pencil, template=template, width=shape[0], height=shape[1]
    )
    rights = sorted({photo.license or "none stated" for photo in pencil.used})
    name = hashlib.sha1(f"{seed}:{number}".encode()).hexdigest()[:14]
    return {
        "html": html,
        "shape": shape,
        "row": {
            "path": f"train/{label}/{name}.webp",
            "label": label,
            "split": "train",
            "kind": template.kind,
            "language": language,
            "source": f"drawn/{template.name}",
            "commit": "",
            "license": "; photos: ".join(filter(None, ("CC0-1.0", ", ".join(rights)))),
            "original": _original(seed, number),
        },
    }


def speakers(template: Template, words: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    """The languages that the template can be drawn in."""
    return [language for language, lists in words.items() if template.text in lists]


def _cut(picture: Image.Image, place: int, shape: tuple[int, int]) -> Image.Image:
    row, column = divmod(place, _COLUMNS)
    left, top = column * _CELL, row * _CELL
    # Rounded towards the inside, so that nothing beside it is seen.
    right, bottom = int((left + shape[0]) * _SCALE), int((top + shape[1]) * _SCALE)
    cut = picture.crop((int(left * _SCALE), int(top * _SCALE), right, bottom))
    cut.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return cut


def _saved(folder: Path, card: dict[str, Any], picture: Image.Image) -> dict[str, Any]:
    path = folder / card["row"]["path"]
    picture.save(path, "WEBP", quality=88)
    size = path.stat().st_size
    width, height = picture.size
    return {**card["row"], "width": width, "height": height, "format": "WEBP", "bytes": size}


def _rendered(page: str, rows: int, browser: str) -> Image.Image:
    """The page as the browser shows it."""
    with tempfile.TemporaryDirectory(prefix="memes-draw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8")
        command = [
            *(browser, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
            # A sandbox does not start for root; the page is our own.
            *("--no-sandbox", f"--user-data-dir={folder / 'profile'}"),
            f"--force-device-scale-factor={_SCALE}",
            f"--window-size={_COLUMNS * _CELL},{rows * _CELL}",
            f"--screenshot={folder / 'page.png'}",
            (folder / "page.html").as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS_A_PAGE, check=True)
            with Image.open(io.BytesIO((folder / "page.png").read_bytes())) as opened:
                return opened.convert("RGB")
        except (subprocess.SubprocessError, OSError) as error:
            raise OutputError(f"{browser} did not draw a page; try again.") from error


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise UsageError("Drawing needs Chromium; install it, on Debian by: apt install chromium")
    return found


def _photos(data: Path) -> list[Photo]:
    try:
        with open(data / INDEX, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        photos = [
            Photo(data / row["path"], row["kind"], row["license"])
            for row in rows
            if row["split"] == "train" and row["label"] == "not_meme" and row["kind"] in PHOTO_KINDS
        ]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{data} is no folder of prepared data with an {INDEX}.") from error
    if not photos:
        raise UsageError(f"{data} has no photos in its train split.")
    return photos


def _earlier(folder: Path, seed: int) -> list[dict[str, Any]]:
    """The rows of an earlier run with the same seed."""
    if not folder.exists():
        return []
    other = UsageError(f"{folder} holds something else; name a new or empty folder.")
    try:
        with open(folder / INDEX, encoding="utf-8", newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
    except FileNotFoundError:
        # Nothing but pictures that no table names yet: it was stopped before the first page.
        if any(file.is_file() for file in folder.rglob("*") if file.parent.parent.name != "train"):
            raise other from None
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise other from error
    if not all((row.get("original") or "").startswith(f"{seed}-") for row in rows):
        raise other
    return [row for row in rows if (folder / row["path"]).is_file()]


def _original(seed: int, number: int) -> str:
    return f"{seed}-{number}"


def _write_table(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with open(folder / f"{INDEX}.partial", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(folder / f"{INDEX}.partial", folder / INDEX)
