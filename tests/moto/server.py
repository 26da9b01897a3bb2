"""moto on a free port of 127.0.0.1. Prints its address, and ends, with its folder, when its standard input does.

The folder is the first argument. No other process holds the other end of standard input than the one that started this, so
it ends with that one, however that one ends.
"""

import os
import shutil
import socket
import sys

# http.server looks up the name of the address that it listens on. Nobody asks for it here, and a test asks no DNS.
socket.getfqdn = lambda name="": name

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

status = 1
try:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print("http://{}:{}".format(*server.get_host_and_port()), flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # What else is printed belongs in the log.
    while sys.stdin.buffer.read(4096):
        pass
    status = 0
finally:
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if status == 0:
        os._exit(0)  # Requests that are still open are nobody's any more.
