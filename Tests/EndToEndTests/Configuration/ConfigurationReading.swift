import RegistryModel
import Testing

@testable import modelctl

/// What is read of a configuration's text.
func configuration(_ text: String) throws(RegistryError) -> ConfigurationFile {
  try ConfigurationFile(text: text, name: "config.yaml")
}

/// Why a configuration is refused.
func refusal(of text: String, at location: SourceLocation = #_sourceLocation) -> RegistryError? {
  #expect(throws: RegistryError.self, "\(text)", sourceLocation: location) { try configuration(text) }
}
