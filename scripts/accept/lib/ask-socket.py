#!/usr/bin/python3
"""Says lines to a unix socket and prints the answers, one each: `ask-socket.py SOCKET FILE`. An empty answer is a closed door."""
import socket, sys


def ask(path, line):
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(20)
            peer.connect(path)
            peer.sendall(line.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                part = peer.recv(65536)
                if not part:
                    break
                answer += part
            return answer.decode().strip()
    except OSError:
        return ""


with open(sys.argv[2]) as file:
    for line in file:
        print(ask(sys.argv[1], line.rstrip("\n")))
