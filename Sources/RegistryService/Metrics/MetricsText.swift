/// Lines of Prometheus' text format.
struct MetricsText {
  enum Kind: String { case counter, gauge }

  private(set) var text = ""

  mutating func begin(_ name: String, _ help: String, _ kind: Kind) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, _ value: Double, labels: [String: String] = [:]) {
    let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
    let list = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    text += "\(name)\(list) \(Self.number(value))\n"
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Double, labels: [String: String] = [:]) {
    begin(name, help, .gauge)
    sample(name, value, labels: labels)
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Int) { gauge(name, help, Double(value)) }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
  }
}
