package import RegistryModel

extension Registry {
  /// What was measured: the document of an evaluation, checked against its digest.
  ///
  /// - Throws: `integrity` where its bytes are bad, or no JSON object any more.
  package func document(of evaluation: EvaluationRecord) throws(RegistryError) -> JSONValue {
    try reporting("read an evaluation of \(evaluation.version)") {
      try JSONValue(parsing: blobs.read(evaluation.digest))
    }
  }
}
