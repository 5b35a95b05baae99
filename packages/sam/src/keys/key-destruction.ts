import type { StateLeaf } from '@natsuin/protocol/log'

/** Why a key was destroyed. */
export type KeyDestruction = Extract<StateLeaf, { event: 'key-destroyed' }>['reason']
