public import RegistryModel

extension CustomJobRequest {
  /// The body of `customJobs.create`.
  ///
  /// - Throws: `usage` for what Vertex AI would refuse, or would run otherwise than it was meant; nothing is sent then.
  public func json() throws(RegistryError) -> JSONValue {
    var pool: [String: JSONValue] = [
      "machineSpec": try machine.json(), "containerSpec": try container.json(),
      // 64 bits, so a string.
      "replicaCount": .string("\(try positive(replicas, "the number of replicas"))"),
    ]
    if let disk {
      let size = try positive(disk.gigabytes, "the size of the disk")
      pool["diskSpec"] = ["bootDiskType": .string(disk.type), "bootDiskSizeGb": .integer(size)]
    }
    var spec: [String: JSONValue] = ["workerPoolSpecs": [.object(pool)]]
    var scheduling: [String: JSONValue] = ["restartJobOnWorkerRestart": false]
    if let timeoutSeconds {
      scheduling["timeout"] = .string("\(try positive(timeoutSeconds, "the timeout"))s")
    }
    if isSpot { scheduling["strategy"] = "SPOT" }
    spec["scheduling"] = .object(scheduling)
    if let serviceAccount {
      guard serviceAccount.contains("@"), !serviceAccount.contains(where: \.isWhitespace) else {
        throw Self.refusal("\(serviceAccount.quoted) is no service account", "write its e-mail address")
      }
      spec["serviceAccount"] = .string(serviceAccount)
    }
    if let outputURI {
      guard (try? BucketLocation(parsing: outputURI)) != nil else {
        throw Self.refusal("\(outputURI.quoted) is no folder for output", "write it as gs://BUCKET/PREFIX")
      }
      spec["baseOutputDirectory"] = ["outputUriPrefix": .string(outputURI)]
    }
    return [
      "displayName": .string(displayName), "labels": .object(try allLabels().mapValues { .string($0) }),
      "jobSpec": .object(spec),
    ]
  }

  /// Labels may have no points, and a robot's name may: there a `-` stands for each.
  private func allLabels() throws(RegistryError) -> [String: String] {
    var all = labels
    all[Self.jobLabel] = jobID.text
    all[Self.robotLabel] = String(robot.text.map { $0 == "." ? "-" : $0 })
    guard all.count <= 64 else { throw Self.refusal("\(all.count) labels are too many", "leave at most 62") }
    for (key, value) in all {
      guard Self.isLabel(key), Self.isLabel(value), let first = key.utf8.first, (97...122).contains(first)
      else {
        throw Self.refusal(
          "the label \(key.quoted) with \(value.quoted) is malformed",
          "use at most 63 of a-z, 0-9, _ and -; a name begins with a letter")
      }
    }
    return all
  }

  private static func isLabel(_ text: String) -> Bool {
    text.utf8.count <= 63
      && text.utf8.allSatisfy { (97...122).contains($0) || $0.isASCIIDigit || "_-".utf8.contains($0) }
  }

  private func positive(_ number: Int64, _ what: String) throws(RegistryError) -> Int64 {
    guard 1...Int64(Int32.max) ~= number else {
      throw Self.refusal("\(what) is \(number)", "it must be positive, and below 2^31")
    }
    return number
  }

  static func refusal(_ problem: String, _ hint: String) -> RegistryError {
    RegistryError(.usage, "the custom job can't be asked for: \(problem)", hint: hint)
  }
}

extension CustomJobMachine {
  func json() throws(RegistryError) -> JSONValue {
    switch self {
    case .type(let type, let accelerator, let count):
      var spec: [String: JSONValue] = ["machineType": .string(try Self.word(type))]
      guard accelerator != nil || count != nil else { return .object(spec) }
      guard let accelerator, let count, 1...1024 ~= count else {
        throw CustomJobRequest.refusal(
          "an accelerator needs both its type and how many there are",
          "such as NVIDIA_TESLA_T4 and 1, or neither")
      }
      spec["acceleratorType"] = .string(try Self.word(accelerator))
      spec["acceleratorCount"] = .integer(count)
      return .object(spec)
    case .tpu(let type, let topology):
      return ["machineType": .string(try Self.word(type)), "tpuTopology": .string(try Self.word(topology))]
    case .spec(let spec):
      guard let members = spec.asObject, let type = members["machineType"]?.asString else {
        throw CustomJobRequest.refusal("the machine's specification has no machineType", "add it")
      }
      _ = try Self.word(type)
      guard (members["acceleratorType"] == nil) == (members["acceleratorCount"] == nil) else {
        throw CustomJobRequest.refusal(
          "an accelerator needs both its type and how many there are", "add what is missing")
      }
      return spec
    }
  }

  private static func word(_ text: String) throws(RegistryError) -> String {
    guard 1...64 ~= text.utf8.count,
      text.utf8.allSatisfy({
        $0.isASCIIDigit || ($0 | 32) >= 97 && ($0 | 32) <= 122 || "_-".utf8.contains($0)
      })
    else {
      throw CustomJobRequest.refusal("\(text.quoted) is no kind of machine", "write it like n1-standard-8")
    }
    return text
  }
}

extension CustomJobContainer {
  func json() throws(RegistryError) -> JSONValue {
    guard Self.isImage(image) else {
      throw CustomJobRequest.refusal(
        "\(image.quoted) is no image",
        "write it like us-central1-docker.pkg.dev/PROJECT/trainers/trainer@sha256:…")
    }
    guard allowsTag || hasDigest else {
      throw CustomJobRequest.refusal(
        "the image \(image.quoted) has no digest, and its tag may name another one tomorrow",
        "name it by its digest, NAME@sha256:…")
    }
    var spec: [String: JSONValue] = ["imageUri": .string(image)]
    if let command, !command.isEmpty { spec["command"] = .array(command.map { .string($0) }) }
    if !arguments.isEmpty { spec["args"] = .array(arguments.map { .string($0) }) }
    if !environment.isEmpty { spec["env"] = .array(try variables()) }
    return .object(spec)
  }

  /// In the order of their names. `$(NAME)` would be replaced by a variable's value, and is meant as it stands.
  private func variables() throws(RegistryError) -> [JSONValue] {
    var variables: [JSONValue] = []
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      let isName =
        name.utf8.first.map { !$0.isASCIIDigit } == true
        && name.utf8.allSatisfy { $0.isASCIIDigit || ($0 | 32) >= 97 && ($0 | 32) <= 122 || $0 == 95 }
      guard isName else {
        throw CustomJobRequest.refusal(
          "\(name.quoted) is no name of an environment variable", "use letters, digits and _")
      }
      let escaped = value.split(separator: "$(", omittingEmptySubsequences: false).joined(separator: "$$(")
      variables.append(["name": .string(name), "value": .string(escaped)])
    }
    return variables
  }

  private static func isImage(_ text: String) -> Bool {
    3...512 ~= text.utf8.count && text.contains("/") && !text.hasPrefix("/") && !text.contains("://")
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"\"'\\".utf8.contains($0) }
  }

  private var hasDigest: Bool {
    guard let at = image.lastIndex(of: "@") else { return false }
    return (try? Digest(parsing: String(image[image.index(after: at)...]))) != nil
  }
}
