import RegistryModel

/// What the service asks of a custom job beyond its shape.
enum CustomJobRules {
  static func check(_ job: JSONValue) throws(RPCError) {
    guard let name = job["displayName"]?.asString, 1...128 ~= name.count else {
      throw .invalid("display_name must have 1 to 128 characters.")
    }
    try checkLabels(job["labels"]?.asObject ?? [:])
    guard let pools = job["jobSpec"]?["workerPoolSpecs"]?.asArray, 1...4 ~= pools.count else {
      throw .invalid("job_spec.worker_pool_specs must have 1 to 4 elements.")
    }
    for pool in pools { try checkPool(pool) }
    if let output = job["jobSpec"]?["baseOutputDirectory"] {
      guard output["outputUriPrefix"]?.asString?.hasPrefix("gs://") == true else {
        throw .invalid("base_output_directory.output_uri_prefix must be a Cloud Storage URI.")
      }
    }
  }

  private static func checkLabels(_ labels: [String: JSONValue]) throws(RPCError) {
    guard labels.count <= 64 else { throw .invalid("A resource has at most 64 labels.") }
    for (key, value) in labels {
      let text = value.asString ?? ""
      let isGood = [key, text].allSatisfy { part in
        part.utf8.count <= 63
          && part.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
          }
      }
      guard isGood, key.utf8.first.map({ (97...122).contains($0) }) == true else {
        throw .invalid("Label \(key): \(text) must be lower-case letters, digits, _ and -, of at most 63.")
      }
    }
  }

  private static func checkPool(_ pool: JSONValue) throws(RPCError) {
    guard let machine = pool["machineSpec"], machine["machineType"]?.asString?.isEmpty == false else {
      throw .invalid("machine_spec.machine_type is required.")
    }
    let count = machine["acceleratorCount"]?.asInt ?? 0
    if machine["acceleratorType"] != nil, count < 1 {
      throw .invalid("accelerator_count must be set when accelerator_type is.")
    }
    if machine["acceleratorType"] == nil, count > 0 {
      throw .invalid("accelerator_type must be set when accelerator_count is.")
    }
    guard let replicas = pool["replicaCount"]?.asString.flatMap({ Int64($0) }), replicas >= 1 else {
      throw .invalid("replica_count must be at least 1.")
    }
    guard (pool["containerSpec"] == nil) != (pool["pythonPackageSpec"] == nil) else {
      throw .invalid("Exactly one of container_spec and python_package_spec must be set.")
    }
    if let container = pool["containerSpec"] {
      guard let image = container["imageUri"]?.asString, image.contains("/") else {
        throw .invalid("container_spec.image_uri is required.")
      }
      for variable in container["env"]?.asArray ?? [] where variable["name"]?.asString?.isEmpty != false {
        throw .invalid("container_spec.env.name is required.")
      }
    }
  }
}
