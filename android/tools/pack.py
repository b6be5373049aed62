"""Add classes.dex and native libraries to aapt2's APK, aligned so that Android maps what is stored.

pack.py IN.apk OUT.apk NAME=FILE...
"""

from __future__ import annotations

import struct
import sys
import zipfile
from pathlib import Path

STORED = (".so", ".tflite", ".arsc", ".png", ".jpg", ".webp")
PAGE = 16384
LOCAL_HEADER = 30
ALIGNMENT_FIELD = 0xD935
# The same bytes at each build.
DATE = (1981, 1, 1, 1, 1, 2)


def padding(position: int, alignment: int) -> bytes:
    """An extra field that moves what follows to a multiple of `alignment`, or nothing."""
    missing = -position % alignment
    while 0 < missing < 6:
        missing += alignment
    if missing == 0:
        return b""
    return struct.pack("<HHH", ALIGNMENT_FIELD, missing - 4, alignment).ljust(missing, b"\0")


def pack(base: Path, output: Path, added: dict[str, Path]) -> None:
    with zipfile.ZipFile(base) as source:
        entries = {entry.filename: source.read(entry) for entry in source.infolist()}
    entries |= {name: path.read_bytes() for name, path in added.items()}
    with output.open("wb") as file, zipfile.ZipFile(file, "w") as apk:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, DATE)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            if name.endswith(STORED):
                info.compress_type = zipfile.ZIP_STORED
                alignment = PAGE if name.endswith(".so") else 4
                info.extra = padding(file.tell() + LOCAL_HEADER + len(name.encode()), alignment)
            apk.writestr(info, data)


if __name__ == "__main__":
    pairs = (argument.split("=", 1) for argument in sys.argv[3:])
    pack(Path(sys.argv[1]), Path(sys.argv[2]), {name: Path(file) for name, file in pairs})
