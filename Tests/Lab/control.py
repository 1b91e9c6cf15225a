"""Changes the lab while it runs: POST [{"op": NAME, …}, …] to the control URL.

The operations of one call happen at once: no request of the tested program falls between them.
"""
import copy
import inspect
import re
import time

from aiohttp import web

import network


class Control:
    def __init__(self, pve):
        self.pve = pve
        self.services = {}  # (address, port) -> its runner

    async def listen(self, host):
        """Serves on a free port; returns its URL."""
        app = web.Application()
        app.router.add_post('/', self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        return 'http://{0}:{1}/'.format(host, runner.addresses[0][1])

    async def _answer(self, request):
        operations = await request.json()
        try:
            results = [self._perform(**fields) for fields in operations]
            return web.json_response([await r if inspect.isawaitable(r) else r for r in results])
        except Exception as error:  # a mistake of the test, reported to it
            return web.json_response({'error': repr(error)}, status=400)

    def _perform(self, op, **fields):
        return getattr(self, 'op_' + op)(**fields)

    def _guest(self, vmid):
        guest = self.pve.guest(vmid)
        if guest is None:
            raise KeyError('no guest {0}'.format(vmid))
        return guest

    # Guests

    def op_status(self, vmid, status):
        guest = self._guest(vmid)
        guest.status = status
        guest.started_at = time.time() if status == 'running' else None
        if hasattr(guest, 'qmpstatus'):
            guest.qmpstatus = status

    def op_move(self, vmid, node):
        self._guest(vmid).node = node

    def op_rename(self, vmid, name):
        guest = self._guest(vmid)
        if guest in self.pve.cts:
            guest.config['hostname'] = name
        else:
            guest.name = guest.config['name'] = name

    def op_clone(self, vmid, newid, name):
        """A copy as PVE makes it: stopped, and with its own MAC."""
        guest = copy.deepcopy(self._guest(vmid))
        guest.vmid, guest.status, guest.started_at = newid, 'stopped', None
        guest.config['hostname'] = name
        if 'net0' in guest.config:
            mac = 'BC:24:11:{0:02X}:{1:02X}:{2:02X}'.format(newid >> 16, newid >> 8 & 255, newid & 255)
            guest.config['net0'] = re.sub(r'hwaddr=[^,]*', 'hwaddr=' + mac, guest.config['net0'])
        self.pve.cts.append(guest)

    def op_remove(self, vmid):
        guest = self._guest(vmid)
        (self.pve.cts if guest in self.pve.cts else self.pve.vms).remove(guest)

    def op_address(self, vmid, address):
        """Changes the IPv4 address of an LXC in the way in which it got the first."""
        guest, cidr = self._guest(vmid), address + '/16'
        if vmid in self.pve.leases:
            self.pve.leases[vmid] = {'eth0': [cidr]}
        else:
            guest.config['net0'] = re.sub(r'ip=[^,]*', 'ip=' + cidr, guest.config['net0'])

    def op_load(self, vmid, cpu):
        """The share of its processors, in the lists; asked itself, a guest says 0 as it does a worker's first time."""
        self.pve.loads[vmid] = cpu

    def op_traffic(self, vmid, rate):
        """The bytes that an LXC receives a second, from now on."""
        self.pve.traffic[vmid] = (rate, time.monotonic())

    def op_started(self, vmid):
        """Since when it runs, in seconds since 1970; null if it does not."""
        guest = self._guest(vmid)
        return guest.started_at if guest.status == 'running' else None

    def op_agent(self, vmid, hangs):
        self._guest(vmid).agent_hangs = hangs

    def op_lock(self, vmid, lock=None):
        """Sets the lock of another task of PVE: backup, migrate, snapshot."""
        self._guest(vmid).lock = lock

    def op_power(self, vmid, start=None, shutdown=None, error=None, warnings=0):
        """Sets the seconds that its start and its shutdown take, and the result of the start."""
        guest = self._guest(vmid)
        guest.start_error, guest.start_warnings = error, warnings
        if start is not None:
            guest.start_secs = start
        if shutdown is not None:
            guest.shutdown_secs = shutdown

    def op_ha(self, vmid, delay=0.0):
        """Puts it under the HA manager, which performs requests after that many seconds."""
        self._guest(vmid).ha_state = self._guest(vmid).status.replace('running', 'started')
        self.pve.ha_delay = delay

    # Services

    async def op_serve(self, address, port=0, status=200):
        """Starts an HTTP service at a guest's address; returns its port, which a route without a scheme can name."""
        app = web.Application()
        app.router.add_route('*', '/{tail:.*}', lambda request: web.Response(status=status, text='service\n'))
        runner = web.AppRunner(app)
        await runner.setup()
        while True:
            site = web.TCPSite(runner, address, port)
            await site.start()
            if port or not network.implies_https(runner.addresses[0][1]):
                break
            await site.stop()
        port = runner.addresses[0][1]
        self.services[address, port] = runner
        return port

    async def op_silence(self, address, port):
        """Ends that service: its port refuses connections."""
        await self.services.pop((address, port)).cleanup()

    # Faults

    def op_offline(self, node, offline=True):
        """Offline for the cluster, and requests about the node get 595."""
        self.pve.set_node_offline(node, offline)

    def op_report(self, node, reporting=True):
        """Without reports of its pvestatd a node's guests are unknown and nameless in the cluster's lists."""
        (self.pve.silent.discard if reporting else self.pve.silent.add)(node)

    def op_environment(self, vmid):
        """The configuration of an LXC with environment variables is refused to auditors."""
        guest = self._guest(vmid)
        self.pve.fail('GET', '/nodes/{0}/lxc/{1}/config'.format(guest.node, vmid), 403,
                      'Permission check failed (/vms/{0}, VM.Config.Options)'.format(vmid))

    def op_fail(self, path, status, message, method='GET', times=None):
        """A PVE error: `message` becomes the reason phrase."""
        self.pve.fail(method, path, status, message, times=times)

    def op_raw(self, path, body, status=200, type='application/json'):
        """Exactly this body for every path with that ending."""
        self.pve.raw.append({'path': path, 'body': body, 'status': status, 'type': type})

    def op_hang(self):
        """Accepts and never answers, until op_clear."""
        self.pve.limits[''] = 0

    def op_limit(self, path, times):
        """Answers `times` more requests for paths with that ending, then holds them until op_clear."""
        self.pve.limits[path] = times

    def op_latency(self, seconds, node=None):
        self.pve.slow_network(seconds, 0.0, node)

    def op_clear(self):
        """Ends all faults."""
        self.pve.failures.clear()
        self.pve.raw.clear()
        self.pve.limits.clear()
        self.pve.network.update(latency=0.0, jitter=0.0, node_latency={}, drop_rate=0.0, hang_rate=0.0)
        self.pve.cleared.set()

    # Access

    def op_grant(self, user, path, privileges):
        """The first grant enables permissions for all users except root@pam."""
        self.pve.grant(user, path, *privileges)

    def op_revoke(self, user, path):
        """Revokes what was granted on a path."""
        self.pve.acl = self.pve.acl or {}
        self.pve.acl[user] = [entry for entry in self.pve.acl.get(user, []) if entry[0] != path]

    def op_deny(self, user, path, denied=True):
        """NoAccess on a path."""
        (self.pve.denied.add if denied else self.pve.denied.discard)((user, path))

    def op_pool(self, vmid, pool):
        """Adds a guest to a pool."""
        self.pve._pool_join(pool, vmid)

    def op_disable(self, user, disabled=True):
        """The user and its tokens may not log in."""
        (self.pve.disabled.add if disabled else self.pve.disabled.discard)(user)

    def op_token(self, id, secret=None):
        """Sets a token's secret; without one the token is removed."""
        self.pve.apitokens.pop(id, None)
        if secret is not None:
            self.pve.apitokens[id] = secret

    def op_revoke_tickets(self):
        self.pve.revoke_tickets()

    # Recorded requests

    def op_requests(self, path=''):
        """The requests since the last op_forget, in order, including refused ones."""
        return [r for r in self.pve.seen if r['path'].endswith(path)]

    def op_connections(self, requests=None):
        """The number of connections with a new TLS session, and with a resumed one.

        With `requests`, each is closed after so many from now on.
        """
        self.pve.requests_per_connection = requests or self.pve.requests_per_connection
        return self.pve.connections

    def op_forget(self):
        self.pve.seen.clear()
