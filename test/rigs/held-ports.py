"""Outgoing connections of this machine from the ports that it is told, until its standard input ends.

Without SO_REUSEADDR, as the system binds those that it chooses itself: nobody can listen there.
"""
import socket
import sys

server = socket.create_server(("127.0.0.1", 0))
held = []
for port in sys.argv[1:]:
    each = socket.socket()
    try:
        each.bind(("0.0.0.0", int(port)))
        each.connect(server.getsockname())
    except OSError:
        continue  # Somebody else has it: that will do.
    held.append(each)
print("held", flush=True)
sys.stdin.read()
