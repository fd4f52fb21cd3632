import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Bearer tokens: who may use the service, and for what.",
    subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

struct TokenCreate: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a token, and show it this once.",
    discussion: "The scopes are read, operate, train and admin; operate and train may read, admin may do all."
  )

  @OptionGroup var options: GlobalOptions
  @Argument(help: "What it is called from now on; no other token ever is.") var name: String
  @Option(parsing: .upToNextOption, help: "What it is for: read, operate, train, admin.")
  var scope: [String] = []
  @Option(help: "How long it is good for, 90d; without an end if left out.") var expires: String?

  func run() throws {
    let session = try Session(options)
    let name = try TokenName(parsing: name)
    let scopes = try scope.map { try TokenScope(parsing: $0) }
    let now = session.settings.clock.now()
    let end = try expires.map {
      Timestamp(milliseconds: now.milliseconds + (try DurationText(parsing: $0).milliseconds))
    }
    let token = try session.open().createToken(name, scopes: Set(scopes), expiresAt: end)
    session.answer(
      Document.token(token)
    ) {
      if options.quiet { return token.secret }
      let until = end.map { ", until \($0)" } ?? ""
      return """
        token \(name): \(token.record.scopes.words.joined(separator: ", "))\(until)
        \(token.secret)
        This is the only time that it is shown: keep it now, as nobody can show it again.
        """
    }
  }
}

struct TokenList: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every token that was made here, revoked ones too.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions

  func run() throws {
    let session = try Session(options)
    let limit = try page.checkedLimit()
    let after = try page.after.map { try TokenName(parsing: $0) }
    let registry = try session.openForReading(acceptsLostIndex: true)
    let rest = try registry.tokens().filter { token in after.map { $0 < token.name } ?? true }
    let tokens = rest.prefix(limit)
    let next = rest.count > limit ? tokens.last?.name.text : nil
    let now = session.settings.clock.now()
    session.answer(
      ["tokens": .array(tokens.map { Document.token($0, at: now) }), "next": .orNull(next)],
      warnings: registry.tokenProblems()
    ) {
      if options.quiet { return tokens.map(\.name.text).joined(separator: "\n") }
      var table = Table([
        ("TOKEN", .left), ("SCOPES", .left), ("STATE", .left), ("CREATED", .left), ("BY", .left),
        ("ENDS", .left),
      ])
      for token in tokens {
        table.add([
          token.name.text, token.scopes.words.joined(separator: ", "), token.state(at: now).rawValue,
          token.createdAt.description, token.createdBy,
          token.revoked.map { "revoked \($0.at) by \($0.by)" } ?? token.expiresAt?.description ?? "never",
        ])
      }
      return tokens.isEmpty ? "no tokens" : table.text() + (next.map { "\nmore: --after \($0)" } ?? "")
    }
  }
}

struct TokenRevoke: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a token back; works without the index, too.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The token's name.") var name: String

  func run() throws {
    let session = try Session(options, isWayBack: true)
    let name = try TokenName(parsing: name)
    let record = try session.openWithoutIndex().revokeToken(name)
    session.answer(Document.token(record, at: session.settings.clock.now())) {
      options.quiet ? name.text : "\(name) is revoked: nothing is done for it any more"
    }
  }
}
