"""Never ends, and ignores every polite request to."""

import signal

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
print("I ignore SIGTERM, and I have all day.")
while True:
    pass
