"""Looks for a way out: the cloud's metadata address, an internal Redis, the Docker Engine, the neighbours, a name server."""

import errno
import socket

TARGETS = [
    ("cloud metadata", "169.254.169.254", 80),
    ("cloud metadata, IPv6", "fd00:ec2::254", 80),
    ("Redis on this host", "127.0.0.1", 6379),
    ("Redis on Docker's bridge", "172.17.0.1", 6379),
    ("Redis by name", "redis", 6379),
    ("Docker Engine", "172.17.0.1", 2375),
    ("a private network", "10.0.0.1", 443),
    ("the internet", "192.0.2.1", 443),
    ("the internet by name", "example.com", 443),
]


def probe(host: str, port: int) -> str | None:
    """Says why there was no connection, or nothing when there was one."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return None
    except socket.gaierror as error:
        return f"no such name ({error.strerror})"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))


reached = 0
for what, host, port in TARGETS:
    refusal = probe(host, port)
    reached += refusal is None
    print(f"{what:26} {host}:{port}  {refusal or 'CONNECTED'}")

try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.sendto(b"hello", ("192.0.2.53", 53))
    reached += 1
    print("a datagram to the internet  SENT")
except OSError as error:
    print(f"a datagram to the internet  {errno.errorcode.get(error.errno or 0, str(error))}")

interfaces = [name for _, name in socket.if_nameindex()]
print(f"network interfaces: {', '.join(interfaces) or 'none'}; ways out: {reached}")
raise SystemExit(1 if reached else 0)
