export { type AddCheckpoint, readAddCheckpoint, writeAddCheckpoint } from './add-checkpoint.ts'
export {
  checkpointText,
  finishCheckpoint,
  peekCheckpoint,
  type TreeHead,
  verifyCheckpoint,
} from './checkpoint.ts'
export { commitmentText, documentCommitmentText, type SignedDocument } from './commitment.ts'
export { isConsistent, type Tree } from './consistency.ts'
export {
  type Cosignature,
  cosignatureLine,
  cosignedText,
  findCosignature,
  readVkey,
  type WitnessKey,
  writeVkey,
} from './cosignature.ts'
export {
  type ActivityLeaf,
  activityLeaf,
  type Leaf,
  type LeafEvent,
  leaf,
  type StateLeaf,
  stateLeaf,
} from './leaf.ts'
export { activityLog, BLOCK_LEAVES, type LogName, logName, originOf, STATE_LOG } from './logs.ts'
