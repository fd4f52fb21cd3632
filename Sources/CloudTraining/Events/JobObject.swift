import RegistryModel

/// The objects that ask for a training: `PREFIX/jobs/JOB.json` where episodes go. A bucket tells of all its objects, whatever
/// a notification was asked to filter.
enum JobObject {
  /// The job that an object names; nil where it is another object.
  ///
  /// - Throws: `integrity` where its metadata name another job than its name does.
  static func job(_ object: StorageEvent.Object, in place: RemoteURI) throws(RegistryError) -> JobID? {
    guard case .bucket(let bucket) = place.place, object.bucket.utf8.elementsEqual(bucket.utf8) else {
      return nil
    }
    let folder = (place.prefix.isEmpty ? "" : "\(place.prefix)/") + EventBackend.folder
    guard let stem = object.name.afterPrefix(folder)?.beforeSuffix(".json"),
      let job = try? JobID(parsing: stem)
    else { return nil }
    if let claimed = object.jobID, claimed != job.text {
      throw StorageEvent.malformed("the object of \(job) says in its metadata that it is \(claimed.quoted)")
    }
    return job
  }
}
