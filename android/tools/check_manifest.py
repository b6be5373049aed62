"""Check that the APK asks for what is listed here and opens what is listed here, and no more.

check_manifest.py APP.apk ID VERSION_NAME VERSION_CODE MIN_SDK TARGET_SDK
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

# Permission -> the last SDK level that it is asked for on, None: on all.
PERMISSIONS: dict[str, int | None] = {
    "android.permission.INTERNET": None,
    "android.permission.POST_NOTIFICATIONS": None,
    "android.permission.READ_EXTERNAL_STORAGE": 32,
    "android.permission.READ_MEDIA_IMAGES": None,
    "android.permission.READ_MEDIA_VISUAL_USER_SELECTED": None,
    "android.permission.RECEIVE_BOOT_COMPLETED": None,
    "android.permission.WRITE_EXTERNAL_STORAGE": 29,
}
# What other apps may start, each with what it is there for.
EXPORTED = {
    "org.memesdetection.ui.check.CheckActivity": "sharing pictures with the app",
    "org.memesdetection.ui.home.HomeActivity": "the launcher",
}
# Exported, but only to who holds this permission: the system.
GUARDED: dict[str, str] = {}
COMPONENTS = ("activity", "activity-alias", "provider", "receiver", "service")

ELEMENT = re.compile(r"^ *E: (?P<name>\S+)")
ATTRIBUTE = re.compile(r"^ *A: (?P<name>[^=(]+)(?:\(0x[0-9a-f]+\))?=(?P<value>.*)$")


@dataclass
class Element:
    """One element of the manifest, with attributes as text."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)

    def get(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)


def elements(apk: Path) -> list[Element]:
    """Read the manifest from the APK itself, as a phone does."""
    dump = subprocess.run(
        ["aapt2", "dump", "xmltree", "--file", "AndroidManifest.xml", str(apk)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found: list[Element] = []
    for line in dump.splitlines():
        if match := ELEMENT.match(line):
            found.append(Element(match["name"]))
        elif (match := ATTRIBUTE.match(line)) and found:
            name = match["name"].rpartition(":")[2]
            found[-1].attributes[name] = value(match["value"])
    return found


def value(text: str) -> str:
    """`"a" (Raw: "a")` -> `a`; `(type 0x10)0x1a` -> `26`; `true` stays."""
    if match := re.match(r'"(.*?)"(?: \(Raw: |$)', text):
        return match[1]
    if match := re.match(r"(?:\(type 0x[0-9a-f]+\))?(0x[0-9a-f]+|-?\d+)$", text):
        return str(int(match[1], 0))
    return text


def check(apk: Path, wanted: dict[str, str]) -> list[str]:
    """One line for each fault."""
    manifest = elements(apk)
    faults = []

    said: dict[str, str] = {}
    for element in manifest:
        if element.name in ("manifest", "uses-sdk"):
            said |= element.attributes
    faults += [
        f"{name} is {said.get(name)}, not {meant}"
        for name, meant in wanted.items()
        if said.get(name) != meant
    ]

    (application,) = (element for element in manifest if element.name == "application")
    if application.get("debuggable") == "true":
        faults.append("the app is debuggable")
    if application.get("allowBackup") != "false":
        faults.append("the app's data may be backed up")
    if application.get("usesCleartextTraffic") == "true":
        faults.append("plain http is allowed to everywhere")

    asked = {
        element.attributes["name"]: int(limit) if (limit := element.get("maxSdkVersion")) else None
        for element in manifest
        if element.name in ("uses-permission", "uses-permission-sdk-23")
    }
    for name in sorted(asked.keys() | PERMISSIONS.keys()):
        if name not in PERMISSIONS:
            faults.append(f"it asks for {name}, which is not listed")
        elif name not in asked:
            faults.append(f"it does not ask for {name}")
        elif asked[name] != PERMISSIONS[name]:
            faults.append(f"{name} has maxSdkVersion {asked[name]}, not {PERMISSIONS[name]}")

    components = {
        # Names that begin with a dot are short for those in the app's package.
        re.sub(r"^\.", f"{wanted['package']}.", element.attributes["name"]): element
        for element in manifest
        if element.name in COMPONENTS
    }
    opened = {name for name, element in components.items() if element.get("exported") == "true"}
    for name in sorted(opened | EXPORTED.keys() | GUARDED.keys()):
        if name not in opened:
            faults.append(f"{name} is not exported")
        elif name in GUARDED and components[name].get("permission") != GUARDED[name]:
            faults.append(f"{name} is not guarded by {GUARDED[name]}")
        elif name not in GUARDED and name not in EXPORTED:
            faults.append(f"{name} is exported, which is not listed")
    faults += [
        f"{name} does not say whether it is exported"
        for name, element in components.items()
        if element.get("exported") is None
    ]
    return faults


if __name__ == "__main__":
    names = ("package", "versionName", "versionCode", "minSdkVersion", "targetSdkVersion")
    if faults := check(Path(sys.argv[1]), dict(zip(names, sys.argv[2:], strict=True))):
        sys.exit(
            "The manifest is not what android/tools/check_manifest.py lists:\n" + "\n".join(faults)
        )
