import CloudSimulator
import GoogleCloud
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct SimulatedBucketTests {
  @Test(arguments: ObjectStoreCase.all) func `a bucket does what every remote does`(_ one: ObjectStoreCase)
    throws
  {
    let cloud = try SimulatedBucket()
    try one.body(cloud.client())
  }

  @Test func `two robots share versions through a bucket`() throws {
    let cloud = try SimulatedBucket()
    try SharedStory(uri: cloud.uri, opener: cloud.opener).play()
  }

  @Test func `and through a directory`() throws { try SharedStory().play() }
}
