"""Inscriptions: text on a picture that makes no meme of it."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from .lettering import Block, Colour, Pen, mean_side

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_STAMPS = ((255, 140, 0), (255, 190, 40), (255, 240, 80), (255, 70, 40), (240, 240, 240))


def date_stamp(picture: Image.Image, pen: Pen) -> Image.Image:
    """A camera's or a phone's date in a corner."""
    text = pen.date()
    if pen.chance(0.5):
        text += " " + pen.time()
    elif pen.chance(0.3):
        text = f"'{pen.number(0, 26):02} {pen.number(1, 12)} {pen.number(1, 28)}"
    face = pen.font(
        mean_side(picture) * pen.between(0.045, 0.08), pen.pick(["plain", "bold"]), latin=True
    )
    outline = _BLACK if pen.chance(0.4) else None
    return _cornered(
        picture.copy(), face.block(text, picture.width, 1), pen.pick(_STAMPS), outline, pen
    )


def phone_stamp(picture: Image.Image, pen: Pen) -> Image.Image:
    """Lines of a phone's camera: place, date, model."""
    made = picture.copy()
    place = pen.phrase("names")
    lines = [(place, False), (pen.date() + " " + pen.time(), True)]
    if pen.chance(0.5):
        lines.append((f"{pen.between(5, 60):.4f} N {pen.between(5, 100):.4f} E", True))
    if pen.chance(0.3):
        lines = [
            (f"Shot on {pen.pick(['X', 'M', 'Note', 'Pixel'])}{pen.number(2, 20)}", True),
            lines[1],
        ]
    size = mean_side(made) * pen.between(0.04, 0.06)
    blocks = [pen.font(size, latin=latin).block(text, made.width, 1) for text, latin in lines]
    height = sum(block.height for block in blocks)
    if pen.chance(0.4):
        _shade(made, (0, made.height - height - 6, made.width, made.height), _BLACK, 0.5)
    y = made.height - height - 3
    draw = ImageDraw.Draw(made)
    for block in blocks:
        block.draw(draw, 5, y, _WHITE, outline=(40, 40, 40))
        y += block.height
    return made


def watermark(picture: Image.Image, pen: Pen) -> Image.Image:
    """The photographer's name, faint: once in a corner or the middle, or all over."""
    latin = pen.chance(0.5)
    sites = ["photostock", "imagebank", "www.picsite", "lightbox"]
    text = pen.pick(sites) if latin else pen.phrase("names")
    size = mean_side(picture) * pen.between(0.05, 0.1)
    over = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(over)
    block = pen.font(size, pen.pick(["plain", "serif"]), latin=latin).block(text, picture.width, 1)
    strength = pen.number(70, 170)
    if pen.chance(0.5):
        across, down = block.width * pen.between(1.2, 2), block.height * pen.between(1.8, 3.5)
        for row in range(-1, min(int(picture.height / down) + 1, 8)):
            for column in range(-1, min(int(picture.width / across) + 1, 5)):
                x = column * across + (row % 2) * across / 2
                block.draw(draw, x, row * down, (strength,))
        over = over.rotate(pen.pick([0, 30, 45, -30]), Image.Resampling.BILINEAR)
    else:
        y = pen.pick([0.02, 0.45, 0.9]) * (picture.height - block.height)
        block.draw(draw, picture.width / 2, y, (strength,), anchor="m")
    ink = Image.new("RGB", picture.size, _WHITE if pen.chance(0.8) else _BLACK)
    return Image.composite(ink, picture, over)


def signature(picture: Image.Image, pen: Pen) -> Image.Image:
    """A copyright line in a corner."""
    latin = pen.chance(0.3)
    text = f"(c) {pen.number(2005, 2026)} photo" if latin else pen.phrase("names")
    face = pen.font(
        mean_side(picture) * pen.between(0.04, 0.06), pen.pick(["serif", "plain"]), latin=latin
    )
    block = face.block(text, picture.width, 1)
    return _cornered(picture.copy(), block, pen.pick([_WHITE, (220, 220, 220), _BLACK]), None, pen)


