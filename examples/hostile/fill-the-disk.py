"""Writes until there is no room, in every place that can be written to; then makes empty files until there are no inodes."""

import os

MIB = 1024 * 1024


def fill(place: str) -> str:
    written = 0
    try:
        for number in range(100_000):
            with open(f"{place}/filler-{number}", "wb", buffering=0) as file:
                for _ in range(8):
                    written += file.write(bytes(MIB))
    except OSError as error:
        return f"{written // MIB} MiB, then {os.strerror(error.errno)}"
    return f"{written // MIB} MiB, and nothing stopped me"


def make_empty_files(place: str) -> str:
    made = 0
    try:
        for number in range(1_000_000):
            open(f"{place}/empty-{number}", "wb").close()
            made += 1
    except OSError as error:
        return f"{made} empty files, then {os.strerror(error.errno)}"
    return f"{made} empty files, and nothing stopped me"


places = ["/workspace", "/tmp", "/dev/shm", "/var/tmp", "/usr", "/etc", "/root"]
said = {place: fill(place) for place in places}
for place in places[:2]:
    for name in os.listdir(place):
        if name.startswith("filler-"):
            os.remove(f"{place}/{name}")
    said[f"{place} (inodes)"] = make_empty_files(place)
for place, what in said.items():
    print(f"{place}: {what}")
raise SystemExit(1 if any("nothing stopped me" in what for what in said.values()) else 0)
