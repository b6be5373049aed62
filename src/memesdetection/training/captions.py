"""Captions: the ways in which a picture is made a meme."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageEnhance

from .lettering import Block, Colour, Pen, mean_side

_WHITE, _BLACK, _YELLOW = (255, 255, 255), (0, 0, 0), (255, 230, 40)
_LOUD = (_WHITE, _WHITE, _YELLOW, (255, 60, 60), (255, 120, 200), (90, 255, 120), (90, 220, 255))


def macro(picture: Image.Image, pen: Pen) -> Image.Image:
    """Large outlined letters at the top and the bottom."""
    parts = pen.caption()
    if len(parts) == 1:
        parts = ["", parts[0]] if pen.chance(0.5) else [parts[0], ""]
    return _outlined(picture.copy(), parts[0], " ".join(parts[1:]), pen)


def bar(picture: Image.Image, pen: Pen) -> Image.Image:
    """A white or black bar with the caption above, below or around the picture."""
    paper, ink = (_BLACK, _WHITE) if pen.chance(0.2) else (_WHITE, _BLACK)
    parts = pen.caption()
    place = pen.pick(["above", "above", "above", "below", "around"])
    if place != "around" or len(parts) == 1:
        text = " ".join(parts)
        above, below = (text, "") if place != "below" else ("", text)
    else:
        above, below = parts[0], " ".join(parts[1:])
    width, size, style = picture.width, mean_side(picture) * pen.between(0.075, 0.12), _style(pen)
    margin, anchor = round(width * 0.03), pen.pick("lm")
    face = pen.font(size, style)
    blocks = [face.block(text, width - 2 * margin, 5) for text in (above, below)]
    heights = [
        block.height + 2 * margin if text else 0
        for block, text in zip(blocks, (above, below), strict=True)
    ]
    made = Image.new("RGB", (width, picture.height + sum(heights)), paper)
    made.paste(picture, (0, heights[0]))
    draw = ImageDraw.Draw(made)
    x = margin if anchor == "l" else width / 2
    for block, top in zip(blocks, (0, heights[0] + picture.height), strict=True):
        block.draw(draw, x, top + margin, ink, anchor=anchor)
    return made


def post(picture: Image.Image, pen: Pen) -> Image.Image:
    """A post of a social network: a face, a name and a joke above the picture."""
    dark = pen.chance(0.35)
    paper, ink = ((21, 32, 43), (245, 245, 245)) if dark else (_WHITE, (15, 20, 25))
    width = picture.width
    margin = max(round(width * pen.between(0.03, 0.06)), 3)
    size = mean_side(picture) * pen.between(0.06, 0.085)
    round_ = round(size * 2)
    indent = margin * 2 + round_
    name = pen.font(size * 0.8, "bold").block(pen.phrase("names"), width - indent, 1)
    handle_text = f"@user{pen.number(1, 9999)}  {pen.number(1, 23)}h"
    handle = pen.font(size * 0.65, latin=True).block(handle_text, width - indent, 1)
    text = pen.font(size).block(" ".join(pen.caption()), width - 2 * margin, 6)
    top = margin * 2 + max(round_, name.height + handle.height)
    made = Image.new("RGB", (width, top + text.height + margin * 2 + picture.height), paper)
    draw = ImageDraw.Draw(made)
    draw.ellipse((margin, margin, margin + round_, margin + round_), pen.colour(60, 220))
    name.draw(draw, indent, margin, ink)
    handle.draw(draw, indent, margin + name.height, (120, 130, 140))
    text.draw(draw, margin, top, ink)
    inner = picture.resize((width - 2 * margin, picture.height), Image.Resampling.BILINEAR)
    made.paste(inner, (margin, top + text.height + margin))
    return made


def panels(picture: Image.Image, pen: Pen) -> Image.Image:
    """The picture and a part of it, or two parts, each with what is said in it."""
    parts = pen.caption()
    if len(parts) == 1:
        parts += pen.caption()[:1]
    width, height = picture.size
    beside = height > 1.3 * width
    subtitled = pen.chance(0.4)
    frames = []
    for i, part in enumerate(parts[: pen.pick([2, 2, 3])]):
        frame = (picture if i == 0 and pen.chance(0.6) else _part(picture, pen)).resize(
            (width // 2, height) if beside else (width, round(height * 0.75)),
            Image.Resampling.BILINEAR,
        )
        if subtitled:
            _subtitled(frame, part, pen)
        else:
            _outlined(frame, *(("", part) if pen.chance(0.6) else (part, "")), pen)
        frames.append(frame)
    return _joined(frames, beside, pen)


def quarters(picture: Image.Image, pen: Pen) -> Image.Image:
    """Four parts of the picture in a grid, with a caption in some."""
    side = (max(round(picture.width * 0.65), 96), max(round(picture.height * 0.65), 96))
    frames = []
    for i in range(4):
        frame = _part(picture, pen).resize(side, Image.Resampling.BILINEAR)
        if i == 0 or pen.chance(0.6):
            _outlined(frame, "", pen.phrase("labels") if pen.chance(0.4) else pen.caption()[0], pen)
        frames.append(frame)
    rows = [_joined(frames[:2], True, pen), _joined(frames[2:], True, pen)]
    rows[1] = rows[1].resize(rows[0].size)  # the lines between differ in width
    return _joined(rows, False, pen)


def choice(picture: Image.Image, pen: Pen) -> Image.Image:
    """Two parts of the picture one above the other, and beside each a text on white."""
    width, height = picture.size
    side = (width // 2, max(height // 2, 48))
    made = Image.new("RGB", (side[0] * 2, side[1] * 2), _WHITE)
    draw = ImageDraw.Draw(made)
    face = pen.font(mean_side(picture) * pen.between(0.07, 0.11), _style(pen))
    left = pen.chance(0.75)
    for i, part in enumerate((pen.caption() + pen.caption())[:2]):
        frame = _part(picture, pen).resize(side, Image.Resampling.BILINEAR)
        made.paste(frame, (0 if left else side[0], i * side[1]))
        block = face.block(part, side[0] * 0.9, 5)
        top = i * side[1] + max((side[1] - block.height) / 2, 0)
        block.draw(draw, side[0] * (1.5 if left else 0.5), top, _BLACK, anchor="m")
    draw.line((0, side[1], side[0] * 2, side[1]), _BLACK, 2)
    return made


def bubbles(picture: Image.Image, pen: Pen) -> Image.Image:
    """Speech bubbles over the picture."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    face = pen.font(mean_side(made) * pen.between(0.055, 0.085), _style(pen))
    pad, top = face.size // 2, height * pen.between(0.02, 0.3)
    paper = pen.pick([_WHITE, _WHITE, (220, 248, 198), (230, 230, 235)])
    parts = (pen.caption() + pen.caption())[: pen.number(2, 3)]
    for i, part in enumerate(parts):
        block = face.block(part, width * 0.55, 3)
        if top + block.height + 2 * pad > height and i:
            break
        right = i % 2 == 1
        x0 = width - pad - block.width - 2 * pad if right else pad
        x1, y1 = x0 + block.width + 2 * pad, top + block.height + pad
        tail = x1 - pad * 2 if right else x0 + pad * 2
        draw.polygon([(tail - pad, y1 - 2), (tail + pad, y1 - 2), (tail, y1 + pad)], paper)
        draw.rounded_rectangle((x0, top, x1, y1), pad, paper, _BLACK if pen.chance(0.3) else None)
        block.draw(draw, x0 + pad, top + pad / 2, _BLACK)
        top = y1 + height * pen.between(0.05, 0.2)
    return made


