"""Connects to a port of the loopback as another user, says a word, and is gone."""
import os
import socket
import sys

os.setgid(65534)
os.setuid(65534)
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as caller:
    caller.sendall(b"hello")
