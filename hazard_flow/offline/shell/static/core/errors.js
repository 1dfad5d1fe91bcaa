/* What can go wrong on the tablet. Every error carries a `code`; its sentence is `field.error.<code>` of the words. */

/** All codes there are: the words must have a sentence for each. */
export const CODES = [
  "storage_full", // the disk's quota is used up; what was stored before is still there
  "storage_lost", // the browser lost its database and could not open it again: restart the browser
  "storage_newer", // the database was made by a newer version of the app: restart to get it
  "storage_failed", // anything else the database said
  "photo_unreadable", // the file cannot be read, or is no picture although it says so
  "photo_kind", // neither photo, PDF nor video
  "photo_twice", // these very bytes are already in the draft
  "photo_missing", // the draft names a photo the tablet no longer holds
  "photo_damaged", // the bytes on the tablet are not those that were taken
  "too_large", // larger than the server takes
  "draft_incomplete", // a draft that cannot become a submission, with `field`
  "draft_open", // an update must wait: a draft is open
  "network", // no answer, or none in time
  "not_our_server", // somebody else answers in the server's name: a captive portal, a proxy
  "server_fault", // the server could not just now
  "signed_out", // sign in to send
  "signin_wrong", // name, password or code not accepted
  "signin_locked", // too many attempts
  "not_accepted", // 400, 422: the server does not take it as it is
  "not_allowed", // 403
  "other_owner", // it belongs to another person
  "id_reused", // 409: the server holds other bytes under this number, and keeps ours aside
  "too_big", // 413
  "unsent_left", // sign-out with "send" while something could not be sent
];

/** An error with a code and the particulars its sentence needs. */
export class CoreError extends Error {
  constructor(code, params = {}, cause = undefined) {
    super(code, { cause });
    this.name = new.target.name;
    this.code = code;
    this.params = params;
  }
}

/** A photo or file could not be taken; the rest goes on. */
export class PhotoError extends CoreError {}

/** The tablet's own store failed; nothing was half stored. */
export class StoreError extends CoreError {}

/** No trustworthy answer came: try again later. */
export class NetworkFault extends CoreError {}

/** The server answered 401 in its own voice. */
export class SignedOut extends CoreError {
  constructor() {
    super("signed_out");
  }
}

/** The server understood and said no: a person must look. */
export class Refusal extends CoreError {}
