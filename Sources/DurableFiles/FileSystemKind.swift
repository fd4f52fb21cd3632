/// The file systems that matter to a store, by the magic numbers of statfs(2).
public enum FileSystemKind: Hashable, Sendable {
  /// ext2, ext3 and ext4, which share a number.
  case ext
  case btrfs, xfs, tmpfs, overlay, fat, exfat, nfs, smb, fuse
  case other(UInt64)

  /// Classifies a number; pure, so that every answer can be tested everywhere.
  public init(magic: UInt64) {
    switch magic {
    case 0xEF53: self = .ext
    case 0x9123_683E: self = .btrfs
    case 0x5846_5342: self = .xfs
    case 0x0102_1994: self = .tmpfs
    case 0x794C_7630: self = .overlay
    case 0x4D44: self = .fat
    case 0x2011_BAB0: self = .exfat
    case 0x6969: self = .nfs
    // The first dialect's old and new drivers, and the second's.
    case 0x517B, 0xFF53_4D42, 0xFE53_4D42: self = .smb
    case 0x6573_5546: self = .fuse
    default: self = .other(magic)
    }
  }

  /// Why a store can't live here, a clause without a full stop; nil where it can.
  ///
  /// Nil isn't a promise: what a file system really does must be probed.
  public var refusal: String? {
    switch self {
    case .fat: "FAT has no symbolic links, no hard links and no atomic rename"
    case .exfat: "exFAT has no symbolic links, no hard links and no atomic rename"
    case .nfs: "NFS neither makes a rename durable when asked nor keeps locks over a server's restart"
    case .smb: "SMB neither makes a rename durable when asked nor keeps locks over a server's restart"
    case .ext, .btrfs, .xfs, .tmpfs, .overlay, .fuse, .other: nil
    }
  }
}
