export {
  checkpointText,
  finishCheckpoint,
  peekCheckpoint,
  type TreeHead,
  verifyCheckpoint,
} from './checkpoint.ts'
export {
  type ActivityLeaf,
  activityLeaf,
  type Leaf,
  type LeafEvent,
  leaf,
  type StateLeaf,
  stateLeaf,
} from './leaf.ts'
export { activityLog, type LogName, originOf, STATE_LOG } from './logs.ts'
