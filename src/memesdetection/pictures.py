"""Pictures: find them in folders, tell their type by content, decode them to what a model reads."""

from __future__ import annotations

import io
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DamagedPicture, HugePicture, NotAPicture, PictureError, UnreadableFile

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .webp .gif .bmp .dib .tif .tiff"
    " .heic .heif .hif .avif".split()
)
MAX_MEGAPIXELS = 100
"""Largest picture decoded in full; a JPEG, shrunk meanwhile, may be 1.7 times as large."""

MAX_FRAMES = 3
"""Frames of an animation that are judged: first, middle and last of the frames looked at."""

FRAMES_LOOKED_AT = 48
"""Frames of an animation that are decoded at most, so that a long one does not hold up a scan."""

MAX_BYTES = 256 * 2**20
"""Largest file that is read; no phone takes such a picture."""

SNIFFED_BYTES = 32

DECODER_VERSION = 1
"""Rises with each change after which `decode` gives other pixels or takes other files."""

# The further images in other formats are pages, previews or shots of a burst.
_ANIMATED = ("PNG", "WEBP", "GIF", "AVIF")

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}

_ORIENTATION, _MAKE, _MODEL, _EXIF_IFD = 0x0112, 0x010F, 0x0110, 0x8769
_EXPOSURE_TIME, _F_NUMBER, _ISO = 0x829A, 0x829D, 0x8827


@dataclass(frozen=True)
class FoundFile:
    """A regular file below a scanned folder, as the file system describes it.

    Attributes:
        path: where it is, below the folder as the user named it.
        bytes: size in bytes.
        mtime_ns: last modification, as `modified_ns` has it.
        error: one sentence on a file or folder that the file system does not hand over, or None.
    """

    path: str
    bytes: int = 0
    mtime_ns: int = 0
    error: str | None = None


@dataclass(frozen=True)
class DecodedPicture:
    """What a model and a verdict need of one picture.

    Attributes:
        frames: uint8 [n, size, size, 3], RGB 0-255, the whole picture squashed to a square,
            upright, transparency on white; n is 1 but for animations (at most `MAX_FRAMES`).
        width: pixels of the upright picture.
        height: pixels of the upright picture.
        format: one of `FORMATS`.
        from_camera: EXIF names a camera and an exposure: somebody took this photo.
    """

    frames: np.ndarray
    width: int
    height: int
    format: str
    from_camera: bool


def find(
    folders: Iterable[str | Path], passed_over: Counter[str] | None = None
) -> Iterator[FoundFile]:
    """Yield every regular, visible file below the folders, each once, by folder and name.

    Hidden files and folders (`.thumbnails`, Android's `.trashed-*`), symbolic links and special
    files are passed over, so there are no loops and nothing outside the folders is touched.
    Whatever is named itself may be hidden or a link. A folder that cannot be listed comes as one
    `FoundFile` with an error.

    Args:
        folders: folders to walk, or files.
        passed_over: counts what is passed over: `hidden`, `links` and `special files`.
    """
    passed_over = Counter() if passed_over is None else passed_over
    walked: set[tuple[int, int]] = set()
    yielded: set[tuple[int, int, str]] = set()  # by folder and name: hard links are files apart
    pending = [os.fspath(folder) for folder in reversed(list(folders))]
    while pending:
        path = pending.pop()
        try:
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                place, name = os.path.split(os.path.realpath(path))
                if (key := (*_identity(os.stat(place)), name)) not in yielded:
                    yielded.add(key)
                    yield FoundFile(path, status.st_size, modified_ns(status))
                continue
            if not stat.S_ISDIR(status.st_mode):
                passed_over["special files"] += 1
                continue
            if (folder := _identity(status)) in walked:
                continue
            walked.add(folder)
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield FoundFile(path, error=str(_unreadable(error)))
            continue
        subfolders = []
        for entry in entries:
            if (key := (*folder, entry.name)) in yielded:
                continue
            if entry.name.startswith("."):
                passed_over["hidden"] += 1
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield FoundFile(entry.path, error=str(_unreadable(error)))
                continue
            if stat.S_ISDIR(status.st_mode):
                subfolders.append(entry.path)
            elif stat.S_ISREG(status.st_mode):
                yielded.add(key)
                yield FoundFile(entry.path, status.st_size, modified_ns(status))
            else:
                passed_over["links" if stat.S_ISLNK(status.st_mode) else "special files"] += 1
        pending.extend(reversed(subfolders))


