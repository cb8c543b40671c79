"""A stand-in for logind on the system bus: hands out locks, and announces a sleep when it is told to."""
import os

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

MANAGER = "org.freedesktop.login1.Manager"


class Logind(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(dbus.service.BusName("org.freedesktop.login1", bus), "/org/freedesktop/login1")
        self.held = []

    @dbus.service.method(MANAGER, in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        ours, theirs = os.pipe()
        lock = (what, who, why, mode, 1000, 1)
        self.held.append(lock)

        def gone(fd, _condition):
            os.close(fd)
            self.held.remove(lock)
            return False

        GLib.unix_fd_add_full(GLib.PRIORITY_HIGH, ours, GLib.IO_HUP, gone)
        # The answer has a copy of it.
        GLib.idle_add(os.close, theirs)
        return dbus.types.UnixFd(theirs)

    @dbus.service.method(MANAGER, in_signature="", out_signature="a(ssssuu)")
    def ListInhibitors(self):
        return dbus.Array(self.held, signature="(ssssuu)")

    @dbus.service.signal(MANAGER, signature="b")
    def PrepareForSleep(self, begins):
        pass

    @dbus.service.method("hotdesk.Test", in_signature="b", out_signature="")
    def Announce(self, begins):
        self.PrepareForSleep(begins)


DBusGMainLoop(set_as_default=True)
logind = Logind(dbus.SystemBus())
GLib.MainLoop().run()
