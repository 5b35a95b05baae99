export {
  checkpointText,
  finishCheckpoint,
  peekCheckpoint,
  type TreeHead,
  verifyCheckpoint,
} from './checkpoint.ts'
export { type Leaf, type LeafEvent, leaf } from './leaf.ts'
