/** A host shows another certificate than the one pinned; the `cause` of a `TransportError` 'tls'. Check with its operator before making a new transport. */
export class CertificateChangedError extends Error {
  override readonly name = 'CertificateChangedError';
  readonly code = 'certificate-changed';
  /** Host and port. */
  readonly host: string;
  /** SHA-256 fingerprints, upper-case hex with colons. */
  readonly pinned: string;
  readonly presented: string;

  constructor(host: string, pinned: string, presented: string) {
    super(`${host} shows another certificate than the one pinned on first use; verify it with the operator`);
    this.host = host;
    this.pinned = pinned;
    this.presented = presented;
  }
}
