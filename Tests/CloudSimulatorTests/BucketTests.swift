import CloudSimulator
import RegistryModel
import Testing

@Suite struct BucketTests {
  private let caller = Caller()

  @Test func `buckets are made, listed, read and deleted while they are empty`() throws {
    #expect(try caller.call("POST", "/storage/v1/b?project=p", json: ["name": "other"]).status == 200)
    #expect(try caller.call("POST", "/storage/v1/b?project=p", json: ["name": "other"]).status == 409)
    #expect(try caller.call("POST", "/storage/v1/b?project=p", json: ["name": "O"]).status == 400)
    let list = try caller.call("GET", "/storage/v1/b?project=p").json
    #expect(list["items"]?.asArray?.map { $0["name"] } == ["models", "other"])
    #expect(try caller.call("GET", "/storage/v1/b/other").json["kind"] == "storage#bucket")
    try caller.upload([1], as: "a")
    #expect(try caller.call("DELETE", "/storage/v1/b/models").status == 409)
    #expect(try caller.call("DELETE", "/storage/v1/b/other").status == 204)
    #expect(try caller.call("GET", "/storage/v1/b/other").status == 404)
  }

  @Test func `the same notification twice is two`() throws {
    let path = "/storage/v1/b/models/notificationConfigs"
    #expect(try caller.call("GET", path).json == ["kind": "storage#notifications"])
    let configuration: JSONValue = [
      "topic": "//pubsub.googleapis.com/projects/p/topics/t", "payload_format": "JSON_API_V1",
      "event_types": ["OBJECT_FINALIZE"], "object_name_prefix": "episodes/",
    ]
    #expect(try caller.call("POST", path, json: configuration).json["id"] == "1")
    #expect(try caller.call("POST", path, json: configuration).json["id"] == "2")
    #expect(try caller.call("DELETE", "\(path)/1").status == 204)
    #expect(try caller.call("GET", "\(path)/1").status == 404)
    #expect(try caller.call("GET", "\(path)/2").json["object_name_prefix"] == "episodes/")
    #expect(try caller.call("POST", path, json: ["topic": "t", "payload_format": "NONE"]).status == 400)
  }

  @Test(arguments: [
    "/storage/v1", "/storage/v2/b", "/storage/v1/b/models/x", "/storage/v1/b/models/o/a/b", "/x",
  ])
  func `a path that the API doesn't have is 404`(path: String) throws {
    #expect(try caller.call("GET", path).status == 404)
  }
}
