import CloudSimulator
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

/// What Google's own command-line client makes of the simulator.
@Suite(.serialized) struct GcloudTests {
  @Test func `gcloud ai custom-jobs lists and describes what was made`() throws {
    guard let gcloud = Peer.find("gcloud") else {
      print("gcloud ai custom-jobs skipped: the Google Cloud CLI is not installed")
      return
    }
    let cloud = try SimulatedVertex(requiresToken: true)
    let issuer = cloud.simulator.cloud.issuer
    let client = try cloud.client(credentials: Credentials(IssuedTokens(issuer: issuer), cloud.waiting.clock))
    let request = try CustomJobRequest.made()
    let made = try client.createOnce(request)
    try cloud.simulator.vertex.move(made.name.text, to: .pending)
    _ = try client.createOnce(CustomJobRequest.made("job_2"))
    let scratch = try Scratch("gcloud")
    let token = try #require(issuer.issue()["access_token"]?.asString)
    try scratch.write("token", token)
    let host = cloud.simulator.url.replacing("http://", with: "")
    let environment = [
      "HOME": scratch.path, "CLOUDSDK_CONFIG": scratch("gcloud"), "CLOUDSDK_CORE_PROJECT": "simulated",
      "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM": "\(cloud.simulator.url)/",
      "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": scratch("token"),
      "GCE_METADATA_HOST": host, "GCE_METADATA_IP": host, "GCE_METADATA_ROOT": host,
      "CLOUDSDK_CORE_DISABLE_PROMPTS": "true", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
      "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false", "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
    ]
    func customJobs(_ arguments: String...) throws -> JSONValue {
      let text = try Peer.run(
        gcloud, ["ai", "custom-jobs"] + arguments + ["--region=us-central1", "--format=json"], environment)
      return try JSONValue(parsing: Array(text.utf8))
    }
    let list = try #require(try customJobs("list").asArray)
    #expect(list.compactMap { $0["labels"]?["job_id"]?.asString } == ["job_2", "job_000000000001"])
    let described = try customJobs("describe", made.name.number)
    #expect(described["state"] == "JOB_STATE_PENDING")
    #expect(described["name"]?.asString == made.name.text)
    // Its own classes of the API know every field of what was sent, and give it back.
    #expect(try described["jobSpec"] == request.json()["jobSpec"])
    #expect(cloud.simulator.requests.allSatisfy { $0.status == 200 })
  }
}
