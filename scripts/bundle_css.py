#!/usr/bin/env python3
"""Bundle the style sheet: every block in web/shared/css/<layer>/, inside the cascade layer its folder names.

Without arguments the bundle is written; with --check the written one is compared (exit code 1 if stale).
"""

import re
import sys
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent / "src/kundenportal/web/shared"
BLOCKS = SHARED / "css"
BUNDLE = SHARED / "static/css/portal.css"
LAYERS = ("settings", "generic", "elements", "components", "overrides")


def bundled(blocks: Path = BLOCKS) -> str:
    """The whole style sheet, without comments and indentation."""
    if strays := {block.parent.name for block in blocks.rglob("*.css")} - set(LAYERS):
        raise SystemExit(f"no such cascade layer: {', '.join(sorted(strays))}")
    layers = (f"@layer {layer}{{\n{_layer(blocks / layer)}}}\n" for layer in LAYERS)
    return f"@layer {','.join(LAYERS)};\n" + "".join(layers)


def _layer(folder: Path) -> str:
    return "".join(_bare(block.read_text(encoding="utf-8")) for block in sorted(folder.glob("*.css")))


def _bare(css: str) -> str:
    uncommented = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return "".join(f"{line.strip()}\n" for line in uncommented.splitlines() if line.strip())


def main(arguments: list[str]) -> int:
    """Write the bundle, or with --check compare it."""
    if arguments != ["--check"]:
        BUNDLE.parent.mkdir(parents=True, exist_ok=True)
        BUNDLE.write_text(bundled(), encoding="utf-8")
        return 0
    if BUNDLE.is_file() and BUNDLE.read_text(encoding="utf-8") == bundled():
        return 0
    sys.stderr.write("portal.css is stale: run scripts/bundle_css.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
