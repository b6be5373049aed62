"""Drawing: synthetic labelled pictures of kinds of which few real ones are to be had."""

from __future__ import annotations

import csv
import hashlib
import io
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
class Template:
    """A kind of picture that can be drawn.

    Attributes:
        name: of its HTML file in `drawings`.
        label: `meme` or `not_meme`.
        kind: as in the index.
        text: the list of words that a language must have to be drawn in.
        weight: how often it is drawn, against the others of its label.
        shapes: widths and heights, pixels.
        is_paper: it may be photographed, not only seen flat on a screen.
    """

    name: str
    label: str
    kind: str
    text: str
    weight: float
    shapes: tuple[tuple[int, int], ...]
    is_paper: bool = False


# The longest side of each is a cell's.
_PHONE = ((260, 560), (280, 560), (315, 560), (252, 560), (373, 560))
_SHEET = ((396, 560), (420, 560), (433, 560))
_WIDE = ((560, 315), (560, 420), (560, 350))
_SQUARE = ((560, 560), (448, 560), (560, 450))

TEMPLATES = (
    Template("chat", "not_meme", "screenshots", "chat", 20, _PHONE),
    Template("chatlist", "not_meme", "screenshots", "chat", 4, _PHONE),
    Template("messages", "not_meme", "screenshots", "message", 4, _PHONE),
    Template("payment", "not_meme", "screenshots", "name", 4, _PHONE),
    Template("settings", "not_meme", "screenshots", "setting", 3, _PHONE),
    Template("apps", "not_meme", "screenshots", "app", 3, _PHONE),
    Template("shop", "not_meme", "screenshots", "item", 4, (*_PHONE, *_WIDE)),
    Template("article", "not_meme", "screenshots", "notice", 3, (*_PHONE, *_WIDE)),
    Template("notes", "not_meme", "screenshots", "note", 3, (*_PHONE, *_SQUARE)),
    Template("code", "not_meme", "screenshots", "role", 4, _WIDE),
    Template("spreadsheet", "not_meme", "screenshots", "item", 3, (*_WIDE, *_SQUARE)),
    Template("receipt", "not_meme", "documents", "food", 5, ((260, 560), (220, 560)), True),
    Template("invoice", "not_meme", "documents", "item", 4, _SHEET, True),
    Template("ticket", "not_meme", "documents", "city", 5, ((560, 250), (560, 300), *_PHONE), True),
    Template("notice", "not_meme", "documents", "notice", 8, (*_SHEET, *_SQUARE), True),
    Template("timetable", "not_meme", "documents", "subject", 3, (*_WIDE, *_SQUARE), True),
    Template("menu", "not_meme", "documents", "dish", 4, (*_SHEET, *_SQUARE), True),
    Template("newspaper", "not_meme", "documents", "headline", 4, (*_SHEET, *_WIDE), True),
    Template("form", "not_meme", "documents", "role", 3, _SHEET, True),
    Template("idcard", "not_meme", "documents", "role", 4, ((560, 340), (560, 320), *_SHEET), True),
    Template("calendar", "not_meme", "documents", "day", 3, (*_WIDE, *_SHEET), True),
    Template("handwriting", "not_meme", "documents", "note", 5, (*_SHEET, *_SQUARE), True),
    Template("invitation", "not_meme", "posters", "invite", 6, (*_SHEET, *_SQUARE), True),
    Template("cover", "not_meme", "posters", "title", 3, ((370, 560), (400, 560)), True),
    Template("poster", "not_meme", "posters", "event", 5, (*_SHEET, *_SQUARE), True),
    Template("slide", "not_meme", "charts_slides_maps", "bullet", 4, _WIDE),
    Template("chart", "not_meme", "charts_slides_maps", "city", 5, (*_WIDE, *_SQUARE)),
    Template("map", "not_meme", "charts_slides_maps", "city", 4, (*_PHONE, *_WIDE, *_SQUARE)),
    Template("whiteboard", "not_meme", "photos_with_text", "bullet", 3, _WIDE, True),
    Template("sign", "not_meme", "photos_with_text", "sign", 4, (*_WIDE, *_SQUARE), True),
    Template("joke", "meme", "text-only", "joke", 12, (*_SQUARE, *_WIDE, *_SHEET)),
    Template("tweet", "meme", "text-only", "joke", 6, (*_SQUARE, *_WIDE)),
    Template("quote", "meme", "text-only", "quote", 6, (*_SQUARE, *_WIDE, *_SHEET)),
    Template("greeting", "meme", "greeting", "wish", 14, (*_SQUARE, *_SHEET, *_WIDE)),
    Template("parody", "meme", "greeting", "joke", 4, (*_SQUARE, *_SHEET)),
    Template("chatjoke", "meme", "chat", "joke", 6, (*_PHONE[1:], *_SQUARE)),
)


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
    words = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    templates = _environment()
    for start in range(0, len(missing), _A_PAGE):
        numbers = missing[start : start + _A_PAGE]
        cards = [_card(seed, number, words, photos, templates) for number in numbers]
        page = templates.get_template("page.html").render(cards=cards, cell=_CELL, columns=_COLUMNS)
        picture = _rendered(page, -(-len(cards) // _COLUMNS), browser)
        for place, card in enumerate(cards):
            rows.append(_saved(folder, card, _cut(picture, place, card["shape"])))
        _write_table(folder, rows)
        yield from numbers


def _environment() -> Environment:
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
    speaking = [language for language, lists in words.items() if template.text in lists]
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
