"""fakepve 0.5.0 with missing behaviour of Proxmox VE, each difference according to PVE's sources."""
import asyncio
import json
import ssl
import time
import urllib.parse
import weakref

from aiohttp import web
from accounts import Accounts
from fakepve import FakePve, PveError, server
from fakepve.model import TaskError

API = '/api2/json'
SERVER = 'pve-api-daemon/3.0'


class LabCluster(Accounts, FakePve):
    idle_timeout = 5.0           # pveproxy drops a connection after 5 s without a request
    requests_per_connection = 100

    def __init__(self, args):
        FakePve.__init__(self, user='root@pam', password=args.password)
        Accounts.__init__(self)
        self.cluster_name = 'lab'
        self.version, self.release_version = args.version, '.'.join(args.version.split('.')[:2])
        self.time_scale = 1.0    # at 0 fakepve ignores latencies
        self.auth_delay = args.auth_delay
        self.node_cidrs = {}     # node -> 'a.b.c.d/len'
        self.leases = {}         # vmid -> {interface: ['a.b.c.d/len', …]}: from DHCP
        self.seen = []           # every request that arrived, refused ones too
        self.connections = {'new': 0, 'resumed': 0}  # by how their TLS session began
        self.raw = []            # {'path', 'status', 'body', 'type'}: verbatim answers for every caller
        self.limits = {}         # path ending -> how many more requests are answered
        self.cleared = asyncio.Event()
        self.fingerprints = {}   # node -> of its certificate
        self.silent = set()      # nodes whose pvestatd sends nothing
        self.denied = set()      # (user or token, path) with NoAccess
        self.disabled = set()    # users without login, and their tokens
        self.boot_time = 0.5     # of a node that is woken
        self.loads = {}          # vmid -> the share of its processors that pvestatd has measured
        self.traffic = {}        # vmid of an LXC -> (bytes a second that it receives, since when)

    async def listen(self, pairs, port):
        """Serves the API on every address, with its certificate and key; returns the port."""
        self.runner = web.AppRunner(self._build_app(), keepalive_timeout=self.idle_timeout)
        await self.runner.setup()
        for address, pair in pairs.items():
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*pair)
            await web.TCPSite(self.runner, address, port, ssl_context=context).start()
            port = self.runner.addresses[0][1]
        return port

    def _build_app(self):
        app = super()._build_app()
        app.router.add_get('/', lambda request: web.Response(text='<title>pve</title>', content_type='text/html'))
        served = weakref.WeakKeyDictionary()  # transport -> answers sent on it

        @web.middleware
        async def like_pveproxy(request, handler):
            self.seen.append(self._trace(request))
            await self._wait_for_turn(request)
            response = self._raw_answer(request) or await self._polished(request, handler)
            count = served[request.transport] = served.get(request.transport, 0) + 1
            if count == 1:
                tls = request.transport.get_extra_info('ssl_object')
                self.connections['resumed' if tls and tls.session_reused else 'new'] += 1
            if isinstance(response, web.Response) and (
                    response.status >= 400 or count >= self.requests_per_connection):
                response.force_close()
            return response

        app.middlewares.insert(0, like_pveproxy)
        return app

    @staticmethod
    def _trace(request):
        """A record of a request for tests, without secrets."""
        scheme, _, credentials = request.headers.get('Authorization', '').partition('=')
        return {'method': request.method, 'path': request.path, 'query': request.query_string,
                'host': request.host, 'scheme': scheme or None, 'token': credentials.rpartition('=')[0] or None,
                'cookie': 'PVEAuthCookie' in request.cookies, 'at': time.monotonic()}

    async def _wait_for_turn(self, request):
        for ending in [e for e in self.limits if request.path.endswith(e)]:
            self.limits[ending] -= 1
            if self.limits[ending] < 0:
                self.cleared.clear()
                await self.cleared.wait()

    def _raw_answer(self, request):
        for rule in self.raw:
            if request.path.endswith(rule['path']):
                return web.Response(status=rule.get('status', 200), body=rule['body'].encode(),
                                    content_type=rule.get('type', 'application/json'))
        return None

    async def _polished(self, request, handler):
        """The answer in pveproxy's form: 501 for unknown paths, empty and late 401, gzip above 1 KiB."""
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            text = "Method '{0} {1}' not implemented".format(request.method, request.path[len(API):])
            response = web.json_response({'data': None, 'message': text}, status=501, reason=text)
        if not isinstance(response, web.Response):
            return response
        if response.status == 401 and not request.path.endswith('/access/ticket'):
            await asyncio.sleep(self.auth_delay)
            return web.Response(status=401, reason=response.reason, headers={'Server': SERVER})
        response.headers['Server'] = SERVER
        if response.content_type == 'application/json':
            response.headers['Content-Type'] = 'application/json;charset=UTF-8'
        if len(response.body or b'') > 1024 and 'gzip' in request.headers.get('Accept-Encoding', ''):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _answer(self, request, handler, generic, path_node):
        """A node is woken by the one that is asked."""
        if (request.method, request.path) != ('POST', '{0}/nodes/{1}/wakeonlan'.format(API, path_node)):
            return await super()._answer(request, handler, generic, path_node)
        try:
            self.require(request[server.USER], '/nodes/' + path_node, 'Sys.PowerMgmt')
        except PveError as error:
            return web.json_response({'data': None}, status=error.status, reason=error.message)
        asyncio.get_running_loop().call_later(self.boot_time, self.set_node_offline, path_node, False)
        return web.json_response({'data': 'BC:24:11:00:00:01'})

    def allowed(self, user, path, priv):
        """NoAccess on a path revokes what is granted above it, and by a pool."""
        return not any((name, path) in self.denied for name in (user, user.split('!')[0])) \
            and super().allowed(user, path, priv)

    async def _nodes(self, request):
        """Each node with its own certificate; without reports of its pvestatd, it is unknown and has no stats."""
        rows = json.loads((await super()._nodes(request)).text)['data']
        for row in rows:
            row['ssl_fingerprint'] = self.fingerprints.get(row['node'])
            self._hush(row)
        return web.json_response({'data': rows})

    def _hush(self, row):
        if row['node'] in self.silent and row['status'] == 'online':
            row['status'] = 'unknown'
            for key in ('cpu', 'maxcpu', 'mem', 'maxmem', 'disk', 'maxdisk', 'uptime'):
                row.pop(key, None)

    def _authenticate(self, request):
        if request.path == '/':
            return None
        if self.disabled:
            token = request.headers.get('Authorization', '').partition('=')[2].partition('!')[0]
            ticket = urllib.parse.unquote(request.cookies.get('PVEAuthCookie', '')).split(':')
            if token in self.disabled or (len(ticket) > 1 and ticket[1] in self.disabled):
                raise PveError(401, 'Authentication failed!')
        cookie = request.cookies.get('PVEAuthCookie', '')
        if urllib.parse.unquote(cookie) in self.tickets:  # PVE takes tickets as they are, and URL-encoded
            self.tickets[cookie] = self.tickets[urllib.parse.unquote(cookie)]
        try:
            return super()._authenticate(request)
        except PveError as error:
            if error.status != 401 or error.message.startswith('Permission denied'):
                raise
            given = request.headers.get('Authorization', '').startswith('PVEAPIToken=') \
                or request.cookies.get('PVEAuthCookie')
            raise PveError(401, 'Authentication failed!' if given else 'No ticket') from None

    async def _cluster_status(self, request):
        """A standalone node has no cluster entry and node ID 0; Sys.Audit on / is needed."""
        self.require(request[server.USER], '/', 'Sys.Audit')
        names, rows = sorted(self.nodes), []
        if len(names) > 1:
            rows.append({'type': 'cluster', 'id': 'cluster', 'name': self.cluster_name, 'nodes': len(names),
                         'quorate': 1 if self.quorate else 0, 'version': len(names)})
        for n, name in enumerate(names, 1):
            rows.append({'type': 'node', 'id': 'node/' + name, 'name': name, 'level': '',
                         'nodeid': n if len(names) > 1 else 0, 'ip': self.node_cidrs[name].split('/')[0],
                         'online': 1 if self.nodes[name].get('online', True) else 0, 'local': 1 if n == 1 else 0})
        return web.json_response({'data': rows})

    async def _resources(self, request):
        """Guests sorted by VMID as text; without pvestatd's data no name; stats of nodes need Sys.Audit."""
        kind = request.query.get('type')
        if kind not in (None, 'vm', 'storage', 'node', 'sdn'):
            raise PveError(400, 'Parameter verification failed.', {
                'type': "value '{0}' does not have a value in the enumeration 'vm, storage, node, sdn'".format(kind)})
        rows = json.loads((await super()._resources(request)).text)['data']
        guests = sorted((r for r in rows if r['type'] in ('qemu', 'lxc')), key=lambda r: str(r['vmid']))
        for row in guests:
            if row['vmid'] in self.loads:
                row['cpu'] = self.loads[row['vmid']]
            if row['node'] in self.silent:
                row['status'] = 'unknown'
            if row['status'] == 'unknown':
                for key in set(row) - {'id', 'vmid', 'node', 'type', 'status', 'lock', 'tags', 'pool', 'hastate'}:
                    del row[key]
        others = [r for r in rows if r['type'] not in ('qemu', 'lxc')]
        for row in others:
            if row['type'] == 'node':
                self._hush(row)
            if row['type'] == 'node' and not self.allowed(
                    request[server.USER], '/nodes/' + row['node'], 'Sys.Audit'):
                for key in ('cpu', 'maxcpu', 'mem', 'maxmem', 'disk', 'maxdisk', 'uptime'):
                    row.pop(key, None)
        return web.json_response({'data': guests + others})

    async def task(self, node, ttype, tid, user, body, **options):
        """A start with warnings ends with their number."""
        async def warned():
            note = await body()
            warnings = getattr(self.guest(tid), 'start_warnings', 0)
            if warnings and ttype in ('vzstart', 'qmstart'):
                raise TaskError('WARNINGS: {0}'.format(warnings))
            return note
        return await super().task(node, ttype, tid, user, warned, **options)

    def _status(self, ct):
        data = super()._status(ct)
        rate, since = self.traffic.get(ct.vmid, (0, 0))
        data['netin'] = int(rate * (time.monotonic() - since))
        return data

    def _routes_lab(self):
        return [('GET', '/nodes/{node}/network', self._node_network)]

    async def _node_network(self, values, user):
        cidr = self.node_cidrs[values['node']]
        address, bits = cidr.split('/')
        return [{'iface': 'vmbr0', 'type': 'bridge', 'method': 'static', 'method6': 'manual', 'families': ['inet'],
                 'priority': 4, 'active': 1, 'autostart': 1, 'address': address, 'netmask': bits, 'cidr': cidr,
                 'bridge_ports': 'enp1s0', 'bridge_stp': 'off', 'bridge_fd': '0'},
                {'iface': 'enp1s0', 'type': 'eth', 'method': 'manual', 'method6': 'manual', 'families': ['inet'],
                 'priority': 3, 'exists': 1, 'active': 1}]

    async def _lxc_interfaces(self, user, values):
        """DHCP leases beside static addresses; lower-case MACs, as `ip --json a` prints them."""
        rows = await super()._lxc_interfaces(user, values) or None
        for row in rows or ():
            for cidr in self.leases.get(int(values['vmid']), {}).get(row['name'], ()):
                address, bits = cidr.split('/')
                family = 'inet6' if ':' in address else 'inet'
                row[family] = cidr  # the last one of a family
                row['ip-addresses'].append({'ip-address-type': family, 'ip-address': address, 'prefix': bits})
            for key in ('hwaddr', 'hardware-address'):
                row[key] = row[key].lower()
        return rows
