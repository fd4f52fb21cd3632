import DurableFiles
import RegistryModel

/// A folder or file on a remote, brought into an operation's folder to be imported from there. Nothing of it is durable,
/// nor has to be: the import makes its own copies so.
struct RemoteSource {
  let registry: Registry
  let operation: Operation

  /// The path of what was brought; it has the name that it had there, as layouts are told by names.
  func bring(_ uri: RemoteURI) throws -> String {
    let place = try allowed(for: uri)
    let path = place.path(of: uri) ?? ""
    guard !uri.name.isEmpty else {
      throw RegistryError(.usage, "\(uri) names no folder in the bucket", hint: "name the model's folder")
    }
    // Everything is reached from the place that an operator named, by a path that follows no link.
    let remote = try registry.open(place, operation.meter)
    let file = try path.isEmpty ? nil : remote.info(RelativePath(parsing: path))
    let objects = try file.map { [$0] } ?? list(remote, path.isEmpty ? "" : path + "/")
    guard !objects.isEmpty else {
      throw RegistryError(.notFound, "there is nothing at \(uri)", hint: "check the URI")
    }
    let total = BlobSizes.sum(objects.map(\.bytes))
    try registry.requireRoom(bytes: BlobSizes.sum([total, total]), files: 3 * objects.count)
    try operation.meter.begin(total)
    try operation.folder.makeDirectory("source")
    let top = try operation.folder.directory("source")
    for object in objects {
      let inner = object.name.text.dropFirst(path.count)
      let name = try RelativePath(parsing: uri.name + (path.isEmpty ? "/" : "") + inner)
      try fetch(object, as: name, remote, into: top)
    }
    return "\(top.path)/\(uri.name)"
  }

  /// A URI alone brings nothing in: the remote that is set, or one that an operator allowed, must contain it.
  private func allowed(for uri: RemoteURI) throws -> RemoteURI {
    let own = try RemotePlace(store: registry.store).read()
    let allowed = [own].compactMap(\.self) + registry.configuration.remote.allowed
    if let place = allowed.first(where: { $0.contains(uri) }) { return place }
    throw RegistryError(
      .refused, "\(uri) is neither in the remote that is set nor allowed",
      hint: "add it to `allow` under `remote` in the configuration, if it is meant")
  }

  private func list(_ remote: any ObjectStore, _ prefix: String) throws -> [ObjectInfo] {
    var found: [ObjectInfo] = []
    try remote.pages(ObjectQuery(prefix: prefix)) { page in
      found += page.objects
      guard found.count <= ImportIntake.entryLimit else {
        throw ImportIntake.tooMany("\(remote.uri)/\(prefix)")
      }
    }
    return found
  }

  private func fetch(
    _ object: ObjectInfo, as name: RelativePath, _ remote: any ObjectStore, into top: Directory
  ) throws {
    var folder = top
    for component in name.components.dropLast() {
      if try folder.status(component) == nil { try folder.makeDirectory(component) }
      folder = try folder.directory(component)
    }
    guard let leaf = name.components.last else { return }
    let file = try folder.createFile(mode: 0o644)
    var crc = CRC32C()
    var bytes: Int64 = 0
    try remote.read(object, from: 0) { piece in
      bytes += Int64(piece.count)
      guard bytes <= object.bytes else {
        throw RegistryError(
          .integrity, "\(remote.uri) sends more of \(object.name.text) than it has",
          hint: "run the command again")
      }
      try file.write(piece)
      crc.update(piece)
      try operation.meter.add(Int64(piece.count))
    }
    guard object.crc32c == nil || object.crc32c == crc.value, bytes == object.bytes else {
      throw RegistryError(
        .integrity, "\(object.name.text) was damaged on its way from \(remote.uri)",
        hint: "run the command again")
    }
    guard try file.link(as: leaf, in: folder) else {
      throw RegistryError(
        .integrity, "\(object.name.text) is there twice in \(remote.uri)", hint: "look at the remote")
    }
  }
}