def sniff(content: bytes) -> str | None:
    """Tell a picture's format from its first `SNIFFED_BYTES` bytes; more of it may be given.

    Returns:
        One of `FORMATS`, or None for anything else.
    """
    head = content[:SNIFFED_BYTES]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "BMP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if head[4:8] == b"ftyp":
        brands = {head[i : i + 4] for i in (8, *range(16, len(head) - 3, 4))}
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    return None


def read(path: str | Path) -> bytes:
    """Read a file whole.

    Raises:
        UnreadableFile: the file system refuses.
        HugePicture: the file has more than `MAX_BYTES` bytes.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableFile("It is no file that could be a picture.")
            too_large = status.st_size > MAX_BYTES
            content = b"" if too_large else file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(error) from error
    if too_large or len(content) > MAX_BYTES:
        raise HugePicture(f"The file is too large; up to {MAX_BYTES // 2**20} MiB are read.")
    return content


def modified_ns(status: os.stat_result) -> int:
    """Last modification in nanoseconds since 1970, at most 2262, which is what SQLite holds."""
    return min(max(status.st_mtime_ns, -(2**63)), 2**63 - 1)


def looks_like_picture(path: str) -> bool:
    """Whether a file has a picture's suffix or starts like a picture; its content may be broken.

    Raises:
        UnreadableFile: the file system refuses.
    """
    return os.path.splitext(path)[1].lower() in SUFFIXES or sniff(read_head(path)) is not None


def read_head(path: str | Path) -> bytes:
    """Read the first `SNIFFED_BYTES` bytes of a file.

    Raises:
        UnreadableFile: the file system refuses.
    """
    try:
        with open(path, "rb", buffering=0, opener=_open_at_once) as file:
            return file.read(SNIFFED_BYTES)
    except OSError as error:
        raise _unreadable(error) from error


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to must not hold the program up."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decode(content: bytes, size: int) -> DecodedPicture:
    """Decode a picture to the square that a model reads.

    A JPEG is shrunk by the decoder itself (libjpeg's scaled inverse DCT) as long as twice `size`
    remains. The rest is done by a triangle filter whose support grows with the reduction (Pillow's
    BILINEAR): every platform must resample so, as probabilities hang on the sharpness.

    Args:
        content: the whole file.
        size: side of the square in pixels.

    Raises:
        NotAPicture, DamagedPicture, HugePicture: each says what is wrong with this content.
    """
    import numpy as np

    with _opened(content) as image:
        width, height = image.size
        image.draft("RGB", (2 * size, 2 * size))
        orientation, from_camera = _load(image)
        if orientation in (5, 6, 7, 8):
            width, height = height, width
        frames = [_squashed(frame, size, orientation) for frame in _judged_frames(image)]
        return DecodedPicture(
            np.stack([np.asarray(frame) for frame in frames]),
            width,
            height,
            # Pillow's name for a JPEG with more pictures behind it, such as a preview.
            "JPEG" if image.format == "MPO" else str(image.format),
            from_camera,
        )


def decode_small(content: bytes, side: int) -> Image.Image:
    """Decode a picture's first frame to look at: RGB, upright, transparency on white.

    Args:
        content: the whole file.
        side: the most pixels in width and height; a smaller picture stays as it is.

    Returns:
        With nothing of the file beside the pixels: no EXIF, no comment.

    Raises:
        NotAPicture, DamagedPicture, HugePicture: each says what is wrong with this content.
    """
    with _opened(content) as image:
        image.draft("RGB", (side, side))
        orientation, _ = _load(image)
        small = _rgb(image)
        small.thumbnail((side, side))
        small = _turned(small, orientation)
        small.info = {}
        return small


def dimensions(content: bytes) -> tuple[int, int]:
    """Width and height in pixels that a picture's header claims, before anything is decoded.

    Raises:
        NotAPicture, DamagedPicture, HugePicture: each says what is wrong with this content.
    """
    with _opened(content) as image:
        return image.size


def decode_whole(content: bytes) -> Image.Image:
    """Decode a picture's first frame at its full size: RGB, upright, transparency on white.

    Of a JPEG of more than `MAX_MEGAPIXELS` it is half the size, so that this, too, decodes it.

    Raises:
        NotAPicture, DamagedPicture, HugePicture: each says what is wrong with this content.
    """
    with _opened(content) as image:
        if _megapixels(image) > MAX_MEGAPIXELS:
            image.draft("RGB", (image.width // 2, image.height // 2))
        orientation, _ = _load(image)
        return _rgb(_turned(image, orientation))


def thumbnail(content: bytes, side: int) -> Image.Image:
    """Decode a picture's first frame small: RGB, upright, transparency on white, no metadata.

    Args:
        content: the whole file.
        side: pixels of the longer side at most; a smaller picture stays as it is.

    Raises:
        NotAPicture, DamagedPicture, HugePicture: each says what is wrong with this content.
    """
    with _opened(content) as image:
        image.draft("RGB", (2 * side, 2 * side))
        orientation, _ = _load(image)
        small = _resizable(image)
        small.thumbnail((side, side))
        small = _rgb(_turned(small, orientation))
        small.info.clear()
        return small


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """Open content with Pillow, and turn whatever Pillow raises meanwhile into a `PictureError`."""
    from PIL import Image

    if not content:
        raise DamagedPicture("The file is empty.")
    picture_format = sniff(content)
    if picture_format is None:
        raise NotAPicture("The content is not a picture of a known format.")
    if picture_format == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    try:
        with Image.open(io.BytesIO(content), formats=[picture_format]) as image:
            yield image
    except PictureError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise HugePicture(
            f"The picture has too many pixels; up to {MAX_MEGAPIXELS} megapixels are decoded here."
        ) from error
    # Decoders raise almost anything on hostile input: OSError, SyntaxError, struct.error, ...
    except Exception as error:
        raise DamagedPicture("The picture is truncated or corrupt.") from error


def _load(image: Image.Image) -> tuple[int, bool]:
    """Decode an opened picture, and return its EXIF orientation and whether a camera took it.

    EXIF comes after the pixels, as a PNG may have it behind them and Pillow turns a TIFF upright
    while loading it. Broken EXIF spoils no pixel and is passed over.
    """
    _refuse_huge(image)
    image.load()
    orientation, from_camera = 1, False
    with suppress(Exception):
        exif = image.getexif()
        orientation = exif.get(_ORIENTATION, 1)
        details = exif.get_ifd(_EXIF_IFD)
        named = exif.get(_MAKE) or exif.get(_MODEL)
        exposed = any(details.get(tag) for tag in (_EXPOSURE_TIME, _F_NUMBER, _ISO))
        from_camera = bool(named) and exposed
    return orientation, from_camera


def _megapixels(image: Image.Image) -> float:
    return image.width * image.height / 1e6


def _refuse_huge(image: Image.Image) -> None:
    megapixels = _megapixels(image)
    if megapixels > MAX_MEGAPIXELS:
        raise HugePicture(
            f"The picture has {megapixels:.0f} megapixels; up to {MAX_MEGAPIXELS} are decoded here."
        )


def _judged_frames(image: Image.Image) -> Iterator[Image.Image]:
    count = min(getattr(image, "n_frames", 1), FRAMES_LOOKED_AT)
    if image.format not in _ANIMATED:
        count = 1
    for index in sorted({0, count // 2, count - 1})[:MAX_FRAMES]:
        if index:
            image.seek(index)
            _refuse_huge(image)
        yield image


def _squashed(image: Image.Image, size: int, orientation: int) -> Image.Image:
    """Resize first and convert after: both commute, and the small picture is cheap to convert."""
    from PIL import Image

    small = _resizable(image).resize((size, size), Image.Resampling.BILINEAR)
    return _rgb(_turned(small, orientation))


def _resizable(image: Image.Image) -> Image.Image:
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        return _rgb(image)
    return image


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    from PIL import Image

    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    return image.transpose(turn) if turn is not None else image


def _rgb(image: Image.Image) -> Image.Image:
    """Convert any mode to RGB: 16 and 32 bits scaled to 8, transparency laid on white."""
    import numpy as np
    from PIL import Image

    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
        low, high = values.min(), values.max()
        scaled = (values - low) * (255 / (high - low) if high > low else 0)
        return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _unreadable(error: OSError) -> UnreadableFile:
    if isinstance(error, PermissionError):
        return UnreadableFile("No permission to read it.")
    if isinstance(error, FileNotFoundError):
        return UnreadableFile("It is not there (any more).")
    return UnreadableFile(f"It cannot be read: {error.strerror or error}.")
