#!/usr/bin/python3
"""Does what a socket unit does: `activate.py PATH UID -- ARGV…` makes the socket for that user, and hands it to the program as fd 3."""
import os, socket, sys

path, uid, argv = sys.argv[1], int(sys.argv[2]), sys.argv[4:]
os.umask(0o177)
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
os.chown(path, uid, -1)
os.chmod(path, 0o600)
listener.listen(16)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.umask(0o077)
os.execv(argv[0], argv)
