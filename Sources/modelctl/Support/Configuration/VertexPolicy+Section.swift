import GoogleCloud
import ModelRegistry
import RegistryModel

extension VertexPolicy {
  /// Reads `training.vertex` of `config.yaml`.
  init(section: JSONValue, context: String) throws(RegistryError) {
    var reader = try JSONReader(section, context: context)
    self.init(
      project: try reader.required("project", .project).text,
      region: try reader.required("region", .region).text, image: try Self.image(&reader))
    try readMachine(&reader)
    if let bytes = try reader.bytes("boot_disk") {
      // Google Cloud's GB are GiB, and it wants whole ones: nobody gets less than was asked for.
      let size = (bytes + (1 << 30) - 1) >> 30
      guard 1...64_000 ~= size else {
        throw reader.problem(with: "boot_disk", "is \(size) GiB", hint: "at most 64000GiB")
      }
      bootDiskGigabytes = Int(size)
    }
    if let spot = try reader.optional("spot", .bool) { usesSpot = spot }
    if let limit = try reader.milliseconds("time_limit") {
      guard limit >= 1000 else {
        throw reader.problem(with: "time_limit", "is below 1s", hint: "write it like 2h")
      }
      timeLimitMilliseconds = limit
    }
    if let account = try reader.optional("service_account", .string) {
      guard account.contains("@"), !account.contains(where: \.isWhitespace) else {
        throw reader.problem(
          with: "service_account", "is \(account.quoted)",
          hint: "write its address, NAME@PROJECT.iam.gserviceaccount.com")
      }
      serviceAccount = account
    }
    environment = try reader.variables("environment", reserved: ["JOB_ID"])
    try reader.finish()
  }

  private static func image(_ reader: inout JSONReader) throws(RegistryError) -> String {
    let image = try reader.required("image", .string)
    let hint = "write it like us-central1-docker.pkg.dev/PROJECT/trainers/trainer@sha256:…"
    guard image.contains("/"), !image.hasPrefix("/"), !image.contains("://"), image.utf8.count <= 512,
      image.utf8.allSatisfy({ 0x21...0x7e ~= $0 && !"\"'\\".utf8.contains($0) })
    else { throw reader.problem(with: "image", "is \(image.quoted), which is no image", hint: hint) }
    guard let (_, digest) = image.splitOnce(at: UInt8(ascii: "@")), (try? Digest(parsing: digest)) != nil
    else {
      throw reader.problem(
        with: "image", "is \(image.quoted) without a digest, and its tag may name another image tomorrow",
        hint: hint + "; `docker buildx imagetools inspect IMAGE` shows it")
    }
    return image
  }

  /// The machine: a type with or without accelerators, a type with TPUs, or Vertex AI's own document.
  private mutating func readMachine(_ reader: inout JSONReader) throws(RegistryError) {
    let type = try reader.optional("machine_type", .word)
    acceleratorType = try reader.optional("accelerator_type", .word)
    acceleratorCount = try reader.count("accelerator_count", atMost: 1024)
    tpuTopology = try reader.optional("tpu_topology", .word)
    machineSpec = try reader.free("machine_spec")
    if let spec = machineSpec {
      guard type == nil, acceleratorType == nil, acceleratorCount == nil, tpuTopology == nil else {
        throw reader.problem(
          with: "machine_spec",
          "stands beside machine_type, accelerator_… or tpu_topology, whose place it takes",
          hint: "write the machine one way: leave machine_spec out, or the others")
      }
      guard spec["machineType"]?.asString?.isEmpty == false else {
        throw reader.problem(
          with: "machine_spec", "has no machineType",
          hint: "write the fields as Vertex AI's MachineSpec names them")
      }
      try Self.requireBoth(
        spec["acceleratorType"] != nil, spec["acceleratorCount"] != nil,
        ("machine_spec.acceleratorType", "machine_spec.acceleratorCount"), reader)
    } else {
      try Self.requireBoth(
        acceleratorType != nil, acceleratorCount != nil, ("accelerator_type", "accelerator_count"), reader)
    }
    if tpuTopology != nil {
      guard acceleratorType == nil else {
        throw reader.problem(
          with: "tpu_topology", "stands beside accelerator_type", hint: "leave out the one that isn't meant")
      }
      guard type != nil else {
        throw reader.problem(
          with: "tpu_topology", "needs a machine_type that has TPUs",
          hint: "such as machine_type: ct5lp-hightpu-4t")
      }
    }
    if let type { machineType = type }
  }

  /// Vertex AI refuses one without the other when the job is created.
  private static func requireBoth(
    _ hasType: Bool, _ hasCount: Bool, _ names: (type: String, count: String), _ reader: JSONReader
  ) throws(RegistryError) {
    guard hasType != hasCount else { return }
    throw reader.problem(
      with: hasType ? names.type : names.count, "stands without \(hasType ? names.count : names.type)",
      hint: "write both, such as NVIDIA_TESLA_T4 and 1, or neither")
  }
}

extension JSONKind where Value == String {
  /// What Google Cloud calls a kind of machine or accelerator.
  fileprivate static var word: Self {
    .parsed { (text) throws(RegistryError) in
      guard 1...64 ~= text.utf8.count,
        text.utf8.allSatisfy({
          $0.isASCIIDigit || $0.isASCIILowercase || $0.isASCIIUppercase || "_-".utf8.contains($0)
        })
      else {
        throw RegistryError(
          .usage, "\(text.quoted) is no name of Google Cloud's",
          hint: "write it like n1-standard-8, NVIDIA_TESLA_T4 or 2x2")
      }
      return text
    }
  }
}
