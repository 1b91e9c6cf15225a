import AgentConfiguration
import AgentRuntime
import Diagnosis
import ProxmoxDiscovery
import RouteModel

/// The findings of `doctor` about the agent's configuration and machine.
struct AgentDiagnosis {
  let check: ConfigurationCheck
  /// The path of the configuration file, as given.
  let path: String

  var section: DiagnosisReport.Section {
    DiagnosisReport.Section(.agent, name: "agent", checks: files + (check.configuration.map(machine) ?? []))
  }

  /// The same texts as in `check`, one for each problem.
  private var files: [Finding] {
    let problems = check.problems.map { problem in
      Finding("configuration", problem.severity == .error ? .problem : .warning, problem.plain)
    }
    guard check.errors.isEmpty, let configuration = check.configuration else {
      return problems + (check.configuration == nil ? [unread] : [])
    }
    let (clusters, routes) = (configuration.clusters.count, check.routes ?? 0)
    return [
      .ok(
        "configuration",
        "\(path): \(clusters) cluster\(clusters == 1 ? "" : "s"), \(routes) route\(routes == 1 ? "" : "s")")
    ] + problems
  }

  private var unread: Finding {
    Finding(
      "clusters", .warning, "not checked: they are named in the agent's file", wanted: "a file without errors")
  }

  private func machine(_ configuration: AgentConfiguration) -> [Finding] {
    HostCheck(
      host: HostFacts(lookingAt: configuration.stateDirectory),
      service: ServiceFacts(configuration: configuration.path, files: configuration.readPaths + check.filesOfRoutes)
    ).checks
  }
}

extension Problem {
  /// Without the word `warning`, because the severity is shown beside it.
  fileprivate var plain: String { "\(location): \(message)" }
}

extension ConfigurationCheck {
  /// The clusters to diagnose; empty if the agent's file has errors.
  func diagnosed(for routes: RoutePreview?) -> [DiagnosedCluster] {
    (configuration?.clusters ?? []).map { cluster in
      let guests = controlledGuests.filter { $0.cluster ?? cluster.name == cluster.name }
      return DiagnosedCluster(
        cluster, configuration?.discovery ?? DiscoveryConfiguration(),
        controlledGuests: cluster.mayControlGuests ? guests.map(\.vmid) : nil,
        guestsOfWokenNodes: cluster.mayWakeNodes ? guests.filter(\.wakesNode).map(\.vmid) : [],
        wantedGuests: { routes?.wantedGuests(of: $0) ?? [] })
    }
  }
}
