"""An application that is slow to open its window: made as 1x1, as xterm makes it, and given its size and shown 1.5 s later.

X11 protocol by hand (X Window System Protocol, X11R7.7), since no program waits there when asked.
"""
import os
import socket
import struct
import subprocess
import time

display = os.environ["DISPLAY"].split(":")[1].split(".")[0]
cookie = subprocess.run(["xauth", "list", ":" + display], capture_output=True, text=True).stdout.split()
name, data = (cookie[1].encode(), bytes.fromhex(cookie[2])) if cookie else (b"", b"")


def padded(text):
    return text + b"\0" * (-len(text) % 4)


server = socket.socket(socket.AF_UNIX)
server.connect("/tmp/.X11-unix/X" + display)
server.sendall(struct.pack("<BxHHHHxx", 0x6C, 11, 0, len(name), len(data)) + padded(name) + padded(data))
head = server.recv(8, socket.MSG_WAITALL)
body = server.recv(4 * struct.unpack("<H", head[6:8])[0], socket.MSG_WAITALL)
assert head[0] == 1, body
(window,) = struct.unpack("<I", body[4:8])
vendor, formats = struct.unpack("<H", body[16:18])[0], body[21]
at = 32 + vendor + -vendor % 4 + 8 * formats
(root,) = struct.unpack("<I", body[at : at + 4])
# CreateWindow with a white background; WM_NAME (39) and WM_CLASS (67), both of type STRING (31).
server.sendall(struct.pack("<BBHIIhhHHHHIII", 1, 0, 9, window, root, 0, 0, 1, 1, 0, 0, 0, 2, 0xFFFFFF))
for word, text in ((39, b"slow"), (67, b"slow\0Slow\0")):
    head = struct.pack("<BBHIIIBxxxI", 18, 0, 6 + len(padded(text)) // 4, window, word, 31, 8, len(text))
    server.sendall(head + padded(text))
time.sleep(1.5)
# ConfigureWindow (width, height), MapWindow.
server.sendall(struct.pack("<BxHIHxxII", 12, 5, window, 12, 300, 200) + struct.pack("<BxHI", 8, 2, window))
while server.recv(4096):
    pass
