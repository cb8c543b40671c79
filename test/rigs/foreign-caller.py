"""Connects to a port of the loopback as another user, says a word, and is gone."""
import os
import socket
import sys

os.setgid(65534)
os.setuid(65534)
caller = socket.socket()
caller.connect(("127.0.0.1", int(sys.argv[1])))
caller.sendall(b"hello")
caller.close()
