"""Check an APK's files: the model, the native libraries, how they lie in the file, and its size.

check_content.py APP.apk MODEL_FOLDER
"""

from __future__ import annotations

import struct
import sys
import zipfile
from pathlib import Path

MOST_BYTES = 20_000_000
PAGE = 16384
# The ABIs of phones and of emulators; each as ELF's word size and machine.
ABIS = {"arm64-v8a": (64, 183), "armeabi-v7a": (32, 40), "x86_64": (64, 62)}
LIBRARY = "libtensorflowlite_jni.so"
MODEL_FILES = ("model.tflite", "card.json")
LOCAL_HEADER = struct.Struct("<26xHH")


def data_offset(apk: Path, entry: zipfile.ZipInfo) -> int:
    """Where the entry's bytes begin in the file."""
    with apk.open("rb") as file:
        file.seek(entry.header_offset)
        name, extra = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    return int(entry.header_offset + LOCAL_HEADER.size + name + extra)


def elf_kind(library: bytes) -> tuple[int, int] | None:
    """Word size and machine of an ELF file."""
    if library[:4] != b"\x7fELF":
        return None
    return {1: 32, 2: 64}[library[4]], struct.unpack_from("<H", library, 18)[0]


def check(apk: Path, model: Path) -> list[str]:
    """One line for each fault."""
    faults = []
    with zipfile.ZipFile(apk) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        for name in MODEL_FILES:
            asset = f"assets/{name}"
            if asset not in entries:
                faults.append(f"{asset} is missing")
            elif archive.read(asset) != (model / name).read_bytes():
                faults.append(f"{asset} is not the same file as Python's")

        libraries = {name for name in entries if name.startswith("lib/")}
        wanted = {f"lib/{abi}/{LIBRARY}" for abi in ABIS}
        faults += [f"{name} is missing" for name in sorted(wanted - libraries)]
        faults += [f"{name} is not listed" for name in sorted(libraries - wanted)]
        for abi, kind in ABIS.items():
            name = f"lib/{abi}/{LIBRARY}"
            if name in entries and elf_kind(archive.read(name)) != kind:
                faults.append(f"{name} is for another kind of processor")

        # Android maps these out of the APK, which works only for what is stored and aligned.
        mapped = dict.fromkeys(libraries, PAGE)
        mapped |= {"resources.arsc": 4, "assets/model.tflite": 4}
        for name, alignment in mapped.items():
            if (entry := entries.get(name)) is None:
                continue
            if entry.compress_type != zipfile.ZIP_STORED:
                faults.append(f"{name} is compressed")
            elif data_offset(apk, entry) % alignment:
                faults.append(f"{name} does not begin at a multiple of {alignment} bytes")

    if (size := apk.stat().st_size) > MOST_BYTES:
        faults.append(f"it has {size:,} bytes, more than {MOST_BYTES:,}")
    return faults


if __name__ == "__main__":
    app = Path(sys.argv[1])
    if faults := check(app, Path(sys.argv[2])):
        sys.exit(f"{app.name} is not fit to ship:\n" + "\n".join(faults))
