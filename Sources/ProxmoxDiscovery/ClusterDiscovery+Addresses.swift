import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

extension ClusterDiscovery {
  /// The list as the plan needs it, with the hints for this cluster.
  func currentPoll() -> AddressPlan.Poll {
    let hints = environment.hints.take(for: configuration.name)
    return AddressPlan.Poll(
      nodes: builder.resources.nodes.map { node in
        AddressPlan.Poll.Node(name: node.name, isOffline: node.status == "offline")
      },
      guests: builder.resources.guests.filter { !$0.isTemplate }.map { guest in
        let read = AddressPlan.GuestRead(
          vmid: guest.vmid, node: guest.node, isQEMU: guest.isQEMU,
          isRunning: GuestStatus(guest.status ?? "").isRunning)
        return AddressPlan.Poll.Guest(read: read, uptime: guest.uptime)
      },
      wanted: Set(hints.wanted.map(\.vmid)), suspects: Set(hints.suspect.map(\.vmid)))
  }

  /// Starts what the plan says whenever a poll or a finished read may have made room.
  func readAddresses() async {
    await withDiscardingTaskGroup { group in
      for await _ in readsDue.raised {
        for read in plan.next(at: .now) { group.addTask { await self.perform(read) } }
      }
    }
  }

  private func perform(_ read: AddressPlan.Read) async {
    guard let client = workingClient() else { return plan.finish(read, .endpointDown, at: .now) }
    let outcome: AddressPlan.Outcome
    var hasNews = false
    switch read {
    case .members: outcome = await readMembers(client)
    case .network(let node): outcome = await readNetwork(of: node, client)
    case .guest(let guest): (outcome, hasNews) = await readGuest(guest, client)
    }
    if Task.isCancelled { return }
    plan.finish(read, outcome, hasNews: hasNews, at: .now)
    publicationDue.raise()
    readsDue.raise()
  }

  private func readGuest(
    _ guest: AddressPlan.GuestRead, _ client: ProxmoxClient
  ) async -> (AddressPlan.Outcome, hasNews: Bool) {
    let reading = await AddressReader(client: client).read(guest)
    if reading.outcome == .endpointDown { return (.endpointDown, hasNews: false) }
    guard plan.isCurrent(guest) else { return (reading.outcome, hasNews: false) }
    let before = builder.book.addresses(of: guest.vmid)
    builder.book.record(reading, of: guest)
    return (reading.outcome, hasNews: builder.book.addresses(of: guest.vmid) != before)
  }

  private func readNetwork(of node: String, _ client: ProxmoxClient) async -> AddressPlan.Outcome {
    do throws(ProxmoxError) {
      builder.facts.record(network: try await client.network(node: node), of: node)
      return .complete
    } catch {
      let outcome = AddressPlan.Outcome(error)
      if outcome != .endpointDown { builder.facts.record(networkError: error, of: node) }
      return outcome
    }
  }

  /// Each of the three calls may be refused on its own.
  private func readMembers(_ client: ProxmoxClient) async -> AddressPlan.Outcome {
    do throws(ProxmoxError) {
      builder.facts.record(status: try await client.clusterStatus())
    } catch {
      if AddressPlan.Outcome(error) == .endpointDown { return .endpointDown }
      builder.facts.record(statusError: error)
    }
    do throws(ProxmoxError) {
      builder.facts.record(summaries: try await client.nodes())
      builder.facts.record(version: try await client.version())
      return .complete
    } catch {
      logger.debug("nodes or version cannot be read", metadata: ["error": "\(error)"])
      return AddressPlan.Outcome(error)
    }
  }

  /// Publishes what was read since, in batches: however many guests answer, the inventory is not rebuilt for each.
  func publishChanges() async {
    for await _ in publicationDue.raised {
      let start = ContinuousClock.now
      publish()
      // A big cluster's snapshot takes longer to build, and is then built less often.
      let pause = max(.milliseconds(50), (ContinuousClock.now - start) * 20)
      try? await Task.sleep(for: min(pause, .seconds(1)))
    }
  }
}
