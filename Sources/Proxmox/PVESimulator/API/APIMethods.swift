/// Every method that the simulator knows.
let apiMethods: [APIMethod] = [
  APIMethod(pattern: ["version"]) { call, _ in call.version() },
  APIMethod(pattern: ["cluster", "status"], isProtected: true) { call, _ throws(Refusal) in try call.clusterStatus() },
  APIMethod(pattern: ["cluster", "resources"], parameters: ["type"]) { call, _ throws(Refusal) in
    try call.clusterResources()
  },
  APIMethod(pattern: ["nodes"]) { call, _ in call.nodes() },
  APIMethod(pattern: ["nodes", "{node}", "network"], parameters: ["type"]) { call, path throws(Refusal) in
    try call.nodeNetwork(path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "lxc"], isProtected: true) { call, path throws(Refusal) in
    try call.guests(.lxc, on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "qemu"], parameters: ["full"], isProtected: true) {
    call, path throws(Refusal) in try call.guests(.qemu, on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "lxc", "{vmid}", "config"], parameters: ["current", "snapshot"]) {
    call, path throws(Refusal) in try call.containerConfiguration(path.vmid(), on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "lxc", "{vmid}", "interfaces"], isProtected: true) {
    call, path throws(Refusal) in try call.containerInterfaces(path.vmid(), on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "lxc", "{vmid}", "status", "current"], isProtected: true) {
    call, path throws(Refusal) in try call.guestStatus(path.vmid(), .lxc, on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "qemu", "{vmid}", "config"], parameters: ["current", "snapshot"]) {
    call, path throws(Refusal) in try call.virtualMachineConfiguration(path.vmid(), on: path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "qemu", "{vmid}", "status", "current"], isProtected: true) {
    call, path throws(Refusal) in try call.guestStatus(path.vmid(), .qemu, on: path.node)
  },
  APIMethod(
    pattern: ["nodes", "{node}", "qemu", "{vmid}", "agent", "network-get-interfaces"], isProtected: true
  ) { call, path throws(Refusal) in try call.agentInterfaces(path.vmid(), on: path.node) },
  APIMethod(method: "POST", pattern: ["nodes", "{node}", "lxc", "{vmid}", "status", "start"], isProtected: true) {
    call, path throws(Refusal) in try call.startGuest(path.vmid(), .lxc, on: path.node)
  },
  APIMethod(method: "POST", pattern: ["nodes", "{node}", "qemu", "{vmid}", "status", "start"], isProtected: true) {
    call, path throws(Refusal) in try call.startGuest(path.vmid(), .qemu, on: path.node)
  },
  APIMethod(
    method: "POST", pattern: ["nodes", "{node}", "lxc", "{vmid}", "status", "shutdown"],
    parameters: ["timeout", "forceStop"], isProtected: true
  ) { call, path throws(Refusal) in try call.shutDownGuest(path.vmid(), .lxc, on: path.node) },
  APIMethod(
    method: "POST", pattern: ["nodes", "{node}", "qemu", "{vmid}", "status", "shutdown"],
    parameters: ["timeout", "forceStop"], isProtected: true
  ) { call, path throws(Refusal) in try call.shutDownGuest(path.vmid(), .qemu, on: path.node) },
  APIMethod(method: "POST", pattern: ["nodes", "{node}", "qemu", "{vmid}", "status", "suspend"], isProtected: true) {
    call, path throws(Refusal) in try call.suspendGuest(path.vmid(), on: path.node)
  },
  APIMethod(method: "POST", pattern: ["nodes", "{node}", "qemu", "{vmid}", "status", "resume"], isProtected: true) {
    call, path throws(Refusal) in try call.resumeGuest(path.vmid(), on: path.node)
  },
  APIMethod(method: "POST", pattern: ["nodes", "{node}", "wakeonlan"], isProtected: true) {
    call, path throws(Refusal) in try call.wakeNode(path.node)
  },
  APIMethod(pattern: ["nodes", "{node}", "tasks", "{upid}", "status"], isProtected: true) {
    call, path throws(Refusal) in try call.taskStatus(path.values[1], on: path.node)
  },
  APIMethod(pattern: ["access", "domains"], isPublic: true) { call, _ in call.realms() },
  APIMethod(pattern: ["access", "permissions"], parameters: ["path", "userid"]) { call, _ throws(Refusal) in
    try call.permissions()
  },
  APIMethod(pattern: ["access", "users", "{user}"]) { call, path throws(Refusal) in try call.account(path.values[0]) },
  APIMethod(pattern: ["access", "acl"]) { call, _ in call.accessControlList() },
  APIMethod(
    method: "PUT", pattern: ["access", "acl"],
    parameters: ["path", "roles", "users", "groups", "tokens", "propagate", "delete"], isProtected: true
  ) { call, _ throws(Refusal) in try call.changeAccessControlList() },
  APIMethod(
    method: "POST", pattern: ["access", "users"], parameters: ["userid", "enable", "expire", "comment", "password"],
    isProtected: true
  ) { call, _ throws(Refusal) in try call.createUser() },
  APIMethod(method: "DELETE", pattern: ["access", "users", "{user}"], isProtected: true) {
    call, path throws(Refusal) in try call.deleteUser(path.values[0])
  },
  APIMethod(
    method: "POST", pattern: ["access", "users", "{user}", "token", "{token}"],
    parameters: ["privsep", "expire", "comment"], isProtected: true
  ) { call, path throws(Refusal) in try call.createToken(path.values[0], path.values[1]) },
  APIMethod(method: "DELETE", pattern: ["access", "users", "{user}", "token", "{token}"], isProtected: true) {
    call, path throws(Refusal) in try call.deleteToken(path.values[0], path.values[1])
  },
  APIMethod(method: "POST", pattern: ["access", "roles"], parameters: ["roleid", "privs"], isProtected: true) {
    call, _ throws(Refusal) in try call.createRole()
  },
  APIMethod(method: "DELETE", pattern: ["access", "roles", "{role}"], isProtected: true) {
    call, path throws(Refusal) in try call.deleteRole(path.values[0])
  },
  APIMethod(pattern: ["nodes", "{node}", "time"]) { call, path throws(Refusal) in try call.clock(path.node) },
]
