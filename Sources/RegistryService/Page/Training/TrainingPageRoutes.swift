import ModelRegistry
import RegistryModel

/// Training jobs.
enum TrainingPageRoutes {
  static let all: [Route] = [
    PageRoutes.page("/training", query: ["after"], training), PageRoutes.page("/training/{job_id}", job),
  ]

  /// Where jobs can't be had, as the network is down for instance, the page says so and shows the rest.
  private static func training(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let frame = request.frame(core, "Training", .training)
    var source = TrainingPage.Source(jobs: .null, decision: .null, settings: core.training.settings)
    func attempt(_ body: () throws -> JSONValue) throws -> JSONValue {
      do {
        return try body()
      } catch let error as RegistryError {
        source.problems.append("\(error.message); \(error.hint)")
        return .null
      }
    }
    let after = request.query["after"]
    // Each part asks for what it shows, and no more: both may go over a network.
    let part = request.query["part"]
    if part != "decision" {
      source.jobs = try attempt { try core.training.jobs(JobQuery(limit: 25, after: after)) }
    }
    if part != "jobs" { source.decision = try attempt { try core.training.decision() } }
    for job in source.jobs.list("jobs") { core.losses.note(job) }
    return try PageAnswer.page(
      "training", TrainingPage(frame, source, isFirst: after == nil, now: core.now), request,
      parts: ["jobs", "decision"])
  }

  private static func job(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let id = try JobID(parsing: request.parameter("job_id"))
    let frame = request.frame(core, id.text, .training)
    let document = try core.training.status(id)
    core.losses.note(document)
    let log = try core.store.reading { $0.trainingCurve(id) }
    let page = JobPage(
      frame, document, curve: log.count > 1 ? log : core.losses.points(of: id.text), now: core.now)
    return try PageAnswer.page("job", page, request, parts: ["progress"])
  }
}
