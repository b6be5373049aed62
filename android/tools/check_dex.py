"""Check that the DEX holds every class of the app, and nothing that its runtime cannot run.

apksigner is content with an APK without code, and ProGuard with dropping it, so somebody must look.

check_dex.py classes.dex CLASSES_FOLDER
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

NEEDED = {"org/tensorflow/lite/Interpreter"}
# dx passes them on from invokedynamic bytecode, without what Android 8 needs to run them.
FORBIDDEN = re.compile(r"invoke-(?:custom|polymorphic)")


def check(dex: Path, compiled: Path) -> list[str]:
    """One line for each fault."""
    listing = subprocess.run(
        ["dexdump", "-d", str(dex)], check=True, stdout=subprocess.PIPE, text=True, errors="replace"
    ).stdout
    held = set(re.findall(r"^ *Class descriptor *: 'L(.+);'$", listing, re.MULTILINE))
    app = {
        path.relative_to(compiled).with_suffix("").as_posix()
        for path in (compiled / "org/memesdetection").rglob("*.class")
    }
    if not app:
        return [f"{compiled} holds no class of the app"]
    faults = [f"the DEX lacks the class {name}" for name in sorted((app | NEEDED) - held)]
    if found := FORBIDDEN.search(listing):
        start = listing.rfind("Class descriptor", 0, found.start())
        inside = listing[start : listing.index("\n", start)] if start >= 0 else "an unknown class"
        faults.append(f"the DEX holds {found[0]}, near {inside}; see proguard.pro's -target")
    return faults


if __name__ == "__main__":
    if faults := check(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.exit("The app's code is not fit to ship:\n" + "\n".join(faults))
