import JSONDocument
import PeerTrust
import Testing

@testable import ProxmoxAPI

@Suite("Decoding of the smaller answers") struct DecodingTests {
  @Test(
    "Interfaces of containers in both forms, and of guest agents",
    arguments: [
      (
        #"{"name":"eth0","hwaddr":"bc:24:11:00:00:01","inet":"192.168.1.5/24","inet6":"fe80::1/64"}"#,
        ["192.168.1.5", "fe80::1"]
      ),
      (
        #"{"name":"eth0","hardware-address":"bc:24:11:00:00:01","inet":"192.168.1.6/24","ip-addresses":["#
          + #"{"ip-address":"192.168.1.5","ip-address-type":"inet","prefix":"24"},"#
          + #"{"ip-address":"fd00::5","ip-address-type":"inet6","prefix":64},{"prefix":1},null]}"#,
        ["192.168.1.5", "fd00::5"]
      ),
      (#"{"name":"eth0","hardware-address":"bc:24:11:00:00:01","ip-addresses":[]}"#, []),
      (#"{"name":"eth0","hwaddr":"bc:24:11:00:00:01","inet":null,"ip-addresses":null}"#, []),
    ] as [(String, [String])])
  func interfaces(text: String, addresses: [String]) throws {
    let interface = try #require(GuestInterface(try json(text)))
    #expect(interface.name == "eth0")
    #expect(interface.hardwareAddress == "bc:24:11:00:00:01")
    #expect(interface.addresses == addresses)
  }

  @Test("An interface without a name is ignored")
  func namelessInterface() throws {
    #expect(GuestInterface(try json(#"{"inet":"192.168.1.5/24"}"#)) == nil)
    #expect(GuestInterface(.null) == nil)
  }

  @Test(
    "Static addresses of netN and ipconfigN",
    arguments: [
      ("name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:BB:CC,ip=192.0.2.5/24,gw=192.0.2.1,ip6=auto", ["192.0.2.5"]),
      ("ip6=fd00::5/64,ip=dhcp,name=eth0,hwaddr=BC:24:11:AA:BB:CC", ["fd00::5"]),
      ("name=eth0,ip6=fd00::5/64,hwaddr=BC:24:11:AA:BB:CC,ip=192.0.2.5/24", ["192.0.2.5", "fd00::5"]),
      ("name=eth0,hwaddr=BC:24:11:AA:BB:CC,ip=manual,ip6=manual", []),
      ("name=eth0, hwaddr=BC:24:11:AA:BB:CC,ip=,type=veth,,=", []),
    ] as [(String, [String])])
  func networks(text: String, addresses: [String]) {
    let network = ConfiguredNetwork(index: 0, text: text)
    #expect(network.interface == "eth0")
    #expect(network.hardwareAddress == "BC:24:11:AA:BB:CC")
    #expect(network.addresses == addresses)
  }

  @Test("The networks of a configuration are in the order of their numbers")
  func containerConfig() throws {
    let config = try #require(
      LXCConfig(
        try json(
          #"{"hostname":"plex","memory":512,"net10":"name=c,ip=10.0.0.10/8","net2":"name=b","net0":"name=a","netx":"","#
            + #""network":"x","lxc":[["a","b"]]}"#)))
    #expect(config.hostname == "plex")
    #expect(config.networks.map(\.interface) == ["a", "b", "c"])
    #expect(config.networks.map(\.index) == [0, 2, 10])
  }

  @Test(
    "A VM's agent is called only if one is configured",
    arguments: [
      (#"{"agent":"1"}"#, true), (#"{"agent":1}"#, true), (#"{"agent":"enabled=1,fstrim_cloned_disks=1"}"#, true),
      (#"{"agent":"fstrim_cloned_disks=1,enabled=1"}"#, true), (#"{"agent":"0"}"#, false), (#"{"agent":null}"#, false),
      (#"{"agent":"enabled=0,type=virtio"}"#, false), (#"{"agent":"type=isa"}"#, false), ("{}", false),
    ])
  func machineAgent(text: String, isEnabled: Bool) throws {
    #expect(try #require(QEMUConfig(try json(text))).isAgentEnabled == isEnabled)
  }

  @Test("A VM's cloud-init addresses")
  func machineConfig() throws {
    let config = try #require(
      QEMUConfig(try json(#"{"name":"vm","ipconfig0":"ip=192.0.2.9/24,gw=192.0.2.1","ipconfig1":"ip=dhcp"}"#)))
    #expect(config.name == "vm")
    #expect(config.networks.map(\.addresses) == [["192.0.2.9"], []])
  }

  @Test("A cluster's members and a standalone host")
  func clusterStatus() throws {
    let cluster = try #require(
      ClusterStatus(
        try json(
          #"[{"type":"node","name":"pve1","ip":"192.0.2.1","online":1,"local":"1"},"#
            + #"{"type":"cluster","name":"home","quorate":1,"nodes":2},{"type":"node","name":"pve2","online":0},null]"#)
      ))
    #expect(cluster.clusterName == "home" && cluster.isQuorate == true)
    #expect(cluster.members.map(\.name) == ["pve1", "pve2"])
    #expect(cluster.members.map(\.address) == ["192.0.2.1", nil])
    #expect(cluster.members.map(\.isOnline) == [true, false])
    #expect(cluster.members.map(\.isLocal) == [true, false])
    let host = try #require(ClusterStatus(try json(#"[{"type":"node","name":"pve","ip":"192.0.2.1","nodeid":0}]"#)))
    #expect(host.clusterName == nil && host.members.count == 1)
  }

  @Test("A node's interfaces, from /etc/network/interfaces")
  func nodeInterfaces() throws {
    let bridge = try #require(
      NodeInterface(
        try json(
          #"{"iface":"vmbr0","type":"bridge","cidr":"192.0.2.1/24","address":"192.0.2.1","address6":"fd00::1"}"#)))
    #expect(bridge.name == "vmbr0" && bridge.addresses == ["192.0.2.1", "fd00::1"])
    let port = try #require(NodeInterface(try json(#"{"iface":"enp1s0","type":"eth","active":1}"#)))
    #expect(port.addresses.isEmpty)
    #expect(NodeInterface(try json("{}")) == nil)
  }

  @Test("The caller's own privileges: granted on the listed path, and below it if propagated")
  func permissions() throws {
    let permissions = try #require(
      EffectivePermissions(
        try json(#"{"/":{"Sys.Audit":1,"VM.Audit":1},"/vms/101":{"VM.Audit":0},"/vms/102":{"X":1}}"#)))
    #expect([101, 102, 103].map { permissions.grants("VM.Audit", onGuest: $0) } == [true, false, true])
    #expect(permissions.grantsAnywhere("VM.Audit") && !permissions.grantsAnywhere("VM.Monitor"))
    #expect(try #require(EffectivePermissions(try json("{}"))).paths.isEmpty)
  }

  @Test("A node's own lists of its guests, including VMIDs as strings")
  func nodeGuests() throws {
    let guest = try #require(
      NodeGuest(try json(#"{"vmid":"101","name":"plex","status":"running","template":"","uptime":17}"#)))
    #expect(guest == NodeGuest(vmid: 101, name: "plex", status: "running", uptime: 17))
    #expect(NodeGuest(try json(#"{"vmid":101}"#)) == nil)
  }

  @Test("Version, node summary and a guest's live state")
  func others() throws {
    #expect(try #require(APIVersion(try json(#"{"version":"9.0.10","release":"9.0"}"#))).major == 9)
    #expect(APIVersion(try json("{}")) == nil)
    let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32)))
    let node = try #require(
      NodeSummary(try json(#"{"node":"pve1","ssl_fingerprint":"\#(pin)","status":"online"}"#)))
    #expect(node.sslFingerprint == pin && node.status == "online")
    #expect(NodeSummary(try json(#"{"node":"pve1","ssl_fingerprint":"AA:BB"}"#))?.sslFingerprint == nil)
    let state = try #require(GuestState(try json(#"{"status":"running","uptime":"17","vmid":"101"}"#)))
    #expect(state.status == "running" && state.uptime == 17)
  }

  private func json(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }
}
