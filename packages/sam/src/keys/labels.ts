/** The SAM's own keys in the module's partition, by label. Made at genesis, never again. */
export const LABEL = {
  /** Signs tickets, key attestations and checkpoints. */
  sam: 'natsuin-sam',
  /** Wraps and unwraps signers' keys, and can do nothing else. */
  master: 'natsuin-master',
  /** Unwraps keys from elsewhere, and can do nothing else; where a class imports them. */
  import: 'natsuin-import',
  /** Receives the keys of a backup, during a restoration alone. */
  restore: 'natsuin-restore',
  /** Yields the secret of sealed records. */
  seal: 'natsuin-seal',
} as const
