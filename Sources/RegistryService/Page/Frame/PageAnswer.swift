import HTTPTypes
import ModelRegistry
import RegistryModel

/// Puts a page together.
enum PageAnswer {
  /// The page, or the one part of it that `?part=` names.
  ///
  /// - Parameter parts: the templates of the parts that can be asked for by themselves.
  static func page(
    _ template: String, _ model: some Sendable, _ request: APIRequest, parts: [String] = [],
    _ status: HTTPResponse.Status = .ok
  ) throws(RegistryError) -> APIResponse {
    guard let part = request.query["part"] else { return try html(template, model, status) }
    guard parts.contains(part) else {
      throw RegistryError(.notFound, "this page has no part \(part.quoted)", hint: "load the whole page")
    }
    return try html("\(template)-\(part)", model, status)
  }

  static func html(
    _ template: String, _ model: some Sendable, _ status: HTTPResponse.Status = .ok
  ) throws(RegistryError) -> APIResponse {
    var answer = APIResponse(
      status, body: .bytes(try PageTemplates.render(template, model), type: "text/html; charset=utf-8"))
    answer.headers[.referrerPolicy] = ownReferrer
    return answer
  }

  /// With `no-referrer` a browser sends our own forms with `Origin: null`, as if another site had (Fetch, section 3.2).
  private static let ownReferrer = "same-origin"

  static func seeOther(_ path: String, _ notice: Notice? = nil) -> APIResponse {
    guard let notice else { return .seeOther(path) }
    return .seeOther(path + (path.contains("?") ? "&" : "?") + "done=\(notice.rawValue)")
  }
}

extension APIRequest {
  /// What stands around the page that this request asks for.
  ///
  /// Made before anything is read that the page shows: a form then names the generation that is seen, or an older one,
  /// which is refused; never one that nobody saw. It opens no store, so that what was done is never reported as failed
  /// for want of a frame.
  func frame(_ core: ServiceCore, _ title: String, _ section: PageFrame.Section?) -> PageFrame {
    PageFrame(
      title: title, section: section, caller: caller, antiForgery: session?.antiForgery,
      robot: core.store.robotName.text, root: core.store.root, generation: core.activeGeneration,
      notice: query["done"].flatMap(Notice.init(rawValue:)), now: core.now)
  }
}

extension ServiceCore {
  /// What is active now; 0: nothing, nil: it can't be told.
  var activeGeneration: Int? {
    do {
      return try active.watch.read().state.generation
    } catch {
      return error.code == .notFound ? 0 : nil
    }
  }
}
