import JSONDocument
import ProxmoxAPI
import Testing

@Suite("ClusterResources") struct ClusterResourcesTests {
  @Test("Reads nodes and guests from the untyped list")
  func readsUntypedList() throws {
    let resources = try read(
      #"""
      {"data":[
        {"id":"storage/pve1/local","type":"storage","node":"pve1","storage":"local","status":"available"},
        {"uptime":4711,"vmid":105,"name":"plex","type":"lxc","node":"pve1","id":"lxc/105","status":"running",
         "template":0,"tags":"media;home","cpu":0.01,"maxcpu":2,"disk":123,"pool":"media","lock":"backup"},
        {"type":"qemu","id":"qemu/900","vmid":"900","node":"pve2","status":"stopped","template":"1","name":"base"},
        {"type":"node","id":"node/pve1","node":"pve1","status":"online","level":""},
        {"type":"node","id":"node/pve2","node":"pve2","status":"offline"},
        {"type":"pool","id":"/pool/media","pool":"media"},
        {"type":"network","id":"network/pve1/zone/localnetwork","node":"pve1","status":"ok"}
      ]}
      """#)
    #expect(resources.nodes.map(\.name) == ["pve1", "pve2"])
    #expect(resources.nodes.map(\.status) == ["online", "offline"])
    let plex = try #require(resources.guests.first)
    #expect((plex.vmid, plex.name, plex.node, plex.status) == (105, "plex", "pve1", "running"))
    #expect(plex.uptime == 4711 && plex.tags == ["media", "home"] && plex.pool == "media" && plex.lock == "backup")
    #expect(!plex.isQEMU && !plex.isTemplate)
    let base = try #require(resources.guests.last)
    #expect(base.vmid == 900 && base.isQEMU && base.isTemplate && base.uptime == nil && base.tags.isEmpty)
  }

  @Test("Missing, null or mistyped fields do not affect the other fields of a guest")
  func readsLeniently() throws {
    let resources = try read(
      #"""
      {"message":"x","data":[
        {"type":"lxc","id":"lxc/101","node":"pve1","name":null,"status":null,"tags":null,"uptime":"12","template":""},
        {"type":"lxc","id":"lxc/102","vmid":102.0,"node":"pve1","name":7,"tags":"a, b"},
        {"type":"lxc","id":"lxc/103","vmid":103},
        {"type":"lxc","vmid":"many","node":"pve1"},
        {"type":"lxc","vmid":-5,"node":"pve1"},
        {"type":"node"}, null, 3, [], "x"
      ]}
      """#)
    #expect(resources.guests.map(\.vmid) == [101, 102])
    #expect(resources.guests[0].name == nil && resources.guests[0].status == nil && resources.guests[0].uptime == 12)
    #expect(resources.guests[1].name == "7" && resources.guests[1].tags == ["a", "b"])
    #expect(resources.nodes.isEmpty)
  }

  @Test("A list may be empty")
  func readsEmptyLists() throws {
    #expect(try read(#"{"data":[]}"#) == ClusterResources())
  }

  @Test(
    "An answer that is not PVE's is refused",
    arguments: [
      "", "{}", "[]", "<html>", #"{"data":null}"#, #"{"data":{}}"#, #"{"data":"x"}"#,
      #"{"data":[{"type":"node","node":"pve1"}"#, #"{"data":[]}x"#, #""data""#,
    ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try read(text) }
  }

  private func read(_ text: String) throws -> ClusterResources { try ClusterResources(decoding: Array(text.utf8)) }
}
