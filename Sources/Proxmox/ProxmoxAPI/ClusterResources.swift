package import JSONDocument

/// `GET /cluster/resources` without a type: all nodes and guests in one call.
package struct ClusterResources: Hashable, Sendable {
  package struct Node: Hashable, Sendable {
    package var name: String
    /// `online`, `offline` or `unknown`.
    package var status: String?

    package init(name: String, status: String?) { (self.name, self.status) = (name, status) }
  }

  package struct Guest: Hashable, Sendable {
    /// The range of PVE's VMIDs, including old ones below 100.
    package static let vmids = 1...999_999_999

    package var vmid: Int
    package var isQEMU: Bool
    package var node: String
    /// Nil for some seconds after the guest was created, and while its node does not report.
    package var name: String?
    /// `running`, `stopped`, or another status of QMP; nil if PVE sends none.
    package var status: String?
    package var isTemplate: Bool
    package var tags: [String]
    /// In seconds; 0 while it is not running.
    package var uptime: Int?
    package var lock: String?
    package var pool: String?
    /// The state or request of the HA manager (`started`, `fence`, …); nil if it is not managed.
    package var haState: String?

    package init(
      vmid: Int, isQEMU: Bool, node: String, name: String?, status: String?, isTemplate: Bool = false,
      tags: [String] = [], uptime: Int? = nil, lock: String? = nil, pool: String? = nil, haState: String? = nil
    ) {
      (self.vmid, self.isQEMU, self.node, self.name, self.status) = (vmid, isQEMU, node, name, status)
      (self.isTemplate, self.tags, self.uptime) = (isTemplate, tags, uptime)
      (self.lock, self.pool, self.haState) = (lock, pool, haState)
    }
  }

  package var nodes: [Node] = []
  package var guests: [Guest] = []

  package init() {}

  /// Parses the whole answer. Entries of other types, and guests without a VMID or node, are skipped.
  package init(decoding body: [UInt8]) throws(JSONError) {
    var reader = try JSONReader(body)
    var hasData = false
    var (nodes, guests): ([Node], [Guest]) = ([], [])
    try reader.object(Self.envelopeKeys) { (_, reader) throws(JSONError) in
      hasData = true
      guard reader.isAtArray() else { throw reader.error("no list in 'data'") }
      try reader.array { (reader) throws(JSONError) in
        guard reader.isAtObject() else { return try reader.skip() }
        let row = try Row(&reader)
        if let node = row.node { nodes.append(node) }
        if let guest = row.guest { guests.append(guest) }
      }
    }
    try reader.end()
    guard hasData else { throw JSONError(reason: "no field 'data'", offset: 0) }
    (self.nodes, self.guests) = (nodes, guests)
  }

  private static let envelopeKeys = JSONKeys(["data"])
}

extension ClusterResources {
  /// One entry before its type is known: the order of the keys is random.
  private struct Row {
    private enum Field: String, CaseIterable {
      case id, type, vmid, node, name, status, template, tags, uptime, lock, pool, hastate
    }
    private static let fields = Field.allCases
    private static let keys = JSONKeys(fields.map(\.rawValue))

    private var id: String?
    private var type: String?
    private var vmid: Int?
    private var nodeName: String?
    private var name: String?
    private var status: String?
    private var isTemplate = false
    private var tags: [String] = []
    private var uptime: Int?
    private var lock: String?
    private var pool: String?
    private var haState: String?

    init(_ reader: inout JSONReader) throws(JSONError) {
      try reader.object(Self.keys) { (index, reader) throws(JSONError) in
        let value = try reader.value()
        switch Self.fields[index] {
        case .id: id = value.nonEmptyString
        case .type: type = value.string
        case .vmid: vmid = value.int(in: Guest.vmids)
        case .node: nodeName = value.nonEmptyString
        case .name: name = value.nonEmptyString
        case .status: status = value.nonEmptyString
        case .template: isTemplate = value.bool ?? false
        case .tags: tags = Self.tags(value.string ?? "")
        case .uptime: uptime = value.seconds
        case .lock: lock = value.nonEmptyString
        case .pool: pool = value.nonEmptyString
        case .hastate: haState = value.nonEmptyString
        }
      }
    }

    var node: Node? {
      guard type == "node", let nodeName else { return nil }
      return Node(name: nodeName, status: status)
    }

    var guest: Guest? {
      guard type == "lxc" || type == "qemu", let nodeName, let vmid = vmid ?? vmidOfID else { return nil }
      return Guest(
        vmid: vmid, isQEMU: type == "qemu", node: nodeName, name: name, status: status, isTemplate: isTemplate,
        tags: tags, uptime: uptime, lock: lock, pool: pool, haState: haState)
    }

    /// `lxc/101`.
    private var vmidOfID: Int? {
      guard let id, let slash = id.lastIndex(of: "/") else { return nil }
      return JSONValue.string(String(id[id.index(after: slash)...])).int(in: Guest.vmids)
    }

    /// PVE writes `a;b`; older entries may also have commas and blanks.
    private static func tags(_ text: String) -> [String] {
      text.split { $0 == ";" || $0 == "," || $0 == " " }.map(String.init)
    }
  }
}
