import Glibc

/// Makes a call again for as long as a signal interrupts it.
///
/// For opening, reading and writing only. An fsync is never repeated: after a failure the kernel may have dropped
/// the dirty pages and forgotten the error, and the second answer would be a lie.
func retrying<Answer: SignedInteger>(_ call: () -> Answer) -> Answer {
  while true {
    let answer = call()
    if answer >= 0 || errno != EINTR { return answer }
  }
}
