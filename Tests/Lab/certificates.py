"""A CA and the server certificate it signed, made with the openssl program: PVE's layout (leaf sent alone)."""
import collections
import os
import subprocess

KEY = ('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')  # PVE has RSA; making those takes a second
Files = collections.namedtuple('Files', 'ca certificate key')


def ensure(directory, addresses, names):
    """Makes what is not there yet; tells the paths."""
    path = lambda name: os.path.join(os.path.abspath(directory), name)
    files = Files(path('ca.pem'), path('cert.pem'), path('key.pem'))
    if os.path.exists(files.certificate):
        return files
    os.makedirs(directory, exist_ok=True)
    extensions = path('extensions')
    with open(extensions, 'w') as file:
        file.write('subjectAltName=DNS:localhost,{0},{1}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n'.format(
            ','.join('IP:' + a for a in addresses), ','.join('DNS:' + n for n in names)))
    openssl('req', '-x509', '-newkey', *KEY, '-nodes', '-days', '3650', '-subj', '/CN=Lab PVE CA',
            '-keyout', path('ca.key'), '-out', files.ca)
    openssl('req', '-newkey', *KEY, '-nodes', '-subj', '/CN=' + names[0],
            '-keyout', files.key, '-out', path('request.pem'))
    openssl('x509', '-req', '-in', path('request.pem'), '-CA', files.ca, '-CAkey', path('ca.key'), '-CAcreateserial',
            '-days', '800', '-extfile', extensions, '-out', files.certificate)
    return files


def fingerprint(certificate):
    """SHA-256 as the PVE GUI shows it: AA:BB:…"""
    return openssl('x509', '-noout', '-fingerprint', '-sha256', '-in', certificate).strip().split('=', 1)[1]


def openssl(*arguments):
    done = subprocess.run(('openssl',) + arguments, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit('openssl {0}: {1}'.format(arguments[0], done.stderr))
    return done.stdout
