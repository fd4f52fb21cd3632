import ModelRegistry
import RegistryModel

/// What stands around every page: where one is, who one is, and what one may do.
struct PageFrame: Sendable {
  struct Place: Hashable, Sendable {
    let text: String
    let path: String
    let isCurrent: Bool
  }

  var title: String
  /// What the machine is called.
  let robot: String
  let root: String
  let places: [Place]
  /// The token that one is signed in with.
  let account: String?
  let scopes: String
  let isSignedIn: Bool
  /// What every form sends back.
  let antiForgery: String
  let mayOperate: Bool
  let mayTrain: Bool
  /// Whether one sees this without a token, as there is none.
  let isWithoutTokens: Bool
  /// Whether one is signed in with a token that changes nothing.
  let isLooking: Bool
  let notice: String?
  /// What was active when the page was made, which every switch sends along; 0: nothing, empty: it can't be told.
  let generation: String
  let version: String
  let now: String

  init(
    title: String, section: Section?, caller: Caller, antiForgery: String?, robot: String, root: String,
    generation: Int?, notice: Notice? = nil, now: Timestamp
  ) {
    self.title = title
    self.robot = robot
    self.root = root
    let isAdmin = caller.may(.scope(.admin))
    places = Section.allCases.filter { $0 != .tokens || isAdmin }.map {
      Place(text: $0.title, path: $0.rawValue, isCurrent: $0 == section)
    }
    isSignedIn = antiForgery != nil
    account =
      switch caller.way {
      case .token(let name), .session(let name): name
      case .socket, .local, .stranger: nil
      }
    scopes = caller.scopes.map(\.rawValue).sorted().joined(separator: ", ")
    self.antiForgery = antiForgery ?? ""
    mayOperate = caller.may(.scope(.operate))
    mayTrain = caller.may(.scope(.train))
    isWithoutTokens = caller.way == .local
    isLooking = caller.way != .local && !mayOperate && !mayTrain && caller.way != .stranger
    self.notice = notice?.text
    self.generation = generation.map { "\($0)" } ?? ""
    version = Build.current.version
    self.now = now.description
  }

  enum Section: String, CaseIterable, Sendable {
    case overview = "/"
    case versions = "/versions"
    case lineage = "/lineage"
    case training = "/training"
    case history = "/history"
    case audit = "/audit"
    case storage = "/storage"
    case tokens = "/tokens"

    var title: String {
      switch self {
      case .overview: "Overview"
      case .versions: "Versions"
      case .lineage: "Lineage"
      case .training: "Training"
      case .history: "History"
      case .audit: "Audit"
      case .storage: "Storage"
      case .tokens: "Tokens"
      }
    }
  }
}

/// What was done a moment ago, as the page says it: `?done=` has the word, never a text.
enum Notice: String, CaseIterable, Sendable {
  case activated, confirmed, deactivated, uninstalled, pinned, unpinned, revoked
  case rolledBack = "rolled-back"
  case cancelled, triggered

  var text: String {
    switch self {
    case .activated: "The switch is done."
    case .confirmed: "Confirmed. From now on this is something to fall back to."
    case .deactivated: "The adapter no longer runs."
    case .uninstalled: "Uninstalled. Its bytes go when the store is tidied next."
    case .pinned: "Pinned. It stays here until it is unpinned."
    case .unpinned: "No longer pinned."
    case .revoked: "Revoked. Every request with that token is refused from now on."
    case .rolledBack: "Rolled back."
    case .cancelled: "It was asked to end, and does at its next piece of work."
    case .triggered: "The job was made."
    }
  }
}