def sign(picture: Image.Image, pen: Pen) -> Image.Image:
    """Signs of shops and roads, labels of products: plates with words, turned a little."""
    made = picture.copy()
    for _ in range(pen.pick([1, 1, 2, 3])):
        paper, ink = _plate_colours(pen)
        size = mean_side(made) * pen.between(0.06, 0.13)
        face = pen.font(size, pen.pick(["bold", "heavy", "plain", "serif"]))
        block = face.block(pen.phrase("signs"), made.width * pen.between(0.3, 0.7), 2)
        pad = face.size // 2
        plate = Image.new("RGB", (round(block.width) + 2 * pad, block.height + pad), paper)
        draw = ImageDraw.Draw(plate)
        if pen.chance(0.5):
            draw.rectangle((2, 2, plate.width - 3, plate.height - 3), None, ink)
        block.draw(draw, plate.width / 2, pad / 2, ink, anchor="m")
        _stuck(made, plate, pen)
    return made


def price_tag(picture: Image.Image, pen: Pen) -> Image.Image:
    """A price on a coloured disc or plate, often with the product's name."""
    made = picture.copy()
    price = pen.pick(["{a},99 €", "${a}.50", "Rs {b}", "{b} kr", "{a}.99", "-{a}%"]).format(
        a=pen.number(1, 90), b=pen.number(10, 9999)
    )
    block = pen.font(mean_side(made) * pen.between(0.08, 0.13), "bold", latin=True).block(
        price, made.width, 1
    )
    pad = block.height // 2
    draw = ImageDraw.Draw(made)
    paper, ink = pen.pick(
        [((215, 30, 40), _WHITE), ((255, 220, 0), _BLACK), ((30, 120, 60), _WHITE)]
    )
    x = pen.between(0, max(made.width - block.width - 2 * pad, 1))
    y = pen.between(0, max(made.height - block.height - pad, 1))
    box = (x, y, x + block.width + 2 * pad, y + block.height + pad)
    if pen.chance(0.5):
        draw.ellipse((box[0], y - pad / 2, box[2], box[3] + pad / 2), paper)
    else:
        draw.rectangle(box, paper)
    block.draw(draw, x + pad, y + pad / 2, ink)
    if pen.chance(0.5):
        return _strip(made, pen.phrase("signs"), pen, paper=_WHITE, ink=(40, 40, 40), share=0.06)
    return made


def subtitle(picture: Image.Image, pen: Pen) -> Image.Image:
    """One quiet line of a film at the bottom, at times between black bars."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    bars = round(height * 0.11) if pen.chance(0.4) else 0
    if bars:
        draw.rectangle((0, 0, width, bars), _BLACK)
        draw.rectangle((0, height - bars, width, height), _BLACK)
    block = pen.font(mean_side(made) * pen.between(0.05, 0.07)).block(
        pen.phrase("lines"), width * 0.85, 2
    )
    y = height * pen.between(0.9, 0.97) - block.height
    fill = pen.pick([_WHITE, (235, 235, 235), (240, 230, 120)])
    block.draw(draw, width / 2, y, fill, anchor="m", outline=_BLACK)
    return made


def news(picture: Image.Image, pen: Pen) -> Image.Image:
    """A headline in a band at the bottom, and the channel's name in a corner."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    paper = pen.pick([(180, 20, 30), (20, 50, 130), (240, 240, 240), (15, 15, 40)])
    ink = _BLACK if sum(paper) > 500 else _WHITE
    block = pen.font(mean_side(made) * pen.between(0.06, 0.09), "bold").block(
        pen.phrase("lines"), width * 0.92, 2
    )
    ticker = pen.font(mean_side(made) * 0.045).block(pen.phrase("lines"), width * 0.95, 1)
    y = height - block.height - ticker.height - 4
    draw.rectangle((0, y - 4, width, height), paper)
    draw.rectangle((0, height - ticker.height - 2, width, height), ink)
    block.draw(draw, width * 0.04, y - 2, ink)
    ticker.draw(draw, 3, height - ticker.height - 2, paper)
    name = pen.font(mean_side(made) * 0.06, "heavy").block(pen.phrase("names"), width * 0.4, 1)
    x = pen.pick([4, width - name.width - 8])
    draw.rectangle((x - 2, 4, x + name.width + 3, name.height + 6), paper)
    name.draw(draw, x, 5, ink)
    return made


