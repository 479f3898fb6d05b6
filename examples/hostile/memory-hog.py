"""Takes memory until there is none."""

hoard = []
while True:
    hoard.append(bytearray(32 * 1024 * 1024))
    print(f"I hold {len(hoard) * 32} MiB and want more.")
