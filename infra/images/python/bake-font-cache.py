"""Lets matplotlib start with the image's own list of fonts.

matplotlib keeps the list in a directory that it must be able to write, which in a sandbox is a fresh and empty one: every job that plots
would look for the fonts again. Here the list is made once, at build time, and the place that reads it falls back to it.
"""

import os
import pathlib
import py_compile

BAKED = pathlib.Path("/usr/share/matplotlib/baked")

BAKED.mkdir(parents=True)
os.environ["MPLCONFIGDIR"] = str(BAKED)
from matplotlib import font_manager  # noqa: E402  (importing it writes the list)

[made] = BAKED.glob("fontlist-*.json")
source = pathlib.Path(font_manager.__file__)
text = source.read_text()
before = "fm = json_load(fm_path)"
if text.count(before) != 1:
    raise SystemExit(f"{source} has changed: expected exactly one {before!r}")
source.write_text(text.replace(before, f"fm = json_load(fm_path if fm_path.exists() else {str(made)!r})"))
py_compile.compile(str(source), doraise=True)