def map_labels(picture: Image.Image, pen: Pen) -> Image.Image:
    """Names of places strewn over the picture, with dots."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    if pen.chance(0.5):
        made.paste(Image.blend(made, Image.new("RGB", made.size, (235, 232, 222)), 0.5))
    for _ in range(pen.number(3, 7)):
        size = mean_side(made) * pen.between(0.04, 0.065)
        block = pen.font(size).block(pen.phrase("names"), width * 0.4, 1)
        x, y = pen.between(0, width * 0.8), pen.between(0, max(height - block.height, 1))
        x = max(min(x, width - block.width - 8), 0)
        draw.ellipse((x, y + size / 2, x + 4, y + size / 2 + 4), (200, 40, 40))
        block.draw(draw, x + 7, y, (40, 40, 60), outline=_WHITE)
    return made


def badge(picture: Image.Image, pen: Pen) -> Image.Image:
    """A small logo in a corner: a shape and a name."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    paper, ink = _plate_colours(pen)
    face = pen.font(
        mean_side(made) * pen.between(0.045, 0.07), pen.pick(["heavy", "serif", "bold"])
    )
    block = face.block(pen.phrase("names"), made.width * 0.5, 1)
    tall = block.height
    x = pen.pick([4, max(made.width - block.width - tall - 12, 0)])
    y = pen.pick([4, max(made.height - tall - 8, 0)])
    if pen.chance(0.5):
        draw.rounded_rectangle((x, y, x + block.width + tall + 8, y + tall + 4), 5, paper)
    draw.ellipse((x + 2, y + 2, x + tall, y + tall), ink, paper)
    block.draw(draw, x + tall + 4, y + 2, ink, outline=paper)
    return made


def card(picture: Image.Image, pen: Pen) -> Image.Image:
    """A visiting card, an invitation or a notice: a panel with several lines over the picture."""
    made = picture.copy()
    width, height = made.size
    paper, ink = _plate_colours(pen) if pen.chance(0.4) else ((250, 248, 240), (60, 40, 40))
    style = pen.pick(["serif", "plain"])
    size = mean_side(made) * pen.between(0.055, 0.08)
    titles = [pen.font(size * 1.3, style).block(pen.phrase("names"), width * 0.7, 1)]
    lines = [pen.phrase("notices") for _ in range(pen.number(1, 3))]
    blocks = titles + [pen.font(size, style).block(line, width * 0.7, 2) for line in lines]
    if pen.chance(0.6):
        number = f"{pen.number(100, 999)} {pen.number(100, 999)} {pen.number(100, 999)}"
        blocks.append(pen.font(size * 0.9, latin=True).block(number, width * 0.7, 1))
    tall = min(sum(block.height for block in blocks) + 12, height)
    wide = min(max(block.width for block in blocks) + 20, width)
    x, y = pen.between(0, width - wide), pen.between(0, height - tall)
    _shade(made, (x, y, x + wide, y + tall), paper, pen.between(0.55, 1))
    draw = ImageDraw.Draw(made)
    if pen.chance(0.4):
        draw.rectangle((x + 3, y + 3, x + wide - 4, y + tall - 4), None, ink)
    centred = pen.chance(0.6)
    top = y + 6
    for block in blocks:
        if top + block.height > height:
            break
        block.draw(
            draw, x + (wide / 2 if centred else 10), top, ink, anchor="m" if centred else "l"
        )
        top += block.height
    return made


def screenshot(picture: Image.Image, pen: Pen) -> Image.Image:
    """A phone's screen with the picture in an app."""
    dark = pen.chance(0.4)
    paper, ink = ((18, 18, 18), (235, 235, 235)) if dark else (_WHITE, (30, 30, 30))
    width, height = picture.size
    size = max(mean_side(picture) * 0.055, 9)
    status, bar, bottom = round(size * 1.6), round(size * 2.6), round(size * pen.between(1.5, 5))
    made = Image.new("RGB", (width, height + status + bar + bottom), paper)
    accent = pen.pick([paper, paper, (7, 94, 84), (25, 118, 210), (60, 60, 70)])
    on_accent = ink if accent == paper else _WHITE
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 0, width, status + bar), accent)
    pen.font(size * 0.9, latin=True).block(pen.time(), width, 1).draw(draw, 6, 0, on_accent)
    percent = pen.font(size * 0.9, latin=True).block(f"{pen.number(3, 100)}%", width, 1)
    percent.draw(draw, width - 18, 0, on_accent, anchor="r")
    draw.rectangle((width - 14, status * 0.25, width - 8, status * 0.8), on_accent)
    title = pen.font(size * 1.2, "bold").block(pen.phrase("names"), width * 0.7, 1)
    draw.line(
        [(14, status + bar * 0.3), (8, status + bar / 2), (14, status + bar * 0.7)], on_accent, 2
    )
    title.draw(draw, 24, status + (bar - title.height) / 2, on_accent)
    made.paste(picture, (0, status + bar))
    y = status + bar + height
    if pen.chance(0.6):
        for i in range(4):
            x = width * (i + 0.5) / 4
            draw.ellipse((x - size / 2, y + 3, x + size / 2, y + 3 + size), None, ink, 1)
    else:
        pen.font(size).block(pen.phrase("notices"), width * 0.9, 2).draw(draw, 8, y + 2, ink)
    return made


