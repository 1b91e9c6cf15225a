"""Peers for the package test: an upstream that sends for ever, and clients that keep their connections open.

    peer.py upstream PORT        accepts, and sends a byte each tenth of a second
    peer.py hold PORT COUNT      opens so many connections, prints `open` once each has got a byte, and holds them
"""

import socket
import sys
import threading
import time


def talk(connection):
    try:
        while True:
            connection.sendall(b'.')
            time.sleep(0.1)
    except OSError:
        connection.close()


def upstream(port):
    with socket.create_server(('127.0.0.1', port)) as server:
        while True:
            threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()


def hold(port, count):
    held = [socket.create_connection(('127.0.0.1', port)) for _ in range(count)]
    for connection in held:
        assert connection.recv(1)
    print('open', flush=True)
    for connection in held:
        while connection.recv(4096):
            pass


if __name__ == '__main__':
    {'upstream': upstream, 'hold': hold}[sys.argv[1]](*map(int, sys.argv[2:]))
