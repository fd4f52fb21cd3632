import Mustache
import RegistryModel

/// The page's templates, which are part of the program.
enum PageTemplates {
  /// Renders a template with a value, whose stored properties are the names that the template knows.
  ///
  /// - Throws: `failed` where there is no such template, or one of them can't be read: a mistake of ours, which a test
  ///   excludes for every template.
  static func render(_ name: String, _ model: some Sendable) throws(RegistryError) -> [UInt8] {
    guard let library = try library.get().render(model, withTemplate: name) else {
      throw RegistryError(.failed, "there is no template \(name.quoted)", hint: "report this")
    }
    return Array(library.utf8)
  }

  /// Each template begins by saying how its values are escaped: a template's own choice doesn't reach those that it
  /// includes.
  private static let library: Result<MustacheLibrary, RegistryError> = {
    MustacheContentTypes.register(PageEscaping(), named: PageEscaping.name)
    var library = MustacheLibrary()
    for file in Assets.names {
      guard let name = file.beforeSuffix(".mustache") else { continue }
      let text = String(decoding: Assets.bytes(of: file), as: UTF8.self)
      do {
        try library.register("{{% CONTENT_TYPE:\(PageEscaping.name)}}\n\(text)", named: name)
      } catch {
        return .failure(
          RegistryError(.failed, "the template \(name.quoted) can't be read: \(error)", hint: "report this"))
      }
    }
    return .success(library)
  }()
}
