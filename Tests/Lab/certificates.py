"""A CA and the certificates of the nodes that it signed, made with the openssl program: PVE's layout (leaf sent alone)."""
import collections
import os
import subprocess

KEY = ('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')  # PVE has RSA; making those takes a second
Files = collections.namedtuple('Files', 'ca pairs')  # pairs: node -> (certificate, key)


def ensure(directory, nodes):
    """Creates missing files: a CA, and a certificate for each node, the names below it and its address."""
    path = lambda name: os.path.join(os.path.abspath(directory), name)
    files = Files(path('ca.pem'), {n: (path(n + '.pem'), path(n + '.key')) for n in nodes})
    if not os.path.exists(files.ca):
        os.makedirs(directory, exist_ok=True)
        openssl('req', '-x509', '-newkey', *KEY, '-nodes', '-days', '3650', '-subj', '/CN=Lab PVE CA',
                '-keyout', path('ca.key'), '-out', files.ca)
    for name, address in nodes.items():
        certificate, key = files.pairs[name]
        if os.path.exists(certificate):
            continue
        extensions = path('extensions')
        with open(extensions, 'w') as file:
            file.write('subjectAltName=DNS:localhost,DNS:{0},DNS:*.{0},IP:127.0.0.1,IP:{1}\nbasicConstraints=CA:FALSE\n'
                       'extendedKeyUsage=serverAuth\n'.format(name, address))
        openssl('req', '-newkey', *KEY, '-nodes', '-subj', '/CN=' + name, '-keyout', key, '-out', path('request.pem'))
        openssl('x509', '-req', '-in', path('request.pem'), '-CA', files.ca, '-CAkey', path('ca.key'),
                '-CAcreateserial', '-days', '800', '-extfile', extensions, '-out', certificate)
    return files


Server = collections.namedtuple('Server', 'ca certificate key')


def of_server(directory, name, address='127.0.0.1'):
    """The CA, and the certificate and key of one server."""
    files = ensure(directory, {name: address})
    return Server(files.ca, *files.pairs[name])


def fingerprint(certificate):
    """SHA-256 as the PVE GUI shows it: AA:BB:…"""
    return openssl('x509', '-noout', '-fingerprint', '-sha256', '-in', certificate).strip().split('=', 1)[1]


def openssl(*arguments):
    done = subprocess.run(('openssl',) + arguments, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit('openssl {0}: {1}'.format(arguments[0], done.stderr))
    return done.stdout
