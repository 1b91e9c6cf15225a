"""Reserves a /16 of 127.0.0.0/8 for a lab that no other running lab has, and knows the ports that mean HTTPS."""
import random
import socket


def claim(wanted):
    """('127.N', a socket that holds the claim while it is open)."""
    if wanted != 'auto' and not wanted.startswith('127.'):
        raise SystemExit('fakepve_lab.py: --network must lie in 127.0.0.0/8, not {0}'.format(wanted))
    candidates = ['127.{0}'.format(n) for n in random.sample(range(64, 250), 186)] if wanted == 'auto' else [wanted]
    for prefix in candidates:
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # An abstract name: exclusive per network namespace, as loopback is, and gone with the process.
            held.bind('\0fakepve-lab-' + prefix)
            return prefix, held
        except OSError:
            held.close()
    raise SystemExit('fakepve_lab.py: {0} is taken by another lab'.format(wanted))


def implies_https(port):
    """Whether a route without a scheme takes the port for one of HTTPS."""
    return port % 1000 == 443 or port == 8006
