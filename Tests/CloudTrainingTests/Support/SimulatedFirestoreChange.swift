import CloudSimulator
import GoogleCloud
import RegistryModel

/// A change of somebody else that happens between two requests of a client.
struct SimulatedFirestoreChange {
  private let cloud: SimulatedFirestore
  private let job: TrainingJob

  init(_ cloud: SimulatedFirestore, _ job: TrainingJob) {
    self.cloud = cloud
    self.job = job
  }

  /// Right before the next request of this kind is answered.
  func happens(before kind: RequestKind) {
    let values = try? JobDocument.fields(of: job)
    let name = "\(SimulatedFirestore.root)/training_jobs/\(job.id)"
    let deed = FaultDeed { [firestore = cloud.simulator.firestore] in
      try? firestore.change(name, values ?? [:])
    }
    cloud.simulator.faults.add(Fault(.meanwhile(deed), on: kind))
  }
}
