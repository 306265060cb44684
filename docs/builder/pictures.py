"""Makes pictures small enough to be kept: `python3 -m docs.builder.pictures PNG... FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

WIDTH = 1100  # pixels
QUALITY = 88


def main() -> None:
    """Write each picture into the folder, no wider than `WIDTH`, as JPEG."""
    *pictures, folder = (Path(name) for name in sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for path in pictures:
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((WIDTH, 10 * WIDTH))
        picture.save(folder / f"{path.stem}.jpg", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
