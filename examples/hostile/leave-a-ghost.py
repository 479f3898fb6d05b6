"""Leaves a mark in every place that can be written to, and a process behind, for the next job to find."""

import os
import pathlib
import time

MARK = "ghost-of-an-earlier-job"
PLACES = ["/workspace", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/etc", "/usr/lib/python3/dist-packages", "/.fumehood", "/root"]

took = []
for place in PLACES:
    try:
        pathlib.Path(place, f"{MARK}.py").write_text(f"print('{MARK}')\n")
        took.append(place)
    except OSError:
        pass
print(f"I left my mark in {len(took)} of {len(PLACES)} places: {', '.join(took)}")

# The usual way for a process to outlive the one that started it.
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
os.wait()
print("and a process that means to stay for an hour.")
