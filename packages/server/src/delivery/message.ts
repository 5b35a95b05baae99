/** A code on its way to the signer whom it is for, and who asked for it. */
export interface CodeMessage {
  /** Where the signer gets his codes. */
  readonly address: string
  readonly code: string
  /** The application that asked, and the key that it wants to use, as the SAM names them. */
  readonly client: string
  readonly credential: string
  /** For how long the code is good. */
  readonly minutes: number
}

/** Resolves when it is on its way. */
export type DeliverCode = (message: CodeMessage) => Promise<void>
