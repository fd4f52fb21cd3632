import ModelRegistry
import RegistryModel

extension DecisionPolicy {
  /// Reads `training.decision` of `config.yaml`.
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    if let count = try reader.count("local_episodes") { localEpisodes = count }
    if let count = try reader.count("cloud_episodes") { cloudEpisodes = count }
    if let bytes = try reader.bytes("local_memory") { localMemoryBytes = bytes }
    if let limit = try reader.number("maximum_celsius", in: 1...200, hint: "1 to 200 °C") {
      maximumCelsius = limit
    }
    if let limit = try reader.number("minimum_battery_percent", in: 0...100, hint: "0 to 100") {
      minimumBatteryPercent = limit
    }
    if let time = try reader.optional("cool_down", .duration) { coolDownMilliseconds = time.milliseconds }
    if let count = try reader.count("jobs_per_week") { jobsPerWeek = count }
    let money = 0...1e12
    if let cost = try reader.number("cost_per_cloud_job", in: money, hint: "0 or more") {
      costPerCloudJob = cost
    }
    costPerWeek = try reader.number("cost_per_week", in: money, hint: "0 or more; leave it out for no limit")
    temperatureFile = try reader.path("temperature_file")
    batteryFile = try reader.path("battery_file")
    try reader.finish()
  }
}