def detections(picture: Image.Image, pen: Pen) -> Image.Image:
    """Boxes of a detector, or of a camera that finds faces, with names of classes."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    width, height = made.size
    names = ["person", "car", "dog", "cat", "chair", "bottle", "face", "bus", "cup", "plant"]
    for _ in range(pen.number(1, 4)):
        colour = pen.colour(40, 230)
        x0, y0 = pen.between(0, width * 0.6), pen.between(12, max(height * 0.6, 13))
        x1, y1 = x0 + width * pen.between(0.15, 0.4), y0 + height * pen.between(0.15, 0.4)
        draw.rectangle((x0, y0, x1, y1), None, colour, 2)
        text = f"{pen.pick(names)} {pen.between(0.3, 1):.2f}"
        block = pen.font(mean_side(made) * 0.05, latin=True).block(text, width, 1)
        draw.rectangle((x0, y0 - block.height, x0 + block.width + 4, y0), colour)
        block.draw(draw, x0 + 2, y0 - block.height, _WHITE if sum(colour) < 450 else _BLACK)
    return made


def announcement(picture: Image.Image, pen: Pen) -> Image.Image:
    """A coloured band with a notice, above or below the picture or on it."""
    paper, ink = _plate_colours(pen)
    return _strip(picture.copy(), pen.phrase("notices"), pen, paper=paper, ink=ink, share=0.075)


def ticket(picture: Image.Image, pen: Pen) -> Image.Image:
    """A white band with a barcode and numbers."""
    width, height = picture.size
    band = max(round(height * pen.between(0.2, 0.35)), 30)
    made = Image.new("RGB", (width, height + band), _WHITE)
    made.paste(picture, (0, 0))
    draw = ImageDraw.Draw(made)
    x, end = round(width * pen.between(0.5, 0.6)), width * 0.95
    while x < end:
        bar = pen.number(1, 3)
        draw.rectangle((x, height + 6, x + bar - 1, height + band - 8), _BLACK)
        x += bar + pen.number(1, 3)
    size = min(mean_side(picture) * 0.055, band / 4.5)
    y: float = height + 3
    for text, latin in (
        (pen.phrase("names"), False),
        (f"{pen.date()} {pen.time()}", True),
        (f"No. {pen.number(1000, 99999)}", True),
    ):
        block = pen.font(size, "bold", latin=latin).block(text, width * 0.45, 1)
        block.draw(draw, 6, y, (20, 20, 20))
        y += block.height
    return made


def page(picture: Image.Image, pen: Pen) -> Image.Image:
    """A page of a newspaper, a book or a catalogue: margins, a header, columns of small print."""
    paper = pen.pick([(252, 250, 245), (240, 232, 215), _WHITE, (225, 225, 222)])
    width, height = picture.size
    margin = round(width * pen.between(0.05, 0.15))
    size = mean_side(picture) * pen.between(0.045, 0.06)
    header = pen.font(size * pen.between(1, 2), "serif").block(pen.phrase("lines"), width, 2)
    caption = pen.font(size, "serif").block(pen.phrase("lines"), width, 2)
    print_ = pen.font(size * 0.8, "serif")
    columns = pen.number(0, 2)
    body = round(height * pen.between(0.25, 0.6)) if columns else 0
    top = margin // 2 + header.height
    tall = top + height + caption.height + body + margin
    made = Image.new("RGB", (width + 2 * margin, tall), paper)
    made.paste(picture, (margin, top))
    draw = ImageDraw.Draw(made)
    ink = pen.pick([(20, 20, 20), (60, 50, 45)])
    header.draw(draw, margin, margin // 2 - 2, ink)
    caption.draw(draw, margin, top + height + 2, ink)
    for column in range(columns):
        text = " ".join(pen.phrase("lines") for _ in range(5))
        wide = width / columns - 6
        y = top + height + caption.height + 4
        most = max((tall - y - margin // 2) // print_.size, 1)
        block = print_.block(text, wide, most + 8)
        shown = Block(block.font, block.lines[: max((tall - y) // block.step, 0)], block.width)
        shown.draw(draw, margin + column * (wide + 12), y, ink)
    return made


def margins(picture: Image.Image, pen: Pen) -> Image.Image:
    """A scanned print: a pale margin, with a date or a name written on it."""
    width, height = picture.size
    edge = max(round(width * pen.between(0.03, 0.08)), 4)
    foot = edge + round(height * pen.pick([0, 0.08, 0.16]))
    made = Image.new("RGB", (width + 2 * edge, height + edge + foot), pen.colour(225, 255))
    made.paste(picture, (edge, edge))
    latin = pen.chance(0.5)
    text = pen.date() if latin else pen.phrase("names")
    block = pen.font(max(mean_side(picture) * 0.05, 9), "serif", latin=latin).block(text, width, 1)
    y = min(height + edge + 2, made.height - block.height)
    block.draw(ImageDraw.Draw(made), pen.pick([edge, edge + width // 3]), y, (50, 50, 90))
    return made


LAYOUTS: tuple[tuple[Callable[[Image.Image, Pen], Image.Image], float], ...] = (
    (date_stamp, 3.0),
    (phone_stamp, 2.0),
    (watermark, 2.5),
    (signature, 1.5),
    (sign, 4.0),
    (price_tag, 1.5),
    (subtitle, 3.0),
    (news, 2.0),
    (map_labels, 1.0),
    (badge, 1.5),
    (card, 3.0),
    (screenshot, 2.5),
    (detections, 1.0),
    (announcement, 2.5),
    (ticket, 1.0),
    (page, 2.0),
    (margins, 1.0),
)
"""Each with how often it is drawn, in proportion to the others."""


def _plate_colours(pen: Pen) -> tuple[Colour, Colour]:
    dark, light = pen.colour(0, 110), pen.colour(200, 255)
    return (dark, light) if pen.chance(0.5) else (light, dark)


def _cornered(
    picture: Image.Image, block: Block, fill: Colour, outline: Colour | None, pen: Pen
) -> Image.Image:
    edge = max(round(picture.width * pen.between(0.01, 0.05)), 2)
    x = pen.pick([edge, picture.width - edge - block.width, picture.width - edge - block.width])
    y = picture.height - block.height - edge if pen.chance(0.8) else edge
    block.draw(ImageDraw.Draw(picture), x, y, fill, outline=outline)
    return picture


def _shade(
    picture: Image.Image, box: tuple[float, float, float, float], colour: Colour, strength: float
) -> None:
    """Lay a colour over a part of the picture."""
    left, top, right, bottom = (round(value) for value in box)
    part = picture.crop((left, top, right, bottom))
    picture.paste(Image.blend(part, Image.new("RGB", part.size, colour), strength), (left, top))


def _stuck(picture: Image.Image, plate: Image.Image, pen: Pen) -> None:
    """Put a plate somewhere on the picture, seen from an angle."""
    lean, slant = pen.between(-0.25, 0.25), pen.between(-0.12, 0.12)
    wide, tall = plate.size
    room = round(abs(slant) * wide), round(abs(lean) * tall)
    size = (wide + room[1], tall + room[0])
    matrix = (1, lean, -lean * tall if lean > 0 else 0, slant, 1, -slant * wide if slant > 0 else 0)
    turned = plate.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    mask = Image.new("L", plate.size, 255).transform(size, Image.Transform.AFFINE, matrix)
    x = pen.number(0, max(picture.width - size[0], 0))
    y = pen.number(0, max(picture.height - size[1], 0))
    picture.paste(turned, (x, y), mask)


def _strip(
    picture: Image.Image, text: str, pen: Pen, *, paper: Colour, ink: Colour, share: float
) -> Image.Image:
    """A band with a text, above or below the picture or on it."""
    width, height = picture.size
    block = pen.font(mean_side(picture) * share * pen.between(0.8, 1.1), "bold").block(
        text, width * 0.94, 2
    )
    band = block.height + max(block.step // 3, 4)
    where = pen.pick(["above", "below", "on"])
    if where == "on":
        made, top = picture, round(pen.between(0, max(height - band, 0)))
    else:
        made = Image.new("RGB", (width, height + band))
        made.paste(picture, (0, band if where == "above" else 0))
        top = 0 if where == "above" else height
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, top, width, top + band - 1), paper)
    block.draw(draw, width / 2, top + (band - block.height) / 2, ink, anchor="m")
    return made