def labelled(picture: Image.Image, pen: Pen) -> Image.Image:
    """Short names on what is in the picture, and often a caption above."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    face = pen.font(mean_side(made) * pen.between(0.075, 0.12), _style(pen))
    names = list(dict.fromkeys(pen.phrase("labels") for _ in range(pen.number(2, 4))))
    boxed = pen.chance(0.2)
    for i, name in enumerate(names):
        block = face.block(name, width * 0.45, 2)
        x = pen.between(block.width / 2 + 3, max(width - block.width / 2 - 3, block.width / 2 + 4))
        y = (i + pen.between(0.1, 0.6)) * height / len(names)
        y = min(y, max(height - block.height - 2, 0))
        if boxed:
            half = block.width / 2 + 3
            draw.rectangle((x - half, y - 1, x + half, y + block.height + 1), _WHITE)
            block.draw(draw, x, y, _BLACK, anchor="m")
        else:
            block.draw(draw, x, y, pen.pick(_LOUD[:4]), anchor="m", outline=_BLACK, stroke=2)
    return made if pen.chance(0.6) else bar(made, pen)


def poster(picture: Image.Image, pen: Pen) -> Image.Image:
    """A demotivational poster: a black frame, a title and a line below."""
    width, height = picture.size
    margin = round(width * pen.between(0.06, 0.12))
    face = pen.font(
        mean_side(picture) * pen.between(0.12, 0.17), pen.pick(["serif", "serif", "bold"])
    )
    title = face.block(pen.phrase("labels").upper(), width, 1)
    line = pen.font(mean_side(picture) * 0.065, "plain").block(" ".join(pen.caption()), width, 2)
    bottom = title.height + line.height + margin
    made = Image.new("RGB", (width + 2 * margin, height + 2 * margin + bottom), _BLACK)
    draw = ImageDraw.Draw(made)
    draw.rectangle((margin - 3, margin - 3, margin + width + 2, margin + height + 2), _WHITE)
    draw.rectangle((margin - 2, margin - 2, margin + width + 1, margin + height + 1), _BLACK)
    made.paste(picture, (margin, margin))
    x, y = made.width / 2, height + margin + margin / 2
    title.draw(draw, x, y, _WHITE if pen.chance(0.8) else (220, 60, 40), anchor="m")
    line.draw(draw, x, y + title.height, _WHITE, anchor="m")
    return made


def greeting(picture: Image.Image, pen: Pen) -> Image.Image:
    """A wish for everybody in large coloured letters."""
    made = picture.copy()
    if pen.chance(0.4):
        made = ImageEnhance.Color(made).enhance(pen.between(1.2, 2))
    draw = ImageDraw.Draw(made)
    width, height = made.size
    wish, *rest = pen.phrase("greetings").split("|")
    style = pen.pick(["serif", "bold", "heavy"])
    fill = pen.pick(_LOUD) if pen.chance(0.7) else pen.colour(0, 255)
    dark = _BLACK if sum(fill) > 330 else _WHITE
    title = pen.font(mean_side(made) * pen.between(0.12, 0.2), style).block(wish, width * 0.92, 3)
    y = pen.pick([0.03, 0.03, 0.35, 0.6]) * height
    y = max(min(y, height - title.height), 0)
    title.draw(draw, width / 2, y, fill, anchor="m", outline=dark, stroke=2)
    line = rest[0] if rest else pen.phrase("greetings").split("|")[-1]
    block = pen.font(mean_side(made) * pen.between(0.07, 0.11), style).block(line, width * 0.9, 3)
    y = max(y + title.height, height * pen.between(0.6, 1) - block.height)
    if line != wish and y + block.height <= height:
        block.draw(draw, width / 2, y, pen.pick(_LOUD), anchor="m", outline=_BLACK, stroke=1)
    if pen.chance(0.3):
        draw.rectangle((0, 0, width - 1, height - 1), None, pen.colour(), max(width // 40, 3))
    return made


LAYOUTS = (
    (macro, 5.0),
    (bar, 5.0),
    (post, 2.0),
    (panels, 3.0),
    (quarters, 1.0),
    (choice, 1.5),
    (bubbles, 1.0),
    (labelled, 2.5),
    (poster, 1.0),
    (greeting, 2.5),
)
"""Each with how often it is drawn, in proportion to the others."""


def _style(pen: Pen) -> str:
    return pen.pick(["heavy", "bold", "plain", "plain"])


def _outlined(picture: Image.Image, top: str, bottom: str, pen: Pen) -> Image.Image:
    """Write on the picture itself, in white with a black outline, at the top and the bottom."""
    draw = ImageDraw.Draw(picture)
    size = mean_side(picture) * pen.between(0.09, 0.15)
    face = pen.font(size, "heavy" if pen.chance(0.85) else "plain")
    fill: Colour = _WHITE if pen.chance(0.9) else pen.pick(_LOUD)
    upper = pen.chance(0.8)
    width, height = picture.size
    for text, below in ((top, False), (bottom, True)):
        if text:
            block = face.block(text.upper() if upper else text, width * 0.95, 3)
            y = height - block.height - height * 0.02 if below else height * 0.01
            stroke = 2 if block.font.size >= 18 else 1
            block.draw(draw, width / 2, y, fill, anchor="m", outline=_BLACK, stroke=stroke)
    return picture


def _subtitled(picture: Image.Image, text: str, pen: Pen) -> None:
    fill = pen.pick([_YELLOW, _WHITE])
    face = pen.font(mean_side(picture) * pen.between(0.08, 0.11), "bold")
    block: Block = face.block(text, picture.width * 0.92, 2)
    y = picture.height * 0.95 - block.height
    block.draw(
        ImageDraw.Draw(picture), picture.width / 2, y, fill, anchor="m", outline=_BLACK, stroke=1
    )


def _part(picture: Image.Image, pen: Pen) -> Image.Image:
    """A part of the picture, mirrored now and then."""
    share = pen.between(0.45, 0.85)
    width, height = max(round(picture.width * share), 1), max(round(picture.height * share), 1)
    left, top = pen.number(0, picture.width - width), pen.number(0, picture.height - height)
    part = picture.crop((left, top, left + width, top + height))
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if pen.chance(0.3) else part


def _joined(frames: list[Image.Image], beside: bool, pen: Pen) -> Image.Image:
    """Pictures of one size in a row or a column, with a thin line between."""
    gap = pen.pick([0, 2, 3])
    width, height = frames[0].size
    across, down = (width + gap, 0) if beside else (0, height + gap)
    last = len(frames) - 1
    made = Image.new(
        "RGB", (width + across * last, height + down * last), pen.pick([_WHITE, _BLACK])
    )
    for i, frame in enumerate(frames):
        made.paste(frame, (across * i, down * i))
    return made
