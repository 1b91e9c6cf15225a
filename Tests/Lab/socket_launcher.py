"""Starts a program as systemd does with a socket unit: socket_launcher.py SOCKETS PROGRAM ARGUMENTS…

SOCKETS is a JSON list of {"name": NAME, "kind": "tcp", "udp" or "deaf"}: each gets a free port of 127.0.0.1, and a deaf
one is TCP that does not listen. Prints their ports and inodes; each line on standard input starts the program once more,
with the same sockets. What the program holds it may lose: the sockets stay open here. Ends when its input does. What it
started ends with it, also if it is killed.
"""

import ctypes
import json
import os
import signal
import socket
import sys


PR_SET_PDEATHSIG = 1  # prctl(2)


def open_socket(kind):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    made.bind(('127.0.0.1', 0))
    if kind == 'tcp':
        made.listen()
    return made


def start(sockets, names, command):
    child = os.fork()
    if child:
        return child
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # First out of the way: a socket may have the number that another one gets.
    for number, descriptor in enumerate([os.dup(made.fileno()) for made in sockets]):
        os.dup2(descriptor, 3 + number)
    os.closerange(3 + len(sockets), 256)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=':'.join(names))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.execv(command[0], command)


def main():
    wanted, command = json.loads(sys.argv[1]), sys.argv[2:]
    sockets = [open_socket(each['kind']) for each in wanted]
    # Above the numbers that the program gets.
    sockets = [socket.socket(fileno=os.dup2(made.detach(), 100 + index)) for index, made in enumerate(sockets)]
    print(json.dumps([[made.getsockname()[1], os.fstat(made.fileno()).st_ino] for made in sockets]), flush=True)
    # No child that has ended stays as a zombie.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        print(json.dumps(start(sockets, [each['name'] for each in wanted], command)), flush=True)


main()
