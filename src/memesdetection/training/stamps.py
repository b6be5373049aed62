"""Stamps: text that makes no meme, drawn on pictures that are none.

A classifier that never saw such pictures calls whatever carries text a meme, as MemeTector showed
(arXiv 2205.13268). Here photos get date stamps, watermarks, signs, detector boxes and a phone's bars, or
become a part of a written page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_WORDS = (
    "the of and to in is for on that with are this from open closed street market hotel station"
    " water fresh price sale new menu total paid number date page table figure report meeting room"
    " office school road exit no parking please wait north south city river garden coffee tea bread"
    " milk phone email address order ticket gate flight train bus photo camera file edit view help"
    " settings search home profile share message today yesterday monday friday january july"
).split()


def stamp(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return an RGB picture with text drawn on it, or around it, that makes it no meme."""
    return _STAMPS[random.choice(len(_STAMPS), p=_ODDS)](picture.copy(), random)


def _dated(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A camera's date in a corner."""
    year, month, day, hour, minute = (
        int(random.integers(low, high))
        for low, high in ((1998, 2027), (1, 13), (1, 29), (0, 24), (0, 60))
    )
    text = str(
        random.choice(
            [
                f"{year}/{month:02}/{day:02}",
                f"{day}.{month}.{year}",
                f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}",
                f"'{year % 100:02} {month} {day}",
            ]
        )
    )
    colour = [(255, 150, 30), (255, 220, 60), (250, 250, 250), (230, 40, 30)][random.integers(4)]
    font = _font(picture.height * random.uniform(0.035, 0.07))
    right, bottom = random.random() < 0.75, random.random() < 0.85
    position = (
        picture.width * (0.96 if right else 0.04),
        picture.height * (0.96 if bottom else 0.04),
    )
    anchor = ("r" if right else "l") + ("d" if bottom else "a")
    ImageDraw.Draw(picture).text(position, text, colour, font, anchor)
    return picture


def _watermarked(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A name or an address, pale, once in a place or many times over the picture."""
    text = _phrase(random, 1, 3)
    if random.random() < 0.5:
        text = f"www.{text.replace(' ', '')}.com"
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    shade = int(random.choice([0, 255, 255]))
    colour = (shade, shade, shade, int(random.integers(70, 200)))
    font = _font(picture.height * random.uniform(0.03, 0.09))
    for _ in range(int(random.choice([1, 1, 6]))):
        place = random.uniform(0, 0.85, 2) * picture.size
        draw.text((place[0], place[1]), text, colour, font)
    layer = layer.rotate(float(random.choice([0, 0, 30, -30])))
    picture.paste(layer, (0, 0), layer)
    return picture


def _with_sign(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A board with a few words, turned a little, somewhere in the scene."""
    font = _font(picture.height * random.uniform(0.04, 0.1))
    lines = "\n".join(_phrase(random, 1, 3) for _ in range(random.integers(1, 4)))
    _, top, right, bottom = ImageDraw.Draw(picture).multiline_textbbox((0, 0), lines, font)
    pad = (bottom - top) * 0.2 + 4
    ground, ink = _contrasting(random)
    board = Image.new("RGBA", (int(right + 2 * pad), int(bottom + 2 * pad)), ground)
    ImageDraw.Draw(board).multiline_text((pad, pad), lines, ink, font, align="center")
    board = board.rotate(random.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True)
    place = (
        int(random.uniform(0, max(1, picture.width - board.width))),
        int(random.uniform(0.1, 0.7) * picture.height),
    )
    picture.paste(board, place, board)
    return picture


def _boxed(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A detector's boxes with their labels."""
    draw = ImageDraw.Draw(picture)
    font = _font(max(9, picture.height * 0.04))
    for _ in range(random.integers(1, 4)):
        x, y = random.uniform(0, 0.6, 2) * picture.size
        width, height = random.uniform(0.15, 0.4, 2) * picture.size
        colour = _colour(random)
        draw.rectangle((x, y, x + width, y + height), outline=colour, width=2)
        label = f"{random.choice(_WORDS)} {random.uniform(0.5, 1):.2f}"
        draw.rectangle(draw.textbbox((x, y), label, font, "ld"), fill=colour)
        draw.text((x, y), label, (255, 255, 255), font, "ld")
    return picture


def _on_screen(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A phone's screen that shows the picture between its bars, with a list below."""
    width, height = 288, int(288 * random.uniform(1.5, 2.1))
    dark = random.random() < 0.4
    ground, ink = ((18, 18, 20), (225, 225, 225)) if dark else ((250, 250, 250), (40, 40, 40))
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    small = _font(11)
    draw.text((8, 5), f"{random.integers(0, 24)}:{random.integers(0, 60):02}", ink, small)
    draw.text((width - 8, 5), f"{random.integers(5, 101)} %", ink, small, "ra")
    if random.random() < 0.6:
        draw.rectangle((0, 22, width, 60), fill=_colour(random))
    draw.text((14, 41), _phrase(random, 1, 3).title(), ink, _font(17), "lm")
    y = 66
    if random.random() < 0.7:
        picture = picture.resize((width, int(width * random.uniform(0.4, 0.8))))
        screen.paste(picture, (0, y))
        y += picture.height + 10
    while y < height - 44:
        draw.ellipse((12, y, 38, y + 26), fill=_colour(random))
        draw.text((50, y), _phrase(random, 1, 4), ink, _font(13))
        draw.text((50, y + 16), _phrase(random, 2, 6), (130, 130, 130), small)
        y += 42
    return screen


def _on_page(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A written page, in one or two columns, with the picture as a figure or without it."""
    width, height = 260, int(260 * random.uniform(0.75, 1.42))
    shade = int(random.integers(225, 256))
    page = Image.new("RGB", (width, height), (shade, shade, shade - int(random.integers(0, 15))))
    draw = ImageDraw.Draw(page)
    ink = (int(random.integers(0, 70)),) * 3
    draw.text((18, 14), _phrase(random, 2, 5).title(), ink, _font(random.uniform(12, 20)))
    columns = int(random.integers(1, 3))
    size = random.uniform(6, 11)
    column_width = (width - 36) / columns - 6
    for column in range(columns):
        x, y = 18 + column * (column_width + 12), 44.0
        if random.random() < 0.4:
            figure = picture.resize((int(column_width), int(column_width * 0.6)))
            page.paste(figure, (int(x), int(y)))
            y += figure.height + 8
        while y < height - 20:
            line = _phrase(random, 3, 14)
            while _font(size).getlength(line) > column_width and " " in line:
                line = line.rsplit(" ", 1)[0]
            draw.text((x, y), line, ink, _font(size))
            y += size * (2.6 if random.random() < 0.12 else 1.35)
    return page


def _phrase(random: np.random.Generator, fewest: int, most: int) -> str:
    words = " ".join(random.choice(_WORDS, random.integers(fewest, most + 1)))
    return [words, words.upper(), words.title()][random.choice(3, p=[0.5, 0.25, 0.25])]


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = random.integers(30, 226, 3)
    return int(red), int(green), int(blue)


def _contrasting(
    random: np.random.Generator,
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    colour, pale = _colour(random), (245, 245, 240)
    return (colour, pale) if random.random() < 0.6 else (pale, colour)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return _font_of_size(max(6, round(size)))


@lru_cache(maxsize=64)
def _font_of_size(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


_STAMPS: tuple[Callable[[Image.Image, np.random.Generator], Image.Image], ...] = (
    _dated,
    _watermarked,
    _with_sign,
    _boxed,
    _on_screen,
    _on_page,
)
_ODDS = (0.25, 0.15, 0.2, 0.1, 0.17, 0.13)
