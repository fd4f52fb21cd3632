extension Manifest {
  /// The document of this manifest; all fields of v1 are there, `null` where there is nothing to say.
  public var json: JSONValue { .object(fields) }

  /// The bytes that are stored, digested and sent: canonical JSON (RFC 8785), without a final newline.
  public var canonicalBytes: [UInt8] { json.canonicalBytes }

  /// The canonical bytes without `number`, `created_at` and `note`: two versions of an adapter with the same ones
  /// have equal content.
  public var contentBytes: [UInt8] {
    var content = fields
    for key in ["number", "created_at", "note"] { content[key] = nil }
    return JSONValue.object(content).canonicalBytes
  }

  private var fields: [String: JSONValue] {
    [
      "schema": .string(Self.schema),
      "adapter": .string(adapter.text),
      "number": .integer(number),
      "created_at": .string(createdAt.description),
      "model_type": .string(modelType),
      "framework": .string(framework),
      "files": .array(files.map(\.json)),
      "base": base?.json ?? .null,
      "job": job?.json ?? .null,
      "archives": .array(archives.map(\.json)),
      "metrics": .object(metrics.mapValues(JSONValue.number)),
      "requires": .array(requires.map { .string($0.description) }),
      "note": .orNull(note),
      "origin": origin?.json ?? .null,
    ]
  }
}

extension Manifest.File {
  var json: JSONValue {
    ["path": .string(path.text), "digest": .string(digest.description), "bytes": .integer(bytes)]
  }
}

extension Manifest.BaseReference {
  var json: JSONValue {
    ["version": .string(version.description), "digest": .string(digest.description)]
  }
}

extension Manifest.JobReference {
  var json: JSONValue {
    [
      "id": .string(id),
      "config_digest": .orNull(configDigest?.description),
      "image_digest": .orNull(imageDigest?.description),
      "code_version": .orNull(codeVersion),
      "seed": seed.map { .integer($0) } ?? .null,
    ]
  }
}

extension Manifest.ArchiveReference {
  var json: JSONValue {
    ["digest": .string(digest.description), "manifest": .orNull(manifest?.description)]
  }
}

extension Manifest.Origin {
  var json: JSONValue {
    [
      "layout": .string(layout),
      "manifest": .string(manifest.description),
      "version": .orNull(version),
    ]
  }
}

extension JSONValue {
  /// A string, or `null` where there is none.
  package static func orNull(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
