"""Looks everywhere for what an earlier job may have left: files, processes, environment, shared memory."""

import os
import pathlib

MARK = "ghost-of-an-earlier-job"

looked_at = 0
found = []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
    looked_at += len(files)
    found += [f"{folder}/{name}" for name in files if MARK in name]

processes = [entry.name for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]
strangers = sorted(set(map(int, processes)) - {1, os.getpid()})
found += [f"process {pid}" for pid in strangers]
found += [f"environment variable {name}" for name, value in os.environ.items() if MARK in value]
found += [f"shared memory: {line}" for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]

for ghost in found:
    print(f"FOUND {ghost}")
print(f"I looked at {looked_at} files and {len(processes)} processes, and found {len(found) or 'no'} ghosts.")
raise SystemExit(1 if found else 0)
