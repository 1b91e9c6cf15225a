#!/usr/bin/env python3
"""A Proxmox VE cluster to test against: the PyPI package fakepve, seeded, on loopback, in the foreground.

  fakepve_lab.py --directory DIR [--port 0] [--nodes 3] [--lxc 40] [--vms 3]

Each lab takes a /16 of 127.0.0.0/8 for itself (`--network auto`), so that any number run side by side. Every node
serves the API on its own address, all on one port. DIR receives ca.pem and each node's certificate and key (kept if there) and, once
the lab answers, manifest.json: addresses, guests, tokens, certificate and the URL that control.py answers on.

The lab ends on SIGTERM, and when its standard input closes (`--until-stdin-closes`): no test leaves one behind.
"""
import argparse
import asyncio
import json
import os
import signal
import sys

import certificates
import network
import seed
from cluster import LabCluster
from control import Control

TOKEN = 'pvescout@pve!agent=11111111-2222-3333-4444-555555555555'


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--directory', required=True, help='where certificates and manifest.json are written')
    p.add_argument('--network', default='auto', help="the lab's /16, e.g. 127.77; auto: a free one")
    p.add_argument('--port', type=int, default=0, help='of every node; 0: a free one')
    p.add_argument('--nodes', type=int, default=3)
    p.add_argument('--lxc', type=int, default=40)
    p.add_argument('--vms', type=int, default=3, help='VMs with a guest agent')
    p.add_argument('--dhcp-every', type=int, default=5, help='every n-th LXC uses DHCP (0: none)')
    p.add_argument('--stopped-every', type=int, default=8, help='every n-th LXC is stopped (0: none)')
    p.add_argument('--token', action='append', default=[], help='USER@REALM!ID=SECRET (repeatable)')
    p.add_argument('--password', default='lab-password', help='of root@pam')
    p.add_argument('--version', default='9.0.10')
    p.add_argument('--auth-delay', type=float, default=0.0, help='seconds before a 401 (PVE: 3)')
    p.add_argument('--until-stdin-closes', action='store_true')
    args = p.parse_args()
    args.token = args.token or [TOKEN]
    return args


async def main():
    args = arguments()
    prefix, _claim = network.claim(args.network)
    pve = LabCluster(args)
    manifest = seed.fill(pve, args, prefix)
    addresses = list(manifest['nodes'].values())
    files = certificates.ensure(args.directory, manifest['nodes'])
    pve.fingerprints = {n: certificates.fingerprint(pair[0]) for n, pair in files.pairs.items()}
    port = await pve.listen({address: files.pairs[n] for n, address in manifest['nodes'].items()}, args.port)
    manifest.update(
        network=prefix, port=port, endpoints=['https://{0}:{1}'.format(a, port) for a in addresses],
        control=await Control(pve).listen(prefix + '.0.1'),
        ca_file=files.ca, fingerprint=pve.fingerprints[min(pve.fingerprints)], fingerprints=pve.fingerprints)
    write(os.path.join(args.directory, 'manifest.json'), manifest)
    print('{0} nodes, {1} LXC, {2} VMs on {3}'.format(
        args.nodes, args.lxc, args.vms, ' '.join(manifest['endpoints'])), flush=True)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):  # at once: a clean aiohttp shutdown waits for idle clients
        loop.add_signal_handler(number, os._exit, 0)
    if args.until_stdin_closes:
        loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4096) or os._exit(0))
    await asyncio.Event().wait()


def write(path, value):
    """Atomic: if the file exists, it is complete."""
    with open(path + '.new', 'w') as file:
        json.dump(value, file, indent=1)
    os.rename(path + '.new', path)


asyncio.run(main())
