import HTTPTypes
import ModelRegistry
import RegistryModel

/// The page for operators: what it shows, what its forms do, and its assets.
enum PageRoutes {
  static let all: [Route] =
    OverviewRoutes.all + VersionPageRoutes.all + LineagePageRoutes.all + TrainingPageRoutes.all
    + RecordPageRoutes.all + StoragePageRoutes.all + TokenPageRoutes.all + SignInRoutes.all
    + SwitchActions.all + VersionActions.all + WorkActions.all + TokenActions.all + assets

  /// The parameters that every page takes: a part of it, and what was just done.
  static let parameters = ["part", "done"]

  private static let types = [
    "page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
  ]

  private static let assets = types.map { name, type in
    Route(.get, PathTemplate(stringLiteral: "/assets/\(name)"), .open, isQuick: true) { _, request in
      let bytes = Assets.bytes(of: name)
      return try Immutable.answer(
        request, digest: Digest.sha256(of: bytes), body: .bytes(bytes, type: type))
    }
  }

  /// A page that shows something.
  static func page(
    _ path: PathTemplate, scope: TokenScope = .read, query: [String] = [],
    _ handler: @escaping Route.Handler
  ) -> Route {
    Route(.get, path, .scope(scope), query: query + parameters, handler)
  }
}
