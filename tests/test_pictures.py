"""Pictures: decoded as a viewer shows them, found where they are, refused with a reason."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from making import (
    ANIMATED_FORMATS,
    BLACK,
    FORMATS,
    HEIGHT,
    QUADRANTS,
    WHITE,
    WIDTH,
    animated,
    claiming,
    close,
    corners,
    encoded,
    exif,
    png_bomb,
    png_chunk,
    quadrants,
    turned,
)
from PIL import Image

from memesdetection import pictures
from memesdetection.errors import (
    DamagedPicture,
    HugePicture,
    NotAPicture,
    PictureError,
    UnreadableFile,
)

SIZE = 32

Reader = Callable[[str], object]

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
# Pillow warns of odd content that it decodes all the same; the command line passes that over.
with_pillows_warnings = pytest.mark.filterwarnings("ignore:::PIL")


def stills() -> dict[str, bytes]:
    return {image_format: encoded(quadrants(), image_format) for image_format in FORMATS}


def all_kinds() -> dict[str, bytes]:
    """Every format, still and animated, with EXIF where it goes, and other codings of it."""
    tags = exif(6, "Maker", 0.01)
    odd = {
        "JPEG with EXIF": encoded(quadrants(), "JPEG", exif=tags),
        "progressive JPEG": encoded(quadrants(), "JPEG", progressive=True),
        "PNG with EXIF": encoded(quadrants(), "PNG", exif=tags),
        "PNG with palette": encoded(quadrants().quantize(16), "PNG"),
        "lossless WEBP with EXIF": encoded(quadrants(), "WEBP", lossless=True, exif=tags),
        "LZW TIFF": encoded(quadrants(), "TIFF", compression="tiff_lzw"),
    }
    moving = {f"animated {name}": animated(name, [0, 80, 160, 240]) for name in ANIMATED_FORMATS}
    return stills() | odd | moving


KINDS = all_kinds()
each_kind = pytest.mark.parametrize("content", KINDS.values(), ids=KINDS.keys())


def refusal(content: bytes) -> str | None:
    """The sentence that refuses a picture, or None where it is decoded."""
    try:
        frames = pictures.decode(content, SIZE).frames
    except PictureError as error:
        return str(error)
    assert frames.shape[1:] == (SIZE, SIZE, 3)
    return None


class TestDecode:
    @pytest.mark.parametrize("image_format", FORMATS)
    def test_a_picture_of_each_format_keeps_its_colours_in_their_places(
        self, image_format: str
    ) -> None:
        picture = pictures.decode(stills()[image_format], SIZE)
        assert picture.frames.shape == (1, SIZE, SIZE, 3)
        assert picture.frames.dtype == np.uint8
        assert close(corners(picture.frames[0]), QUADRANTS)
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)
        assert picture.format == image_format

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_a_picture_of_each_format_is_decoded_whole(self, image_format: str) -> None:
        whole = pictures.decode_whole(stills()[image_format])
        assert (whole.mode, whole.size) == ("RGB", (WIDTH, HEIGHT))
        assert close(corners(whole), QUADRANTS)

    @pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
    def test_a_picture_as_thin_as_one_pixel_is_decoded(
        self, image_format: str, size: tuple[int, int]
    ) -> None:
        picture = pictures.decode(encoded(Image.new("RGB", size, "red"), image_format), SIZE)
        assert (picture.width, picture.height) == size
        assert close(corners(picture.frames[0]), ((255, 0, 0),) * 4)

    @pytest.mark.parametrize("image_format", ANIMATED_FORMATS)
    @pytest.mark.parametrize(
        ("count", "judged"),
        [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (5, [0, 2, 4]), (60, [0, 24, 47])],
    )
    def test_an_animation_gives_its_first_middle_and_last_frame_of_those_looked_at(
        self, image_format: str, count: int, judged: list[int]
    ) -> None:
        levels = [4 * index for index in range(count)]
        frames = pictures.decode(animated(image_format, levels), SIZE).frames
        middles = frames[:, SIZE // 2, SIZE // 2, 0].astype(int)
        assert middles == pytest.approx([levels[index] for index in judged], abs=1)

    @pytest.mark.parametrize(
        ("kind", "image_format"), [("MPO", "JPEG"), ("TIFF", "TIFF"), ("HEIF", "HEIF")]
    )
    def test_previews_pages_and_shots_of_a_burst_are_no_frames(
        self, kind: str, image_format: str
    ) -> None:
        others = {"save_all": True, "append_images": [Image.new("RGB", (WIDTH, HEIGHT))]}
        picture = pictures.decode(encoded(quadrants(), kind, **others), SIZE)
        assert (picture.format, len(picture.frames)) == (image_format, 1)
        assert close(corners(picture.frames[0]), QUADRANTS)

    def test_the_main_picture_of_a_heic_is_judged_also_where_it_is_not_the_first(self) -> None:
        others = {"save_all": True, "append_images": [quadrants()], "primary_index": 1}
        content = encoded(Image.new("RGB", (WIDTH, HEIGHT)), "HEIF", **others)
        assert close(corners(pictures.decode(content, SIZE).frames[0]), QUADRANTS)

    def test_a_motion_photo_with_its_video_behind_it_is_decoded(self) -> None:
        content = encoded(quadrants(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(5000)
        assert close(corners(pictures.decode(content, SIZE).frames[0]), QUADRANTS)


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
    def test_a_turned_picture_comes_upright(self, image_format: str, orientation: int) -> None:
        content = turned(image_format, orientation)
        picture = pictures.decode(content, SIZE)
        assert close(corners(picture.frames[0]), QUADRANTS)
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)
        whole = pictures.decode_whole(content)
        assert close(corners(whole), QUADRANTS)
        assert whole.size == (WIDTH, HEIGHT)

    def test_a_compressed_tiff_comes_upright(self) -> None:
        picture = pictures.decode(turned("TIFF", 6, compression="tiff_lzw"), SIZE)
        assert close(corners(picture.frames[0]), QUADRANTS)
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)

    def test_a_png_with_exif_behind_its_pixels_comes_upright(self) -> None:
        stored = encoded(quadrants().transpose(Image.Transpose.ROTATE_90), "PNG")
        tags = png_chunk(b"eXIf", exif(6).removeprefix(b"Exif\0\0"))
        content = stored.replace(png_chunk(b"IEND", b""), tags + png_chunk(b"IEND", b""))
        picture = pictures.decode(content, SIZE)
        assert close(corners(picture.frames[0]), QUADRANTS)
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_an_orientation_that_means_nothing_is_passed_over(self, orientation: int) -> None:
        picture = pictures.decode(
            encoded(quadrants(), "JPEG", exif=exif(orientation, "Maker", 0.01)), SIZE
        )
        assert close(corners(picture.frames[0]), QUADRANTS)


def grey16(level: int) -> Image.Image:
    return Image.fromarray(np.full((HEIGHT, WIDTH), level, np.uint16))


def halves(mode: str, left: int | tuple[int, ...], right: int | tuple[int, ...]) -> Image.Image:
    image = Image.new(mode, (WIDTH, HEIGHT), left)
    image.paste(right, (WIDTH // 2, 0, WIDTH, HEIGHT))
    return image


def float_ramp(*odd_values: float) -> Image.Image:
    ramp = np.tile(np.linspace(0, 1, WIDTH, dtype=np.float32), (HEIGHT, 1))
    ramp[0, : len(odd_values)] = odd_values
    return Image.fromarray(ramp)


def palette_halves() -> Image.Image:
    image = halves("P", 1, 2)
    image.putpalette([9, 9, 9, 0, 0, 0, *QUADRANTS[0]])
    return image


GREY, DARK, LIGHT = (128,) * 3, (64,) * 3, (191,) * 3
RED = QUADRANTS[0]
CLEAR_AND_RED = halves("RGBA", (0, 0, 0, 0), (*RED, 255))

MODES = {
    "CMYK JPEG": (encoded(quadrants().convert("CMYK"), "JPEG"), QUADRANTS),
    "CMYK TIFF": (encoded(quadrants().convert("CMYK"), "TIFF"), QUADRANTS),
    "YCbCr TIFF": (encoded(quadrants().convert("YCbCr"), "TIFF"), QUADRANTS),
    "grey JPEG": (encoded(halves("L", 64, 191), "JPEG"), (DARK, LIGHT) * 2),
    "16-bit grey PNG": (encoded(grey16(0x8080), "PNG"), (GREY,) * 4),
    "16-bit grey TIFF": (encoded(grey16(0x8080), "TIFF"), (GREY,) * 4),
    "16-bit grey TIFF of the other byte order": (
        encoded(Image.frombytes("I;16B", (2, 2), b"\x80\x00" * 4), "TIFF"),
        (GREY,) * 4,
    ),
    "1-bit PNG": (encoded(halves("1", 0, 1), "PNG"), (BLACK, WHITE) * 2),
    "1-bit TIFF": (encoded(halves("1", 0, 1), "TIFF", compression="group4"), (BLACK, WHITE) * 2),
    "palette PNG": (encoded(palette_halves(), "PNG"), (BLACK, RED) * 2),
    "palette PNG with one clear colour": (
        encoded(palette_halves(), "PNG", transparency=1),
        (WHITE, RED) * 2,
    ),
    "palette PNG with half clear colours": (
        encoded(palette_halves(), "PNG", transparency=b"\x00\x80\xff"),
        ((127,) * 3, RED) * 2,
    ),
    "palette GIF with a clear colour": (
        encoded(palette_halves(), "GIF", transparency=1),
        (WHITE, RED) * 2,
    ),
    "grey PNG with a clear level": (
        encoded(halves("L", 7, 191), "PNG", transparency=7),
        (WHITE, LIGHT) * 2,
    ),
    "RGB PNG with a clear colour": (
        encoded(halves("RGB", (7, 7, 7), RED), "PNG", transparency=(7, 7, 7)),
        (WHITE, RED) * 2,
    ),
    "grey PNG with opacity": (
        encoded(halves("LA", (0, 0), (64, 255)), "PNG"),
        (WHITE, DARK) * 2,
    ),
    "RGBA PNG": (encoded(CLEAR_AND_RED, "PNG"), (WHITE, RED) * 2),
    "RGBA WEBP": (encoded(CLEAR_AND_RED, "WEBP", lossless=True), (WHITE, RED) * 2),
    "RGBA TIFF": (encoded(CLEAR_AND_RED, "TIFF"), (WHITE, RED) * 2),
    "RGBA HEIC": (encoded(CLEAR_AND_RED, "HEIF"), (WHITE, RED) * 2),
    "RGBA AVIF": (encoded(CLEAR_AND_RED, "AVIF"), (WHITE, RED) * 2),
    "half clear black": (
        encoded(Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 128)), "PNG"),
        ((127,) * 3,) * 4,
    ),
    "float TIFF": (encoded(float_ramp(), "TIFF"), (DARK, LIGHT) * 2),
    "float TIFF with values that are no numbers": (
        encoded(float_ramp(float("nan"), float("inf"), float("-inf")), "TIFF"),
        (DARK, LIGHT) * 2,
    ),
    "32-bit TIFF": (
        encoded(Image.fromarray(np.linspace(-9e8, 9e8, 96).astype(np.int32)[None]), "TIFF"),
        (DARK, LIGHT) * 2,
    ),
}


class TestColours:
    @pytest.mark.parametrize(("content", "expected"), MODES.values(), ids=MODES.keys())
    def test_each_colour_mode_comes_with_the_right_brightness_and_clear_parts_white(
        self, content: bytes, expected: tuple[tuple[int, ...], ...]
    ) -> None:
        assert close(corners(pictures.decode(content, SIZE).frames[0]), expected)
        assert close(corners(pictures.decode_whole(content)), expected)

    def test_a_shade_next_to_the_clear_colour_stays_when_shrunk(self) -> None:
        stripes = np.tile(np.array([0, 200], np.uint8), (HEIGHT, WIDTH // 2))
        content = encoded(Image.fromarray(stripes), "PNG", transparency=100)
        frame = pictures.decode(content, SIZE).frames[0]
        assert frame.mean() == pytest.approx(100, abs=2)

    @pytest.mark.parametrize(
        "mode",
        ["1", "L", "LA", "P", "I", "I;16", "F", "RGB", "RGBX", "RGBA", "CMYK", "YCbCr", "LAB"],
    )
    def test_a_tiff_of_each_mode_is_decoded(self, mode: str) -> None:
        picture = pictures.decode(encoded(Image.new(mode, (WIDTH, HEIGHT)), "TIFF"), SIZE)
        assert (picture.width, picture.height, picture.format) == (WIDTH, HEIGHT, "TIFF")


class TestTypeByContent:
    @pytest.mark.parametrize("name", ["a.png", "a", "a.txt"])
    def test_a_jpeg_is_decoded_whatever_its_name(self, tmp_path: Path, name: str) -> None:
        file = tmp_path / name
        file.write_bytes(encoded(quadrants(), "JPEG"))
        assert pictures.looks_like_picture(str(file))
        assert pictures.decode(pictures.read(file), SIZE).format == "JPEG"

    @pytest.mark.parametrize(
        "content",
        [
            b"Dear diary, today I bought a phone.",
            b"BMW, Audi and Mercedes",
            b"%PDF-1.7\n",
            b"PK\x03\x04" + bytes(60),
            b"RIFF\x24\x08\x00\x00WAVEfmt ",
            b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(60),
            b"\x89PNG",
            bytes(200),
        ],
    )
    def test_other_content_is_no_picture(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "holiday"
        file.write_bytes(content)
        assert not pictures.looks_like_picture(str(file))
        with pytest.raises(NotAPicture, match="not a picture of a known format"):
            pictures.decode(content, SIZE)

    @pytest.mark.parametrize("name", ["a.jpg", "A.JPEG", "b.HEIC", "c.webp", "d.avif", "e.tif"])
    def test_a_pictures_name_is_enough_to_look_like_one(self, tmp_path: Path, name: str) -> None:
        file = tmp_path / name
        file.write_text("Dear diary")
        assert pictures.looks_like_picture(str(file))

    def test_an_empty_file_is_a_damaged_picture(self) -> None:
        with pytest.raises(DamagedPicture, match="empty"):
            pictures.decode(b"", SIZE)

    @pytest.mark.parametrize("image_format", ["HEIF", "AVIF"])
    def test_a_container_of_the_general_brand_is_told_by_the_further_ones(
        self, image_format: str
    ) -> None:
        content = bytearray(stills()[image_format])
        content[8:12] = b"mif1"
        picture = pictures.decode(bytes(content), SIZE)
        assert picture.format == image_format
        assert close(corners(picture.frames[0]), QUADRANTS)


class TestBadContent:
    @each_kind
    @with_pillows_warnings
    def test_a_truncated_picture_is_decoded_or_refused_with_a_sentence(
        self, content: bytes
    ) -> None:
        lengths = {len(content) * part // 25 for part in range(25)} | set(range(0, 64, 4))
        refusals = [refusal(content[:length]) for length in lengths]
        assert any(refusals)
        assert all(sentence.endswith(".") for sentence in refusals if sentence is not None)

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_half_a_picture_is_called_damaged(self, image_format: str) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        content = encoded(Image.fromarray(noise), image_format)
        for decoder in (lambda half: pictures.decode(half, SIZE), pictures.decode_whole):
            with pytest.raises(DamagedPicture, match="truncated or corrupt"):
                decoder(content[: len(content) // 2])

    @each_kind
    @with_pillows_warnings
    def test_a_picture_with_random_bytes_changed_is_decoded_or_refused_with_a_sentence(
        self, content: bytes
    ) -> None:
        chance = random.Random(0)
        refusals = []
        for _ in range(40):
            changed = bytearray(content)
            for _ in range(chance.choice([1, 2, 8, 32])):
                # Half of the changes go to the header, where they do most.
                end = len(changed) if chance.random() < 0.5 else min(64, len(changed))
                changed[chance.randrange(end)] = chance.randrange(256)
            refusals.append(refusal(bytes(changed)))
        assert any(refusals)
        assert all(sentence.endswith(".") for sentence in refusals if sentence is not None)

    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("tags", [b"Exif\0\0no such thing", exif(6, "Maker", 0.01)[:30]])
    @with_pillows_warnings
    def test_broken_exif_does_not_spoil_the_picture(self, image_format: str, tags: bytes) -> None:
        content = encoded(quadrants(), image_format, exif=tags)
        assert not pictures.decode(content, SIZE).from_camera
        assert pictures.decode_whole(content).size == (WIDTH, HEIGHT)


# Prints by how many MiB its memory grew at most while it decoded the file that it is given.
MEASURE = """
import resource, sys, warnings
from making import encoded, quadrants
from memesdetection import pictures
from memesdetection.errors import PictureError
warnings.simplefilter("ignore")
pictures.decode(encoded(quadrants(), "PNG"), 224)
content = pictures.read(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    picture = pictures.decode(content, 224)
    print(picture.width, picture.height)
except PictureError as error:
    print(type(error).__name__)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def outcome_and_growth(file: Path) -> tuple[str, int]:
    folders = [str(Path(pictures.__file__).parents[1]), str(Path(__file__).parent)]
    printed = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(folders)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout.splitlines()
    return printed[0], int(printed[1])


class TestHugePictures:
    @pytest.mark.parametrize("side", [12_000, 30_000])
    @pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
    def test_a_bomb_is_refused_before_it_takes_memory(self, tmp_path: Path, side: int) -> None:
        file = tmp_path / "bomb.png"
        file.write_bytes(png_bomb(side, side))
        outcome, growth = outcome_and_growth(file)
        assert outcome == "HugePicture"
        assert growth < 30

    @pytest.mark.parametrize("image_format", ["JPEG", "GIF", "BMP"])
    @with_pillows_warnings
    def test_a_header_that_claims_too_many_pixels_is_refused(self, image_format: str) -> None:
        with pytest.raises(HugePicture, match="up to 100 megapixels are decoded"):
            pictures.decode(claiming(image_format, 60_000, 60_000), SIZE)

    @with_pillows_warnings
    def test_the_sentence_names_the_size_of_a_picture_not_far_over_the_limit(self) -> None:
        with pytest.raises(HugePicture, match=r"has 121 megapixels; up to 100 "):
            pictures.decode(claiming("BMP", 11_000, 11_000), SIZE)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of 108 megapixels, as large sensors take them."""
    image = Image.new("L", (12_000, 9_000), 64)
    image.paste(191, (6_000, 0, 12_000, 9_000))
    file = tmp_path_factory.mktemp("photos") / "photo.jpg"
    image.save(file)
    return file


class TestCamerasLargestPhotos:
    @pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
    def test_the_decoder_shrinks_one_meanwhile(self, photo: Path) -> None:
        outcome, growth = outcome_and_growth(photo)
        assert outcome == "12000 9000"
        assert growth < 30

    @with_pillows_warnings
    def test_one_is_decoded_whole_at_half_its_size(self, photo: Path) -> None:
        whole = pictures.decode_whole(pictures.read(photo))
        assert whole.size == (6_000, 4_500)
        assert close(corners(whole), (DARK, LIGHT) * 2)


class TestFromCamera:
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
    @pytest.mark.parametrize(
        ("tags", "from_camera"),
        [
            ({"make": "Maker", "exposure": 0.01}, True),
            ({"make": "Maker"}, False),
            ({"exposure": 0.01}, False),
            ({"orientation": 6}, False),
        ],
        ids=str,
    )
    def test_a_photo_is_one_whose_exif_names_camera_and_exposure(
        self, image_format: str, tags: dict[str, float], from_camera: bool
    ) -> None:
        content = encoded(quadrants(), image_format, exif=exif(**tags))
        assert pictures.decode(content, SIZE).from_camera is from_camera

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_a_picture_without_exif_is_from_no_camera(self, image_format: str) -> None:
        assert not pictures.decode(stills()[image_format], SIZE).from_camera


def lay_out(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def found(*folders: Path, below: Path) -> list[str]:
    """What is found, by paths relative to a folder."""
    return [Path(file.path).relative_to(below).as_posix() for file in pictures.find(folders)]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that anybody may read, for a process that is not root meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        as_root = os.geteuid() == 0
        closed = Path(folder) / "closed"
        yield Path(folder)
        if as_root:
            os.seteuid(0)
        if closed.is_dir():
            closed.chmod(0o755)


def become_ordinary_user() -> None:
    """Leave root behind, for whom permissions do not count; `public_folder` returns to it."""
    if os.geteuid() == 0:
        os.seteuid(65534)


class TestFind:
    def test_files_come_sorted_by_folder_and_name(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "b/z.jpg", "b/a.jpg", "a/deep/er/x.jpg", "c.jpg", "B.txt", "a/y.jpg")
        assert found(tmp_path, below=tmp_path) == [
            "B.txt",
            "c.jpg",
            "a/y.jpg",
            "a/deep/er/x.jpg",
            "b/a.jpg",
            "b/z.jpg",
        ]

    def test_a_file_comes_with_its_size_and_time(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "a.jpg")
        os.utime(tmp_path / "a.jpg", ns=(1, 1_700_000_000_123_456_700))
        (file,) = pictures.find([tmp_path])
        assert (file.bytes, file.mtime_ns, file.error) == (5, 1_700_000_000_123_456_700, None)

    def test_hidden_and_trashed_files_and_folders_are_skipped(self, tmp_path: Path) -> None:
        lay_out(tmp_path, ".a.jpg", ".trashed-1-a.jpg", ".thumbnails/b.jpg", "c.jpg")
        assert found(tmp_path, below=tmp_path) == ["c.jpg"]

    def test_what_is_named_itself_may_be_hidden(self, tmp_path: Path) -> None:
        lay_out(tmp_path, ".a.jpg", ".thumbnails/b.jpg", "c.jpg")
        named = [tmp_path, tmp_path / ".a.jpg", tmp_path / ".thumbnails"]
        assert found(*named, below=tmp_path) == ["c.jpg", ".a.jpg", ".thumbnails/b.jpg"]

    def test_a_file_may_be_named(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "a.jpg", "b.jpg")
        assert found(tmp_path / "b.jpg", below=tmp_path) == ["b.jpg"]

    @posix_only
    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "in/a.jpg", "out/b.jpg")
        folder = tmp_path / "in"
        (folder / "loop").symlink_to(folder)
        (folder / "out").symlink_to(tmp_path / "out")
        (folder / "b.jpg").symlink_to(tmp_path / "out/b.jpg")
        (folder / "c.jpg").symlink_to("nowhere")
        assert found(folder, below=tmp_path) == ["in/a.jpg"]

    @posix_only
    def test_a_link_that_is_named_itself_is_followed(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "in/a.jpg")
        (tmp_path / "link").symlink_to("in")
        assert found(tmp_path / "link", below=tmp_path) == ["link/a.jpg"]

    @posix_only
    def test_pipes_and_sockets_are_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay_out(tmp_path, "a.jpg")
        os.mkfifo(tmp_path / "pipe.jpg")
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.jpg")
            assert found(tmp_path, tmp_path / "pipe.jpg", below=tmp_path) == ["a.jpg"]

    @posix_only
    def test_a_folder_without_permission_is_told_and_the_rest_goes_on(
        self, public_folder: Path
    ) -> None:
        lay_out(public_folder, "a/a.jpg", "closed/b.jpg", "d/d.jpg")
        (public_folder / "closed").chmod(0)
        become_ordinary_user()
        assert [
            (Path(file.path).relative_to(public_folder).as_posix(), file.error)
            for file in pictures.find([public_folder])
        ] == [
            ("a/a.jpg", None),
            ("closed", "No permission to read it."),
            ("d/d.jpg", None),
        ]

    @posix_only
    def test_files_in_a_folder_that_may_only_be_listed_are_told_each(
        self, public_folder: Path
    ) -> None:
        lay_out(public_folder, "closed/b.jpg", "closed/c.jpg", "d.jpg")
        (public_folder / "closed").chmod(0o444)
        become_ordinary_user()
        assert [file.error for file in pictures.find([public_folder])] == [
            None,
            "No permission to read it.",
            "No permission to read it.",
        ]

    def test_a_folder_that_is_not_there_is_told_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "a.jpg")
        missing, there = pictures.find([tmp_path / "gone", tmp_path])
        assert (missing.path, missing.error) == (
            str(tmp_path / "gone"),
            "It is not there (any more).",
        )
        assert there.error is None

    @pytest.mark.parametrize(
        "named",
        [
            ["", ""],
            ["", "in"],
            ["in", ""],
            ["in/a.jpg", ""],
            ["", "in/a.jpg"],
            ["in/a.jpg", "in/../in/a.jpg", "b.jpg", "in"],
        ],
    )
    def test_a_file_named_in_several_ways_comes_once(
        self, tmp_path: Path, named: list[str]
    ) -> None:
        lay_out(tmp_path, "in/a.jpg", "b.jpg")
        files = pictures.find([os.path.join(tmp_path, name) for name in named])
        assert sorted(Path(file.path).resolve() for file in files) == [
            tmp_path / "b.jpg",
            tmp_path / "in/a.jpg",
        ]

    @posix_only
    def test_a_file_named_by_a_link_and_by_its_folder_comes_once(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "in/a.jpg")
        (tmp_path / "link").symlink_to("in/a.jpg")
        assert found(tmp_path / "link", tmp_path / "in", below=tmp_path) == ["link"]

    @posix_only
    def test_two_hard_links_are_two_files(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "a.jpg")
        os.link(tmp_path / "a.jpg", tmp_path / "b.jpg")
        assert found(tmp_path / "a.jpg", tmp_path, below=tmp_path) == ["a.jpg", "b.jpg"]

    @pytest.mark.skipif(sys.platform != "linux", reason="such names are Linux's")
    def test_a_name_that_is_no_text_is_found_and_read(self, tmp_path: Path) -> None:
        folder = os.path.join(os.fsencode(tmp_path), b"\xff\xfe")
        name = os.path.join(folder, b"caf\xe9.jpg")
        os.mkdir(folder)
        with open(name, "wb") as file:
            file.write(encoded(quadrants()))
        (picture,) = pictures.find([tmp_path])
        assert os.fsencode(picture.path) == name
        assert pictures.decode(pictures.read(picture.path), SIZE).format == "JPEG"

    def test_nesting_deeper_than_python_recurses_is_walked(self, tmp_path: Path) -> None:
        lay_out(tmp_path, "top.jpg")
        deepest = str(tmp_path)
        for _ in range(sys.getrecursionlimit() + 100):
            deepest += "/d"
            os.mkdir(deepest)
        try:
            lay_out(Path(deepest), "deep.jpg")
            assert [file.path for file in pictures.find([tmp_path])] == [
                str(tmp_path / "top.jpg"),
                deepest + "/deep.jpg",
            ]
            os.unlink(deepest + "/deep.jpg")
        finally:
            os.removedirs(deepest)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
    def test_a_path_too_long_for_the_system_is_told_and_the_rest_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay_out(tmp_path, "z/a.jpg")
        monkeypatch.chdir(tmp_path)
        for _ in range(25):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        too_long, fine = pictures.find([tmp_path])
        assert too_long.error == "It cannot be read: File name too long."
        assert fine.path == str(tmp_path / "z/a.jpg")


class TestRead:
    def test_a_file_over_the_limit_is_refused_without_reading_it(self, tmp_path: Path) -> None:
        file = tmp_path / "huge.jpg"
        with file.open("wb") as sparse:
            sparse.truncate(pictures.MAX_BYTES + 1)
        tracemalloc.start()
        try:
            with pytest.raises(HugePicture, match="up to 256 MiB are read"):
                pictures.read(file)
            assert tracemalloc.get_traced_memory()[1] < 2**20
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("reader", [pictures.read, pictures.looks_like_picture])
    def test_a_file_that_is_gone_is_told(self, tmp_path: Path, reader: Reader) -> None:
        with pytest.raises(UnreadableFile, match="not there"):
            reader(str(tmp_path / "gone"))

    def test_a_folder_is_no_file_to_read(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match=r"^(It cannot be read|No permission)"):
            pictures.read(tmp_path)

    @posix_only
    @pytest.mark.parametrize("reader", [pictures.read, pictures.looks_like_picture])
    def test_a_file_without_permission_is_told(self, public_folder: Path, reader: Reader) -> None:
        lay_out(public_folder, "private")
        (public_folder / "private").chmod(0)
        become_ordinary_user()
        with pytest.raises(UnreadableFile, match="No permission"):
            reader(str(public_folder / "private"))
