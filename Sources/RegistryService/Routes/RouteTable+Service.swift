extension RouteTable {
  /// Everything that the service answers.
  package static let service = RouteTable(
    SystemRoutes.all + ModelRoutes.all + LineageRoutes.all + SwitchRoutes.all + VersionChangeRoutes.all
      + PublishRoutes.all + MaintenanceRoutes.all + OperationRoutes.all + TrainingRoutes.all
      + TokenRoutes.all + PageRoutes.all)
}
