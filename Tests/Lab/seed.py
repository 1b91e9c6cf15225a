"""The content of the lab's cluster: nodes, LXC with static and DHCP addresses, VMs with an agent, a template."""

NAMES = ('jellyfin', 'nextcloud', 'vaultwarden', 'immich', 'paperless', 'gitea', 'grafana', 'prometheus', 'pihole',
         'adguard', 'homeassistant', 'zigbee2mqtt', 'mosquitto', 'nodered', 'sonarr', 'radarr', 'prowlarr', 'bazarr',
         'qbittorrent', 'plex', 'navidrome', 'audiobookshelf', 'kavita', 'calibre', 'freshrss', 'miniflux',
         'wallabag', 'linkding', 'mealie', 'actual', 'firefly', 'n8n', 'uptime', 'syncthing', 'minio', 'postgres',
         'mariadb', 'redis', 'traefik', 'caddy')


def fill(pve, args, prefix):
    """Seeds the cluster; returns the information for tests."""
    pve.nodes.clear()
    manifest = {'nodes': {}, 'guests': [], 'tokens': args.token, 'user': pve.user, 'password': args.password}
    for n in range(1, args.nodes + 1):
        name = 'pve{0}'.format(n)
        pve.add_node(name)
        address = '{0}.0.{1}'.format(prefix, 10 + n)
        pve.node_cidrs[name] = address + '/16'
        manifest['nodes'][name] = address
    nodes = list(manifest['nodes'])
    for i in range(args.lxc):
        manifest['guests'].append(add_lxc(pve, i, nodes[i % len(nodes)], args, prefix))
    for i in range(args.vms):
        manifest['guests'].append(add_vm(pve, i, nodes[i % len(nodes)], prefix))
    pve.add_vm(9000, 'debian-template', node=nodes[0], template=True)
    for token in args.token:
        identity, _, secret = token.rpartition('=')
        pve.apitokens[identity] = secret
    return manifest


def add_lxc(pve, i, node, args, prefix):
    vmid, name = 100 + i, NAMES[i] if i < len(NAMES) else 'ct-{0:04d}'.format(100 + i)
    dhcp = bool(args.dhcp_every) and i % args.dhcp_every == args.dhcp_every - 1
    running = not (args.stopped_every and i % args.stopped_every == args.stopped_every - 1)
    address = '{0}.{1}.{2}'.format(prefix, (200 if dhcp else 1) + i // 250, i % 250 + 1)
    net0 = 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:{0:02X}:{1:02X}:{2:02X},ip={3},type=veth'.format(
        vmid >> 16 & 255, vmid >> 8 & 255, vmid & 255, 'dhcp' if dhcp else address + '/16')
    pve.add_ct(vmid, name, node=node, status='running' if running else 'stopped', config={
        'net0': net0, 'cores': 2, 'onboot': 1, 'features': 'nesting=1', 'tags': 'community-script;lab'})
    if dhcp:
        pve.leases[vmid] = {'eth0': [address + '/16']}
    # A stopped guest on DHCP has no address that PVE could report.
    known = running or not dhcp
    return {'vmid': vmid, 'type': 'lxc', 'name': name, 'node': node, 'address': address if known else None,
            'addressing': 'dhcp' if dhcp else 'static', 'running': running}


def add_vm(pve, i, node, prefix):
    vmid, address = 900 + i, '{0}.150.{1}'.format(prefix, i + 1)
    mac = 'bc:24:11:09:00:{0:02x}'.format(i)
    vm = pve.add_vm(vmid, 'vm-{0}'.format(vmid), node=node, status='running', config={
        'net0': 'virtio={0},bridge=vmbr0'.format(mac.upper()), 'cores': 2, 'memory': 2048, 'agent': 'enabled=1'})
    vm.agent = {'interfaces': [
        interface('lo', '00:00:00:00:00:00', '127.0.0.1', 8),
        interface('ens18', mac, address, 16),
        interface('docker0', 'be:6f:7f:07:27:14', prefix + '.17.1', 16)]}
    return {'vmid': vmid, 'type': 'qemu', 'name': vm.name, 'node': node, 'address': address,
            'addressing': 'agent', 'running': True}


def interface(name, mac, address, prefix):
    """An interface as the QEMU guest agent reports it."""
    return {'name': name, 'hardware-address': mac,
            'ip-addresses': [{'ip-address': address, 'ip-address-type': 'ipv4', 'prefix': prefix}]}
