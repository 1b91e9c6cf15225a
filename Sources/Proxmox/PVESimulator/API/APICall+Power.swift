// Calls that start and stop guests, and their tasks.
extension APICall {
  func startGuest(_ vmid: Int, _ kind: SimulatedGuest.Kind, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try powered(vmid, on: name)
    guard let guest = guest(vmid, kind, on: node) else { return lost("start", vmid, kind, on: node) }
    // Containers are checked before the task is created, VMs in the task.
    if kind == .lxc, guest.isUp { throw .failed("CT \(vmid) already running") }
    if guest.haState != nil { return begin("hastart", guest, status: "running", after: guest.power.haDelay) }
    let type = kind == .lxc ? "vzstart" : "qmstart"
    if guest.isUp { return begin(type, guest, ending: "VM \(vmid) already running") }
    if let refusal = guest.taskRefusal { return begin(type, guest, ending: refusal) }
    if let error = guest.power.startError { return begin(type, guest, taking: guest.power.startTime, ending: error) }
    return begin(type, guest, taking: guest.power.startTime, status: "running")
  }

  func shutDownGuest(_ vmid: Int, _ kind: SimulatedGuest.Kind, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try powered(vmid, on: name)
    guard let guest = guest(vmid, kind, on: node) else { return lost("shutdown", vmid, kind, on: node) }
    let timeout = request.parameters["timeout"].flatMap(Int.init) ?? 60
    let isForced = request.parameters["forceStop"] == "1"
    if kind == .lxc, !guest.isUp { throw .failed("CT \(vmid) not running") }
    if kind == .qemu, guest.status == "paused", !isForced { throw .failed("VM is paused - cannot shutdown") }
    if guest.haState != nil { return begin("hastop", guest, status: "stopped", after: guest.power.haDelay) }
    let type = kind == .lxc ? "vzshutdown" : "qmshutdown"
    if let refusal = guest.taskRefusal { return begin(type, guest, ending: refusal) }
    if let time = guest.power.shutdownTime, time <= .seconds(timeout) {
      return begin(type, guest, taking: time, status: "stopped")
    }
    if isForced { return begin(type, guest, taking: .seconds(timeout), status: "stopped") }
    let text = kind == .lxc ? "container did not stop" : "VM quit/powerdown failed - got timeout"
    return begin(type, guest, taking: .seconds(timeout), ending: text)
  }

  func suspendGuest(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try powered(vmid, on: name)
    return begin("qmsuspend", try guestOrRefusal(vmid, .qemu, on: node), status: "paused")
  }

  func resumeGuest(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try powered(vmid, on: name)
    return begin("qmresume", try guestOrRefusal(vmid, .qemu, on: node), status: "running")
  }

  /// A token sees its own tasks, and with Sys.Audit on the node all of them.
  func taskStatus(_ upid: String, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try target(name)
    guard upid.hasPrefix("UPID:"), upid.split(separator: ":").count == 8 else {
      throw .failed("unable to parse worker upid '\(upid)'")
    }
    guard let task = cluster.tasks[upid], task.node == node.name else { throw .invalid("upid", "no such task") }
    if task.owner != caller.name { try require(["Sys.Audit"], on: "/nodes/\(node.name)") }
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("upid", task.upid)
      writer.field("node", task.node)
      writer.field("type", task.type)
      writer.field("id", String(task.vmid))
      let isRunning = task.isRunning(at: now)
      writer.field("status", isRunning ? "running" : "stopped")
      if !isRunning { writer.field("exitstatus", task.exitStatus) }
    }
    return writer
  }

  func wakeNode(_ name: String) throws(Refusal) -> PVEJSONWriter {
    try require(["Sys.PowerMgmt"], on: "/nodes/\(name)")
    guard cluster.node(name) != nil else { throw .failed("no such cluster node '\(name)'") }
    update { $0.setNode(name, online: true) }
    var writer = PVEJSONWriter()
    writer.value("BC:24:11:00:00:01")
    return writer
  }

  /// The permission is checked before the existence of the guest.
  private func powered(_ vmid: Int, on name: String) throws(Refusal) -> SimulatedNode {
    try require(["VM.PowerMgmt"], on: "/vms/\(vmid)")
    let node = try target(name)
    guard cluster.isQuorate else { throw .failed("cluster not ready - no quorum?") }
    return node
  }

  /// A guest that does not exist still gets a task, which then fails.
  private func lost(
    _ action: String, _ vmid: Int, _ kind: SimulatedGuest.Kind, on node: SimulatedNode
  ) -> PVEJSONWriter {
    let guest = SimulatedGuest(vmid: vmid, kind: kind, name: nil, node: node.name)
    let text = "Configuration file '\(guest.configurationFile(on: node.name))' does not exist"
    return begin((kind == .lxc ? "vz" : "qm") + action, guest, ending: text)
  }

  private func begin(
    _ type: String, _ guest: SimulatedGuest, taking time: Duration? = .zero, ending exitStatus: String = "OK",
    status: String? = nil, after delay: Duration = .zero
  ) -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    update { cluster in
      writer.value(
        cluster.begin(
          type, of: guest, for: caller.name, taking: time, ending: exitStatus, status: status, after: delay, at: now))
    }
    return writer
  }
}

extension SimulatedGuest {
  /// An error that only the task detects.
  fileprivate var taskRefusal: String? {
    let word = kind == .lxc ? "CT" : "VM"
    if isTemplate { return "you can't start a \(kind == .lxc ? "CT" : "vm") if it's a template" }
    guard let lock, lock != "mounted" else { return nil }
    return "\(word) is locked (\(lock))"
  }
}
