import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

extension ClusterDiscovery {
  /// An in-flight read, which a poll may cancel.
  struct ReadUnderWay: Sendable {
    let read: AddressPlan.Read
    let task: Task<Void, Never>

    /// Waits for the read; cancelling the waiting task cancels the read.
    func end() async {
      await withTaskCancellationHandler {
        await task.value
      } onCancel: {
        task.cancel()
      }
    }
  }

  /// The current list in the plan's terms, with the hints for this cluster.
  func currentPoll() -> AddressPlan.Poll {
    let hints = environment.hints.drain(for: configuration.name)
    return AddressPlan.Poll(
      nodes: builder.resources.nodes.map { node in
        AddressPlan.Poll.Node(name: node.name, isOffline: node.status == "offline")
      },
      guests: builder.resources.guests.filter { !$0.isTemplate && !builder.missing.contains($0.vmid) }.map { guest in
        let status = GuestStatus(guest.status ?? "")
        let read = GuestRead(
          vmid: guest.vmid, node: guest.node, isQEMU: guest.isQEMU,
          isRunning: status.isRunning || status == .unknown)
        return AddressPlan.Poll.Guest(read: read, uptime: guest.uptime, name: guest.name)
      },
      wanted: Set(hints.wanted.map(\.vmid)), suspects: Set(hints.suspect.map(\.vmid)),
      waking: Set(hints.waking.map(\.vmid)), missing: missingGuests)
  }

  /// Starts the reads that the plan allows whenever a poll or a finished read may have made room.
  func readAddresses() async {
    await withDiscardingTaskGroup { group in
      for await _ in readsDue.raised {
        for read in plan.next(at: .now) {
          let reading = ReadUnderWay(read: read, task: Task { await self.perform(read) })
          readings.append(reading)
          group.addTask { await reading.end() }
        }
      }
    }
  }

  /// Cancels the youngest reads if a poll would exceed the limit of requests, also if a second endpoint is tried while
  /// the first one hangs: reads that hang there too must not block the failover.
  func makeRoom(forPolls polls: Int) {
    plan.polls = polls
    let staying = readings.filter { !$0.task.isCancelled }
    for reading in staying.suffix(max(0, staying.count + polls - AddressPlan.requestsPerCluster)) {
      // The transfer ends before the poll's begins: both go through one queue.
      reading.task.cancel()
    }
  }

  private func perform(_ read: AddressPlan.Read) async {
    defer { readings.removeAll { $0.read == read } }
    guard let client = workingClient() else { return plan.finish(read, .endpointDown, at: .now) }
    let outcome: AddressPlan.Outcome
    // Most reads of a guest find nothing new; other reads are rare and nearly always do.
    var news = AddressBook.News.state
    switch read {
    case .members: outcome = await readMembers(client)
    case .network(let node): outcome = await readNetwork(of: node, client)
    case .guest(let guest): (outcome, news) = await readGuest(guest, client)
    case .missing(let guest):
      outcome = await explain(guest, client)
      logRights()
    }
    plan.finish(read, Task.isCancelled ? .recalled : outcome, hasNews: news == .addresses, at: .now)
    // The end of the first round is awaited by others, so it is published without waiting for a batch.
    if builder.awaitsAddresses, plan.isFirstRoundOver {
      publish()
    } else if news != .none {
      publicationDue.raise()
    }
    readsDue.raise()
  }

  private func readGuest(
    _ guest: GuestRead, _ client: ProxmoxClient
  ) async -> (AddressPlan.Outcome, AddressBook.News) {
    let reader = AddressReader(client: client, ownNode: clientOfOwnNode(guest, client))
    let reading = await reader.read(guest, cards: plan.isRoutine(guest) ? builder.book.cards(of: guest.vmid) : nil)
    if reading.outcome == .endpointDown { return (.endpointDown, .none) }
    let isNodeNews = builder.facts.record(
      reachError: reading.outcome == .nodeUnreachable ? reading.shortfall?.text : nil, of: guest.node)
    var news = AddressBook.News.none
    if plan.isCurrent(guest) { news = builder.record(reading, of: guest) }
    return (reading.outcome, news == .none && isNodeNews ? .state : news)
  }

  /// In PVE 8.1 and 8.2 (pve-container before 5.2.0), only the owning node knows a container's interfaces.
  private func clientOfOwnNode(_ guest: GuestRead, _ working: ProxmoxClient) -> ProxmoxClient? {
    guard !guest.isQEMU, let version = builder.facts.version,
      version.hasPrefix("8.1") || version.hasPrefix("8.2"), let own = ownClient(of: guest.node)
    else { return nil }
    return own.endpoint == working.endpoint ? nil : own
  }

  private func readNetwork(of node: String, _ client: ProxmoxClient) async -> AddressPlan.Outcome {
    do throws(ProxmoxError) {
      builder.facts.record(network: try await client.network(node: node), of: node)
      builder.facts.record(reachError: nil, of: node)
      builder.recordFacts()
      return .complete
    } catch {
      let outcome = AddressPlan.Outcome(error)
      if outcome != .endpointDown { builder.facts.record(networkError: error, of: node) }
      if outcome == .nodeUnreachable { builder.facts.record(reachError: error.description, of: node) }
      return error.isLasting ? .complete : outcome
    }
  }

  /// Each of the three calls may be refused separately. The protected one comes last: it ends the connection that the
  /// poll and the others share.
  private func readMembers(_ client: ProxmoxClient) async -> AddressPlan.Outcome {
    var outcome = AddressPlan.Outcome.complete
    do throws(ProxmoxError) {
      builder.facts.record(summaries: try await client.nodes())
      builder.facts.record(version: try await client.version())
    } catch {
      logger.debug("nodes or version cannot be read", metadata: ["error": "\(error)"])
      outcome = AddressPlan.Outcome(error)
      if outcome == .endpointDown { return outcome }
    }
    do throws(ProxmoxError) {
      builder.facts.record(status: try await client.clusterStatus())
    } catch {
      if AddressPlan.Outcome(error) == .endpointDown { return .endpointDown }
      builder.facts.record(statusError: error)
      if !error.isLasting { outcome = .failed }
    }
    builder.recordFacts()
    applyMembers()
    return outcome
  }

  /// Publishes changes in batches, so that the inventory is not rebuilt for each guest that answers.
  func publishChanges() async {
    for await _ in publicationDue.raised {
      let start = ContinuousClock.now
      publish()
      // A big cluster's snapshot takes longer to build, so it is built less often.
      let pause = max(.milliseconds(50), (ContinuousClock.now - start) * 20)
      try? await Task.sleep(for: min(pause, .seconds(1)))
    }
  }
}

extension ProxmoxError {
  /// Whether the same call would be refused again: a privilege or the path is missing.
  fileprivate var isLasting: Bool {
    switch self {
    case .forbidden, .notImplemented: true
    default: false
    }
  }
}
